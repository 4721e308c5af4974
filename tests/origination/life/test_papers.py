"""Papers of vehicles: what is noted, what counts, and warnings before they run out."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.exchange.erasing import erase_record
from ledger.selectors import entries, payload
from origination.domain.life.machine import Move
from origination.domain.papers import Paper, Standing, standing
from origination.models import Lease, VehiclePaper
from origination.problems import PaperInvalid
from origination.selectors.papers import papers_of, running_out
from origination.services.papers import note_paper
from tests.origination.life.test_moves import TODAY, book, codes, leases_by, make  # noqa: F401
from tests.origination.test_statement_pages import office, visitor  # noqa: F401 (fixtures)
from tests.origination.test_statements import NOW

MONTH = timedelta(days=30)


def noted(lease, person, until, seconds=0, **changes):
    given = {
        "paper": "commercial_insurance", "number": "PICC-1", "party": "PICC",
        "from_on": "2025-01-01", "until_on": until.isoformat() if until else "",
    }  # fmt: skip
    at = NOW + timedelta(seconds=seconds)
    return note_paper(rid=lease.rid, given=given | changes, by=person.pk, at=at)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(-1, Standing.EXPIRED), (0, Standing.EXPIRING), (30, Standing.EXPIRING), (31, Standing.VALID)],
)
def test_the_last_day_counts_and_a_month_before_it_warns(days, expected):
    assert standing(TODAY + timedelta(days=days), TODAY) is expected
    assert standing(None, TODAY) is Standing.VALID


def test_the_newest_of_a_kind_counts_until_the_lease_is_closed(book):  # noqa: F811
    lease, other = list(leases_by(claim=False))[:2]
    row = noted(lease, book.back_office, TODAY)
    assert payload(row.entry_index) == {
        "paper": "commercial_insurance", "number": "PICC-1", "party": "PICC",
        "from_on": "2025-01-01", "until_on": TODAY.isoformat(),
        "noted_by": str(book.back_office.pk),
    }  # fmt: skip
    assert entries(kind="paper.noted").get().rid == lease.rid
    noted(other, book.back_office, TODAY - MONTH)
    noted(other, book.back_office, None, 1, paper="mortgage")
    assert [(p.lease_id) for p in running_out(TODAY)] == [other.rid, lease.rid]
    noted(lease, book.back_office, TODAY + timedelta(days=365), 2, number="PICC-2")
    assert [p.lease_id for p in running_out(TODAY)] == [other.rid]
    found = {row.paper: row.standing for row in papers_of(other, TODAY)}
    assert found == {
        Paper.COMPULSORY: Standing.MISSING, Paper.COMMERCIAL: Standing.EXPIRED,
        Paper.REGISTRATION: Standing.MISSING, Paper.MORTGAGE: Standing.VALID,
    }  # fmt: skip
    make(other, Move.CLOSE, book.back_office, vehicle="lessee")
    assert not running_out(TODAY)
    erase_record(index=row.entry_index, reason="legal_order", by=book.manager.pk, at=NOW)
    assert sorted(VehiclePaper.objects.filter(lease=lease).values_list("number", flat=True)) == [
        "", "PICC-2",
    ]  # fmt: skip


def test_every_wrong_field_of_a_paper_is_named(book):  # noqa: F811
    lease = Lease.objects.first()
    wrong = (
        ({"paper": "licence", "number": " "}, {"paper": "unknown_code", "number": "required"}),
        ({"until_on": ""}, {"until_on": "required"}),
        ({"until_on": "2024-12-31"}, {"until_on": "ends_before"}),
        (
            {"from_on": "1.1.25", "colour": "red"},
            {"from_on": "not_date", "colour": "unknown_field"},
        ),
        ({"number": "9" * 61, "party": "x" * 121}, {"number": "too_long", "party": "too_long"}),
    )
    for changes, expected in wrong:
        with pytest.raises(PaperInvalid) as refused:
            noted(lease, book.back_office, TODAY, **changes)
        assert codes(refused) == expected
    assert not entries(kind="paper.noted").exists()


def test_pages_and_api_note_a_paper_and_warn(office, visitor, cast):  # noqa: F811
    lease, second, third = Lease.objects.all()[:3]
    url = f"/leases/{lease.rid}/papers/"
    good = {
        "paper": "registration", "number": "粤A12345", "party": "广州车管所",
        "from_on": "2025-01-01", "until_on": TODAY.isoformat(),
    }  # fmt: skip
    assert office.post(url, good | {"until_on": ""}).status_code == 422
    assert office.post(url, good).status_code == 302
    with CaptureQueriesContext(connection) as one:
        assert "广州车管所" in office.get("/papers/").content.decode()
    for place, other in enumerate((second, third)):
        noted(other, cast.back_office, TODAY, place)
    with CaptureQueriesContext(connection) as three:
        office.get("/papers/")
    assert len(one) == len(three)
    assert "3 papers of vehicles have expired or do so soon" in office.get("/").content.decode()
    assert "粤A12345" in office.get(f"/leases/{lease.rid}/").content.decode()
    rows = office.get(f"/api/v1/leases/{lease.rid}/papers/").json()
    assert [row["standing"] for row in rows] == ["missing", "missing", "expiring", "missing"]
    officer = visitor(cast.officer)
    assert officer.get(url).status_code == 200
    assert officer.post(url, good).status_code == 403
