"""Asset-level tapes of a pool for regulators: the SEC's Schedule AL for leases.

`origination.domain.tapes` names the elements, fills and writes them; `services` stores a tape and
puts its hash on the ledger.
"""
