"""Commits that free their locks before the disk has them, and are answered after it has.

A lock is held until its transaction's commit record is on the disk. Where one row is everybody's
turn, each waits for the disk alone: a thousand transactions take a thousand flushes. A transaction
that sets `EARLY` lets the next one go on at once, and `answered_when_durable` makes its `atomic`
block return only when its bytes are on the disk, so that many waiters share one flush.

Nobody is told of what a crash could take back: the log of the database is written in order, so
whoever built on an early commit is on the disk after it or not at all. What leaves the database,
a signature or a file, must ask `wait_until_durable` between reading and telling.
"""

from django.db import connection, transaction

from tenants.database.bound import run_bound

#: Part of a statement's SELECT list; holds until the transaction ends.
EARLY = "set_config('synchronous_commit', 'off', true)"
#: A transaction of its own whose commit waits, also for a standby where the server has such.
WAIT = "SELECT pg_logical_emit_message(true, 'leaseledger', '')"


def answered_when_durable() -> None:
    """The block whose transaction this is returns when it is on the disk; for one with `EARLY`."""
    # one that is there was registered by a savepoint that we are in, or that cannot go back alone
    if all(function is not wait_until_durable for _, function, _ in connection.run_on_commit):
        transaction.on_commit(wait_until_durable)


def wait_until_durable() -> None:
    """All that was committed before this call is on the disk; outside of a transaction."""
    run_bound(WAIT)
