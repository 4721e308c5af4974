"""A file of rules that cannot be used says which row and why."""

import json

import pytest
from django.core.exceptions import ImproperlyConfigured

from origination.domain.quotes.rules import SHIPPED, BadRules, load_rules
from origination.services.quotes import require_rules


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d["caps"][0].update(figure="24 %"), "caps row 1: figure '24 %'"),
        (lambda d: d["lpr"][2].update(valid_from="soon"), "lpr row 3: valid_from 'soon'"),
        (lambda d: d["caps"][0].update(kind="guess"), "cap court_practice"),
        (lambda d: d["caps"][1].update(covers=[]), "cap four_times_lpr: covers"),
        (lambda d: d["caps"][1].update(source=""), "source"),
        (lambda d: d["vat"][0].update(base="all"), "vat: base"),
        (lambda d: d["regimes"].update(odd=["none"]), "regime odd"),
        (lambda d: d.pop("vat"), "a member is missing"),
    ],
)
def test_a_wrong_row_is_named(tmp_path, change, said):
    data = json.loads(SHIPPED.read_text("utf-8"))
    change(data)
    path = tmp_path / "rules.json"
    path.write_text(json.dumps(data), "utf-8")
    with pytest.raises(BadRules, match=said):
        load_rules(path)


def test_a_regime_or_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadRules, match="licensed_lessor"):
        load_rules(regime="none")
    with pytest.raises(BadRules, match="cannot be read"):
        load_rules(tmp_path / "none.json")


def test_the_product_does_not_start_on_an_unknown_regime(settings):
    settings.COST_REGIME = "none"
    with pytest.raises(ImproperlyConfigured, match="LL_COST_REGIME.*no regime 'none'"):
        require_rules()


def test_every_figure_has_its_source():
    data = load_rules().data
    assert all(row["source"] for kind in ("caps", "vat", "financed_limits") for row in data[kind])
