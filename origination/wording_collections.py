"""Codes of the collections desk in words."""

from django.utils.translation import gettext_lazy as _

from origination.domain.collections.contacts import Channel, Outcome
from origination.domain.collections.ladder import Bucket
from origination.domain.collections.promises import PromiseStatus
from origination.domain.collections.rules import Breach

CHANNELS = {
    Channel.REMINDER: _("Reminder"),
    Channel.CALL: _("Call"),
    Channel.VISIT: _("Visit"),
    Channel.NOTICE: _("Formal notice"),
    Channel.HANDOVER: _("Hand-over to repossession"),
}
OUTCOMES = {
    Outcome.REACHED: _("Reached, no promise"),
    Outcome.PROMISED: _("Promised to pay"),
    Outcome.NOT_REACHED: _("Not reached"),
    Outcome.THIRD_PARTY: _("Somebody else answered"),
    Outcome.WRONG_NUMBER: _("Wrong number"),
    Outcome.REFUSED: _("Refuses to pay"),
    Outcome.DISPUTED: _("Disputes the debt"),
    Outcome.HARDSHIP: _("In hardship"),
    Outcome.CLAIMS_PAID: _("Says it is paid"),
    Outcome.MOVED: _("Moved away"),
    Outcome.VEHICLE_SEEN: _("Vehicle seen, nobody met"),
    Outcome.SENT: _("Sent"),
    Outcome.RETURNED: _("Came back undelivered"),
    Outcome.HANDED_OVER: _("Handed over"),
}
PROMISES = {
    PromiseStatus.OPEN: _("Promise open"),
    PromiseStatus.KEPT: _("Promise kept"),
    PromiseStatus.PARTLY_KEPT: _("Promise partly kept"),
    PromiseStatus.BROKEN: _("Promise broken"),
    PromiseStatus.WITHDRAWN: _("Promise withdrawn"),
}
PROMISE_TONES = {
    PromiseStatus.OPEN: "info",
    PromiseStatus.KEPT: "success",
    PromiseStatus.PARTLY_KEPT: "warning",
    PromiseStatus.BROKEN: "danger",
    PromiseStatus.WITHDRAWN: "neutral",
}
BREACHES = {
    Breach.HOURS: _("Outside the permitted hours"),
    Breach.DO_NOT_CALL: _("Marked as not to be called"),
    Breach.TOO_OFTEN: _("Too many calls on one day"),
}
BUCKETS = {
    Bucket.TO_30: _("1–30 days"),
    Bucket.TO_60: _("31–60 days"),
    Bucket.TO_90: _("61–90 days"),
    Bucket.OVER_90: _("Over 90 days"),
}
ICONS = {
    Channel.REMINDER: "bell",
    Channel.CALL: "phone",
    Channel.VISIT: "pin",
    Channel.NOTICE: "document",
    Channel.HANDOVER: "car",
}
#: Outcomes that go on to something good or bad, for the timeline's mark.
TONES = {
    Outcome.PROMISED: "success",
    Outcome.REACHED: "info",
    Outcome.REFUSED: "danger",
    Outcome.DISPUTED: "warning",
    Outcome.WRONG_NUMBER: "warning",
    Outcome.MOVED: "warning",
}
