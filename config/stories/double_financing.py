"""Two lessors, one vehicle; and a vehicle that was mortgaged where the platform does not look."""

import csv
import io
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from config.stories.probes import demo_tenant, inside, now, only_a_try, person, read_once
from config.stories.telling import Fact, Page, Story, StoryStep
from origination.models import Lease, PledgeRequest, PledgeState, RegistryFinding
from origination.selectors.leases import position_of
from origination.services import import_tape
from origination.wording import register_in_words
from tenants import clock
from tenants.formatting import full_money
from tenants.money import Money
from tenants.problems import fill
from tenants.registry import perfect_rights, reserve_rights, states_of
from tenants.templatetags.statuses import label_of

HELD = {"reserved", "pledged", "sold"}
PERFECTED = {"pledged", "sold"}


@dataclass(frozen=True)
class Tried:
    """The lease that both lessors claim, what is outstanding on it, and the bought pool that
    holds it; without a name where no pool was bought yet."""

    lease: Lease
    outstanding_minor: int
    pool: str


@read_once
def financed() -> Tried | None:
    """Inside Anda: a running lease whose rents the trust holds with a pool that it bought, the
    first by contract number; where no pool was bought yet, the first that nobody has taken."""
    for pledge in PledgeRequest.objects.filter(state=PledgeState.PERFECTED).order_by("closed_at"):
        pledged = Lease.objects.filter(rid__in=pledge.lease_rids)
        if found := _first_running(pledged, PERFECTED, pledge.fields["pool_name"]):
            return found
    return _first_running(Lease.objects.all(), {"claimed"})


def _first_running(leases: QuerySet[Lease], states: set[str], pool: str = "") -> Tried | None:
    """The first by contract number whose right is in one of `states` and that still owes."""
    running = leases.filter(maturity_on__gt=clock.today()).order_by("contract_number")
    for lease in running.iterator(chunk_size=100):
        if _state(lease) in states and (outstanding := _outstanding(lease)) > 0:
            return Tried(lease, outstanding, pool)
    return None


def _outstanding(lease: Lease) -> int:
    position = position_of(lease, as_of=clock.today(), known_at=clock.now())
    return position.allocation.state.balance_minor


def _state(lease: Lease) -> str:
    return states_of(claim_ids=[lease.rid]).get(lease.rid, "–")


def _take_for_the_page(tried: Tried) -> None:
    """Inside a try: the trust takes the right, where no bought pool gave it that already."""
    trust = demo_tenant("trust")
    if trust is None or tried.pool:
        return
    wanted = {"claim_ids": [tried.lease.rid], "right": "receivables"}
    wanted |= {"holder": trust.pk, "at": now()}
    reserve_rights(**wanted)
    perfect_rights(**wanted, state="pledged")


def _held() -> list[Fact]:
    tried = financed()
    if tried is None:
        return [Fact(_("Vehicle to try with"), _("none yet"), holds=False)]
    lease = tried.lease
    owed = full_money(Money.from_minor(tried.outstanding_minor, lease.currency))
    return [
        Fact(_("Contract"), lease.contract_number),
        Fact("VIN", lease.vin),
        Fact(_("Outstanding on {day}").format(day=clock.today().isoformat()), owed),
        *(_held_by_a_pool(tried) if tried.pool else _held_for_the_page(tried)),
    ]


def _held_by_a_pool(tried: Tried) -> list[Fact]:
    state = _state(tried.lease)
    return [
        Fact(_("Pool that the trust bought it with"), tried.pool),
        Fact(_("State of the right to its rents"), label_of(state), holds=state in PERFECTED),
    ]


def _held_for_the_page(tried: Tried) -> list[Fact]:
    before = _state(tried.lease)
    with only_a_try():
        _take_for_the_page(tried)
        state = _state(tried.lease)
    said = _("none yet: the trust takes the right for the length of this page only")
    return [
        Fact(_("Pool that the trust bought it with"), said),
        Fact(_("State of the right before this page, and on the lease's"), label_of(before)),
        Fact(_("State of the right while this page tries"), label_of(state), holds=state in HELD),
    ]


