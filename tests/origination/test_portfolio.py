"""The portfolio: its figures are the sums of the leases in the lists that they open."""

from datetime import date
from html.parser import HTMLParser

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from origination.domain.buckets import AGES, LATENESS, age_of, lateness_of, originated_between
from origination.domain.months import add_months
from origination.portfolio.figures import GROUPED, portfolios
from origination.portfolio.filtering import filtered
from origination.selectors.leases import position_of
from origination.services import import_tape
from tests.origination.books import AT, load_book, tape_of
from tests.origination.records import lease_record

DAY = date(2026, 2, 15)


class _Links(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        address = dict(attributes).get("href") or ""
        if tag == "a" and address.startswith("/leases/?"):
            self.found.append(address)


def test_ages_and_buckets_leave_no_gap_and_no_overlap():
    for months in (0, 1, 6, 7, 12, 13, 24, 25, 36, 37, 100):
        begun = add_months(DAY, -months)
        age = age_of(begun, DAY)
        first, last = AGES[age]
        assert first <= months and (last is None or months <= last)
        fits = [
            code for code in AGES
            for after, until in [originated_between(code, DAY)]
            if (after is None or begun > after) and begun <= until
        ]  # fmt: skip
        assert fits == [age]
    assert [lateness_of(days) for days in (0, 1, 30, 31, 91)] == [
        "current", "1-30", "1-30", "31-60", "90+",
    ]  # fmt: skip
    assert sum(last - first + 1 for first, last in LATENESS.values()) == 10**6 + 1


def test_every_figure_is_the_sum_of_the_leases_in_its_list(cast, enter):
    load_book(cast.anda, by=cast.back_office)
    enter(cast.anda)
    given = {"as_of": DAY, "known_at": AT}
    dollars = lease_record(800, currency="USD")
    import_tape(content=tape_of([dollars]), file_name="usd.csv", by=cast.back_office.pk, at=AT)
    states = {
        lease.rid: position_of(lease, as_of=DAY, known_at=AT).allocation.state
        for lease in filtered({}, **given)
    }
    yuan, usd = portfolios({}, **given)
    assert (yuan.currency, usd.currency, usd.total.leases) == ("CNY", "USD", 1)
    rows = [("", yuan.total)] + [(name, row) for name in GROUPED for row in yuan.groups[name]]
    for name, row in rows:
        chosen = {"currency": "CNY"} | ({name: row.value} if name else {})
        listed = list(filtered(chosen, **given))
        own = [states[lease.rid] for lease in listed]
        late = [state for state in own if state.days_past_due]
        assert (row.leases, row.financed_minor) == (
            len(listed), sum(lease.financed_amount_minor for lease in listed),
        ), chosen  # fmt: skip
        assert row.balance_minor == sum(state.balance_minor for state in own), chosen
        assert row.owed_minor == sum(state.owed_minor for state in own), chosen
        assert (row.late_leases, row.late_minor) == (
            len(late), sum(state.balance_minor for state in late),
        ), chosen  # fmt: skip
    assert yuan.total.late_leases > 0
    for name in GROUPED:
        assert sum(row.leases for row in yuan.groups[name]) == yuan.total.leases
    [only] = portfolios({"open": "yes", "currency": "CNY"}, **given)
    assert only.total.balance_minor == yuan.total.balance_minor
    assert only.total.leases == sum(
        state.balance_minor > 0 or state.owed_minor > 0 for state in states.values()
    ) - 1  # fmt: skip


def test_the_page_opens_lists_and_asks_as_often_for_more_leases(cast, client_of):
    client = client_of(cast.manager, cast.anda, language="zh-hans")
    assert client.get("/portfolio/").status_code == 200  # an empty book
    load_book(cast.anda, by=cast.back_office, leases=20)
    page = client.get("/portfolio/")
    links = _Links(page.content.decode()).found
    [one] = page.context["portfolios"]
    first = one["groups"][0]["rows"][0]
    listed = client.get(first["url"]).context["page_obj"].paginator.count
    assert listed == first["figures"].leases and first["url"] in links

    def asked():
        client.get("/portfolio/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/portfolio/?make=&late=nonsense").status_code == 200
        return len(queries)

    before = asked()
    more = [lease_record(n) for n in range(810, 815)]
    with tenant_context(cast.anda):
        import_tape(content=tape_of(more), file_name="m.csv", by=cast.back_office.pk, at=AT)
    assert asked() == before <= 25
