"""The deal's first page before anybody asked for anything."""

import pytest


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_empty_pipeline_says_what_will_stand_there(language, cast, client_of):
    page = client_of(cast.analyst, cast.trust, language=language).get("/deals/")
    assert page.status_code == 200
    assert page.context["is_empty"]
