"""The lessor falls silent; the trust goes on from what it holds."""

from operator import attrgetter

from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from config.stories import sweep
from config.stories.probes import today
from config.stories.sweep import source
from config.stories.telling import Fact, Page, Story, StoryStep
from ledger.core.notes import NoteKey
from ledger.core.tlog_proof import TlogProof, verify_proof
from ledger.exchange.selectors import replica_entries, replica_proof_file
from ledger.models import Replica
from monitoring.selectors.servicing import next_payments, open_positions
from pools.models import AssetResult
from pools.screening.selectors import latest_run
from tenants.formatting import full_money
from tenants.money import DEFAULT_CURRENCY, Money

_OPENED = 100


def _holdings() -> list[Fact]:
    copy = Replica.objects.filter(source=source()).first()
    if copy is None:
        return [Fact(_("Copy of Anda's ledger"), _("none yet"), holds=False)]
    leases = replica_entries(copy.source).filter(kind="lease.recorded").count()
    batches = replica_entries(copy.source).filter(kind="payments.batch").count()
    return [
        Fact(_("Entries in the copy"), f"{copy.size:,}"),
        Fact(_("Under a signed checkpoint"), f"{copy.checkpoint_size:,}", copy.checkpoint_size > 0),
        Fact(_("Leases in it"), f"{leases:,}", holds=leases > 0),
        Fact(_("Batches of bank lines in it"), f"{batches:,}", holds=batches > 0),
    ]


def _proofs() -> list[Fact]:
    """Ten leases spread over the copy, each proven against the key that was pinned long ago."""
    copy = Replica.objects.filter(source=source()).first()
    if copy is None:
        return [Fact(_("Copy of Anda's ledger"), _("none yet"), holds=False)]
    covered = replica_entries(copy.source).filter(
        kind="lease.recorded", index__lt=copy.checkpoint_size
    )
    indexes = list(covered.values_list("index", flat=True))
    chosen = indexes[:: max(1, len(indexes) // 10)][:10]
    key = NoteKey.parse(copy.vkey)
    proven = 0
    for row in covered.filter(index__in=chosen):
        proof = replica_proof_file(copy.source, row.index)
        if proof is not None:
            verify_proof(TlogProof.parse(proof), bytes(row.leaf), key)
            proven += 1
    return [
        Fact(_("Leases asked for"), len(chosen)),
        Fact(_("Proven without asking the lessor"), proven, holds=0 < proven == len(chosen)),
    ]


def _values() -> list[Fact]:
    """The newest screening of the lessor's assets: made from the copy, as every one is."""
    run = latest_run()
    if run is None:
        none = _("none: nothing may be priced before a model is proven")
        return [Fact(_("Assets screened"), none)]
    own = AssetResult.objects.filter(run=run, asset__source=source())
    sums = own.aggregate(assets=Count("pk"), principal=Sum("principal_minor"), net=Sum("net_minor"))
    return [
        Fact(_("Screened as of"), run.as_of.isoformat()),
        Fact(_("Anda's assets, every one"), f"{sums['assets']:,}", holds=sums["assets"] > 0),
        Fact(_("Principal outstanding"), _money(sums["principal"])),
        Fact(_("Net value after expected loss"), _money(sums["net"]), holds=(sums["net"] or 0) > 0),
    ]


def _money(minor: int | None) -> str:
    return full_money(Money.from_minor(minor or 0, DEFAULT_CURRENCY))


def _whom_to_tell() -> list[Fact]:
    """Names, dates and amounts, opened from the trust's own copy."""
    positions = open_positions(source())
    first = list(positions[:_OPENED])
    payments = next_payments(source(), first, as_of=today())
    named = sum(1 for payment in payments if payment.name)
    coming = [payment for payment in payments if payment.due_on]
    facts = [
        Fact(_("Lessees who still owe rents"), f"{positions.count():,}", holds=bool(first)),
        Fact(_("Opened now, with the lessee's name"), f"{named} / {len(first)}",
             holds=named == len(first)),
        Fact(_("Of these with a payment to come"), len(coming), holds=bool(coming)),
    ]  # fmt: skip
    for payment in sorted(coming, key=attrgetter("due_on"))[:3]:
        said = f"{payment.due_on} · {_money(payment.due_minor)}"
        facts.append(Fact(payment.position.contract, said))
    return facts


def _lessor_page() -> dict:
    return {"source": source()}


_COLLECTIONS = Page(
    "trust", "monitoring:lessor", lazy("Anda's collections at the trust"), _lessor_page
)
STORY = Story(
    slug="the-lessor-fails",
    title=lazy("The lessor fails"),
    lead=lazy(
        "One morning the lessor's sweep does not come and nobody answers. What the trust bought, it"
        " can prove and collect from its own copy."
    ),
    icon="warning",
    steps=(
        StoryStep(
            lazy("The sweep stops"),
            lazy(
                "Every day Anda sends the bank lines of its collection account. The button lets it"
                " fall silent in this demo: from the next day on nothing of it arrives, until you"
                " let it. What fell due is computed from the schedules in the trust's own copy."
            ),
            _COLLECTIONS,
            "trust",
            sweep.collections,
            sweep.act,
        ),
        StoryStep(
            lazy("What the silence raises"),
            lazy(
                "The trust knows how often this lessor usually sends. Where it stays away for three"
                " times as long, the portfolio manager is alerted; unpaid rents then move the"
                " triggers of the pools by themselves."
            ),
            Page("trust", "monitoring:alerts", lazy("Alerts at the trust")),
            "trust",
            sweep.what_it_raises,
        ),
        StoryStep(
            lazy("What the trust holds"),
            lazy(
                "A verified copy of the lessor's ledger: every leaf, and the payloads that it was"
                " granted. The lessor's own database is not asked for anything on this page."
            ),
            Page("trust", "ledger-copy", lazy("The copy at the trust"), _lessor_page),
            "trust",
            _holdings,
        ),
        StoryStep(
            lazy("Proof without the lessor"),
            lazy(
                "Inclusion proofs are made from the copy's own tree and checked now against the"
                " checkpoint that the lessor signed while it was alive."
            ),
            Page("trust", "ledger-copy", lazy("The copy at the trust"), _lessor_page),
            "trust",
            _proofs,
        ),
        StoryStep(
            lazy("Valued without the lessor"),
            lazy(
                "Screening reads the copy and nothing else: it goes on every four weeks while the"
                " lessor is silent, and values what the lessees owe."
            ),
            Page("trust", "pools-assets", lazy("Every asset")),
            "trust",
            _values,
        ),
        StoryStep(
            lazy("Whom to tell where to pay"),
            lazy(
                "A backup servicer needs every lessee with name, next payment and"
                " arrears. All of it is opened from the copy; the portfolio manager takes it as a"
                " file."
            ),
            _COLLECTIONS,
            "trust",
            _whom_to_tell,
        ),
    ),
    acts={"stop": sweep.stop, "resume": sweep.resume},
)
