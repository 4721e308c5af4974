"""The page on which a person erases the content of an entry, and what entries say of it after."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger import selectors
from ledger.core.erasures import SHOWN
from ledger.core.keys import KeyRole
from ledger.exchange.erasing import erase_record
from ledger.exchange.selectors import answers_to
from ledger.models import Entry, Erasure, Outbox, Payload, ReplicaErasure, SigningKey
from ledger.problems import NotErasable, PayloadErased
from ledger.wording import ERASURE_REASONS, erasure_reason
from tenants import clock
from tenants.access import has_permission
from tenants.models import Tenant
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.web import require

#: So many days without an answer are told as silence.
SILENT_DAYS = 3


class ErasureForm(forms.Form):
    """Why, and the entry's number typed by hand, because it cannot be undone."""

    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=ERASURE_REASONS.items())
    confirm = forms.CharField(
        label=gettext_lazy("Type the number of the entry"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )

    def __init__(self, index: int, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._index = index

    def clean_confirm(self) -> str:
        """The very number."""
        if self.cleaned_data["confirm"].strip().replace(",", "") != str(self._index):
            raise forms.ValidationError(
                _("This is not the number of the entry; nothing was erased.")
            )
        return self.cleaned_data["confirm"]


@require(Permission.ERASE_PAYLOAD)
def erase(request, index):
    """Ask for reason and confirmation, then erase."""
    entry = selectors.entry(index)
    if (refused := _refusal(entry)) is not None:
        context = {"entry": entry, "refused": refused, "crumbs": _crumbs(index)}
        return render(request, "ledger/erase.html", context, status=refused.status)
    form = ErasureForm(index, request.POST if request.method == "POST" else None)
    problem = None
    if request.method == "POST" and form.is_valid():
        try:
            erase_record(
                index=index,
                reason=form.cleaned_data["reason"],
                by=request.user.pk,
                at=clock.now(),
            )
        except Problem as refused:
            problem = refused
        else:
            messages.success(
                request,
                _("The content is erased; counterparties are told with their next parcels."),
            )
            return redirect("ledger-entry", index)
    status = problem.status if problem else (422 if form.errors else 200)
    context = {
        "entry": entry,
        "form": form,
        "problem": problem,
        "from_phone": SigningKey.objects.filter(kid=entry.kid, role=KeyRole.DEVICE).exists(),
        "receivers": Outbox.objects.count(),
        "crumbs": _crumbs(index),
    }
    return render(request, "ledger/erase.html", context, status=status)


def _refusal(entry: Entry) -> Problem | None:
    """Why there is nothing to ask for; None where the content can be erased."""
    if entry.kind in SHOWN:
        return NotErasable()
    is_gone = Payload.objects.filter(index=entry.index, erased_at__isnull=False).exists()
    return PayloadErased() if is_gone else None


def _crumbs(index: int) -> list[dict[str, str]]:
    at = reverse("ledger-entry", args=[index])
    return [
        {"label": _("Ledger"), "url": reverse("ledger")},
        {"label": _("Entry %(index)s") % {"index": index}, "url": at},
    ]


@dataclass(frozen=True)
class AtCounterparty:
    """Where an erasure stands at one counterparty."""

    to: Tenant | None
    state: str  # waits, asked, silent, erased, never
    since: datetime


def own_erasure(request, index: int, kind: str) -> dict[str, object]:
    """Context of an entry's page: what was erased, where it stands, or whether one may."""
    erasure = Erasure.objects.filter(index=index).first()
    if erasure is None:
        may = has_permission(request.user, request.tenant, Permission.ERASE_PAYLOAD)
        return {"may_erase": may and kind not in SHOWN}
    names = {tenant.pk: tenant for tenant in Tenant.objects.all()}
    by = erasure.erased_by and _person(erasure.erased_by)
    return {
        "erasure": erasure,
        "erasure_reason": erasure_reason(erasure.reason),
        "erasure_by": by,
        "told_url": reverse("ledger-entry", args=[erasure.told_by]),
        "standings": _standings(erasure, names, clock.now()),
    }


def _person(pk: UUID) -> str:
    from django.contrib.auth import get_user_model

    person = get_user_model().objects.filter(pk=pk).first()
    return str(person) if person else str(pk)


def _standings(erasure: Erasure, names: dict[UUID, Tenant], now: datetime) -> list[AtCounterparty]:
    answers, found = answers_to(erasure.index), []
    for outbox in Outbox.objects.order_by("to_tenant"):
        state, since = "waits", erasure.erased_at
        if (said := answers.get(outbox.to_tenant)) is not None:
            state, since = ("erased" if said.held else "never"), said.erased_at
        elif outbox.cursor > erasure.told_by:
            state = "silent" if (now - since).days >= SILENT_DAYS else "asked"
        found.append(AtCounterparty(names.get(outbox.to_tenant), state, since))
    return found


def copied_erasure(source: UUID, index: int) -> dict[str, object]:
    """Context of a copied entry's page."""
    erasure = ReplicaErasure.objects.filter(source=source, index=index).first()
    if erasure is None:
        return {}
    return {
        "erasure": erasure,
        "erasure_reason": erasure_reason(erasure.reason),
        "told_url": reverse("ledger-copy-entry", args=[source, erasure.told_by]),
        "copied": True,
    }
