"""Servicing: what a contract and its bank lines make of a lease on any day (decision 0015).

Pure. `events` and `terms` are what counts as true; `replay` derives from them; `payoff`, `income`
and `journal` read the replay; `columns` does the same for a whole portfolio.
"""
