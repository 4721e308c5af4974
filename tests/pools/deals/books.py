"""A trust with a lessor's book, screened by a proven champion, and the steps up to a facility."""

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
from django_tenants.utils import tenant_context

from ledger.exchange.services import receive_parcels, send_parcels
from ledger.services import open_log
from origination.models import Lease, PledgeRequest
from origination.services import (
    accept_pledge,
    grant_access,
    record_registry_search,
    refuse_pledge,
    request_financing,
)
from pools.deals import services
from pools.deals.checklist import ASKED
from pools.eligibility.rules import GroupLimit
from pools.eligibility.rulesets import HOUSE
from pools.models import Asset, AssetResult, Facility, FinancingRequest, ModelVersion, ScreeningRun
from pools.packaging.propose import PoolTerms
from pools.structure.forms import Form
from pools.structure.templates import StandardTerms
from tests.origination.books import load_book

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
AS_OF = date(2026, 1, 4)
LEASES = 240
ASKED_MINOR = 600_000_000
LIMIT_MINOR = 400_000_000
#: The house's rules, with limits that a book of two hundred leases can keep.
RULES = replace(
    HOUSE,
    groups=(
        GroupLimit("one-obligor", "obligor", Decimal("0.05"), "More than 5 %."),
        GroupLimit("one-province", "province", Decimal("0.60"), "More than 60 %."),
    ),
)


def terms(form: Form = Form.LOAN) -> PoolTerms:
    return PoolTerms(
        rules=RULES,
        target_minor=ASKED_MINOR,
        price_yield=Decimal("0.06"),
        structure=StandardTerms(form, Decimal("0.75"), Decimal("0.045")),
        cut_off=AS_OF,
        annual_default=Decimal("0.02"),
        annual_prepayment=Decimal("0.08"),
        severity=Decimal("0.45"),
    )


def exchange(lessor, trust, at=AT) -> None:
    """Both ways, until both have what the other wrote; nothing may be refused."""
    for tenant in (lessor, trust):
        with tenant_context(tenant):
            open_log(at=at)
    for sender, receiver in ((lessor, trust), (trust, lessor)):
        with tenant_context(sender):
            send_parcels(to_tenant=receiver, at=at)
        with tenant_context(receiver):
            assert receive_parcels(from_tenant=sender, at=at).refusals == []


def open_book(lessor, trust, *, back_office, manager, leases=LEASES, encumbered=()) -> None:
    """The lessor's tape, bank lines and register searches, and the trust's leave to read them."""
    load_book(lessor, by=back_office, leases=leases, at=AT)
    with tenant_context(lessor):
        rids = list(Lease.objects.order_by("contract_number").values_list("rid", flat=True))
        results = ["encumbered" if k in encumbered else "clear" for k in range(len(rids))]
        findings = pl.DataFrame(
            {
                "lease_rid": list(map(str, rids)),
                "register": "zhongdeng",
                "searched_on": AS_OF.isoformat(),
                "result": results,
                "holder": "",
                "registration_number": "",
            }
        )
        record_registry_search(findings=findings, at=AT)
        grant_access(to_tenant=trust, by=manager.pk, at=AT)
    exchange(lessor, trust)


def screen_book(by, as_of=AS_OF, at=AT) -> ScreeningRun:
    """A run of a proven champion with made-up figures of every asset (the trust's context).

    Training and valuing are tested in tests/pools; here only what packaging reads matters.
    """
    passed = {"verdict": "pass"}
    model, _made = ModelVersion.objects.get_or_create(
        state="promoted",
        defaults={
            "family": "scorecard", "trained_as_of": AS_OF, "trained_at": AT, "trained_by": by.pk,
            "seed": 1, "data_hash": "0" * 64, "code_version": "0" * 64, "notes": {},
            "artefact": b"", "artefact_sha256": "0" * 64, "alpha": passed, "beta": passed,
        },
    )  # fmt: skip
    assets = list(Asset.objects.order_by("contract_number"))
    run = ScreeningRun.objects.create(
        id=uuid.uuid4(), as_of=as_of, at=at, by=by.pk, model=model, policy={}, input_hash="0" * 64,
        results_root="0" * 64, assets=len(assets), totals={}, ledger_index=0,
    )  # fmt: skip
    rng = np.random.default_rng(5)
    risk = rng.beta(1.5, 80, len(assets))
    AssetResult.objects.bulk_create(
        [_result(run, asset, k, float(risk[k])) for k, asset in enumerate(assets)]
    )
    return run


