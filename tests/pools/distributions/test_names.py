"""Names that a person takes for each other, and names that differ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pools.distributions.names import looks_like, skeleton


@pytest.mark.parametrize(
    "other",
    [
        "gao yuan",
        "Gao  Yuan ",
        "Gao\u00a0Yuan",
        "GaoYuan",
        "Gao-Yuan",
        "Gao Yuan.",
        "\uff27\uff41\uff4f \uff39\uff55\uff41\uff4e",  # full width
        "G\u0430o Yu\u0430n",  # Cyrillic letters
        "Gao Yuan\u200b",
        "\u202eGao Yuan",
        "Ga\u03bf Yuan",
        "Ga0 Yuan",
        "Gáo Yuan",
    ],
)
def test_another_spelling_of_one_name(other):
    assert looks_like("Gao Yuan", other)


@pytest.mark.parametrize(
    "one, other",
    [
        ("Gao Yuan", "Gao Yan"), ("Lin Fund 2", "Lin Fund 3"), ("高源", "高原"),
        ("华信信托", "华信信托二号"), ("Lin Fund", "Lin Fund II"), ("", "Lin"),
    ],
)  # fmt: skip
def test_different_names_stay_different(one, other):
    assert not looks_like(one, other)


@given(st.text(max_size=40))
def test_a_name_looks_like_itself_in_any_case_and_width(name):
    assert looks_like(name, name)
    assert looks_like(name, f" {name}\u200d ")
    assert skeleton(skeleton(name)) == skeleton(name)
