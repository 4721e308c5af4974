"""Writes of the phone's room: enrolling a device, keeping a photo, recording a signed lease."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import transaction

from ledger.core.encoding import unb64
from ledger.core.envelope import seal_record, wrap_key
from ledger.core.errors import MalformedError
from ledger.core.keys import KeyRole
from ledger.drafts import Draft, instant, stamp
from ledger.halting import halted_between
from ledger.models import SigningKey
from ledger.reasons import Reason
from ledger.services import enrol_key
from ledger.vault import current_kek
from mobile_api import selectors
from mobile_api.models import Photo
from mobile_api.problems import (
    DeviceOfAnother,
    DuplicateRecord,
    MalformedSubmission,
    PhotoMissing,
    PhotoRefused,
    StaleSignature,
)
from origination.services import record_lease
from origination.services.collections import record_contact
from origination.services.desk import Actor, send_application
from origination.services.quotes import record_quote
from tenants.problems import FieldError, Problem

#: A signature may wait so long in a phone without network before it must be made again.
MAX_AGE = timedelta(hours=72)
#: Clocks of phones run ahead by so much at most.
MAX_AHEAD = timedelta(minutes=5)
MAX_PHOTO_BYTES = 10 * 1024 * 1024
_SIGNATURES = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}


@dataclass(frozen=True)
class Submission:
    """A lease or a quote as a phone signed it: `docs/phone.md` says what each member is."""

    rid: UUID
    device: str
    ts: str
    fields: Mapping[str, str]
    salts: Mapping[str, str]
    dev_sig: str
    confirmed: Sequence[str] = ()


@dataclass(frozen=True)
class Recorded:
    """Where the record stands, None while it waits; `repeated` when it was accepted before."""

    rid: str
    index: int | None
    repeated: bool

    @property
    def state(self) -> str:
        """`pending` while the entry waits for its place in the log, then `integrated`."""
        return "pending" if self.index is None else "integrated"


def enrol_device(*, public_key: str, label: str, by: UUID, at: datetime) -> SigningKey:
    """Register a phone's key, pending approval; the same key of the same person again is fine."""
    try:
        public = unb64(public_key, 32)
    except MalformedError as error:
        reason, mend = {"reason": Reason(error)}, "Send 32 bytes in base64."
        field = FieldError("public_key", "not_a_key", "%(reason)s.", mend, reason)
        raise MalformedSubmission(title="The key cannot be read.", errors=[field]) from error
    key = enrol_key(
        role=KeyRole.DEVICE, public_key=public, at=at, label=label.strip(), holder_id=by
    )
    if key.holder_id != by or key.role != KeyRole.DEVICE:
        raise DeviceOfAnother
    return key


def submit_lease(*, submission: Submission, by: UUID, at: datetime) -> Recorded:
    """Check who signed what and when, then record the lease; the same record again is no error.

    Raises a `Problem` that names the device's state, the age of the signature, the signature
    itself, or the fields.
    """
    draft = _draft_of(submission, selectors.LEASE)

    def record() -> int | None:
        _check_photo(submission.fields)
        return record_lease(draft=draft, confirmed=submission.confirmed, by=by, at=at).index

    return _submit(draft, record, by=by, at=at)


def submit_quote(*, submission: Submission, by: UUID, at: datetime) -> Recorded:
    """Check who signed what and when, then record the quote; `submit_lease` says what is raised."""
    draft = _draft_of(submission, selectors.QUOTE)
    return _submit(draft, lambda: record_quote(draft=draft).index, by=by, at=at)


def submit_application(*, submission: Submission, by: UUID, at: datetime, on: datetime) -> Recorded:
    """Check who signed what and when, then send it to the approval desk: a first version, or the
    next one of the same id. `on` is the institution's own time (`tenants.clock`)."""
    draft = _draft_of(submission, selectors.APPLICATION)

    def record() -> int | None:
        _check_photo(submission.fields)
        confirmed = submission.confirmed
        return send_application(
            draft=draft, confirmed=confirmed, actor=Actor(by), at=on
        ).entry_index

    return _submit(draft, record, by=by, at=at)


