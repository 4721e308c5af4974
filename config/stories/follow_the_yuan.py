"""One lessee's payment, from the bank line to the unit; then back-dated, then taken back."""

from datetime import timedelta

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from config.stories import paid_by_the_pool
from config.stories.paid_by_the_pool import Followed, followed, not_yet
from config.stories.probes import inside, now, only_a_try, read_once, today
from config.stories.telling import Fact, Page, Story, StoryStep
from ledger.exchange.selectors import replica_entries, replica_items, replica_proof_file
from ledger.models import Entry
from origination.domain.schedule import schedule, terms_of
from origination.domain.servicing.events import EventKind
from origination.domain.servicing.events import PaymentEvent as Event
from origination.domain.servicing.position import Allocation
from origination.domain.servicing.replay import allocate_payments
from origination.models import Lease, PaymentEvent
from origination.services import record_payment, reverse_payment
from tenants.formatting import full_money
from tenants.models import Tenant
from tenants.money import Money

_REFERENCE = "STORY-BACK-DATED"


@read_once
def _in_a_pool() -> Followed | None:
    """A rent that a purchased pool has counted, where there is one."""
    source = Tenant.objects.get(schema_name="anda").pk
    return inside("trust", lambda: followed(source))


@read_once
def lessee() -> Lease | None:
    """Inside Anda: whose rent a pool counted; else a running lease paid by plain rents alone."""
    one = _in_a_pool()
    if one is not None:
        return Lease.objects.filter(rid=one.rid).first()
    rents = Count("payments", filter=Q(payments__kind="rent"))
    others = Count("payments", filter=~Q(payments__kind="rent"))
    running = Lease.objects.filter(maturity_on__gt=today())
    paid = running.annotate(rents=rents, others=others).filter(rents__gte=6, others=0)
    return paid.order_by("contract_number").first()


def line_of(lease: Lease) -> PaymentEvent:
    """The line that a pool counted; else the lease's newest one."""
    one = _in_a_pool()
    if one is not None and one.rid == lease.rid:
        return lease.payments.get(bank_reference=one.reference)
    return lease.payments.order_by("-effective_at", "-bank_reference")[0]


def standing(lease: Lease) -> Allocation:
    """The lease's books, derived from its bank lines as they stand at this moment."""
    events = [
        Event(
            reference=row.bank_reference,
            kind=EventKind(row.kind),
            amount_minor=row.amount_minor,
            effective_at=row.effective_at,
            known_at=row.known_at,
            reverses=row.reverses,
        )
        for row in lease.payments.all()
    ]
    receivables = schedule(terms_of(lease.record))
    return allocate_payments(receivables, events, as_of=today(), known_at=now())


def _money(minor: int) -> str:
    return full_money(Money.from_minor(minor, "CNY"))


def _bank_line() -> list[Fact]:
    lease = lessee()
    if lease is None:
        return [Fact(_("A paying lessee"), _("none yet"), holds=False)]
    line = line_of(lease)
    return [
        Fact(_("Contract"), lease.contract_number),
        Fact(_("Bank reference"), line.bank_reference),
        Fact(_("Amount"), _money(line.amount_minor)),
        Fact(_("Booked on"), line.effective_at.date().isoformat()),
        Fact(_("Ledger entry"), line.entry_index),
    ]


def _allocated() -> list[Fact]:
    lease = lessee()
    if lease is None:
        return [Fact(_("A paying lessee"), _("none yet"), holds=False)]
    line = line_of(lease)
    parts = [part for part in standing(lease).lines if part.reference == line.bank_reference]
    interest = sum(part.interest_minor for part in parts)
    principal = sum(part.principal_minor for part in parts)
    excess = sum(part.excess_minor for part in parts)
    whole = interest + principal + excess == line.amount_minor
    return [
        Fact(_("Interest"), _money(interest)),
        Fact(_("Principal"), _money(principal)),
        Fact(_("Together"), _money(interest + principal + excess), holds=whole),
    ]


def _in_the_copy() -> list[Fact]:
    """Inside the trust: the same line, from entries that were verified on arrival."""
    found = inside("anda", lambda: (lessee(), Tenant.objects.get(schema_name="anda").pk))
    lease, source = found or (None, None)
    if lease is None or source is None:
        return [Fact(_("A paying lessee"), _("none yet"), holds=False)]
    line = inside("anda", lambda: line_of(lease))
    if not replica_entries(source).filter(index=line.entry_index).exists():
        return [Fact(_("In the trust's copy"), _("not yet"), holds=False)]
    items = replica_items(source, line.entry_index)
    amounts = [
        int(amount)
        for reference, amount in zip(items["bank_reference"], items["amount_minor"], strict=True)
        if reference == line.bank_reference
    ]
    proof = replica_proof_file(source, line.entry_index)
    return [
        Fact(_("Amount at the lessor"), _money(line.amount_minor)),
        Fact(
            _("Amount in the trust's copy"),
            _money(sum(amounts)),
            holds=amounts == [line.amount_minor],
        ),
        Fact(
            _("Proof of the entry"),
            _("{count} bytes").format(count=len(proof)) if proof else _("not yet"),
            holds=proof is not None,
        ),
    ]


