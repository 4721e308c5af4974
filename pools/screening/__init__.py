"""Screening: every asset valued on one day, each figure under one Merkle root on the ledger."""
