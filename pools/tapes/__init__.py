"""Asset-level tapes of a pool for regulators: `autolease` is the SEC's Schedule AL for leases.

`elements` names the fields in order and writes them, `rows` fills them from a pool's columns;
`services` stores a tape and puts its hash on the ledger.
"""
