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


#: code → (column, row, name), both from 1.
PROVINCES: Final[dict[str, tuple[int, int, Promise]]] = {
    "23": (9, 1, pgettext_lazy("province", "Heilongjiang")),
    "15": (7, 2, pgettext_lazy("province", "Inner Mongolia")),
    "22": (9, 2, pgettext_lazy("province", "Jilin")),
    "65": (1, 2, pgettext_lazy("province", "Xinjiang")),
    "62": (4, 3, pgettext_lazy("province", "Gansu")),
    "64": (5, 3, pgettext_lazy("province", "Ningxia")),
    "14": (6, 3, pgettext_lazy("province", "Shanxi")),
    "13": (7, 3, pgettext_lazy("province", "Hebei")),
    "11": (8, 3, pgettext_lazy("province", "Beijing")),
    "21": (9, 3, pgettext_lazy("province", "Liaoning")),
    "63": (3, 4, pgettext_lazy("province", "Qinghai")),
    "61": (5, 4, pgettext_lazy("province", "Shaanxi")),
    "41": (6, 4, pgettext_lazy("province", "Henan")),
    "37": (7, 4, pgettext_lazy("province", "Shandong")),
    "12": (8, 4, pgettext_lazy("province", "Tianjin")),
    "54": (2, 5, pgettext_lazy("province", "Tibet")),
    "51": (4, 5, pgettext_lazy("province", "Sichuan")),
    "50": (5, 5, pgettext_lazy("province", "Chongqing")),
    "42": (6, 5, pgettext_lazy("province", "Hubei")),
    "34": (7, 5, pgettext_lazy("province", "Anhui")),
    "32": (8, 5, pgettext_lazy("province", "Jiangsu")),
    "31": (9, 5, pgettext_lazy("province", "Shanghai")),
    "53": (4, 6, pgettext_lazy("province", "Yunnan")),
    "52": (5, 6, pgettext_lazy("province", "Guizhou")),
    "43": (6, 6, pgettext_lazy("province", "Hunan")),
    "36": (7, 6, pgettext_lazy("province", "Jiangxi")),
    "33": (8, 6, pgettext_lazy("province", "Zhejiang")),
    "45": (5, 7, pgettext_lazy("province", "Guangxi")),
    "44": (6, 7, pgettext_lazy("province", "Guangdong")),
    "35": (7, 7, pgettext_lazy("province", "Fujian")),
    "46": (5, 8, pgettext_lazy("province", "Hainan")),
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One province: where it stands, its figure, and its step on the heat scale."""

    code: str
    column: int
    row: int
    name: str
    value: Any
    step: int


def tiles(values: Mapping[str, Any]) -> list[Tile]:
    """One tile a province; the step is linear from zero to the largest value."""
    figures = {code: Decimal(str(value)) for code, value in values.items() if value is not None}
    largest = max(figures.values(), default=Decimal(0))
    return [
        Tile(code, column, row, str(name), values.get(code), _step(figures.get(code), largest))
        for code, (column, row, name) in PROVINCES.items()
    ]


def _step(value: Decimal | None, largest: Decimal) -> int:
    """0 for nothing, else 1 … HEAT_STEPS by equal widths."""
    if value is None or value <= 0 or largest <= 0:
        return 0
    return min(HEAT_STEPS, int(value * HEAT_STEPS / largest) + (value < largest))