def _back_dated_and_reversed() -> list[Fact]:
    """A rent too many, dated back ten days, then taken back: real services, nothing kept."""
    lease = lessee()
    if lease is None:
        return [Fact(_("A paying lessee"), _("none yet"), holds=False)]
    before = standing(lease).state
    with only_a_try():
        record_payment(
            lease=lease,
            amount_minor=lease.rent_minor,
            effective_on=today() - timedelta(days=10),
            bank_reference=_REFERENCE,
            at=now(),
        )
        with_it = standing(lease).state
        booked = lease.payments.get(bank_reference=_REFERENCE)
        reverse_payment(payment=booked, at=now())
        after = standing(lease).state
        written = Entry.objects.count()
    more = with_it.paid_minor - before.paid_minor
    return [
        Fact(_("Paid before"), _money(before.paid_minor)),
        Fact(_("With the back-dated line"), _money(with_it.paid_minor), more == lease.rent_minor),
        Fact(_("After the reversal"), _money(after.paid_minor), after == before),
        Fact(_("Principal left, before and after"), _money(after.balance_minor), after == before),
        Fact(
            _("Entries written and taken back again"),
            written - Entry.objects.count(),
            holds=written - Entry.objects.count() == 2,
        ),
    ]


def _parts() -> tuple[int, int, int]:
    """Inside Anda: the line's amount, and what of it was interest and principal."""
    lease = lessee()
    line = line_of(lease)
    parts = [part for part in standing(lease).lines if part.reference == line.bank_reference]
    interest = sum(part.interest_minor + part.excess_minor for part in parts)
    return line.amount_minor, interest, sum(part.principal_minor for part in parts)


def _collected_by_the_pool() -> list[Fact]:
    one = _in_a_pool()
    return paid_by_the_pool.counted(one, *inside("anda", _parts)) if one else not_yet()


def _poured() -> list[Fact]:
    one = _in_a_pool()
    return paid_by_the_pool.poured(one) if one else not_yet()


def _received() -> list[Fact]:
    one = _in_a_pool()
    return paid_by_the_pool.received(one) if one else not_yet()


def _tried_with_the_pool() -> list[Fact]:
    one = _in_a_pool()
    return paid_by_the_pool.tried(one) if one else not_yet()


def _distribution_page() -> dict | None:
    one = _in_a_pool()
    return None if one is None else {"pool_id": one.pool.pk, "period": one.period}


def _entry_page() -> dict | None:
    lease = lessee()
    return None if lease is None else {"index": line_of(lease).entry_index}


def _lease_page() -> dict | None:
    lease = lessee()
    return None if lease is None else {"rid": lease.rid}


def _asset_page() -> dict | None:
    lease = inside("anda", lessee)
    return None if lease is None else {"lease_rid": lease.rid}


STORY = Story(
    slug="follow-the-yuan",
    title=lazy("Follow the yuan"),
    lead=lazy(
        "One lessee pays one rent. Every book that it passes through says the same, to the cent,"
        " also when the line is dated back or taken back."
    ),
    icon="coins",
    steps=(
        StoryStep(
            lazy("The bank line"),
            lazy(
                "It reached the lessor in a batch of bank lines: one ledger entry, signed by the"
                " lessor's service key, with one salted root over all its lines."
            ),
            Page("anda", "ledger-entry", lazy("The entry in Anda's ledger"), _entry_page),
            "anda",
            _bank_line,
        ),
        StoryStep(
            lazy("What it paid"),
            lazy(
                "Interest first, then principal, the oldest rent first. Nothing is stored: the"
                " books are derived again from the bank lines each time."
            ),
            Page("anda", "lease", lazy("The lease at Anda"), _lease_page),
            "anda",
            _allocated,
        ),
        StoryStep(
            lazy("The same line at the trust"),
            lazy("It travelled with its proof. What does not verify is never stored."),
            Page("trust", "monitoring:asset", lazy("The asset at the trust"), _asset_page),
            "trust",
            _in_the_copy,
        ),
        StoryStep(
            lazy("What the pool collected"),
            lazy(
                "The purchased pool counts the line once, in the month of its day, split as the"
                " lessor's books split it."
            ),
            Page(
                "trust",
                "distribution-payments",
                lazy("The period's bank lines"),
                _distribution_page,
            ),
            "trust",
            _collected_by_the_pool,
        ),
        StoryStep(
            lazy("Through the waterfall"),
            lazy(
                "Fees, interest, principal, reserve, residual: each line says why, and all of it"
                " adds up."
            ),
            Page("trust", "distribution", lazy("The distribution"), _distribution_page),
            "trust",
            _poured,
        ),
        StoryStep(
            lazy("Into the investor's unit"),
            lazy("The line's money is followed into every place, to the cent."),
            Page("trust", "units", lazy("Who holds what, and what it was paid")),
            "trust",
            _received,
        ),
        StoryStep(
            lazy("Dated back at the lessor, then taken back"),
            lazy(
                "Tried now with the real services: a line known today that took effect ten days"
                " ago, then its reversal. Afterwards every figure is what it was."
            ),
            Page("anda", "lease", lazy("The lease at Anda"), _lease_page),
            "anda",
            _back_dated_and_reversed,
        ),
        StoryStep(
            lazy("And in the pool"),
            lazy(
                "Tried now as well: the same rent once more, dated back into the paid month. The"
                " month and every later one come out anew; with the reversal all is as it was."
            ),
            Page("trust", "distribution", lazy("The distribution"), _distribution_page),
            "trust",
            _tried_with_the_pool,
        ),
    ),
)
