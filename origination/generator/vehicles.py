"""Passenger vehicles sold in China: makes, models, manufacturer identifiers and price levels.

Prices are rounded street prices in yuan, new, VAT included. The WMI (first three VIN characters,
ISO 3780 as assigned through SAE China) is the maker's real one; the descriptor section is made up,
so no VIN of ours decodes to a real car's equipment.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Model:
    """One row of the catalogue; `first_year` is the first model year on sale."""

    make: str
    name: str
    energy: str
    wmi: str
    descriptor: str
    price_yuan: int
    weight: float
    first_year: int


CATALOGUE: tuple[Model, ...] = tuple(
    Model(*row)
    for row in (
        ("Volkswagen", "Lavida", "petrol", "LSV", "NB2C1", 118_000, 4.2, 2015),
        ("Volkswagen", "Passat", "petrol", "LSV", "CH6A4", 189_000, 2.2, 2015),
        ("Volkswagen", "ID.3", "bev", "LSV", "FB6E1", 139_000, 0.9, 2021),
        ("Volkswagen", "Sagitar", "petrol", "LFV", "2B1CA", 128_000, 3.2, 2015),
        ("Volkswagen", "Magotan", "petrol", "LFV", "3A23C", 195_000, 2.0, 2015),
        ("Audi", "A4L", "petrol", "LFV", "3A24K", 295_000, 1.3, 2015),
        ("Audi", "A6L", "petrol", "LFV", "4A24F", 410_000, 1.1, 2015),
        ("Toyota", "Corolla", "hybrid", "LFM", "A1E7B", 129_000, 2.9, 2017),
        ("Toyota", "RAV4", "petrol", "LFM", "K44FR", 189_000, 1.9, 2015),
        ("Toyota", "Camry", "petrol", "LVG", "BF53K", 192_000, 2.3, 2015),
        ("Toyota", "Camry Hybrid", "hybrid", "LVG", "BH56K", 212_000, 1.2, 2018),
        ("Honda", "CR-V", "petrol", "LVH", "RW183", 195_000, 2.1, 2015),
        ("Honda", "Civic", "petrol", "LVH", "FC163", 141_000, 1.4, 2015),
        ("Honda", "Accord", "petrol", "LHG", "CV165", 189_000, 2.1, 2015),
        ("Nissan", "Sylphy", "petrol", "LGB", "H52E0", 112_000, 3.8, 2015),
        ("Nissan", "X-Trail", "petrol", "LGB", "M4DE4", 176_000, 1.0, 2015),
        ("Buick", "GL8", "petrol", "LSG", "UL83L", 279_000, 1.4, 2015),
        ("Buick", "Excelle GT", "petrol", "LSG", "PC54U", 109_000, 1.2, 2015),
        ("Ford", "Mondeo", "petrol", "LVS", "HFFAC", 169_000, 0.9, 2015),
        ("BMW", "3 Series", "petrol", "LBV", "5R310", 325_000, 1.4, 2015),
        ("BMW", "5 Series", "petrol", "LBV", "7Y110", 448_000, 1.1, 2015),
        ("Mercedes-Benz", "C-Class", "petrol", "LE4", "WG4CB", 335_000, 1.2, 2015),
        ("Mercedes-Benz", "E-Class", "petrol", "LE4", "ZG4DB", 465_000, 1.0, 2015),
        ("Hongqi", "H5", "petrol", "LFP", "H4APC", 168_000, 0.9, 2018),
        ("Haval", "H6", "petrol", "LGW", "EF4A5", 119_000, 3.0, 2015),
        ("Tank", "300", "petrol", "LGW", "FF7A5", 215_000, 0.9, 2021),
        ("Chery", "Tiggo 8", "petrol", "LVV", "DD21B", 119_000, 1.7, 2018),
        ("MG", "MG5", "petrol", "LSJ", "A24U6", 82_000, 0.9, 2020),
        ("Trumpchi", "GS4", "petrol", "LMG", "AC1G8", 105_000, 0.9, 2015),
        ("Kia", "K3", "petrol", "LJD", "AA29D", 92_000, 0.7, 2015),
        ("Wuling", "Hongguang MINIEV", "bev", "LZW", "ACAGA", 42_000, 1.5, 2020),
        ("Wuling", "Hongguang", "petrol", "LZW", "ADAGA", 59_000, 1.1, 2015),
        ("BYD", "Qin PLUS DM-i", "phev", "LGX", "C74C4", 112_000, 5.0, 2021),
        ("BYD", "Qin PLUS EV", "bev", "LC0", "CE4CB", 129_000, 2.6, 2021),
        ("BYD", "Song PLUS DM-i", "phev", "LGX", "C76C4", 155_000, 3.6, 2021),
        ("BYD", "Yuan PLUS", "bev", "LC0", "CE4DB", 138_000, 2.4, 2022),
        ("BYD", "Seagull", "bev", "LC0", "CE4EB", 74_000, 1.8, 2023),
        ("BYD", "Han EV", "bev", "LC0", "CE6CB", 219_000, 1.3, 2020),
        ("BYD", "e2", "bev", "LC0", "CE3CB", 99_000, 1.1, 2019),
        ("Tesla", "Model 3", "bev", "LRW", "3E7EK", 245_000, 2.0, 2020),
        ("Tesla", "Model Y", "bev", "LRW", "YGCEK", 264_000, 3.0, 2021),
        ("Aion", "S", "bev", "LMG", "EA1B0", 139_000, 2.0, 2019),
        ("NIO", "ES6", "bev", "LJ1", "EFAUU", 345_000, 0.6, 2019),
        ("XPeng", "P7", "bev", "L1N", "NSGHB", 229_000, 0.7, 2020),
        ("Li Auto", "L7", "phev", "LW4", "33B10", 319_000, 1.1, 2023),
        ("Leapmotor", "C11", "bev", "LFZ", "93AL2", 165_000, 0.9, 2022),
        ("Geely", "Emgrand", "petrol", "LB3", "7824S", 82_000, 3.0, 2015),
        ("Geely", "Xingyue L", "petrol", "L6T", "7952Z", 152_000, 2.4, 2021),
        ("Geely", "Galaxy L7", "phev", "LB3", "7CX2Z", 142_000, 1.6, 2023),
        ("Geely", "Geometry A", "bev", "LB3", "7FE2Z", 119_000, 1.2, 2019),
        ("Lynk & Co", "03", "petrol", "LB3", "75X2S", 132_000, 1.0, 2018),
        ("Lynk & Co", "08 EM-P", "phev", "LB3", "76X2S", 198_000, 0.8, 2023),
        ("Zeekr", "001", "bev", "L6T", "79E4Z", 282_000, 1.0, 2021),
        ("Volvo", "S60", "petrol", "LVY", "ZBALV", 268_000, 0.6, 2019),
        ("Volvo", "XC60", "petrol", "LYV", "UZBLV", 335_000, 0.8, 2015),
    )
)

MAKES: frozenset[str] = frozenset(model.make for model in CATALOGUE)
ENERGIES: tuple[str, ...] = ("petrol", "hybrid", "phev", "bev")

#: Value lost a year, in log points: the first year (registration included), then each later year.
DEPRECIATION: dict[str, tuple[float, float]] = {
    "petrol": (0.19, 0.115),
    "hybrid": (0.17, 0.105),
    "phev": (0.25, 0.150),
    "bev": (0.32, 0.175),
}


def available(makes: tuple[str, ...]) -> NDArray[np.intp]:
    """Catalogue rows of these makes; of every make when `makes` is empty."""
    keep = [i for i, model in enumerate(CATALOGUE) if not makes or model.make in makes]
    return np.array(keep, dtype=np.intp)


def price_trend(energy: str, months: NDArray[np.int64]) -> NDArray[np.float64]:
    """New-price level `months` after January 2021: batteries got cheaper, petrol barely moved."""
    yearly = {"petrol": -0.012, "hybrid": -0.015, "phev": -0.035, "bev": -0.050}[energy]
    return np.asarray(np.exp(yearly * months / 12.0))
