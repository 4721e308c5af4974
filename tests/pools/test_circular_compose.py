"""The circular on paper: every figure in it, both languages, the same bytes twice."""

import dataclasses
from decimal import Decimal

import polars as pl
import pypdfium2
import pytest

from pools.circular.compose import LANGUAGES, compose_circular
from pools.circular.strats import by_category, by_range
from tests.pools.circular_sample import sample_content


def _text(document) -> str:
    pdf = pypdfium2.PdfDocument(document.content)
    return "".join("".join(page.get_textpage().get_text_range() for page in pdf).split())


@pytest.fixture(scope="module")
def documents():
    return {
        language: compose_circular(sample_content(), language=language) for language in LANGUAGES
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_content_gives_the_same_file(documents, language) -> None:
    again = compose_circular(sample_content(), language=language)
    assert again.sha256 == documents[language].sha256


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_stands_on_paper(documents, language) -> None:
    content, text = sample_content(), _text(documents[language])
    for line in content.tranches:
        assert f"{line.original_minor / 100:,.2f}" in text
        assert line.name in text
    for month in content.cash_flow:
        assert f"{month.interest_minor / 100:,.2f}" in text
    for one in content.stratifications:
        for row in one.strata:
            assert f"{row.balance_minor / 100:,.2f}" in text
    for rule in content.rules:
        assert f"{rule.refused:,}" in text
    assert content.ledger.root in text
    assert "华信信托" in text


def test_each_language_has_its_own_words(documents) -> None:
    english, chinese = (_text(documents[language]) for language in LANGUAGES)
    assert "Theorderofpayments" in english and "现金流支付顺序" not in english
    assert "现金流支付顺序" in chinese and "Theorderofpayments" not in chinese
    assert "风险因素" in chinese and "二维码" in chinese


def test_a_changed_cent_changes_the_hash(documents) -> None:
    content = sample_content()
    months = list(content.cash_flow)
    months[7] = dataclasses.replace(months[7], interest_minor=months[7].interest_minor + 1)
    changed = compose_circular(dataclasses.replace(content, cash_flow=months), language="en")
    assert changed.sha256 != documents["en"].sha256


def test_a_circular_without_models_cash_or_proof_still_prints() -> None:
    bare = dataclasses.replace(
        sample_content(), models=[], cash_flow=[], ledger=None, limits=[], stratifications=[]
    )
    assert compose_circular(bare, language="en").pages >= 6


FRAME = pl.DataFrame(
    {
        "balance_minor": [100, 300, 50, 550],
        "annual_rate": [0.10, 0.06, 0.08, 0.08],
        "kind": ["a", "a", None, "b"],
        "months": [3, 40, 12, 24],
    }
)


def test_categories_by_balance_with_their_weighted_rate() -> None:
    strata = by_category(FRAME, "kind", code="k", labels={"": "unknown"}).strata
    assert [(row.label, row.assets, row.balance_minor, row.weighted_rate) for row in strata] == [
        ("b", 1, 550, Decimal("0.08")),
        ("a", 2, 400, Decimal("0.07")),
        ("unknown", 1, 50, Decimal("0.08")),
    ]


def test_ranges_are_half_open_and_list_the_empty_ones_between() -> None:
    labels = ["<12", "12–23", "24–35", "36+"]
    strata = by_range(FRAME, "months", code="m", edges=[12, 24, 36], labels=labels).strata
    assert [(row.label, row.assets) for row in strata] == [
        ("<12", 1),
        ("12–23", 1),
        ("24–35", 1),
        ("36+", 1),
    ]
    gap = by_range(FRAME.filter(pl.col("months") != 12), "months", code="m", edges=[12, 24, 36],
                   labels=labels).strata  # fmt: skip
    assert [(row.label, row.assets) for row in gap][1] == ("12–23", 0)
    with pytest.raises(ValueError, match="edges must rise"):
        by_range(FRAME, "months", code="m", edges=[24, 12], labels=["a", "b", "c"])


def test_strata_add_up_to_the_pool() -> None:
    content = sample_content()
    for one in content.stratifications:
        assert sum(row.balance_minor for row in one.strata) == content.balance_minor
        assert sum(row.assets for row in one.strata) == content.assets
