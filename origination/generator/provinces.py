"""Provinces of mainland China: codes, plates, and how leases and risk spread over them.

Codes are the first two digits of GB/T 2260. Weights follow the order of size of provincial vehicle
markets (registrations); `risk` is a made-up standing difference in log-odds that stands for what a
lender sees as regional credit quality, `resale` a made-up factor on used-vehicle prices.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Province:
    """One row of the table below."""

    code: str
    name: str
    plate: str
    weight: float
    risk: float
    resale: float


PROVINCES: tuple[Province, ...] = tuple(
    Province(*row)
    for row in (
        ("11", "Beijing", "京", 3.0, -0.30, 1.02),
        ("12", "Tianjin", "津", 1.6, -0.05, 1.00),
        ("13", "Hebei", "冀", 6.0, 0.05, 0.98),
        ("14", "Shanxi", "晋", 2.8, 0.15, 0.97),
        ("15", "Inner Mongolia", "蒙", 2.0, 0.25, 0.96),
        ("21", "Liaoning", "辽", 3.1, 0.30, 0.95),
        ("22", "Jilin", "吉", 1.7, 0.30, 0.94),
        ("23", "Heilongjiang", "黑", 1.9, 0.30, 0.93),
        ("31", "Shanghai", "沪", 3.2, -0.35, 1.03),
        ("32", "Jiangsu", "苏", 8.0, -0.20, 1.02),
        ("33", "Zhejiang", "浙", 7.4, -0.25, 1.02),
        ("34", "Anhui", "皖", 4.1, 0.00, 0.99),
        ("35", "Fujian", "闽", 3.0, -0.10, 1.00),
        ("36", "Jiangxi", "赣", 2.7, 0.05, 0.98),
        ("37", "Shandong", "鲁", 8.2, -0.05, 1.00),
        ("41", "Henan", "豫", 6.6, 0.10, 0.98),
        ("42", "Hubei", "鄂", 4.2, 0.00, 0.99),
        ("43", "Hunan", "湘", 3.9, 0.05, 0.98),
        ("44", "Guangdong", "粤", 11.5, -0.15, 1.03),
        ("45", "Guangxi", "桂", 2.9, 0.15, 0.97),
        ("46", "Hainan", "琼", 0.8, 0.00, 0.98),
        ("50", "Chongqing", "渝", 2.2, 0.05, 0.99),
        ("51", "Sichuan", "川", 5.6, 0.00, 1.00),
        ("52", "Guizhou", "贵", 2.4, 0.25, 0.96),
        ("53", "Yunnan", "云", 2.9, 0.15, 0.97),
        ("54", "Tibet", "藏", 0.2, 0.10, 0.94),
        ("61", "Shaanxi", "陕", 3.0, 0.05, 0.98),
        ("62", "Gansu", "甘", 1.5, 0.25, 0.95),
        ("63", "Qinghai", "青", 0.5, 0.25, 0.94),
        ("64", "Ningxia", "宁", 0.7, 0.20, 0.95),
        ("65", "Xinjiang", "新", 1.9, 0.20, 0.94),
    )
)

CODES: tuple[str, ...] = tuple(province.code for province in PROVINCES)


def weights() -> NDArray[np.float64]:
    """Share of leases of each province, in table order, summing to 1."""
    raw = np.array([province.weight for province in PROVINCES])
    return np.asarray(raw / raw.sum())


def risks() -> NDArray[np.float64]:
    """Standing log-odds of each province, in table order."""
    return np.array([province.risk for province in PROVINCES])


def resale_factors() -> NDArray[np.float64]:
    """Factor on used-vehicle prices of each province, in table order."""
    return np.array([province.resale for province in PROVINCES])
