"""The offering circular: what a buyer of a pool's notes is told, with the proof of where it stands.

`content` says what a circular holds, `compose` typesets it, `issue` stores it and puts its hash on
the ledger, `verify` answers for a file whether that hash is there.
"""
