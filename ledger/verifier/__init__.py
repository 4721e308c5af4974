"""The offline verifier: `python -m ledger.verifier EXPORT`. Standard library and pycryptodome."""
