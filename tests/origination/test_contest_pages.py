"""The pages of a contest: who sees what, in the browser's place."""

import io
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from config.demo.calendar import reach
from origination.contests.services import open_contest
from origination.domain.contesting import DECIDE_WITHIN
from origination.tasks import look_after_contests
from tenants import clock
from tenants.jobs import run_waiting_jobs
from tenants.models import Contest
from tenants.registry import (
    states_of,
)
from tests.origination.contesting import (
    AFTER,
    AT,
    PDF,
    RIGHT,
    SAID,
    VIN,
    WHY,
    decide,
    hold,
    question,
)
from tests.pools.refusals import refused


@pytest.fixture
def held(cast):
    """A vehicle of Anda whose receivables are pledged to the trust; the claim's id."""
    return hold(cast)


class TestPages:
    """Who sees what, in the browser's place."""

    @pytest.fixture
    def desks(self, cast, client_of):
        from tenants.models import User
        from tenants.permissions import Role
        from tenants.provisioning import ensure_person

        second = ensure_person(
            email="second@example.test", display_name="Second", password=None,
            tenant=cast.public, roles=[Role.PLATFORM_OPERATOR],
        )  # fmt: skip
        return SimpleNamespace(
            rival=client_of(cast.rival_manager, cast.xingyu),
            trust=client_of(cast.portfolio_manager, cast.trust),
            anda=client_of(cast.manager, cast.anda),
            one=client_of(cast.operator, cast.public),
            two=client_of(User.objects.get(email="second@example.test"), cast.public),
            second=second,
        )

    def file(self):
        paper = io.BytesIO(PDF.content)
        paper.name = "invoice.pdf"
        return paper

    def test_the_whole_way_and_nobody_sees_the_others(self, held, cast, desks, monkeypatch):
        monkeypatch.setattr(clock, "now_of", lambda _tenant: AT)
        form = {"vin": VIN, "right": RIGHT, "statement": SAID}
        assert "From 20 to 2,000 characters." in desks.rival.get("/contests/open/").content.decode()
        answer = desks.rival.post("/contests/open/", form | {"evidence": self.file()})
        assert answer.status_code == 302, answer.content.decode()
        found = Contest.objects.get()
        page = desks.rival.get(f"/contests/{found.pk}/").content.decode()
        assert VIN in page and "2026-01-26" in page  # fourteen days to answer, seven to decide
        for name in ("Huaxin", "Anda"):
            assert name not in page
        asked = question(cast.trust)
        page = desks.trust.get(f"/contests/questions/{asked.pk}/").content.decode()
        assert SAID in page and "Xingyu" not in page and "From 20 to 2,000 characters." in page
        # neither side reaches the other's pages or papers, nor does a third
        paper = found.papers.get()
        assert desks.rival.get(f"/contests/papers/{paper.pk}/").content == PDF.content
        for desk in (desks.trust, desks.anda):
            assert desk.get(f"/contests/{found.pk}/").status_code == 404
            assert desk.post(f"/contests/{found.pk}/withdraw/").status_code == 404
            assert desk.get(f"/contests/papers/{paper.pk}/").status_code == 404
        for desk in (desks.rival, desks.anda):
            assert desk.get(f"/contests/questions/{asked.pk}/").status_code == 404
            assert desk.post(f"/contests/questions/{asked.pk}/", form).status_code == 404
        empty = desks.trust.post(f"/contests/questions/{asked.pk}/", {})
        assert empty.status_code == 422
        answer = desks.trust.post(f"/contests/questions/{asked.pk}/", {"statement": SAID})
        assert answer.status_code == 302
        # the operators see all of it, and decide with four eyes
        monkeypatch.setattr(clock, "now_of", lambda _tenant: AFTER)
        case = f"/contests/{found.pk}/"
        page = desks.one.get(case).content.decode()
        asks = ("From 20 to 1,000 characters.", "Holds the right")
        for text in (VIN, SAID, "Xingyu", "Huaxin", "Anda", "invoice.pdf", *asks):
            assert text in page
        assert desks.one.get(f"/contests/papers/{paper.pk}/").content == PDF.content
        days = ((AFTER + DECIDE_WITHIN, False), (AFTER + DECIDE_WITHIN + timedelta(days=1), True))
        for now, is_late in days:
            monkeypatch.setattr(clock, "now_of", lambda _tenant, at=now: at)
            pages = [(desks.rival, case), (desks.rival, "/contests/"), (desks.one, case)]
            for desk, path in pages:
                page = desk.get(path).content.decode()
                assert ("That day is over" in page) == is_late, (path, now)
        monkeypatch.setattr(clock, "now_of", lambda _tenant: AFTER)
        wrong = desks.one.post(f"{case}propose/", {"outcome": "upheld", "reason": "Anda."})
        assert wrong.status_code == 422
        proposal = {"outcome": "upheld", "reason": WHY}
        assert desks.one.post(f"{case}propose/", proposal).status_code == 302
        assert desks.one.post(f"{case}confirm/", proposal).status_code == 409
        assert desks.two.post(f"{case}confirm/", proposal).status_code == 302
        page = desks.one.get(case).content.decode()
        assert "Held the right until this decision" in page and "Holds the right" not in page
        assert "That day is over" not in page
        page = desks.trust.get(f"/contests/questions/{asked.pk}/").content.decode()
        assert "A right that you held was contested" in page
        run_waiting_jobs()
        page = desks.rival.get(f"/contests/{found.pk}/").content.decode()
        assert WHY in page and "Huaxin" not in page
        assert states_of(claim_ids=[held]) == {held: "claimed"}

    def test_a_demo_is_judged_by_its_calendar(self, held, cast, desks):
        """The platform lives by the wall, months ahead of the day that the demo is at."""
        reach(AT.date())
        form = {"vin": VIN, "right": RIGHT, "statement": SAID}
        answer = desks.rival.post("/contests/open/", form | {"evidence": self.file()})
        assert answer.status_code == 302, answer.content.decode()
        found = Contest.objects.get()
        assert found.answer_by < timezone.now()
        look_after_contests.func(0)
        assert question(cast.trust).state == "asked"
        case, proposal = f"/contests/{found.pk}/", {"outcome": "upheld", "reason": WHY}
        assert "To be decided<" not in desks.one.get("/contests/").content.decode()
        page = desks.one.get(case).content.decode()
        assert "after the deadline" in page and f"{case}propose/" not in page
        assert desks.one.post(f"{case}propose/", proposal).status_code == 409
        with refused("not_yet_decidable"):  # whatever time a caller says it is
            decide(found, "upheld", at=timezone.now())
        reach(found.answer_by.date())
        look_after_contests.func(0)
        assert question(cast.trust).state == "lapsed"
        assert "To be decided<" in desks.one.get("/contests/").content.decode()
        assert desks.one.post(f"{case}propose/", proposal).status_code == 302
        assert desks.two.post(f"{case}confirm/", proposal).status_code == 302
        found.refresh_from_db()
        assert found.closed_at.year == AT.year

    def test_a_third_institution_sees_nothing(self, held, cast, client_of, monkeypatch):
        """Two lessors and a trust have to do with it; the other pages are empty."""
        monkeypatch.setattr(clock, "now_of", lambda _tenant: AT)
        with tenant_context(cast.anda):
            open_contest(vin=VIN, right=RIGHT, statement=SAID, paper=PDF, by=cast.manager.pk, at=AT)
        page = client_of(cast.rival_manager, cast.xingyu).get("/contests/").content.decode()
        assert VIN not in page and "/contests/questions/" not in page

    @pytest.mark.parametrize("path", ["/contests/", "/contests/open/"])
    def test_only_who_may_contest_gets_in(self, cast, client_of, path):
        for person, tenant in ((cast.officer, cast.anda), (cast.investor, cast.trust)):
            assert client_of(person, tenant).get(path).status_code == 403
        stranger = client_of(cast.manager, cast.public).get("/contests/")
        assert stranger.headers.get("Location", "").startswith("/sign-in/")
