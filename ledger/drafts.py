"""What callers hand to `append_entries`. Pure.

A draft is a payload (fields and their salts) with a kind, a record id and a time; who signs it
depends on where it comes from: a phone signed it already, the tenant's service key will, or it is
a row of a tape that the back office signs as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from ledger.core.encoding import unb64
from ledger.core.errors import MalformedError
from ledger.core.fields import draw_salts, join_salts
from ledger.core.items import BatchItem, ItemTable, table_of
from ledger.core.leaves import Core
from ledger.core.payloads import Payload

TS_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def stamp(at: datetime | str) -> str:
    """An instant as the ledger writes it: UTC, `YYYY-MM-DDTHH:MM:SS.ffffffZ`."""
    if isinstance(at, str):
        try:
            if datetime.strptime(at, TS_FORMAT).strftime(TS_FORMAT) == at:
                return at
        except ValueError:
            pass
        raise MalformedError(f"{at!r} is not an instant; write YYYY-MM-DDTHH:MM:SS.ffffffZ")
    if at.tzinfo is None:
        raise MalformedError("an instant needs its time zone")
    return at.astimezone(UTC).strftime(TS_FORMAT)


def instant(at: datetime | str) -> datetime:
    """The inverse of `stamp`: an aware datetime in UTC."""
    return datetime.strptime(stamp(at), TS_FORMAT).replace(tzinfo=UTC)


def record_id(rid: UUID | str) -> str:
    """A record id as the ledger writes it: a UUID in lower case."""
    try:
        return str(rid if isinstance(rid, UUID) else UUID(rid))
    except ValueError:
        raise MalformedError(f"{rid!r} is not a UUID") from None


@dataclass(frozen=True, slots=True)
class Draft:
    """One entry before it is appended. `device` and `signature` are empty until someone signs."""

    kind: str
    rid: str
    payload: Payload
    ts: str
    device: str | None = None
    signature: bytes | None = None
    prev: str | None = None
    items: ItemTable | None = None

    @classmethod
    def signed(
        cls,
        *,
        kind: str,
        rid: UUID | str,
        fields: Mapping[str, str],
        salts: Mapping[str, bytes | str],
        ts: datetime | str,
        device: str,
        dev_sig: bytes | str,
        prev: UUID | str | None = None,
    ) -> Draft:
        """A record that a device signed. Salts by field name and signature: bytes or base64."""
        raw = {name: unb64(salt) if isinstance(salt, str) else salt for name, salt in salts.items()}
        signature = unb64(dev_sig) if isinstance(dev_sig, str) else dev_sig
        if len(signature) != 64:
            raise MalformedError(f"a signature is 64 bytes, not {len(signature)}")
        payload = Payload(dict(fields), join_salts(raw, fields))
        before = None if prev is None else record_id(prev)
        return cls(kind, record_id(rid), payload, stamp(ts), device, signature, before)

    @classmethod
    def service(
        cls,
        *,
        kind: str,
        rid: UUID | str,
        fields: Mapping[str, str],
        ts: datetime | str,
        prev: UUID | str | None = None,
        items: ItemTable | None = None,
    ) -> Draft:
        """A record of the tenant's own server, to be signed by its service key."""
        payload = Payload(dict(fields), draw_salts(len(fields)))
        before = None if prev is None else record_id(prev)
        return cls(kind, record_id(rid), payload, stamp(ts), prev=before, items=items)

    def core(self, *, log_id: str, device: str) -> Core:
        """The members that are signed, for this log and signer."""
        return Core(
            kind=self.kind,
            rid=self.rid,
            log_id=log_id,
            device=device,
            ts=self.ts,
            fields_root=self.payload.root(),
            items_root=None if self.items is None else self.items.root(),
            items_count=0 if self.items is None else len(self.items),
        )


def rows(
    *, kind: str, records: Iterable[tuple[UUID | str, Mapping[str, str]]], ts: datetime | str
) -> list[Draft]:
    """Drafts of a tape's rows, (rid, fields) each, in the tape's order."""
    at = stamp(ts)
    return [
        Draft(kind, record_id(rid), Payload(fields, draw_salts(len(fields))), at)
        for rid, fields in records
    ]


def item_table(items: Iterable[BatchItem] | Mapping[str, list[str]]) -> ItemTable:
    """Items with fresh salts, from single items or (for many) from columns."""
    if isinstance(items, Mapping):
        count = len(next(iter(items.values()), []))
        return ItemTable(items, draw_salts(count))
    found = list(items)
    return table_of(found, draw_salts(len(found)))
