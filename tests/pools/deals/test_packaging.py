"""A pool is chosen, priced, sealed and approved; what stands in the way is said."""

import gzip
import json
from datetime import timedelta

import pytest
from django_tenants.utils import tenant_context

from ledger.selectors import entries, payload
from origination.models import Lease
from pools.circular.documents import content_of, verify_content
from pools.deals import services
from pools.deals.candidates import candidates_of
from pools.deals.selectors import headroom_minor
from pools.deals.terms import CANDIDATE_FIELDS
from pools.models import (
    Asset,
    AssetResult,
    IssuedDocument,
    ModelVersion,
    Pool,
    ScreeningRun,
)
from pools.packaging.bundle import check_bundle
from tenants.registry import reserve_rights
from tests.origination.books import load_book
from tests.pools.deals.books import (
    AT,
    LEASES,
    another_request,
    facility_of,
    open_book,
    screen_book,
    vote_all,
)
from tests.pools.refusals import refused

pytestmark = pytest.mark.usefixtures("approved_book")


@pytest.fixture
def pool(facility, cast):
    return services.package_pool(facility=facility, name="Pool 1", by=cast.analyst.pk, at=AT)


def test_candidates_have_every_field_that_rules_and_prices_read(facility, cast):
    frame = candidates_of(facility, ScreeningRun.objects.get())
    assert tuple(frame.columns) == CANDIDATE_FIELDS
    assert frame.height == LEASES
    rids = {str(rid) for rid in Asset.objects.values_list("rid", flat=True)}
    assert set(frame["asset"].to_list()) == rids
    assert frame["encumbered"].value_counts().sort("count").rows() == [
        ("true", 1), ("false", LEASES - 1),
    ]  # fmt: skip
    assert frame["right_state"].unique().to_list() == ["claimed"]
    asset = Asset.objects.get(rid=frame["asset"][0])
    result = AssetResult.objects.get(asset=asset)
    row = frame.row(0, named=True)
    assert row["balance_minor"] == result.principal_minor
    assert row["make_model"] == f"{asset.vehicle_make} {asset.vehicle_model}"
    assert row["maturity_month"] == f"{asset.maturity_on:%Y-%m}"
    assert row["probability_of_default"] == float(result.probability)


def test_a_facility_takes_only_its_own_lessors_assets(facility, cast):
    open_book(
        cast.xingyu, cast.trust, back_office=cast.rival_back_office, manager=cast.rival_manager,
        leases=60,
    )  # fmt: skip
    run = screen_book(cast.analyst)
    frame = candidates_of(facility, run)
    assert run.assets == LEASES + 60
    assert frame["source"].unique().to_list() == [str(cast.anda.pk)]


def test_a_pool_keeps_rules_limits_and_the_facilitys_money(pool, facility):
    members = list(pool.members.all())
    assert len(members) == pool.assets > 10
    assert sum(member.balance_minor for member in members) == pool.balance_minor
    assert 0 < pool.price_minor <= facility.limit_minor
    assert pool.price_minor > facility.limit_minor * 9 // 10
    assert sum(t["original_minor"] for t in pool.report["tranches"]) == pool.balance_minor
    assert all(limit["holds"] for limit in pool.report["limits"])
    counts = {one["rule"]: one["count"] for one in pool.report["failures"]}
    assert counts["registered-clear"] == 1
    assert counts["performing"] == AssetResult.objects.filter(days_past_due__gt=0).count()
    assert pool.report["months"][-1]["pool_minor"] == 0
    assert headroom_minor(facility) == facility.limit_minor - pool.price_minor


def test_the_decision_is_on_the_ledger_and_an_outsider_re_runs_it(pool):
    told = payload(pool.packaged_index)
    assert (told["seal"], told["price_minor"]) == (pool.seal, str(pool.price_minor))
    document = IssuedDocument.objects.get(subject_id=pool.pk)
    assert (document.kind, document.sha256) == ("decision", pool.bundle_sha256)
    content = content_of(document)
    assert verify_content(content).document == document
    bundle = json.loads(gzip.decompress(content))
    assert check_bundle(bundle, sealed=told["seal"]) == []
    assert bundle["about"]["pool"] == str(pool.pk)
    bundle["about"]["facility"] = "another"
    assert [finding.field for finding in check_bundle(bundle)] == ["about.facility"]


def test_without_a_proven_champion_nothing_is_packaged(facility, cast):
    ModelVersion.objects.update(beta={"verdict": "too_few_events"})
    with refused("packaging_refused"):
        services.package_pool(facility=facility, name="P", by=cast.analyst.pk, at=AT)
    ModelVersion.objects.update(beta={"verdict": "pass"})
    ScreeningRun.objects.update(as_of=AT.date() - timedelta(days=46))
    with refused("packaging_refused"):
        services.package_pool(facility=facility, name="P", by=cast.analyst.pk, at=AT)
    assert (Pool.objects.count(), entries().filter(kind="pool.packaged").count()) == (0, 0)


def test_expiry_limit_and_committee_are_kept(facility, cast):
    given = {"name": "P", "by": cast.analyst.pk}
    undecided = facility_of(another_request(cast.anda, cast.trust, cast), cast)
    with refused("packaging_refused"):  # the price does not fit
        services.package_pool(facility=facility, target_minor=700_000_000, at=AT, **given)
    late = AT + timedelta(days=400)
    ScreeningRun.objects.update(as_of=late.date())
    with refused("packaging_refused"):
        services.package_pool(facility=facility, at=late, **given)
    with refused("packaging_refused"):
        services.package_pool(facility=undecided, at=AT, **given)


def test_an_asset_is_in_one_live_pool(pool, cast):
    request = another_request(cast.anda, cast.trust, cast)
    other = vote_all(facility_of(request, cast), cast, True, True, True)
    second = services.package_pool(
        facility=other, name="Pool 2", by=cast.analyst.pk, at=AT, target_minor=150_000_000
    )
    taken = set(pool.members.values_list("asset_id", flat=True))
    assert taken.isdisjoint(second.members.values_list("asset_id", flat=True))
    counts = {one["rule"]: one["count"] for one in second.report["failures"]}
    assert counts["right-free"] == pool.assets


def test_an_asset_whose_right_another_claim_holds_is_no_candidate(facility, cast):
    """Xingyu's claim on the same vehicles is held first; Anda's stays claimed, but not free."""
    load_book(cast.xingyu, by=cast.rival_back_office, leases=LEASES, at=AT)
    with tenant_context(cast.xingyu):
        theirs = list(Lease.objects.values_list("rid", flat=True)[:30])
    reserve_rights(claim_ids=theirs, right="receivables", holder=cast.xingyu.pk, at=AT)
    frame = candidates_of(facility, ScreeningRun.objects.get())
    assert (frame["right_state"] == "taken").sum() == 30


def test_two_others_approve_what_one_packaged(pool, cast):
    with refused("same_person"):
        services.approve_pool(pool=pool, by=cast.analyst.pk, at=AT)
    assert services.approve_pool(pool=pool, by=cast.committee.pk, at=AT).state == "proposed"
    with refused("same_person"):
        services.approve_pool(pool=pool, by=cast.committee.pk, at=AT)
    assert services.approve_pool(pool=pool, by=cast.portfolio_manager.pk, at=AT).state == "approved"
    with refused("wrong_state"):
        services.approve_pool(pool=pool, by=cast.committee_two.pk, at=AT)
