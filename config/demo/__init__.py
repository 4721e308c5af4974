"""The demo: the whole line of work, played through the product's own services.

`cast` says who takes part, `scene` what they work on, `steps` what they do, `stage` plays it,
`pulse` keeps the place alive afterwards.
"""
