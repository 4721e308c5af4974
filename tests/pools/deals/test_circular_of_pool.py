"""A pool's circular says what its books say: members, decision, model tests, checkpoint."""

import numpy as np
import pypdfium2
import pytest
from django_tenants.utils import tenant_context

from ledger.services import seal_checkpoint
from pools.circular.documents import content_of, verify_content
from pools.circular.issue import issue_pool_circular
from pools.circular.of_pool import content_of_pool
from pools.models import ModelVersion, Pool
from pools.models_kit.alpha import alpha_report
from pools.models_kit.beta import beta_report
from pools.structure.funding import fund
from pools.structure.plain import from_plain
from pools.structure.terms import Deal
from tenants.problems import Refused
from tests.pools.deals.books import AT, approve

pytestmark = pytest.mark.usefixtures("packaged_book")


def model_with_reports() -> None:
    """The champion gets whole reports, made by the kit over drawn outcomes."""
    rng = np.random.default_rng(3)
    risk = rng.beta(2, 30, 3_000)
    bad = (rng.random(3_000) < risk).astype(np.int64)
    alpha = alpha_report(
        outcome=bad, probability=risk, baseline=risk + rng.normal(0, 0.05, 3_000),
        groups=np.arange(3_000), features=risk[:, None], features_trained=risk[:, None],
        feature_names=["one"], probability_trained=risk, draws=20,
    ).as_dict()  # fmt: skip
    beta = beta_report(
        defaulted=bad, expected_default=risk, turned_30=bad, expected_30=risk, probability=risk,
        probability_before=risk, probability_trained=risk, months=3, simulated_time=True,
    ).as_dict()  # fmt: skip
    ModelVersion.objects.update(alpha={"probability": alpha, "verdict": "pass"}, beta=beta)
    ModelVersion.objects.update(beta=beta | {"verdict": "pass"})


@pytest.fixture
def pool(packaged, cast):
    model_with_reports()
    return approve(packaged, cast)


def test_the_content_adds_up_to_the_pool(pool, cast):
    with tenant_context(cast.tenants.trust):
        seal_checkpoint(at=AT)
        content = content_of_pool(pool, at=AT)
    assert (content.assets, content.balance_minor) == (pool.assets, pool.balance_minor)
    assert len(content.stratifications) == 12
    for one in content.stratifications:
        assert sum(row.balance_minor for row in one.strata) == pool.balance_minor
        assert sum(row.assets for row in one.strata) == pool.assets
    assert sum(line.original_minor for line in content.tranches) == pool.balance_minor
    assert content.cash_flow[0].opening_minor == pool.balance_minor
    for month in content.cash_flow:
        moved = month.scheduled_minor + month.prepaid_minor + month.defaulted_minor
        assert abs(month.opening_minor - moved - month.closing_minor) <= 3  # roundings
    assert content.cash_flow[-1].notes_minor[0] == 0  # the senior class is repaid at the end
    assert {rule.code for rule in content.rules} and {limit.code for limit in content.limits}
    assert [report.test for report in content.models] == ["alpha", "beta"]
    assert content.ledger.pool_index == pool.packaged_index
    assert content.funding.sources_minor == content.funding.uses_minor > pool.price_minor
    called = pool.report["called_in_month"]
    assert content.call.month.isoformat() == pool.report["months"][called - 1]["end"]
    assert content.call.bought_minor == content.cash_flow[-1].closing_minor > 0


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_it_is_issued_in_both_languages_and_proved(language, pool, cast):
    with tenant_context(cast.tenants.trust):
        document = issue_pool_circular(pool=pool, language=language, by=cast.analyst.pk, at=AT)
        seal_checkpoint(at=AT)
        assert verify_content(content_of(document)).proved
        pdf = pypdfium2.PdfDocument(content_of(document))
    text = "".join("".join(page.get_textpage().get_text_range() for page in pdf).split())
    for tranche in pool.deal["tranches"]:
        assert f"{tranche['original_minor'] / 100:,.2f}" in text
    assert "α" in text and "β" in text
    assert "house-2024" not in text  # rule sets and classes in words, not in codes
    assert ("whatisleft" if language == "en" else "剩余") in text
    funding = fund(from_plain(Deal, pool.deal), pool.price_minor)
    for minor in (funding.price_minor, funding.uses_minor, funding.premium_minor):
        assert f"{minor / 100:,.2f}" in text
    assert ("Clean-upcall" if language == "en" else "清仓回购") in text


def test_nothing_is_offered_before_it_is_approved(pool, cast, client_of):
    with tenant_context(cast.tenants.trust):
        Pool.objects.update(state="proposed")
        pool.refresh_from_db()
        with pytest.raises(Refused):
            issue_pool_circular(pool=pool, language="en", by=cast.analyst.pk, at=AT)


def test_the_documents_page_issues_it(pool, cast, client_of):
    client = client_of(cast.analyst, cast.tenants.trust)
    assert "Issue a circular" in client.get("/documents/").content.decode()
    asked = {"pool": str(pool.pk), "language": "zh-hans"}
    assert client.post("/documents/circular/", asked).status_code == 302
    assert pool.name in client.get("/documents/").content.decode()
    assert client.post("/documents/circular/", asked | {"language": "fr"}).status_code == 404
    custodian = client_of(cast.custodian, cast.tenants.trust)
    assert custodian.post("/documents/circular/", asked).status_code == 403
    assert "Issue a circular" not in custodian.get("/documents/").content.decode()
