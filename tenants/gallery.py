"""The design system on one page: every component, as the templates of all rooms use it."""

import datetime as dt
from decimal import Decimal

from django import forms
from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenants.problems import FieldError, Invalid
from tenants.web import open_to_all

_MOMENT = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
_PROVINCES = {"44": 8120, "32": 6400, "33": 5210, "37": 4980, "31": 4100, "51": 3300, "41": 2900}
_PROVINCES |= {"42": 2450, "11": 2300, "43": 1800, "13": 1500, "61": 1200, "65": 340, "54": 12}


class SampleForm(forms.Form):
    """One field of each sort."""

    vin = forms.CharField(
        label=gettext_lazy("Vehicle identification number"),
        help_text=gettext_lazy("17 characters, on the windscreen and the registration certificate"),
    )
    province = forms.ChoiceField(
        label=gettext_lazy("Province"),
        choices=[("44", gettext_lazy("Guangdong")), ("11", gettext_lazy("Beijing"))],
    )
    starts_on = forms.DateField(
        label=gettext_lazy("First payment"), widget=forms.DateInput(attrs={"type": "date"})
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, widget=forms.Textarea)
    agreed = forms.BooleanField(label=gettext_lazy("I have read what I sign"), required=False)


class SampleFilter(forms.Form):
    """A filter bar."""

    q = forms.CharField(label=gettext_lazy("Search"), required=False)
    status = forms.ChoiceField(
        label=gettext_lazy("Status"), choices=[("", gettext_lazy("All"))], required=False
    )


def _charts():
    months = [f"2025-{month:02}" for month in range(1, 13)]
    rising = [0.004, 0.005, 0.005, 0.007, 0.008, 0.008, 0.009, 0.011, 0.011, 0.012, 0.014, 0.013]
    line = {
        "x": months,
        "series": [
            {"name": _("30 days past due"), "values": rising},
            {"name": _("90 days past due"), "values": [round(v / 3, 4) for v in rising]},
        ],
        "format": "percent",
        "lines": [{"name": _("Trigger"), "value": 0.012}],
    }
    stacked = {
        "x": months,
        "series": [
            {"name": _("Principal"), "values": [41.2e6 - 8e5 * i for i in range(12)]},
            {"name": _("Interest"), "values": [6.1e6 - 2.5e5 * i for i in range(12)]},
        ],
        "format": "money",
        "currency": "CNY",
    }
    donut = {
        "x": [_("Petrol"), _("Battery"), _("Plug-in hybrid"), _("Diesel")],
        "series": [{"name": _("Leases"), "values": [21400, 18300, 7900, 2400]}],
    }
    heat = {
        "x": [_("current"), "1–30", "31–60", "61–90"],
        "y": [_("current"), "1–30", "31–60"],
        "cells": [
            [i, j, round(0.94 / (1 + 3 * abs(i - j)), 3)] for i in range(4) for j in range(3)
        ],
        "format": "percent",
    }
    return {"line": line, "stacked": stacked, "donut": donut, "heat": heat}


def _events():
    texts = [
        ("success", "check", _("Checkpoint sealed"), _("Size 50,214, cosigned by the trust")),
        ("info", "document", _("Lease recorded"), _("Signed by the phone of Li Na")),
        ("warning", "clock", _("Payment missed"), _("Rent 7 of 36, due yesterday")),
        ("danger", "bell", _("Trigger fired"), _("Delinquency 1.31% above 1.20%")),
    ]
    for hours, (tone, icon, title, body) in enumerate(texts):
        at = _MOMENT - dt.timedelta(hours=5 * hours)
        yield {"at": at, "title": title, "body": body, "tone": tone, "icon": icon}


def _table():
    columns = [
        {"label": _("Contract"), "kind": "mono"},
        {"label": _("Lessee"), "kind": "text"},
        {"label": _("Balance"), "kind": "num"},
        {"label": _("Status"), "kind": "pill"},
        {"label": _("Matures"), "kind": "date"},
    ]
    rows = [
        ["AD-2025-00017", "李娜", "¥128,400.00", "current", dt.date(2028, 3, 5)],
        ["AD-2025-00018", "Shenzhen Qianhai Car Rental Co.", "¥84,120.55", "delinquent", None],
        ["AD-2024-11902", "王伟", "¥9,310.07", "defaulted", dt.date(2026, 12, 20)],
    ]
    return columns, rows


def _context():
    columns, rows = _table()
    form = SampleForm({"vin": "LSVAB4BR0EN123457", "province": "44", "note": "", "agreed": "on"})
    problem = Invalid(
        errors=[
            FieldError(
                "vin",
                "vin_check_digit",
                _("The check digit does not fit the other characters."),
                _("Compare the ninth character with the certificate."),
            )
        ]
    )
    steps = [(_("Requested"), "done"), (_("Due diligence"), "done"), (_("Committee"), "current")]
    steps += [(_("Packaging"), "todo"), (_("Purchase"), "todo")]
    return {
        "charts": _charts(),
        "columns": columns,
        "rows": rows,
        "form": form,
        "filter_form": SampleFilter(),
        "mends": {"starts_on": _("Write it as year-month-day, for instance 2026-04-05.")},
        "problem": problem,
        "events": list(_events()),
        "steps": [{"label": label, "state": state} for label, state in steps],
        "statuses": ["pending", "approved", "revoked", "delinquent", "pledged", "draft"],
        "tabs": [
            {"label": _("Assets"), "url": "#", "active": True, "count": 50214},
            {"label": _("Cash flow"), "url": "#", "active": False, "count": None},
            {"label": _("Tranches"), "url": "#", "active": False, "count": 3},
        ],
        "page_obj": Paginator(range(240), 25).get_page(2),
        "proof_steps": [
            {"side": side, "sibling": mark * 32, "combined": mark[::-1] * 32}
            for side, mark in (("left", "a7"), ("right", "3c"), ("left", "91"))
        ],
        "leaf": "e1" * 32,
        "root": "5b" * 32,
        "provinces": _PROVINCES,
        "facts": [(_("Term"), "36"), (_("Rate a year"), "6.85%"), (_("Residual"), "¥1.00")],
        "moment": _MOMENT,
        "rate": Decimal("0.0685"),
        "swatches": ["accent", "info", "success", "warning", "danger"],
    }


@open_to_all
def gallery(request):
    """Shows every component; the browser test looks at it in both languages and themes."""
    return render(request, "ui/gallery.html", _context())
