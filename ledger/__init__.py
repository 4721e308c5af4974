"""The tamper-evident, encrypted ledger. Imports nothing: the verifier runs without Django."""
