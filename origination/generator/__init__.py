"""The demo portfolio generator: a seeded, realistic, wholly synthetic book of vehicle leases.

Pure columns (numpy and polars), no Django and no Python object per lease. Start at
`portfolio.generate`.
"""
