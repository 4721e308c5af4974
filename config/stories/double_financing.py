"""Two lessors, one vehicle; and a vehicle that was mortgaged where the platform does not look."""

import csv
import io
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from config.stories.probes import demo_tenant, inside, now, only_a_try, person
from config.stories.telling import Fact, Page, Story, StoryStep
from origination.models import Lease, PledgeRequest, PledgeState, RegistryFinding
from origination.services import import_tape
from origination.wording import register_in_words
from tenants.problems import fill
from tenants.registry import perfect_rights, reserve_rights, states_of
from tenants.templatetags.statuses import label_of

HELD = {"reserved", "pledged", "sold"}


def financed_lease() -> Lease | None:
    """Inside Anda: a lease whose rents the trust has taken, the first by contract number; where
    no pool was bought yet, the first lease that nobody has taken."""
    for pledge in PledgeRequest.objects.filter(state=PledgeState.ACCEPTED):
        found = Lease.objects.filter(rid__in=pledge.lease_rids).order_by("contract_number").first()
        if found is not None:
            return found
    return Lease.objects.order_by("contract_number").first()


def _state(lease: Lease) -> str:
    return states_of(claim_ids=[lease.rid]).get(lease.rid, "–")


def _take_for_the_page(lease: Lease) -> None:
    """Inside a try: the trust takes the right, unless it holds it already."""
    trust = demo_tenant("trust")
    if trust is None or _state(lease) in HELD:
        return
    wanted = {"claim_ids": [lease.rid], "right": "receivables", "holder": trust.pk, "at": now()}
    reserve_rights(**wanted)
    perfect_rights(**wanted, state="pledged")


def _held() -> list[Fact]:
    lease = financed_lease()
    if lease is None:
        return [Fact(_("Vehicle to try with"), _("none yet"), holds=False)]
    before = _state(lease)
    with only_a_try():
        _take_for_the_page(lease)
        state = _state(lease)
    return [
        Fact(_("Contract"), lease.contract_number),
        Fact("VIN", lease.vin),
        Fact(_("State of the right before this page"), label_of(before)),
        Fact(_("State of the right to its rents"), label_of(state), holds=state in HELD),
    ]


def _second_claim() -> list[Fact]:
    """Xingyu brings a tape with the same vehicle: the real import, taken back afterwards."""
    lease = inside("anda", financed_lease)
    if lease is None:
        return [Fact(_("Vehicle to try with"), _("none yet"), holds=False)]
    before = _in_book(lease.vin)
    with only_a_try():
        _take_for_the_page(lease)
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


def _mortgaged_outside() -> list[Fact]:
    found = RegistryFinding.objects.filter(result="encumbered").order_by("lease__contract_number")
    first = found.select_related("lease").first()
    if first is None:
        return [Fact(_("Vehicles mortgaged elsewhere"), 0, holds=False)]
    state = states_of(claim_ids=[first.lease_id]).get(UUID(str(first.lease_id)), "–")
    said = f"{register_in_words(first.register)}, {first.searched_on}, {first.holder}"
    vehicles = found.values("lease_id").distinct().count()
    return [
        Fact(_("Contract"), first.lease.contract_number),
        Fact(_("What the register said"), said),
        Fact(_("What the platform alone knows"), label_of(state), holds=state == "claimed"),
        Fact(_("Vehicles mortgaged elsewhere"), vehicles, holds=vehicles > 0),
    ]


def _lease_page() -> dict | None:
    lease = financed_lease()
    return None if lease is None else {"rid": lease.rid}


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
                "Anda leased it, the trust takes the right to its rents (where no pool was bought"
                " yet, for the length of this page). The platform knows the vehicle by a keyed hash"
                " only."
            ),
            Page("anda", "lease", lazy("The lease at Anda"), _lease_page),
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
            Page("anda", "leases", lazy("Leases at Anda")),
            "anda",
            _mortgaged_outside,
        ),
    ),
)
