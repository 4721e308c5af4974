"""Pages on which the reader's own browser verifies, and the raw bytes that they verify."""

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger import selectors
from ledger.core.encoding import b64
from ledger.core.title_keys import TitleKeys
from ledger.exchange import selectors as exchange
from ledger.field_words import catalogue
from ledger.log_keys import own_handovers, own_log_keys, replaced_keys
from ledger.models import Checkpoint
from ledger.problems import NoSuchEntry
from ledger.tabs import tabs
from ledger.titles.told import told_keys
from ledger.verdict_words import part_words, refusal_words
from ledger.wording import kinds_in_words
from tenants.formatting import SYMBOLS
from tenants.money import DEFAULT_CURRENCY, EXPONENTS
from tenants.permissions import Permission
from tenants.web import open_to_all, require

#: So many checkpoints are offered to choose from, the newest.
OFFERED = 200


def words() -> dict[str, str]:
    """What the verifying script says."""
    return {
        "working": _("Verifying in this browser …"),
        "proven": _("Verified here, in this browser"),
        "entry": _("Entry {index} stands under the root of {size} entries, computed here."),
        "extends": _("The log of {second} entries extends the log of {first}, computed here."),
        "bundle": _("{entries} entries, {signatures} signatures, {checkpoints} checkpoints."),
        "bundle_tapes": _(
            "{entries} entries: {signatures} signed one by one, {tapeRows} rows of signed tapes; "
            "{checkpoints} checkpoints."
        ),
        "shown": _(
            "These fields are of entry {index} ({type}), signed {ts}, in a log of {size} entries; "
            "{hidden} others stay hidden. An approved key of that log signed them."
        ),
        "shown_not": _(
            "Not proven: that the signer's key was not revoked just before, that no later entry "
            "corrects this one, and that no hidden field has the name of one that is shown."
        ),
        "cosigned": _(
            "Cosigned by keys that the file calls {names}; whose they are is not checked."
        ),
        "cosigned_pinned": _("Cosigned by witnesses that your policy names: {names}."),
        "policy_met": _("The cosignatures meet your policy."),
        "policy_unmet": _("Fewer witnesses cosigned than your policy asks for"),
        "policy_unmet_mend": _(
            "The institution may show others another log. Ask it for a file made later, under a "
            "checkpoint that meets your policy."
        ),
        "bad_policy": _("Nothing was verified: the policy cannot be read. {why}."),
        "policy_line": _("Line {line}: {why}"),
        "policy_other_log": _(
            "Your policy names other logs, and not this one: {name}. Type its key, or take the "
            "policy that is for it."
        ),
        "unpinned": _("Holds together, but no key is pinned"),
        "unpinned_mend": _(
            "The key came with what was verified. Pin the one you got from the institution."
        ),
        "log_name": _("The log, as the file names it"),
        "log_key": _("Its key in the file, to compare"),
        "pinned": _("The key that you pinned signed it."),
        "both": _(
            "The key that you pinned signed it; so did the one that replaced it, as the platform's "
            "directory says."
        ),
        "led": _("The key that you pinned handed over to the one that signed it."),
        "lie": _("This is not true"),
        "lie_at": _("{where}, {part}: {why}."),
        "lie_bytes": _("{where}: {why}."),
        "at_entry": _("entry {number}"),
        "at_after": _("after {number} entries"),
        "at_checkpoint": _("checkpoint of {number} entries"),
        "at_block": _("block from entry {number}"),
        "at_file": _("the file"),
        "changed": _("The log's key is not the one that you pinned"),
        "changed_mend": _(
            "A log changes its key now and then: an older or a newer key of this log may have "
            "signed it. Ask the institution before you believe it."
        ),
        "older": _("Signed by a key that handed over to the one that you pinned"),
        "older_mend": _(
            "An older key of this log does so; but whoever stole an old key, or made one up, could "
            "have made this. Ask for newer material, or pin the older key as the institution gave "
            "it to you."
        ),
        "replaced": _("Signed by a key that another one has replaced, since entry {index}"),
        "replaced_mend": _(
            "So says the platform's directory. What the old key signed before stays valid; but "
            "whoever stole it since could have made this, too. Ask the institution for a newer one."
        ),
        "beyond": _("Signed by a key that did not sign this log any more"),
        "beyond_mend": _(
            "The platform's directory says that another key had replaced it before the log was as "
            "long as this says. Do not believe it; ask the institution."
        ),
        "minor_units": _("{amount} of the currency's smallest unit; the currency stays hidden"),
        "failed": _("The bytes could not be fetched"),
        "leaf_missing": _("A proof file and the entry's leaf belong together: choose both files."),
        "title_free": _("Nobody held {right} on {identifier}."),
        "title_taken": _("Somebody held {right} on {identifier}; by whom is not told."),
        "title_held": _("{holder} held {right} on {identifier} ({state}), since epoch {since}."),
        "title_many": _(
            "Of {all} rights nobody held {free}; {taken} were held by somebody who is not told; "
            "{held} were held by whom the proof names: {holders}."
        ),
        "title_epoch": _(
            "That was so in epoch {epoch} of the title registry's map, sealed {sealedAt}, in which "
            "{rights} rights stood. Entry {index} of a log of {size} entries names its root."
        ),
        "title_not": _("Not proven: later epochs."),
        "title_key_file": _("The registry's key in the file"),
        "title_key_own": _("The platform's key of that epoch, as it publishes"),
        "title_key_since": _("It signs since epoch {since}."),
        "title_key_none": _("none yet: whether the file's is the platform's is not checked"),
        "title_key_same": _(
            "Both keys are the same, says this platform. Compare with what you got on another way."
        ),
        "title_key_other": _("The registry's key in the file is not this platform's"),
        "title_key_other_mend": _(
            "Whoever wrote the log can have made up this registry. Do not rely on what the file "
            "says of rights; ask the institution, and the platform's operators."
        ),
        "right_receivables": _("the receivables"),
        "right_ownership": _("the ownership"),
        "right_mortgage": _("the mortgage"),
        "right_residual": _("the residual value"),
        "read": _("{share} read"),
        "way_old": _("The earlier log, {size} entries"),
        "way_new": _("The later log, {size} entries"),
        "climb_whole": _("The earlier root: that whole log is one branch of the later one"),
        "climb_start": _("A branch that both logs share, from the proof"),
        "climb_both": _("A branch to the left, older: hashed into both"),
        "climb_new": _("A branch to the right, newer: hashed into the later log alone"),
        "climb_roots": _("Both come out as the roots that the log's key signed"),
        "climb_same": _("The same root"),
        "no_size": _("A proof leads from one checkpoint to a later one."),
        "saved": _("Remembered in this browser"),
        "bad_key": _("This is no verifier key"),
        "bad_key_mend": _("Nothing was verified with it. Correct the key, or empty the field."),
        "other_log": _("This key is of another log: {name}"),
        "unfit": _("This file cannot be checked"),
        "unreadable": _("It cannot be read: it is a folder, or went away or changed meanwhile."),
        "no_kind": _(
            "It is no ledger export, no disclosure, no proof file and no title proof. A trust "
            "policy has a field of its own."
        ),
        "proof_unpinned": _(
            "A proof file brings no key: the signature was not verified. Pin the log's key, as the "
            "institution gave it to you."
        ),
    }


