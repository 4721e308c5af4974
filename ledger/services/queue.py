"""The queue of a hot tenant: business transactions put sealed entries in, others take many out.

Appending takes the head's row lock until commit, so that one tenant's transactions go one after
another. Here they don't meet: each inserts a row of its own, and what makes it an entry (its place,
the tree's nodes) happens in one commit for many. `docs/decisions/0008` has the figures.
"""

from typing import NamedTuple
from uuid import UUID

import psycopg
from django.db import transaction

from ledger import vault
from ledger.core.errors import LedgerError
from ledger.drafts import Draft
from ledger.halting import check_goes_on, standing
from ledger.models import KeyState
from ledger.problems import KeyRevokedMeanwhile, MalformedRecord, Replayed
from ledger.reasons import Reason
from ledger.services.append import append_entry
from ledger.services.keys import open_log
from ledger.services.writing import sealed, sign_all
from tenants.context import current_tenant
from tenants.database.bound import run_bound


class Accepted(NamedTuple):
    """An entry that is in the log at `index`, or in the queue (`index` is None)."""

    index: int | None
    kind: str
    rid: str
    leaf: bytes


def submit_entry(*, draft: Draft) -> Accepted:
    """Append a draft, or put it into the queue where the tenant is hot; last in the transaction.

    For callers who can wait for the index (`ledger.integration` tells it). Batches with items are
    always appended. Raises what `append_entries` raises.
    """
    if draft.items is not None or not current_tenant().hot_ledger:
        return Accepted(*append_entry(draft=draft))
    head = open_log(at=draft.ts)
    check_goes_on(head)
    try:
        return _submit(draft, head.log_id)
    except psycopg.errors.SerializationFailure:  # the key was retired since it was asked
        return _submit(draft, head.log_id)


def _submit(draft: Draft, log_id: str) -> Accepted:
    kek = vault.current_kek()
    try:
        with transaction.atomic():
            (signed,) = sign_all([draft], log_id)
            if not _keep_key(signed.core.device):
                (signed,) = sign_all([draft], log_id)  # by the service key that is new
                if not _keep_key(signed.core.device):
                    raise KeyRevokedMeanwhile
            row = sealed(signed, kek, log_id)
            run_bound(
                "SELECT ledger_submit(%b, %b::uuid, %b, %b, %b, %b, %b, %b)",
                [
                    row.kind,
                    UUID(row.rid),
                    row.ts,
                    row.kid,
                    row.leaf,
                    row.ciphertext,
                    row.wrapped_key,
                    kek.version,
                ],
            )
    except LedgerError as error:
        raise MalformedRecord(detail="%(reason)s.", params={"reason": Reason(error)}) from error
    except psycopg.errors.UniqueViolation as error:
        raise Replayed from error
    except psycopg.errors.ObjectNotInPrerequisiteState as error:
        raise standing() from error
    return Accepted(None, row.kind, row.rid, row.leaf)


def _keep_key(kid: str) -> bool:
    """Until this transaction ends nobody revokes the key: the entry's place would come after."""
    states = run_bound("SELECT state FROM ledger_signing_key WHERE kid = %b FOR SHARE", [kid])
    return states == [(KeyState.APPROVED,)]
