"""Choosing a pool: the most value within a target amount and every limit at once.

Pure: NumPy and SciPy's HiGHS.
"""

from pools.packing.choose import Packing, pack

__all__ = ["Packing", "pack"]
