"""The check-list of a request as its page shows it: question, answer, and the figure behind it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pools.deals.checklist import Measured, Unit, outstanding
from pools.deals.selectors import checklist_of
from pools.models import DiligenceFinding, FinancingRequest
from tenants.templatetags.ui import number, percent


@dataclass
class Item:
    """One question; `form` is set by the view where a person may answer it."""

    code: str
    question: str
    measured: bool
    finding: DiligenceFinding | None
    found: str
    bound: str
    off: str = ""  # by how much a measured figure fails
    mend: str = ""
    form: object = None

    @property
    def failed(self) -> bool:
        return self.finding is not None and not self.finding.passed


def items_of(asked: FinancingRequest) -> list[Item]:
    """Every question in its order, answered or open."""
    return [_item(question, finding) for question, finding in checklist_of(asked)]


def open_codes(asked: FinancingRequest) -> list[str]:
    """What stands in the way of a clearance; reads the request's findings."""
    return outstanding({finding.code: finding.passed for finding in asked.findings.all()})


def _item(question, finding: DiligenceFinding | None) -> Item:
    if not isinstance(question, Measured):
        note = finding.note if finding else ""
        return Item(question.code, _(question.question), False, finding, note, "")
    found = _figure(question.unit, Decimal(finding.note)) if finding and finding.note else ""
    if finding and not finding.note:
        found = _("Nothing to measure yet")
    side = _("at least %(bound)s") if question.at_least else _("at most %(bound)s")
    bound = side % {"bound": _figure(question.unit, question.bound)}
    item = Item(question.code, _(question.question), True, finding, found, bound)
    if item.failed:
        item.off, item.mend = _off(question, finding.note), _(question.mend)
    return item


def _off(question: Measured, note: str) -> str:
    """How far a figure lies from its bound."""
    if not note:
        return _("there is nothing to measure it by")
    gap = _figure(question.unit, abs(Decimal(note) - question.bound))
    return (_("%(gap)s too low") if question.at_least else _("%(gap)s too high")) % {"gap": gap}


def _figure(unit: Unit, value: Decimal) -> str:
    if unit is Unit.SHARE:
        return percent(value)
    if unit is Unit.TIMES:
        return _("%(n)s times") % {"n": number(value, 2)}
    if unit is Unit.DAYS:
        return ngettext("%(n)s day", "%(n)s days", int(value)) % {"n": number(value)}
    return number(value)
