"""A contact with a late lessee: how, when, what came of it. The fields of `contact.recorded`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from uuid import UUID


class Channel(StrEnum):
    """The steps of the ladder, from the mildest to the last."""

    REMINDER = "reminder"  # a message: SMS, WeChat, e-mail
    CALL = "call"
    VISIT = "visit"
    NOTICE = "notice"  # a formal letter
    HANDOVER = "handover"  # to those who repossess the vehicle


class Outcome(StrEnum):
    REACHED = "reached"
    PROMISED = "promised"
    NOT_REACHED = "not_reached"
    THIRD_PARTY = "third_party"  # somebody else answered; nothing of the debt was said
    WRONG_NUMBER = "wrong_number"
    REFUSED = "refused"
    DISPUTED = "disputed"
    HARDSHIP = "hardship"
    CLAIMS_PAID = "claims_paid"
    MOVED = "moved"
    VEHICLE_SEEN = "vehicle_seen"
    SENT = "sent"
    RETURNED = "returned"
    HANDED_OVER = "handed_over"


_TALKED = (
    Outcome.REACHED, Outcome.PROMISED, Outcome.NOT_REACHED, Outcome.THIRD_PARTY, Outcome.REFUSED,
    Outcome.DISPUTED, Outcome.HARDSHIP, Outcome.CLAIMS_PAID,
)  # fmt: skip
#: What may come of each; the first is what a form begins with.
OUTCOMES: dict[Channel, tuple[Outcome, ...]] = {
    Channel.REMINDER: (Outcome.SENT, Outcome.RETURNED, Outcome.REACHED),
    Channel.CALL: (*_TALKED, Outcome.WRONG_NUMBER),
    Channel.VISIT: (*_TALKED, Outcome.MOVED, Outcome.VEHICLE_SEEN),
    Channel.NOTICE: (Outcome.SENT, Outcome.RETURNED),
    Channel.HANDOVER: (Outcome.HANDED_OVER,),
}
NOTE_LENGTH = 1000
PLACE_LENGTH = 200
#: How long after it a contact may be recorded, and an action be planned ahead.
LATE, AHEAD = timedelta(days=31), timedelta(days=366)
_NAMES = frozenset(
    {"lease_rid", "channel", "outcome", "at", "inbound", "note", "place", "latitude", "longitude"}
    | {"next_action_on", "corrects", "recorded_by", "promised_minor", "promised_on"}
)


@dataclass(frozen=True, slots=True)
class Contact:
    """What `contact.recorded` says. `at` is aware; `inbound`: the lessee called or came.

    A promise has an amount (minor units) and a day, both or neither.
    """

    lease_rid: UUID
    channel: Channel
    outcome: Outcome
    at: datetime
    inbound: bool = False
    note: str = ""
    place: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    next_action_on: date | None = None
    corrects: UUID | None = None
    promised_minor: int | None = None
    promised_on: date | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field; `FAULTS` has the words."""

    field: str
    code: str


#: code → (what is wrong, how to mend it)
FAULTS: dict[str, tuple[str, str]] = {
    "unknown_field": ("There is no such field.", "Leave it out."),
    "not_id": ("This is no record id.", "Send the id of the record as the platform wrote it."),
    "unknown_channel": (
        "There is no such kind of contact.",
        "Choose reminder, call, visit, notice or handover.",
    ),
    "wrong_outcome": (
        "This cannot come of such a contact.",
        "Choose one of the outcomes that the form offers for it.",
    ),
    "not_instant": ("This is no time.", "Write day and time."),
    "in_the_future": ("This has not happened yet.", "Write when the contact took place."),
    "too_old": ("This is more than 31 days ago.", "Record a contact when it happens."),
    "before_lease": ("The lease had not begun then.", "Check the day."),
    "too_long": ("The text is too long.", "Shorten it."),
    "place_missing": (
        "A visit has a place.",
        "Write the address, or let the phone add its position.",
    ),
    "not_position": (
        "This is no position on earth.",
        "Send latitude and longitude in degrees, both or neither.",
    ),
    "not_date": ("This is no day.", "Write year, month and day: 2026-02-28."),
    "promise_half": (
        "A promise has an amount and a day.",
        "Write both, and choose promised as the outcome; or neither.",
    ),
    "not_amount": ("This is no amount.", "Write whole minor units, above zero."),
    "action_past": ("The next action lies before the contact.", "Choose a later day."),
    "action_far": ("The next action lies more than a year ahead.", "Choose an earlier day."),
}


