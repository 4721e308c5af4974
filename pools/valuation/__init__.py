"""The value of one asset, for whole portfolios: scale, market value, net value, discount rate.

Pure float64 kernels over minor units; the crossing back to money is in `pools.screening`.
"""