def submit_contact(*, submission: Submission, by: UUID, at: datetime, on: datetime) -> Recorded:
    """Check who signed what and when, then record the contact with an overdue lessee.

    `at` is by the clock on the wall, which phones keep, `on` by the institution's.
    """
    draft = _draft_of(submission, selectors.CONTACT)

    def record() -> int | None:
        return record_contact(draft=draft, confirmed=submission.confirmed, by=by, at=on).index

    return _submit(draft, record, by=by, at=at)


def _submit(draft: Draft, record: Callable[[], int | None], *, by: UUID, at: datetime) -> Recorded:
    known = _known(draft)
    if known is not None:
        return known
    selectors.check_device(draft.device, by)
    _check_age(draft.ts, at)
    try:
        with transaction.atomic():
            index = record()
    except Problem:
        known = _known(draft)  # the same record, sent twice at once: the other one was first
        if known is None:
            raise
        return known
    return Recorded(draft.rid, index, repeated=False)


def _draft_of(submission: Submission, kind: str) -> Draft:
    try:
        return Draft.signed(
            kind=kind,
            rid=submission.rid,
            fields=submission.fields,
            salts=submission.salts,
            ts=submission.ts,
            device=submission.device,
            dev_sig=submission.dev_sig,
        )
    except MalformedError as error:
        raise MalformedSubmission(detail="%(reason)s.", params={"reason": Reason(error)}) from error


def _known(draft: Draft) -> Recorded | None:
    """The answer of the first time, for a record that was sent twice."""
    waits = selectors.waiting(draft.kind, draft.rid)
    ts = draft.ts if draft.kind == selectors.APPLICATION else None  # it comes in versions
    entry = None if waits else selectors.entry_of(draft.kind, draft.rid, ts)
    known = waits or entry
    if known is None:
        return None
    if known.kid != draft.device or selectors.signature_of(known) != draft.signature:
        raise DuplicateRecord(params={"rid": draft.rid})
    return Recorded(draft.rid, None if entry is None else entry.index, repeated=True)


def _check_age(ts: str, at: datetime) -> None:
    """Time in which the ledger took nothing does not count: the phone could not have sent it."""
    age = at - instant(ts)
    if age > MAX_AGE:
        age -= halted_between(instant(ts), at)
    if not -MAX_AHEAD <= age <= MAX_AGE:
        hours = int(MAX_AGE.total_seconds() // 3600)
        raise StaleSignature(params={"ts": ts, "hours": hours, "now": stamp(at)})


def _check_photo(fields: Mapping[str, str]) -> None:
    named = fields.get("photo_sha256")
    if named and not Photo.objects.filter(sha256=named).exists():
        raise PhotoMissing


def store_photo(*, content: bytes, by: UUID, at: datetime) -> Photo:
    """Keep a picture encrypted, under the hash of its bytes; the same picture again is no error."""
    media_type = _media_type(content)
    digest = sha256(content).hexdigest()
    found = Photo.objects.filter(sha256=digest).first()
    if found is not None:
        return found
    kek, aad = current_kek(), selectors.photo_aad(digest)
    ciphertext, key = seal_record(content, aad, kek.cipher)
    photo, _ = Photo.objects.get_or_create(
        sha256=digest,
        defaults={
            "media_type": media_type,
            "size": len(content),
            "ciphertext": ciphertext,
            "wrapped_key": wrap_key(kek.key, key, aad),
            "kek_version": kek.version,
            "uploaded_by": by,
            "uploaded_at": at,
        },
    )
    return photo


def _media_type(content: bytes) -> str:
    """By the first bytes, never by what the sender says."""
    if len(content) > MAX_PHOTO_BYTES:
        raise PhotoRefused(detail="It is larger than 10 MB.")
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    for media_type, beginning in _SIGNATURES.items():
        if content.startswith(beginning):
            return media_type
    raise PhotoRefused(detail="It is no JPEG, PNG or WebP picture.")
