"""Delinquency buckets as data: lower bounds in days past due and their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BucketScheme:
    """Bucket 0 is current; bucket k starts at ``lower_bounds[k - 1]`` days past due."""

    code: str
    lower_bounds: tuple[int, ...]
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        bounds = self.lower_bounds
        if len(self.labels) != len(bounds) + 1:
            raise ValueError(
                f"{self.code}: {len(bounds)} bounds need {len(bounds) + 1} labels, "
                f"not {len(self.labels)}"
            )
        if not bounds or bounds[0] < 1 or any(a >= b for a, b in zip(bounds, bounds[1:])):  # noqa: B905
            raise ValueError(f"{self.code}: bounds must start at 1 or later and rise: {bounds}")

    def __len__(self) -> int:
        return len(self.labels)

    def of(self, days_past_due: npt.NDArray[np.integer]) -> npt.NDArray[np.int8]:
        """Bucket number of each days past due (any integer dtype, same shape)."""
        bounds = np.asarray(self.lower_bounds)
        return np.searchsorted(bounds, days_past_due, side="right").astype(np.int8)


#: China's trustee reports (受托机构报告): 1–30, 31–60, 61–90, more than 90 days.
CN: Final = BucketScheme("CN", (1, 31, 61, 91), ("current", "1-30", "31-60", "61-90", "90+"))
#: United States, counted by whole months: 30–59, 60–89, 90 and more.
US_30: Final = BucketScheme("US-30", (30, 60, 90), ("current", "30-59", "60-89", "90+"))
#: United States, SEC-registered auto trusts: 31–60, 61–90, 91 and more.
US_31: Final = BucketScheme("US-31", (31, 61, 91), ("current", "31-60", "61-90", "91+"))
SCHEMES: Final = {scheme.code: scheme for scheme in (CN, US_30, US_31)}


def balance_by_bucket(
    bucket: npt.NDArray[np.int8], balance: Ints, scheme: BucketScheme = CN
) -> Ints:
    """Σ balance of each bucket (minor units, ``len(scheme)`` values)."""
    sums = np.zeros(len(scheme), np.int64)
    np.add.at(sums, bucket, balance)  # exact: bincount's weights are floats
    return sums


def count_by_bucket(bucket: npt.NDArray[np.int8], scheme: BucketScheme = CN) -> Ints:
    """Number of assets in each bucket."""
    return np.bincount(bucket, minlength=len(scheme)).astype(np.int64)
