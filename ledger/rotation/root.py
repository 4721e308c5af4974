"""Rotating the installation's root key: what it wraps in each tenant is wrapped by the newest.

Where it stands is in the rows: each names the version that wrapped it. An old key file stays until
`retire_root_keys`, which asks every tenant first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import connection, transaction
from django_tenants.utils import tenant_context

from ledger.keystore import root_keys
from ledger.models import KeyEncryptionKey, TenantSecret
from ledger.problems import KeyStillNeeded
from ledger.vault import kek_context
from tenants.standing import standing, told_apart


def _wrapped() -> Iterable[tuple[str, object, bytes, bytes]]:
    """(function, its key, what is wrapped, context) of all that the root key wraps here."""
    for kek in KeyEncryptionKey.objects.order_by("version"):
        yield "ledger_rewrap_kek", kek.version, bytes(kek.wrapped), kek_context(kek.version)
    for secret in TenantSecret.objects.order_by("name"):
        yield "ledger_rewrap_secret", secret.name, bytes(secret.wrapped), secret.name.encode()


def waiting() -> int:
    """How many keys of the current tenant an older root key wraps."""
    provider = root_keys()
    newest = max(provider.versions(), default=1)
    return sum(provider.version_of(wrapped) < newest for _, _, wrapped, _ in _wrapped())


def begin_root_key(cipher: str | None = None) -> int:
    """The version to move to: a new one, unless a rotation that was begun is not at its end.

    First everything is opened: where a key file is lost none is made in its place. A new one is of
    `cipher`, or of the old one's.
    """
    provider, begun = root_keys(), False
    for tenant in standing():
        with tenant_context(tenant):
            for _, _, wrapped, context in _wrapped():
                provider.unwrap(wrapped, context)
            begun = begun or waiting() > 0
    return provider.versions()[-1] if begun else provider.add_version(cipher)


@transaction.atomic
def rewrap_by_root_key() -> int:
    """Wrap every key of the current tenant by the newest root key; answers how many were moved.

    Raises `RootKeyWrong` or `KeyFileDamaged` for the first that does not open; nothing changed.
    """
    provider, moved = root_keys(), 0
    newest = max(provider.versions(), default=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_await_root()")
        for function, key, wrapped, context in _wrapped():
            if provider.version_of(wrapped) < newest:
                fresh = provider.wrap(provider.unwrap(wrapped, context), context)
                cursor.execute(f"SELECT {function}(%s, %s, %s)", [key, wrapped, fresh])
                moved += 1
    return moved


def retire_root_keys(without: Collection[str] = ()) -> list[int]:
    """Destroy every root key but the newest; answers those.

    `KeyStillNeeded` while one is used, or an institution's schema is gone: whatever backup of it is
    restored, or was set aside, may need the old one. `without`: schemas whose ledger is lost and
    was given up; nothing is waited for that may come back of them. What still stands there is
    asked like any other: copies of others' logs among it.
    """
    provider = root_keys()
    old = provider.versions()[:-1]
    there, away = told_apart()
    gone = [tenant for tenant in away if tenant.schema_name not in without]
    if gone and old:
        raise KeyStillNeeded(
            detail="The schema of %(tenants)s is gone; what comes back may need an older root key.",
            mend=(
                "Restore it first. Where nothing will come back, retire without it: "
                "--without SCHEMA says what is lost by that."
            ),
            params={"tenants": ", ".join(tenant.schema_name for tenant in gone)},
        )
    for tenant in there:
        with tenant_context(tenant), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT ledger_await_root()")  # who wrapped by an old one has stored it
            if count := waiting():
                raise KeyStillNeeded(
                    detail="An older root key still wraps %(count)s keys of %(tenant)s.",
                    params={"count": count, "tenant": tenant.schema_name},
                )
            for _, _, wrapped, context in _wrapped():
                provider.unwrap(wrapped, context)  # it opens by what stays, not only says so
    for version in old:
        provider.drop_version(version)
    return old
