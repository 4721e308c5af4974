"""The trust page of the explorer: policy, witnesses that are asked, logs that are witnessed."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ledger import selectors, vault
from ledger.core.notes import NoteKey
from ledger.exchange.convictions import convicted_logs
from ledger.log_keys import own_reigns
from ledger.models import Restoration, Witness, WitnessedLog, WitnessWord
from ledger.services.published_keys import cosigner_name
from ledger.tabs import tabs
from ledger.witnessing.forms import PolicyForm, WitnessForm
from ledger.witnessing.hearing import addresses, cosigned_sizes
from ledger.witnessing.trust import policy_text, set_policy, set_text, standings
from tenants import clock
from tenants.access import has_permission
from tenants.models import PublishedKey, Tenant
from tenants.permissions import Permission
from tenants.templatetags.ui import institution
from tenants.web import require


def _page(request, *, status=200, **forms):
    head, checkpoint = selectors.head(), selectors.latest_checkpoint()
    restored = Restoration.objects.filter(by_us=True, state=Restoration.State.TAKEN)
    witnessed = _witnessed()
    context = {
        "tabs": tabs("ledger-trust"),
        "restored": restored.order_by("-pk").first(),
        "head": head,
        "checkpoint": checkpoint,
        "standing": standings([checkpoint])[checkpoint.size] if checkpoint else None,
        "witnesses": Witness.objects.order_by("label"),
        "words": _words(),
        "witnessed": witnessed,
        "has_forgotten": not witnessed or any(not row.size for _name, row, _convicted in witnessed),
        "address": request.build_absolute_uri("/witness"),
        "reigns": own_reigns() if head else [],
        "cosigner_keys": _cosigner_keys(head) if head else [],
        "is_default": not set_text(),
        "policy": policy_text() if head else "",
        "may_change": has_permission(request.user, request.tenant, Permission.SEAL_CHECKPOINT),
        "policy_form": PolicyForm(initial={"text": policy_text() if head else ""}),
        "witness_form": WitnessForm(),
    }
    return render(request, "ledger/trust.html", context | forms, status=status)


def _words() -> list[tuple[str, WitnessWord, int]]:
    """What was heard before the log was signed last, with names in the reader's language, and how
    much each has cosigned since (0: no more than it told).
    """
    names, cosigned = addresses(), cosigned_sizes()
    found = []
    for word in WitnessWord.objects.order_by("name", "url"):
        size = cosigned.get(word.url, 0)
        since = size if size > (word.size or 0) else 0
        found.append((names.get(word.url, word.name), word, since))
    return found


def _witnessed() -> list[tuple[str, WitnessedLog, bool]]:
    """Logs that are cosigned here, each with whose it is (empty for one outside), and whether none
    is cosigned any more because it was convicted.
    """
    owners, convicted = Tenant.objects.in_bulk(), convicted_logs()
    return [
        (institution(owners.get(row.source)), row, row.origin in convicted)
        for row in WitnessedLog.objects.order_by("origin")
    ]


def _cosigner_keys(head) -> list[dict[str, object]]:
    """Published keys to cosign with, each with what it still does; what signs now stands first."""
    published = PublishedKey.objects.filter(
        purpose=PublishedKey.COSIGNER, key__startswith=f"{cosigner_name(head)}+"
    )
    newest, held = set(), set()
    for name in (vault.COSIGNER, vault.COSIGNER_MLDSA):
        keys = [bytes(row.public_key) for row in vault.held(name)]
        newest.update(keys[:1])
        held.update(keys)
    words = (_("current"), _("being replaced, signs until it is retired"), _("replaced"))
    found = []
    for text in published.order_by("pk").values_list("key", flat=True):
        key = NoteKey.parse(text)
        rank = 0 if key.public in newest else 1 if key.public in held else 2
        found.append({"key": key, "rank": rank, "word": words[rank]})
    return sorted(found, key=lambda item: item["rank"])


@require(Permission.VIEW_LEDGER)
def trust(request):
    """Whom this log asks, whom it trusts, and whose logs are witnessed here."""
    return _page(request)


@require_POST
@require(Permission.SEAL_CHECKPOINT)
def policy(request):
    """Set the trust policy."""
    form = PolicyForm(request.POST)
    if selectors.head() is None or not form.is_valid():
        return _page(request, status=422, policy_form=form)
    set_policy(text=form.cleaned_data["text"], by=request.user.pk, at=clock.now())
    if set_text():
        messages.success(request, _("The trust policy is set."))
    else:
        messages.success(request, _("No policy of your own is set any more: the default counts."))
    return redirect("ledger-trust")


@require_POST
@require(Permission.SEAL_CHECKPOINT)
def add_witness(request):
    """Ask one more witness from the next quarter of a minute on."""
    form = WitnessForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, witness_form=form)
    Witness.objects.create(**form.cleaned_data, added_by=request.user.pk)
    if set_text():
        messages.success(request, _("The witness is asked from now on."))
    else:
        told = _(
            "The witness is asked from now on. Until it has cosigned a checkpoint, none meets the "
            "default policy."
        )
        messages.warning(request, told)
    return redirect(reverse("ledger-trust"))


@require_POST
@require(Permission.SEAL_CHECKPOINT)
def remove_witness(request, pk):
    """Ask a witness no longer; what it cosigned stays."""
    deleted, _rows = Witness.objects.filter(pk=pk).delete()
    if not deleted:
        raise Http404
    messages.success(request, _("The witness is asked no longer. What it cosigned stays."))
    return redirect("ledger-trust")
