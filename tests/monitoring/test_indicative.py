"""The indicative circular from real shared leases: figures that add up, issued and proved."""

from datetime import timedelta

import pytest
from django_tenants.utils import tenant_context

from ledger.services import seal_checkpoint
from monitoring.models import AssetPerformance
from monitoring.services.indicative import indicative_content, issue_indicative_circular
from monitoring.services.watching import roll_all_forward
from pools.circular.documents import content_of, verify_content
from tenants.problems import Refused
from tests.monitoring.test_projection import AT, DAY, shared  # noqa: F401  (a fixture)


def test_figures_of_the_offer_add_up_and_the_file_is_proved(shared):  # noqa: F811
    with tenant_context(shared.trust):
        with pytest.raises(Refused):
            indicative_content(as_of=DAY, at=AT)
        roll_all_forward(as_of=DAY, at=AT)
        seal_checkpoint(at=AT)
        content = indicative_content(as_of=DAY, at=AT)
        performing = AssetPerformance.objects.filter(
            balance_minor__gt=0, days_past_due=0, defaulted_on=None
        )
        assert 0 < content.assets <= performing.count()
        assert sum(line.original_minor for line in content.tranches) == content.balance_minor
        for one in content.stratifications:
            assert sum(row.balance_minor for row in one.strata) == content.balance_minor
        first = content.cash_flow[0]
        assert first.opening_minor == content.balance_minor
        for month in content.cash_flow:
            moved = month.scheduled_minor + month.prepaid_minor + month.defaulted_minor
            assert abs(month.opening_minor - moved - month.closing_minor) <= 3  # roundings
        assert content.ledger.size > 0
        for language in ("en", "zh-hans"):
            document = issue_indicative_circular(
                language=language, by=shared.analyst.pk, at=AT, as_of=DAY
            )
            seal_checkpoint(at=AT + timedelta(hours=1))
            assert verify_content(content_of(document)).proved
