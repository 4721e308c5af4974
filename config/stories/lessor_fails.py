"""The lessor falls silent; the trust goes on from what it holds."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from config.stories.telling import Fact, Page, Story, StoryStep
from ledger.core.notes import NoteKey
from ledger.core.tlog_proof import TlogProof, verify_proof
from ledger.exchange.selectors import replica_entries, replica_payloads, replica_proof_file
from ledger.models import Replica
from origination.domain.schedule import schedule, terms_of
from tenants.models import Tenant


def _source():
    return Tenant.objects.get(schema_name="anda").pk


def _holdings() -> list[Fact]:
    copy = Replica.objects.filter(source=_source()).first()
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
    copy = Replica.objects.filter(source=_source()).first()
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


def _claims() -> list[Fact]:
    """What a backup servicer needs: terms and schedule, opened from the trust's own copy."""
    copy = Replica.objects.filter(source=_source()).first()
    if copy is None:
        return [Fact(_("Copy of Anda's ledger"), _("none yet"), holds=False)]
    leases = replica_entries(copy.source).filter(kind="lease.recorded")
    first = list(leases.values_list("index", flat=True)[:20])
    payloads = replica_payloads(copy.source, first)
    rents = sum(len(schedule(terms_of(payload.fields))) for payload in payloads.values())
    return [
        Fact(_("Contracts opened from the copy"), len(payloads), holds=len(payloads) == len(first)),
        Fact(_("Claims with date and amount"), f"{rents:,}", holds=rents > len(payloads)),
    ]


def _copy_page() -> dict:
    return {"source": _source()}


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
            lazy("What the trust holds"),
            lazy(
                "A verified copy of the lessor's ledger: every leaf, and the payloads that it was"
                " granted. The lessor's own database is not asked for anything on this page."
            ),
            Page("trust", "ledger-copy", lazy("The copy at the trust"), _copy_page),
            "trust",
            _holdings,
        ),
        StoryStep(
            lazy("Proof without the lessor"),
            lazy(
                "Inclusion proofs are made from the copy's own tree and checked now against the"
                " checkpoint that the lessor signed while it was alive."
            ),
            Page("trust", "ledger-copy", lazy("The copy at the trust"), _copy_page),
            "trust",
            _proofs,
        ),
        StoryStep(
            lazy("What a backup servicer needs"),
            lazy("Terms and schedules of the contracts, opened from the copy alone."),
            Page("trust", "monitoring:late_assets", lazy("Late assets at the trust")),
            "trust",
            _claims,
        ),
    ),
)