def read_contact(fields: Mapping[str, str], *, now: datetime) -> tuple[Contact | None, list[Fault]]:
    """The contact that these fields tell, or everything that is wrong with them at once."""
    reader = _Reader(fields, now)
    contact = reader.contact()
    return (None, reader.faults) if reader.faults else (contact, [])


def instant_text(at: datetime) -> str:
    """An instant as the fields write it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class _Reader:
    def __init__(self, fields: Mapping[str, str], now: datetime) -> None:
        self._fields, self._now = fields, now
        self.faults = [Fault(name, "unknown_field") for name in sorted(set(fields) - _NAMES)]

    def contact(self) -> Contact:
        channel = self._channel()
        at = self._at()
        latitude, longitude = self._position()
        place = self._text("place", PLACE_LENGTH)
        promised_minor, promised_on = self._promised()
        if channel is Channel.VISIT and not place and latitude is None:
            self._wrong("place", "place_missing")
        return Contact(
            lease_rid=self._id("lease_rid") or UUID(int=0),
            channel=channel,
            outcome=self._outcome(channel),
            at=at,
            inbound=self._fields.get("inbound") == "true",
            note=self._text("note", NOTE_LENGTH),
            place=place,
            latitude=latitude,
            longitude=longitude,
            next_action_on=self._next(at),
            corrects=self._id("corrects", optional=True),
            promised_minor=promised_minor,
            promised_on=promised_on,
        )

    def _wrong(self, field: str, code: str) -> None:
        self.faults.append(Fault(field, code))

    def _id(self, name: str, *, optional: bool = False) -> UUID | None:
        text = self._fields.get(name, "")
        if optional and not text:
            return None
        try:
            return UUID(text)
        except ValueError:
            self._wrong(name, "not_id")
            return None

    def _channel(self) -> Channel:
        try:
            return Channel(self._fields.get("channel", ""))
        except ValueError:
            self._wrong("channel", "unknown_channel")
            return Channel.CALL

    def _outcome(self, channel: Channel) -> Outcome:
        text = self._fields.get("outcome", "")
        if text in list(OUTCOMES[channel]):
            return Outcome(text)
        self._wrong("outcome", "wrong_outcome")
        return OUTCOMES[channel][0]

    def _at(self) -> datetime:
        text = self._fields.get("at", "")
        try:
            at = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        except ValueError:
            self._wrong("at", "not_instant")
            return self._now
        if at > self._now + timedelta(minutes=5):
            self._wrong("at", "in_the_future")
        elif at < self._now - LATE:
            self._wrong("at", "too_old")
        return at

    def _text(self, name: str, length: int) -> str:
        text = self._fields.get(name, "").strip()
        if len(text) > length:
            self._wrong(name, "too_long")
        return text

    def _position(self) -> tuple[Decimal | None, Decimal | None]:
        texts = self._fields.get("latitude", ""), self._fields.get("longitude", "")
        if texts == ("", ""):
            return None, None
        try:
            latitude, longitude = (round(Decimal(text), 6) for text in texts)
        except InvalidOperation:
            self._wrong("latitude", "not_position")
            return None, None
        finite = latitude.is_finite() and longitude.is_finite()
        if finite and abs(latitude) <= 90 and abs(longitude) <= 180:
            return latitude, longitude
        self._wrong("latitude", "not_position")
        return None, None

    def _promised(self) -> tuple[int | None, date | None]:
        amount, day = self._fields.get("promised_minor", ""), self._fields.get("promised_on", "")
        if not amount and not day:
            return None, None
        if not amount or not day or self._fields.get("outcome") != Outcome.PROMISED:
            self._wrong("promised_minor", "promise_half")
            return None, None
        if not (amount.isascii() and amount.isdigit() and len(amount) < 13 and int(amount)):
            self._wrong("promised_minor", "not_amount")
            return None, None
        try:
            return int(amount), date.fromisoformat(day)
        except ValueError:
            self._wrong("promised_on", "not_date")
            return None, None

    def _next(self, at: datetime) -> date | None:
        text = self._fields.get("next_action_on", "")
        if not text:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            self._wrong("next_action_on", "not_date")
            return None
        if day < at.date():
            self._wrong("next_action_on", "action_past")
        elif day > at.date() + AHEAD:
            self._wrong("next_action_on", "action_far")
        return day
