"""Pure ledger core: standard library and pycryptodome only (`cryptography` where it is faster)."""
