"""Cash flows of a pool of leases: speeds, projections, yields and weighted figures.

Pure: numpy, numba and the standard library, no Django. Kernels are float64; money crosses back to
whole minor units in exactly one place (`pools.structure`), where it is booked.
"""