def _result(run, asset, position: int, risk: float) -> AssetResult:
    principal = asset.financed_amount_minor * 7 // 10
    net = round(principal * (1.01 - risk))
    return AssetResult(
        run=run, asset=asset, position=position, rents_minor=principal, principal_minor=principal,
        arrears_minor=0, vehicle_p10_minor=principal, vehicle_p50_minor=principal,
        vehicle_p90_minor=principal, receivable_minor=principal, net_minor=net,
        net_uncapped_minor=net, expected_loss_minor=principal - min(net, principal),
        discount_rate=Decimal(f"{1.01 - risk:.6f}"), probability=Decimal(f"{risk:.6f}"),
        days_past_due=40 if position % 41 == 0 else 0, defaulted=position % 59 == 0,
        months_on_book=8, months_left=max(4, min(asset.term_months - 8, 40)), reasons="",
    )  # fmt: skip


def ask(lessor, trust, *, manager, amount_minor=ASKED_MINOR) -> uuid.UUID:
    """The lessor's request, carried to the trust; its id."""
    with tenant_context(lessor):
        application = request_financing(
            to_tenant=trust,
            amount_minor=amount_minor,
            currency="CNY",
            term_months=36,
            purpose="Next year's leases",
            by=manager.pk,
            at=AT,
        )
    exchange(lessor, trust)
    return application.rid


def clear(request: FinancingRequest, cast) -> FinancingRequest:
    """Every question answered well."""
    services.measure_diligence(request=request, by=cast.analyst.pk, at=AT)
    for item in ASKED:
        services.answer_diligence(
            request=request, code=item.code, passed=True, note="Seen.", by=cast.reviewer.pk, at=AT
        )
    return services.close_diligence(request=request, cleared=True, by=cast.analyst.pk, at=AT)


def facility_of(request: FinancingRequest, cast, **changed) -> Facility:
    """A facility before the committee."""
    given = {
        "name": "Facility one", "limit_minor": LIMIT_MINOR, "expires_on": date(2026, 12, 31),
        "terms": terms(), "quorum": 3, "by": cast.analyst.pk, "at": AT,
    }  # fmt: skip
    return services.propose_facility(request=request, **(given | changed))


def another_request(lessor, trust, cast) -> FinancingRequest:
    """A second request of the same lessor that passed its diligence; call it in the trust."""
    rid = ask(lessor, trust, manager=cast.manager)
    return clear(FinancingRequest.objects.get(rid=rid), cast)


def vote_all(facility: Facility, cast, *votes: bool) -> Facility:
    people = [cast.committee, cast.committee_two, cast.committee_three]
    for minute, (person, yes) in enumerate(zip(people, votes, strict=False)):
        services.cast_vote(
            facility=facility, approves=yes, reason="" if yes else "Too thin.", by=person.pk,
            at=AT + timedelta(minutes=minute),
        )  # fmt: skip
    facility.refresh_from_db()
    return facility


def approved_pool(facility: Facility, cast, name="Pool 1", **changed):
    """A packaged pool that two others approved."""
    given = {"facility": facility, "name": name, "by": cast.analyst.pk, "at": AT}
    return approve(services.package_pool(**given, **changed), cast)


def approve(pool, cast):
    """Two others than who packaged it say yes."""
    services.approve_pool(pool=pool, by=cast.committee.pk, at=AT)
    return services.approve_pool(pool=pool, by=cast.portfolio_manager.pk, at=AT)


def answer(lessor, trust, *, manager, yes=True, at=AT) -> None:
    """The lessor hears what is asked, answers every open request, and the trust hears of it."""
    exchange(lessor, trust, at)
    with tenant_context(lessor):
        for pledge in PledgeRequest.objects.filter(state="requested"):
            decide = accept_pledge if yes else refuse_pledge
            decide(pledge=pledge, by=manager.pk, at=at)
    exchange(lessor, trust, at)