def verifying(
    handovers: Sequence[Mapping[str, str]] = (), **beside: object
) -> dict[str, dict[str, object]]:
    """What every page with the verifying script needs in its context.

    `handovers`: changes of the key of the log that the page shows (`log_keys.as_told`).
    """
    facts = {
        "words": words(),
        "refusals": refusal_words(),
        "parts": part_words(),
        "mlDsa": static("vendor/noble-post-quantum/ml-dsa.js"),
        "handovers": list(handovers),
        **beside,
    }
    return {"verify_facts": facts}


def _offered() -> QuerySet[Checkpoint]:
    return Checkpoint.objects.order_by("-size").defer("note")[:OFFERED]


def _chosen(request, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


@require(Permission.VIEW_LEDGER)
def consistency(request):
    """Two checkpoints, and the proof that the later log extends the earlier."""
    offered = list(_offered())
    first, second = _chosen(request, "first"), _chosen(request, "second")
    if first is None and second is None and len(offered) > 1:
        first, second = offered[1].size, offered[0].size
    head = selectors.head()
    chosen = {size for size in (first, second) if size is not None}
    beyond = Checkpoint.objects.filter(size__in=chosen - {row.size for row in offered})
    offered += beyond.order_by("-size").defer("note")
    context = {
        "unknown": not chosen <= {row.size for row in offered},
        "tabs": tabs("ledger-consistency"),
        "offered": offered,
        "first": first,
        "second": second,
        "origin": head.origin if head else "",
        "data_url": reverse("ledger-consistency-proof") + f"?first={first}&second={second}",
        "wrong_order": first is not None and second is not None and first > second,
        **verifying(own_handovers()),
    }
    return render(request, "ledger/consistency.html", context)


@require(Permission.VIEW_LEDGER)
def consistency_proof(request):
    """Both signed checkpoints and the hashes between them, for the reader's own verifier."""
    sizes = [_chosen(request, "first"), _chosen(request, "second")]
    rows = {row.size: row for row in Checkpoint.objects.filter(size__in=[s for s in sizes if s])}
    first, second = (rows.get(size or 0) for size in sizes)
    if first is None or second is None or first.size > second.size:
        raise NoSuchEntry(detail=_("There are no two such checkpoints, the earlier first."))
    return JsonResponse(
        {
            "first": selectors.signed_note(first).decode(),
            "second": selectors.signed_note(second).decode(),
            "proof": [b64(node) for node in selectors.consistency_proof(first.size, second.size)],
            "log_keys": [own_log_keys().at(row.size).vkey() for row in (first, second)],
        }
    )


@require(Permission.VIEW_LEDGER)
def leaf(request, index):
    """An entry's leaf bytes."""
    return _bytes(bytes(selectors.entry(index).leaf), f"entry-{index}.leaf")


@require(Permission.VIEW_LEDGER)
def copy_leaf(request, source, index):
    """The leaf bytes of an entry of a copy."""
    row = exchange.replica_entries(source).filter(index=index).first()
    if row is None:
        raise NoSuchEntry(detail="The copy has no entry %(index)s.", params={"index": index})
    return _bytes(bytes(row.leaf), f"copy-{index}.leaf")


def _bytes(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require(Permission.VIEW_LEDGER)
def verify(request):
    """A file of the reader's, verified without leaving the browser."""
    _host, colon, port = request.get_host().partition(":")
    outside = f"{request.scheme}://{settings.PLATFORM_DOMAIN}{colon}{port}/verify/"
    context = {"tabs": tabs("ledger-verify"), "outside": outside}
    return render(request, "ledger/verify.html", context | _verifying_files(own_handovers()))


@open_to_all
def verify_for_anyone(request):
    """The same for whoever has no account, on the platform's host: it knows no institution."""
    return render(request, "ledger/verify.html", _verifying_files())


def _verifying_files(
    handovers: Sequence[Mapping[str, str]] = (),
) -> dict[str, dict[str, object]]:
    title_keys = told_keys()
    money = {"standard": DEFAULT_CURRENCY, "symbols": SYMBOLS, "exponents": EXPONENTS}
    return verifying(
        handovers,
        fields=catalogue(),
        kinds=kinds_in_words(),
        money=money,
        replaced=replaced_keys(),
        titleKeys=[] if title_keys is None else _title_reigns(title_keys),
    )


def _title_reigns(keys: TitleKeys) -> list[dict[str, object]]:
    """The registry's keys, oldest first, each with the epoch since which it signs."""
    return [{"key": key.vkey(), "since": max(since, 1)} for since, key in keys.reigns]
