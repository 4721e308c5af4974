"""Two deals from the request to the money: Anda borrows against a pledge, Xingyu sells.

Each part is repeatable, so that a demo that was interrupted goes on where it stopped.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from config.demo.cast import LESSORS
from config.demo.scene import Scene
from config.demo.stage import Facts
from config.demo.steps.exchange import post, take
from origination.models import FinancingApplication, Lease, PledgeRequest, PledgeState
from origination.services import accept_pledge, request_financing
from pools.deals import services
from pools.deals.checklist import ASKED
from pools.deals.wording import ADAPTED
from pools.eligibility.rules import RuleSet
from pools.eligibility.rulesets import HOUSE
from pools.models import Facility, FacilityState, FinancingRequest, Pool, PoolState, RequestState
from pools.packaging.propose import PoolTerms
from pools.screening.selectors import latest_run
from pools.structure.forms import Form
from pools.structure.templates import StandardTerms
from tenants.problems import Refused

_MINOR_PER_LEASE = 800_000  # what a lessor asks for, by the size of its book
_MILLION = 100_000_000  # minor units
_SMALLEST = 3  # millions: fewer leases than that buys keep no limit
_SMALL = 20 * _MILLION
_CAPTIVE = {"one-model": Decimal("0.60"), "battery-electric": Decimal("1")}
#: Reasons without a figure, where the figure was agreed for one deal.
_AGREED = {
    "one-obligor": "One group of related obligors holds more than was agreed.",
    "one-maturity-month": "More matures in one month than was agreed.",
    "one-model": "One vehicle model holds more than was agreed.",
    "battery-electric": "Battery-electric vehicles hold more than was agreed.",
}
_NOTES = {
    "accounts": "Audited accounts of the last three years and the licence are in the file.",
    "paper-originals": "60 contracts drawn at random were compared; all agree.",
    "certificates": "Registration certificates and spare keys were counted at the custodian.",
    "servicer": "Reminders, collection and repossession were reviewed with the servicer.",
    "site-visit": "The office was visited; 20 vehicles were seen.",
}


@dataclass(frozen=True)
class _Deal:
    """What differs between the two."""

    form: Form
    purpose: str
    part_of_book: int  # one in so many
    annual_default: Decimal
    price_yield: Decimal
    senior_share: Decimal
    captive: bool = False  # a maker's own lessor


_DEALS = {
    "anda": _Deal(Form.LOAN, "New leases of the coming year", 1, Decimal("0.012"),
                  Decimal("0.065"), Decimal("0.78")),
    "xingyu": _Deal(Form.ASSIGNMENT, "Refinancing of dealer stock", 2, Decimal("0.004"),
                    Decimal("0.055"), Decimal("0.85"), captive=True),
}  # fmt: skip


def ask(scene: Scene) -> Facts:
    """Both lessors ask the trust, and their requests reach it."""
    trust = scene.tenant("trust")
    for schema, deal in _DEALS.items():
        with scene.inside(schema):
            if not FinancingApplication.objects.exists():
                wanted = Lease.objects.count() * _MINOR_PER_LEASE // deal.part_of_book
                request_financing(
                    to_tenant=trust,
                    amount_minor=max(_SMALLEST, wanted // _MILLION) * _MILLION,
                    currency="CNY",
                    term_months=36,
                    purpose=deal.purpose,
                    by=scene.person("manager", schema),
                    at=scene.moment(minute=30),
                )
        carry(scene, schema, scene.moment(minute=31))
    return {"requests": len(_DEALS)}


def carry(scene: Scene, schema: str, at: datetime) -> None:
    """There and back between one lessor and the trust."""
    for sender, receiver in ((schema, "trust"), ("trust", schema)):
        post(scene, sender, receiver, at)
        take(scene, receiver, sender, at)
    take(scene, "trust", schema, at)


def decide(scene: Scene) -> Facts:
    """Due diligence, facility and votes on every request; nothing without a screening."""
    decided = 0
    with scene.inside("trust"):
        if latest_run() is None:
            return {"facilities": 0}
        for request in FinancingRequest.objects.filter(state=RequestState.RECEIVED):
            if _clear(scene, request):
                _vote(scene, _propose(scene, request))
                decided += 1
    return {"facilities": decided}


def _clear(scene: Scene, request: FinancingRequest) -> bool:
    """Every question; what fails leaves the request open for people to see."""
    at, analyst = scene.moment(minute=32), scene.person("analyst", "trust")
    measured = services.measure_diligence(request=request, by=analyst, at=at)
    reviewer = scene.person("reviewer", "trust")
    for item in ASKED:
        services.answer_diligence(
            request=request, code=item.code, passed=True, note=_NOTES[item.code], by=reviewer, at=at
        )
    if not all(finding.passed for finding in measured):
        return False
    services.close_diligence(request=request, cleared=True, by=analyst, at=at)
    return True


def _propose(scene: Scene, request: FinancingRequest) -> Facility:
    schema = _schema_of(scene, request)
    return services.propose_facility(
        request=request,
        name=f"{scene.tenant(schema).name} {scene.as_of.year}",
        limit_minor=request.amount_minor,
        expires_on=scene.as_of + timedelta(days=365),
        terms=_terms(_DEALS[schema], request.amount_minor, scene.as_of),
        quorum=3,
        by=scene.person("analyst", "trust"),
        at=scene.moment(minute=33),
    )


def _schema_of(scene: Scene, request: FinancingRequest) -> str:
    return next(schema for schema in LESSORS if scene.tenant(schema).pk == request.source)


def _terms(deal: _Deal, limit_minor: int, cut_off: date) -> PoolTerms:
    structure = StandardTerms(
        form=deal.form,
        senior_share=deal.senior_share,
        senior_rate=Decimal("0.034"),
        mezzanine_share=Decimal("0.08"),
        mezzanine_rate=Decimal("0.048"),
    )
    return PoolTerms(
        rules=_rules(deal, limit_minor),
        target_minor=limit_minor,
        price_yield=deal.price_yield,
        structure=structure,
        cut_off=cut_off,
        annual_default=deal.annual_default,
        annual_prepayment=Decimal("0.08"),
        severity=Decimal("0.50"),
    )


def _rules(deal: _Deal, limit_minor: int) -> RuleSet:
    """The house's; a maker's own lessor has one make, and in a small demo a single lease is more
    than one per cent of a pool."""
    shares = _CAPTIVE if deal.captive else {}
    if limit_minor < _SMALL:
        shares = shares | {"one-obligor": Decimal("0.05"), "one-maturity-month": Decimal("0.25")}
    if not shares:
        return HOUSE
    groups = [
        replace(limit, share=shares[limit.id], reason=_AGREED[limit.id])
        if limit.id in shares
        else limit
        for limit in HOUSE.groups
        if not (deal.captive and limit.id == "one-make")
    ]
    return replace(HOUSE, id=f"{HOUSE.id}{ADAPTED}", groups=tuple(groups))


def _vote(scene: Scene, facility: Facility) -> None:
    loan = facility.form == Form.LOAN
    for number, minute in ((1, 34), (2, 35), (3, 36)):
        against = loan and number == 3
        services.cast_vote(
            facility=facility,
            approves=not against,
            reason="Too much of it in two provinces." if against else "",
            by=scene.person(f"committee{number}", "trust"),
            at=scene.moment(minute=minute),
        )


def package(scene: Scene) -> Facts:
    """A pool under each approved facility, approved by two who did not make it.

    A book that is too small for the rules gets none, and the demo's summary says why.
    """
    assets, refusals = 0, []
    with scene.inside("trust"):
        approved = Facility.objects.filter(state=FacilityState.APPROVED, pools=None)
        for facility in approved.order_by("-limit_minor"):
            try:
                pool = services.package_pool(
                    facility=facility,
                    name=f"{facility.name}-1",
                    target_minor=facility.limit_minor * 7 // 10,
                    by=scene.person("analyst", "trust"),
                    at=scene.moment(minute=37),
                )
            except Refused as refusal:
                refusals.append(str(refusal))
                continue
            for person, minute in (("committee2", 38), ("portfolio", 39)):
                by = scene.person(person, "trust")
                services.approve_pool(pool=pool, by=by, at=scene.moment(minute=minute))
            assets += pool.assets
    return {"assets": assets} | ({"refused": " ".join(refusals)} if refusals else {})


def pledge(scene: Scene) -> Facts:
    """The receivables are reserved and asked for; each lessor accepts on its own ledger."""
    pledged = 0
    with scene.inside("trust"):
        by = scene.person("portfolio", "trust")
        for pool in Pool.objects.filter(state=PoolState.APPROVED):
            services.request_pledges(pool=pool, by=by, at=scene.moment(minute=40))
    for schema in _DEALS:
        carry(scene, schema, scene.moment(minute=41))
        with scene.inside(schema):
            by = scene.person("manager", schema)
            for request in PledgeRequest.objects.filter(state=PledgeState.REQUESTED):
                accept_pledge(pledge=request, by=by, at=scene.moment(minute=41))
            pledged += sum(len(one.lease_rids) for one in PledgeRequest.objects.all())
        carry(scene, schema, scene.moment(minute=42))
    return {"receivables": pledged}


def purchase(scene: Scene) -> Facts:
    """The rights are perfected, the price is paid, and the lessors hear of it."""
    paid = 0
    with scene.inside("trust"):
        by, custodian = scene.person("portfolio", "trust"), scene.person("custodian", "trust")
        for pool in Pool.objects.filter(state=PoolState.REQUESTED):
            services.purchase_pool(pool=pool, by=by, at=scene.moment(minute=43))
        for pool in Pool.objects.filter(state=PoolState.PURCHASED):
            for payment in services.instruct_disbursement(
                pool=pool, by=by, at=scene.moment(minute=44)
            ):
                services.confirm_disbursement(
                    disbursement=payment,
                    bank_reference=f"PAY-{pool.packaged_index}",
                    by=custodian,
                    at=scene.moment(minute=44),
                )
        paid = Pool.objects.filter(state=PoolState.DISBURSED).count()
    for schema in _DEALS:
        carry(scene, schema, scene.moment(minute=44))
    return {"pools": paid}
