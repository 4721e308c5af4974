"""What signs a log: its keys, its memory outside the database, its freeze, and the rules."""

from ledger.signing.signer import LogSigner


def signer_of(log_id: str) -> LogSigner:
    """The signer of one log."""
    return LogSigner(log_id)
