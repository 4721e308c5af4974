"""A lost ledger that nobody will bring back must not hold up the installation's keys for ever."""

from collections.abc import Collection

import structlog
from django.core.management import CommandError

from ledger.management.named import has_log, inside, institutions
from tenants.models import Tenant

log = structlog.get_logger("ledger")
_LOST_BY = {
    "root": (
        "what of it lies in backups and in a schema set aside from before can be opened by nobody "
        "any more (contents, photos, secrets); a counterparty's copy can still be taken back"
    ),
    "map": (
        "if its ledger comes back after all, it proves titles only by epochs since the newest keys "
        "and does not find its rights in those before; what it proved so far stays provable"
    ),
}


def need_all_logs(without: Collection[str]) -> None:
    """`CommandError` that names each lost ledger: what comes back of it may need the old key."""
    lost = [
        f"{tenant.schema_name}: {loss} Where nothing will come back: --without {tenant.schema_name}"
        for tenant in institutions()
        if tenant.schema_name not in without and (loss := _loss_of(tenant))
    ]
    if lost:
        raise CommandError("\n".join(lost))


def give_up(which: str, without: Collection[str], *, confirmed: bool) -> None:
    """Nothing if the ledgers of these schemas are lost and that was confirmed; else `CommandError`.

    It says what is lost by retiring the root's or the map's keys (`which`) without them.
    """
    known = {tenant.schema_name: tenant for tenant in institutions()}
    for schema in sorted(without):
        if schema not in known:
            raise CommandError(f"There is no institution {schema!r}.")
        if not _loss_of(known[schema]):
            raise CommandError(f"The ledger of {schema!r} is not lost: leave --without {schema}.")
    if not confirmed:
        raise CommandError(
            f"Without {', '.join(sorted(without))}: {_LOST_BY[which]}. "
            "Nothing was destroyed. Add --confirm to do it."
        )
    log.warning("keys_retired_without", which=which, tenants=sorted(without))


def _loss_of(tenant: Tenant) -> str:
    """What is said of a tenant whose ledger is lost; empty for one that has its, or never had."""
    try:
        with inside(tenant):
            has_log()
    except CommandError as error:
        return str(error)
    return ""
