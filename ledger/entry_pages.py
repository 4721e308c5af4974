"""Pages of one entry, of this log or of a copy: its content in words, its proof, its items."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger import explorer, selectors, unreadable
from ledger.batches import TAPE, HeldBatch, copied_batch, own_batch, tape_row
from ledger.core.canonical import canonical_bytes
from ledger.core.erasures import SHOWN
from ledger.core.leaves import Leaf
from ledger.disclosing import may_disclose
from ledger.erasing import copied_erasure, own_erasure
from ledger.exchange import selectors as exchange
from ledger.explorer import Explained
from ledger.field_words import Shower
from ledger.log_keys import own_handovers
from ledger.models import Entry, ReplicaEntry
from ledger.own_words import leaf_label
from ledger.problems import (
    EntryUnreadable,
    KeyFileDamaged,
    LogLost,
    NoSuchEntry,
    PayloadErased,
    PayloadMissing,
    PayloadUnreadable,
)
from ledger.proving import verifying
from ledger.services.published_keys import is_log_lost
from ledger.views import page_of, replica_of
from tenants.access import has_permission
from tenants.models import Tenant
from tenants.permissions import Permission
from tenants.templatetags.ui import institution
from tenants.web import require

ITEMS_PAGE = 25
#: So many items of a batch stand on its entry's page, unless opening it all takes too long.
FIRST_ITEMS = 5
OPENED_AT_ONCE = 50_000


def _may_read(request, kind: str) -> bool:
    """Whether a person reads contents; entries of keys and erasures are open to all readers."""
    return kind in SHOWN or has_permission(request.user, request.tenant, Permission.VIEW_PAYLOADS)


def _opened(read) -> dict[str, object]:
    """What `read` answers, or why there is nothing."""
    try:
        return read()
    except (PayloadErased, PayloadMissing) as problem:
        return {"withheld": problem.text("title", _)}
    except (PayloadUnreadable, KeyFileDamaged) as problem:
        return {"withheld": f"{problem.text('title', _)} {problem.text('mend', _)}"}


def _content(request, leaf: Leaf, read) -> dict[str, object]:
    """The fields in words and as they were signed, or why there are none."""
    kind = leaf.core.kind
    if not _may_read(request, kind):
        return {"withheld": _("Your role sees the proof of this entry, not its content.")}

    def shown() -> dict[str, object]:
        fields = read()
        signed = [canonical_bytes([name, fields[name]]).decode() for name in sorted(fields)]
        return {
            "fields": Shower(request.tenant).fields(kind, fields),
            "signed": "\n".join(signed),
        }

    return _opened(shown)


def _items(request, leaf: Leaf, open_batch, address: str) -> dict[str, object]:
    """The first items of a batch, for its entry's page."""
    core = leaf.core
    if core.items_root is None or core.kind == TAPE:
        return {}
    if not _may_read(request, core.kind):
        return {"items_count": core.items_count}
    if core.items_count > OPENED_AT_ONCE:
        return {"items_count": core.items_count, "items_url": address}

    def first() -> dict[str, object]:
        batch, shower = open_batch(), Shower(request.tenant)
        return {
            "items": [
                (one.place, shower.fields(core.kind, one.fields)) for one in batch[:FIRST_ITEMS]
            ],
            "items_held": len(batch),
            "items_url": address if len(batch) else "",
        }

    found = _opened(first)
    found["items_withheld"] = found.pop("withheld", "")
    return {"items_count": core.items_count, **found}


def _rows(leaf: Leaf, index: int, source: UUID | None) -> dict[str, object]:
    """The rows of a tape, which are the entries that follow it; or a row's place in its tape."""
    if leaf.core.kind != TAPE:
        row = tape_row(index, leaf, source)
        return {"tape_row": row, "tape_url": row and _entry_url(row.tape, source)}
    rows = Entry.objects if source is None else ReplicaEntry.objects.filter(source=source)
    first, count = index + 1, leaf.core.items_count
    held = rows.filter(index__gte=first, index__lt=first + count).order_by("index")
    return {
        "rows_count": count,
        "rows": [(at, _entry_url(at, source)) for at in held.values_list("index", flat=True)[:20]],
        "rows_last": first + count - 1,
        "rows_last_url": _entry_url(first + count - 1, source),
    }


def _entry_url(index: int, source: UUID | None) -> str:
    if source is None:
        return reverse("ledger-entry", args=[index])
    return reverse("ledger-copy-entry", args=[source, index])


def _explained(explained: Explained, handovers: Sequence[Mapping[str, str]]) -> dict[str, object]:
    leaf = [(leaf_label(name), name, value) for name, value in explained.members]
    return {
        "explained": explained,
        "leaf_members": leaf,
        "log_key": explained.log_key.vkey(),
        "log_origin": explained.log_key.name,
        **verifying(handovers),
    }


@require(Permission.VIEW_LEDGER)
def entry(request, index):
    """One entry: leaf, proof path, verdict, content for those who may see it."""
    crumbs = [{"label": _("Ledger"), "url": reverse("ledger")}]
    try:
        explained = explorer.explain_own(index)
    except NoSuchEntry as problem:
        raise (LogLost() if is_log_lost() else problem) from None
    except EntryUnreadable as problem:
        shown = {
            "crumbs": crumbs,
            "leaf_url": reverse("ledger-leaf", args=[index]),
            "check_url": reverse("ledger"),
            "may_check": has_permission(request.user, request.tenant, Permission.SEAL_CHECKPOINT),
        }
        return unreadable.page(request, selectors.entry(index), problem, context=shown)
    leaf = explained.leaf
    items_url = reverse("ledger-items", args=[index])
    context = {
        **_explained(explained, own_handovers()),
        **own_erasure(request, index, leaf.core.kind),
        "may_disclose": may_disclose(request) and explained.valid,
        "proof_url": reverse("ledger-proof", args=[index]),
        "leaf_url": reverse("ledger-leaf", args=[index]),
        "crumbs": crumbs,
        **_content(request, leaf, lambda: selectors.payload(index)),
        **_items(request, leaf, lambda: own_batch(index), items_url),
        **_rows(leaf, index, None),
    }
    return render(request, "ledger/entry.html", context)


