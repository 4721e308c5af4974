"""Which assets may enter a pool, and how much of a kind it may hold: rules as dated data.

Pure. Rules are evaluated in columns (polars) over all assets at once; every asset shows each rule
that it fails.
"""
