"""What a lessor collects for us, and what somebody needs who collects in its place."""

import csv
import io

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from ledger.exchange.selectors import replicas
from monitoring.selectors.collections import collections_of
from monitoring.selectors.dashboard import latest_snapshot
from monitoring.selectors.servicing import all_next_payments, next_payments, open_positions
from monitoring.views.shared import live_of, page_of
from tenants import clock
from tenants.models import Tenant
from tenants.money import Money
from tenants.permissions import Permission
from tenants.problems import NotFound
from tenants.web import require


def _lessor(source):
    """The lessor of a copy that is kept here."""
    if not replicas().filter(source=source).exists():
        raise NotFound(detail="No copy of this lessor's ledger is kept here.")
    return Tenant.objects.get(pk=source)


def _day():
    snapshot = latest_snapshot()
    return snapshot.as_of if snapshot else clock.today()


@require(Permission.VIEW_MONITORING)
def lessor(request, source):
    found, day = _lessor(source), _day()
    page = page_of(request, open_positions(source), 25)
    context = {
        "lessor": found,
        "collected": collections_of(source, as_of=day, known_at=clock.now()),
        "page_obj": page,
        "payments": next_payments(source, list(page), as_of=day),
        "as_of": day,
    }
    return render(request, "monitoring/lessor.html", context | live_of(request))


@require(Permission.ACT_ON_ALERT)
def payments_file(request, source):
    """Everybody to be told where to pay: names and telephones, so for few eyes only."""
    _lessor(source)
    day = _day()
    # Written whole: a body that is streamed is read after the request has left its tenant.
    text = "".join(_lines(source, day))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="next-payments-{day}.csv"'
    return response


def _lines(source, day):
    yield "\ufeff" + _line(
        [
            _("Contract"),
            _("Lessee"),
            _("Telephone"),
            _("Days past due"),
            _("Overdue"),
            _("Next payment on"),
            _("Next payment"),
            _("Currency"),
        ]
    )
    for told in all_next_payments(source, as_of=day):
        position = told.position
        amounts = [
            Money.from_minor(minor, position.currency).amount
            for minor in (position.arrears_minor, told.due_minor)
        ]
        yield _line(
            [
                position.contract,
                told.name,
                told.telephone,
                position.days_past_due,
                amounts[0],
                told.due_on or "",
                amounts[1],
                position.currency,
            ]
        )


def _line(values):
    text = io.StringIO()
    csv.writer(text).writerow(values)
    return text.getvalue()
