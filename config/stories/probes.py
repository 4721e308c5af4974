"""Trying things out for a story, and leaving no trace.

A story that says "this is refused" asks the real service to do it, now, and takes everything back.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from functools import wraps
from typing import ParamSpec, TypeVar, cast
from uuid import UUID

from django.db import ProgrammingError, transaction
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from config.demo.calendar import last_day
from config.demo.cast import address
from tenants.lost_books import loss_of
from tenants.models import Tenant, User

P = ParamSpec("P")
T = TypeVar("T")
_read: ContextVar[dict[Hashable, object] | None] = ContextVar("read", default=None)


@contextmanager
def only_a_try() -> Iterator[None]:
    """Whatever the block writes is taken back when it ends."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def one_telling() -> Iterator[None]:
    """While a page is told, what is `read_once` is read once."""
    token = _read.set({})
    try:
        yield
    finally:
        _read.reset(token)


def read_once(function: Callable[P, T]) -> Callable[P, T]:
    """For what many steps of a story ask and none of them changes: one answer for a telling.

    Outside of a telling it is asked each time.
    """

    @wraps(function)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        read = _read.get()
        if read is None:
            return function(*args, **kwargs)
        key = (function, args, tuple(kwargs.items()))
        if key not in read:
            read[key] = function(*args, **kwargs)
        return cast(T, read[key])

    return asked


def demo_tenant(schema: str) -> Tenant | None:
    """An institution of the demo; nothing that is not marked as demo is ever entered."""
    with schema_context("public"):
        return Tenant.objects.filter(schema_name=schema, is_demo=True).first()


def inside(schema: str, function: Callable[[], T]) -> T | None:
    """The function's answer inside an institution of the demo, None where there is none. In a
    savepoint: what cannot be read does not spoil the page. Where that institution's tables are
    gone, a `Problem` that names it: the page is the platform's."""
    tenant = demo_tenant(schema)
    if tenant is None:
        return None
    try:
        with tenant_context(tenant), transaction.atomic():
            return function()
    except ProgrammingError as error:
        if (lost := loss_of(error, schema)) is None:
            raise
        raise lost from error


def person(name: str, institution: str) -> UUID:
    """The id of one of the demo's people."""
    with schema_context("public"):
        email = address(name, institution)
        return User.objects.values_list("pk", flat=True).get(email=email)


def today() -> date:
    """The last day that the demo's calendar has reached."""
    return last_day() or timezone.now().date()


def now() -> datetime:
    """The last instant of the demo's calendar."""
    return datetime.combine(today() + timedelta(days=1), time(), UTC) - timedelta(microseconds=1)