@require(Permission.VIEW_LEDGER)
def copy_entry(request, source, index):
    """One entry of a copy, proven from the copy alone."""
    replica = replica_of(source)
    try:
        explained = explorer.explain_copy(source, index)
    except EntryUnreadable as problem:
        row = ReplicaEntry.objects.get(source=source, index=index)
        shown = {
            "crumbs": _copy_crumbs(source),
            "leaf_url": reverse("ledger-copy-leaf", args=[source, index]),
            "check_url": reverse("ledger-copies"),
            "of": Tenant.objects.get(pk=source),
        }
        return unreadable.page(request, row, problem, source=source, context=shown)
    leaf = explained.leaf
    erased = copied_erasure(source, index)

    def check_held():
        if erased and erased["erasure"].held:
            raise PayloadErased

    def read():
        check_held()
        found = exchange.replica_payloads(source, [index]).get(index)
        return {} if found is None else dict(found.fields)

    def open_batch():
        check_held()
        return copied_batch(source, index)

    context = {
        **_explained(explained, exchange.handovers_of(replica)),
        **erased,
        "proof_url": reverse("ledger-copy-proof", args=[source, index]),
        "leaf_url": reverse("ledger-copy-leaf", args=[source, index]),
        "of": Tenant.objects.get(pk=source),
        "crumbs": _copy_crumbs(source),
        **_content(request, leaf, read),
        **_items(
            request,
            leaf,
            open_batch,
            reverse("ledger-copy-items", args=[source, index]),
        ),
        **_rows(leaf, index, source),
    }
    return render(request, "ledger/entry.html", context)


def _copy_crumbs(source: UUID) -> list[dict[str, str]]:
    return [
        {"label": _("Ledger"), "url": reverse("ledger")},
        {"label": _("Copies"), "url": reverse("ledger-copies")},
        {
            "label": institution(Tenant.objects.get(pk=source)),
            "url": reverse("ledger-copy", args=[source]),
        },
    ]


# -- items ------------------------------------------------------------------------------------


def _items_page(request, index: int, kind: str, batch: HeldBatch, crumbs, names, args):
    if not _may_read(request, kind):
        raise PermissionDenied(Permission.VIEW_PAYLOADS)
    page, shower = page_of(request, batch, ITEMS_PAGE), Shower(request.tenant)
    context = {
        "index": index,
        "kind": kind,
        "page_obj": page,
        "held": len(batch),
        "count": batch.count,
        "rows": [
            {
                "number": one.place + 1,
                "url": reverse(names[1], args=[*args, one.place]),
                "fields": shower.fields(kind, one.fields),
            }
            for one in page
        ],
        "crumbs": crumbs,
    }
    return render(request, "ledger/items.html", context)


def _item_page(request, index: int, kind: str, batch: HeldBatch, place: int, crumbs):
    if not _may_read(request, kind):
        raise PermissionDenied(Permission.VIEW_PAYLOADS)
    proven = batch.prove(place)
    context = {
        "index": index,
        "kind": kind,
        "proven": proven,
        "number": place + 1,
        "fields": Shower(request.tenant).fields(kind, proven.item.fields),
        "crumbs": crumbs,
    }
    return render(request, "ledger/item.html", context)


def _entry_crumb(index: int, source: UUID | None) -> dict[str, str]:
    return {"label": _("Entry %(index)s") % {"index": index}, "url": _entry_url(index, source)}


def _own_crumbs(index: int) -> list[dict[str, str]]:
    return [{"label": _("Ledger"), "url": reverse("ledger")}, _entry_crumb(index, None)]


@require(Permission.VIEW_LEDGER)
def items(request, index):
    """The items of a batch of this log."""
    kind = selectors.entry(index).kind
    names = ("ledger-items", "ledger-item")
    return _items_page(request, index, kind, own_batch(index), _own_crumbs(index), names, [index])


@require(Permission.VIEW_LEDGER)
def item(request, index, place):
    """One item with its path to the root that the entry signs."""
    kind = selectors.entry(index).kind
    crumbs = _own_crumbs(index)
    crumbs.append({"label": _("Items"), "url": reverse("ledger-items", args=[index])})
    return _item_page(request, index, kind, own_batch(index), place, crumbs)


@require(Permission.VIEW_LEDGER)
def copy_items(request, source, index):
    """What was shared of a batch of another's log."""
    batch, kind = _copied(source, index)
    crumbs = [*_copy_crumbs(source), _entry_crumb(index, source)]
    names = ("ledger-copy-items", "ledger-copy-item")
    return _items_page(request, index, kind, batch, crumbs, names, [source, index])


@require(Permission.VIEW_LEDGER)
def copy_item(request, source, index, place):
    """One shared item with its path."""
    batch, kind = _copied(source, index)
    crumbs = [*_copy_crumbs(source), _entry_crumb(index, source)]
    url = reverse("ledger-copy-items", args=[source, index])
    crumbs.append({"label": _("Items"), "url": url})
    return _item_page(request, index, kind, batch, place, crumbs)


def _copied(source: UUID, index: int) -> tuple[HeldBatch, str]:
    replica_of(source)
    batch = copied_batch(source, index)
    return batch, ReplicaEntry.objects.get(source=source, index=index).kind
