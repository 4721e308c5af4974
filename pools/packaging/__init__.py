"""From candidates to a proposed pool with its price and tranches, and the same again offline.

Pure: what a committee decided can be re-run by an outsider without Django or a database.
"""
