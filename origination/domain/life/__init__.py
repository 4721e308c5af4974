"""The life of a lease, from the application to its end: one state machine (decision 0017).

Pure. `machine` says which move leads from which state to which and who may make it, `moves` what a
move's entry carries, `guards` when a move is refused, `history` what moves come to.
"""