def _second_claim() -> list[Fact]:
    """Xingyu brings a tape with the same vehicle: the real import, taken back afterwards."""
    tried = inside("anda", financed)
    if tried is None:
        return [Fact(_("Vehicle to try with"), _("none yet"), holds=False)]
    lease = tried.lease
    before = _in_book(lease.vin)
    with only_a_try():
        _take_for_the_page(tried)
        report = import_tape(
            content=_tape_of(dict(lease.record, contract_number="XINGYU-SECOND-CLAIM")),
            file_name="second-claim.csv",
            by=person("backoffice", "xingyu"),
            at=now(),
        )
    errors = [found.error() for found in report.findings]
    told = "; ".join(fill(error.detail, error.params, _) for error in errors)
    silent = bool(told) and not any(word in told for word in ("Anda", "Huaxin", "安达", "华信"))
    return [
        Fact("VIN", lease.vin),
        Fact(_("Leases taken from Xingyu's tape"), report.taken, holds=report.taken == 0),
        Fact(_("What Xingyu is told"), told),
        Fact(_("Does it name the first?"), _("No") if silent else _("Yes"), holds=silent),
        Fact(_("Leases of this vehicle in Xingyu's book"), before, holds=before == 0),
    ]


def _tape_of(record: dict[str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(record), lineterminator="\n")
    writer.writeheader()
    writer.writerow(record)
    return text.getvalue().encode()


def _in_book(vin: str) -> int:
    return Lease.objects.filter(vin=vin).count()


@read_once
def encumbered() -> RegistryFinding | None:
    """Inside Anda: the first lease by contract number that an outside register says is
    mortgaged, one that still runs before one that is over; its newest answer."""
    every = RegistryFinding.objects.filter(result="encumbered").select_related("lease")
    found = every.order_by("lease__contract_number", "-searched_on", "-pk")
    running = found.filter(lease__maturity_on__gt=clock.today())
    still_owed = (one for one in running if _outstanding(one.lease) > 0)
    return next(still_owed, None) or found.first()


def _mortgaged_outside() -> list[Fact]:
    first = encumbered()
    if first is None:
        return [Fact(_("Vehicles mortgaged elsewhere"), 0, holds=False)]
    state = _state(first.lease)
    said = f"{register_in_words(first.register)}, {first.searched_on}, {first.holder}"
    findings = RegistryFinding.objects.filter(result="encumbered")
    vehicles = findings.values("lease_id").distinct().count()
    return [
        Fact(_("Contract"), first.lease.contract_number),
        Fact(_("What the register said"), said),
        Fact(_("What the platform alone knows"), label_of(state), holds=state == "claimed"),
        Fact(_("Vehicles mortgaged elsewhere"), vehicles, holds=vehicles > 0),
    ]


def _financed_page() -> dict | None:
    tried = financed()
    return None if tried is None else {"rid": tried.lease.rid}


def _encumbered_page() -> dict | None:
    found = encumbered()
    return None if found is None else {"rid": found.lease_id}


STORY = Story(
    slug="double-financing",
    title=lazy("Double financing"),
    lead=lazy(
        "Two lessors bring the same vehicle, and one vehicle was mortgaged where nobody here looks."
        " Who notices what?"
    ),
    icon="car",
    steps=(
        StoryStep(
            lazy("A vehicle whose rents are financed"),
            lazy(
                "Anda leased it and the lease still runs; the trust takes the right to its rents"
                " when it buys a pool. The platform knows the vehicle by a keyed hash only."
            ),
            Page("anda", "lease", lazy("The lease at Anda"), _financed_page),
            "anda",
            _held,
        ),
        StoryStep(
            lazy("Another lessor brings the same vehicle"),
            lazy(
                "Xingyu imports a tape with the same VIN. It is tried now, with the real import,"
                " and taken back. The refusal says nothing about who was first."
            ),
            Page("xingyu", "tapes", lazy("Import a tape at Xingyu")),
            "xingyu",
            _second_claim,
        ),
        StoryStep(
            lazy("A car mortgaged outside the platform"),
            lazy(
                "Here the platform sees a clean claim. Only the search in the outside register,"
                " signed into the lessor's ledger, shows that somebody else holds a mortgage."
            ),
            Page("anda", "lease", lazy("The lease at Anda"), _encumbered_page),
            "anda",
            _mortgaged_outside,
        ),
    ),
)
