"""A transaction that could not be serialised is tried again, and then refused like any loser."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import psycopg
from django.db import connection
from django.db.utils import DatabaseError

from tenants.problems import Problem
from tenants.registry.problems import RightUnavailable

_ATTEMPTS = 5
_RETRIED = {"40001", "40P01"}  # serialization_failure, deadlock_detected
T = TypeVar("T")


def retried(refusal: Callable[[], Problem] = RightUnavailable):
    """Decorator of a service that opens its own transaction (put it above `transaction.atomic`).

    Inside a caller's transaction the failure passes on: only the whole can be tried again.
    """

    def decorate(service: Callable[..., T]) -> Callable[..., T]:
        @wraps(service)
        def run(*args, **kwargs) -> T:
            for attempt in range(_ATTEMPTS):
                try:
                    return service(*args, **kwargs)
                except (DatabaseError, psycopg.DatabaseError) as error:
                    if connection.in_atomic_block or not could_not_serialise(error):
                        raise
                    if attempt + 1 == _ATTEMPTS:
                        raise refusal() from error
            raise AssertionError("unreachable")

        return run

    return decorate


def could_not_serialise(error: BaseException) -> bool:
    """Whether the database gave this transaction up for another's sake."""
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    return getattr(cause, "sqlstate", None) in _RETRIED
