"""How figures read: full and short money, percentages, tags in both languages."""

import datetime as dt
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from tenants import formatting
from tenants.money import Money
from tenants.templatetags import provinces


@pytest.mark.parametrize(
    ("minor", "currency", "expected"),
    [
        (123450, "CNY", "¥1,234.50"),
        (-1, "CNY", "−¥0.01"),
        (0, "CNY", "¥0.00"),
        (1234, "JPY", "JPY\u00a01,234"),
        (1234567, "KWD", "KWD\u00a01,234.567"),
    ],
)
def test_full_money(minor, currency, expected):
    assert formatting.full_money(Money.from_minor(minor, currency)) == expected


@pytest.mark.parametrize(
    ("minor", "english", "chinese"),
    [
        (648_200_000_012, "¥6.48\u00a0bn", "¥64.8亿"),
        (1_234_500_00, "¥1.23\u00a0m", "¥123万"),
        (99_999_00, "¥100\u00a0k", "¥10.0万"),
        (5_00, "¥5", "¥5"),
        (-1_234_500_00, "−¥1.23\u00a0m", "−¥123万"),
    ],
)
def test_short_money(minor, english, chinese):
    money = Money.from_minor(minor)
    assert formatting.short_money(money) == english
    assert formatting.short_money(money, chinese=True) == chinese


@given(st.integers(-(10**18), 10**18))
def test_full_money_loses_nothing(minor):
    text = formatting.full_money(Money.from_minor(minor))
    digits = text.replace("¥", "").replace(",", "").replace(formatting.MINUS, "-")
    assert Decimal(digits) == Decimal(minor) / 100


def test_percent_rounds_half_up_and_keeps_no_minus_zero():
    assert formatting.percent(Decimal("0.04255"), 1) == "4.3%"
    assert formatting.percent(Decimal("-0.00001")) == "0.00%"
    assert formatting.percent(Decimal("-0.05")) == "−5.00%"


def shown(template, **values):
    return Template("{% load ui %}" + template).render(Context(values))


def test_tags_follow_the_language():
    with translation.override("zh-hans"):
        assert shown("{{ minor|money_short }}", minor=12_345_678_00) == "¥1,235万"
        assert "质押" in shown('{% status_pill "pledged" %}')
    with translation.override("en"):
        assert shown("{{ minor|money_short }}", minor=12_345_678_00) == "¥12.3\u00a0m"
        assert ">Pledged<" in shown('{% status_pill "pledged" %}')


def test_missing_figures_are_empty():
    template = (
        "[{{ none|money }}{{ none|percent }}{{ none|number }}{{ none|day }}{% moment none %}]"
    )
    assert shown(template, none=None) == "[]"


def test_moment_carries_the_machine_readable_instant():
    at = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
    assert 'datetime="2026-03-02T09:30:00+00:00"' in shown("{% moment at %}", at=at)


def test_status_text_is_escaped():
    assert "<b>" not in shown("{% status_pill code %}", code="<b>")


def test_every_mainland_province_has_its_own_tile():
    places = [(column, row) for column, row, _, _ in provinces.PROVINCES.values()]
    assert len(provinces.PROVINCES) == len(set(places)) == 31


def test_tiles_are_shaded_from_zero_to_the_largest():
    steps = {tile.code: tile.step for tile in provinces.tiles({"44": 60, "11": 10, "31": 0})}
    assert (steps["44"], steps["11"], steps["31"], steps["65"]) == (6, 2, 0, 0)
