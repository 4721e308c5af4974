"""Features and outcomes of leases, point in time: what was knowable on a day, and what came after.

Pure: numpy, numba and polars. The same code makes training rows and live rows.
"""
