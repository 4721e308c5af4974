"""The provinces of the mainland as tiles on an 9 by 8 grid, by GB/T 2260 two-digit code.

A tile grid, not a map: it shows figures by province without drawing borders, and reads on a phone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

#: Steps of the heat scale in tokens.css: --heat-0 (nothing) … --heat-6 (the largest value).
HEAT_STEPS: Final = 6


#: code → (column and row from 1, letters of GB/T 2260, name).
PROVINCES: Final[dict[str, tuple[int, int, str, Promise]]] = {
    "23": (9, 1, "HL", pgettext_lazy("province", "Heilongjiang")),
    "15": (7, 2, "NM", pgettext_lazy("province", "Inner Mongolia")),
    "22": (9, 2, "JL", pgettext_lazy("province", "Jilin")),
    "65": (1, 2, "XJ", pgettext_lazy("province", "Xinjiang")),
    "62": (4, 3, "GS", pgettext_lazy("province", "Gansu")),
    "64": (5, 3, "NX", pgettext_lazy("province", "Ningxia")),
    "14": (6, 3, "SX", pgettext_lazy("province", "Shanxi")),
    "13": (7, 3, "HE", pgettext_lazy("province", "Hebei")),
    "11": (8, 3, "BJ", pgettext_lazy("province", "Beijing")),
    "21": (9, 3, "LN", pgettext_lazy("province", "Liaoning")),
    "63": (3, 4, "QH", pgettext_lazy("province", "Qinghai")),
    "61": (5, 4, "SN", pgettext_lazy("province", "Shaanxi")),
    "41": (6, 4, "HA", pgettext_lazy("province", "Henan")),
    "37": (7, 4, "SD", pgettext_lazy("province", "Shandong")),
    "12": (8, 4, "TJ", pgettext_lazy("province", "Tianjin")),
    "54": (2, 5, "XZ", pgettext_lazy("province", "Tibet")),
    "51": (4, 5, "SC", pgettext_lazy("province", "Sichuan")),
    "50": (5, 5, "CQ", pgettext_lazy("province", "Chongqing")),
    "42": (6, 5, "HB", pgettext_lazy("province", "Hubei")),
    "34": (7, 5, "AH", pgettext_lazy("province", "Anhui")),
    "32": (8, 5, "JS", pgettext_lazy("province", "Jiangsu")),
    "31": (9, 5, "SH", pgettext_lazy("province", "Shanghai")),
    "53": (4, 6, "YN", pgettext_lazy("province", "Yunnan")),
    "52": (5, 6, "GZ", pgettext_lazy("province", "Guizhou")),
    "43": (6, 6, "HN", pgettext_lazy("province", "Hunan")),
    "36": (7, 6, "JX", pgettext_lazy("province", "Jiangxi")),
    "33": (8, 6, "ZJ", pgettext_lazy("province", "Zhejiang")),
    "45": (5, 7, "GX", pgettext_lazy("province", "Guangxi")),
    "44": (6, 7, "GD", pgettext_lazy("province", "Guangdong")),
    "35": (7, 7, "FJ", pgettext_lazy("province", "Fujian")),
    "46": (5, 8, "HI", pgettext_lazy("province", "Hainan")),
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One province: where it stands, its figure, and its step on the heat scale."""

    code: str
    column: int
    row: int
    letters: str
    name: str
    value: Any
    step: int


def tiles(values: Mapping[str, Any]) -> list[Tile]:
    """One tile a province; the step is linear from zero to the largest value."""
    figures = {code: Decimal(str(value)) for code, value in values.items() if value is not None}
    largest = max(figures.values(), default=Decimal(0))
    return [
        Tile(
            code,
            column,
            row,
            letters,
            str(name),
            values.get(code),
            _step(figures.get(code), largest),
        )
        for code, (column, row, letters, name) in PROVINCES.items()
    ]


def _step(value: Decimal | None, largest: Decimal) -> int:
    """0 for nothing, else 1 … HEAT_STEPS by equal widths."""
    if value is None or value <= 0 or largest <= 0:
        return 0
    return min(HEAT_STEPS, int(value * HEAT_STEPS / largest) + (value < largest))
