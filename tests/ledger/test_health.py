"""How well copies are: what the page says of each, and what to do."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.utils.translation import override
from django_tenants.utils import tenant_context

from ledger import health_words, services
from ledger.drafts import Draft
from ledger.exchange import health, registry
from ledger.exchange.health import State
from ledger.exchange.services import receive_parcels, send_parcels
from ledger.halting import halt
from ledger.models import LedgerCheck, Outbox, Refusal, Replica
from ledger.problems import RollbackRefused
from tenants import clock
from tenants.models import Tenant
from tests.ledger.reading_pages import english

AT = datetime(2026, 11, 1, 8, tzinfo=UTC)


def append(count: int) -> None:
    drafts = [
        Draft.service(kind="document.issued", rid=uuid.uuid4(), fields={"n": str(number)}, ts=AT)
        for number in range(count)
    ]
    services.append_entries(drafts=drafts)


@pytest.fixture
def sent(cast, monkeypatch):
    """Anda's log of five entries, sent to the trust and taken; its cosignature waits."""
    everything = registry.Entitlement(everything=True)
    monkeypatch.setattr(registry, "_entitlements", [lambda to: everything])
    monkeypatch.setattr(registry, "_projectors", {})
    with tenant_context(cast.tenants.trust):
        services.open_log(at=AT)
    with tenant_context(cast.tenants.anda):
        append(3)
        send_parcels(to_tenant=cast.tenants.trust, at=AT)
    with tenant_context(cast.tenants.trust):
        receive_parcels(from_tenant=cast.tenants.anda, at=AT)
    return cast.tenants


def elsewhere(tenants):
    with tenant_context(tenants.anda):
        (found,) = health.copies_elsewhere()
    return found


def here(tenants, after=timedelta()):
    with tenant_context(tenants.trust):
        (found,) = health.copies_here(AT + after)
    return found


def test_a_copy_that_is_cosigned_is_whole_and_each_new_entry_is_on_its_way(sent):
    assert (elsewhere(sent).state, elsewhere(sent).lag) == (State.COMING, 5)
    with tenant_context(sent.anda):
        receive_parcels(from_tenant=sent.trust, at=AT)
    found = elsewhere(sent)
    assert (found.state, found.cosigned_size, found.size) == (State.WHOLE, 5, 5)
    assert (found.cosigned_at, found.sent_at, found.waiting) == (AT, AT, 0)
    assert (found.lag, found.lag_hours) == (0, None)
    with tenant_context(sent.anda):
        append(2)
    found = elsewhere(sent)
    assert (found.state, found.lag, found.lag_hours) == (State.COMING, 2, 0)


def test_parcels_that_nobody_took_are_counted(sent):
    with tenant_context(sent.anda):
        receive_parcels(from_tenant=sent.trust, at=AT)
        append(2)
        send_parcels(to_tenant=sent.trust, at=AT)
    found = elsewhere(sent)
    assert (found.waiting, found.sent_size, found.cosigned_size) == (1, 7, 5)


def test_an_open_refusal_is_told_with_its_reason(sent):
    with tenant_context(sent.anda):
        for code in ("bad_proof", "bad_proof", "stalled"):
            Refusal.objects.create(
                other=sent.trust.pk, by_us=False, parcel=uuid.uuid4(), subject="entries",
                code=code, detail="it leads elsewhere", at=AT,
            )  # fmt: skip
        # a day forgives: what is waited by counts anew
        Outbox.objects.update(refused_since=AT, refused_at=AT, refusals=1)
    found = elsewhere(sent)
    assert (found.state, found.refusals, found.refusal.code) == (State.REFUSED, 2, "bad_proof")


def test_home_says_that_a_copy_is_refused_and_the_page_what_to_do(sent, cast, client_of):
    told = {"other": sent.trust.pk, "by_us": False, "subject": "entries", "code": "bad_payload"}
    detail = "entry 3: fields_root: the ciphertext is not the one that was signed"
    people = ((cast.manager, sent.anda), (cast.analyst, sent.trust))
    with tenant_context(sent.trust):
        kept = {**told, "other": sent.anda.pk, "by_us": True}
        Refusal.objects.create(**kept, parcel=uuid.uuid4(), detail=detail, at=clock.now())
    with tenant_context(sent.anda):
        Refusal.objects.create(**told, parcel=uuid.uuid4(), detail=detail, at=AT)
        Outbox.objects.update(refused_since=AT, refused_at=AT, refusals=1)
    for language, home, words in (
        ("en", "1 copy is not healthy", ("its signed fields: the encrypted content", "Go over")),
        ("zh-hans", "1 份副本异常", ("被签名的字段：所存的加密内容", "检查全账本")),
    ):
        for person, tenant in people:
            desk = client_of(person, tenant, language=language)
            assert home in desk.get("/").content.decode(), (language, str(tenant))
        desk = client_of(cast.manager, sent.anda, language=language)
        page = desk.get("/ledger/copies/").content.decode()
        assert all(word in page for word in words), language
        assert language == "en" or english(page) == []
    assert (
        "all taken"
        not in client_of(cast.manager, sent.anda).get("/ledger/copies/").content.decode()
    )


def test_that_a_log_stands_still_hides_not_why(sent):
    """Parcels without entries come between two refusals, and the standstill is told after them."""

    def refuse(code, other, by_us, hours):
        Refusal.objects.create(
            other=other.pk, by_us=by_us, parcel=uuid.uuid4(), subject="entries",
            code=code, detail="ciphertext does not open", at=AT + timedelta(hours=hours),
        )  # fmt: skip

    with tenant_context(sent.anda):
        refuse("bad_payload", sent.trust, False, 1)
        refuse("stalled", sent.trust, False, 9)
        Outbox.objects.update(refused_since=AT + timedelta(hours=1), refusals=2)
    assert elsewhere(sent).refusal.code == "bad_payload"
    with tenant_context(sent.trust):
        refuse("bad_payload", sent.anda, True, 1)
        refuse("stalled", sent.anda, True, 9)
        since, last = AT + timedelta(hours=2), AT + timedelta(hours=3)
        Replica.objects.update(checkpoint_size=8, behind_since=since, received_at=last)
    found = here(sent, timedelta(hours=10))
    assert (found.state, found.refusal.code, found.refusals) == (State.REFUSED, "bad_payload", 1)


def test_a_copy_here_is_whole_then_silent(sent):
    found = here(sent)
    assert (found.state, found.is_complete, found.payloads) == (State.WHOLE, True, 5)
    assert (found.cosigned_size, found.cosigned_at) == (5, AT)
    assert here(sent, timedelta(days=2)).state == State.WHOLE
    assert here(sent, timedelta(days=3)).state == State.SILENT


def test_a_log_that_signs_more_than_it_sends_stalls(sent):
    with tenant_context(sent.trust):
        Replica.objects.update(checkpoint_size=8, behind_since=AT)
    assert (here(sent).state, here(sent).missing) == (State.COMING, 3)
    assert here(sent, timedelta(hours=1)).state == State.STALLED


def test_the_page_says_all_is_well_or_what_is_not(sent, cast, client_of):
    trust = client_of(cast.analyst, cast.tenants.trust)
    manager = client_of(cast.manager, cast.tenants.anda)
    page = manager.get("/ledger/copies/").content.decode()  # it never took anything
    assert "1 counterparty holds nothing of your log yet" in page and "are healthy" not in page
    with tenant_context(sent.anda):
        receive_parcels(from_tenant=sent.trust, at=AT)
    assert "All copies are healthy" in manager.get("/ledger/copies/").content.decode()
    with tenant_context(sent.anda):
        halt(RollbackRefused(detail="of before"), at=AT)
    page = manager.get("/ledger/copies/").content.decode()
    assert "All copies" not in page and "Your own ledger stands still: nothing of it" in page
    page = trust.get("/ledger/copies/").content.decode()
    assert "1 copy is not healthy" in page  # nothing came since November
    assert f"Log of {cast.tenants.anda.name}, here: Silent" in page
    copy = trust.get(f"/ledger/copies/{sent.anda.pk}/")
    assert copy.status_code == 200 and "data-relative" not in copy.content.decode()
    for address in ("/ledger/copies/", "/ledger/checkpoints/"):  # one way of telling times
        page = manager.get(address).content.decode()
        assert 'title="20' in page and "data-relative" not in page


def test_home_says_that_something_is_not_as_it_was_signed(sent, cast, client_of):
    words = ("The stored ledger is not as it was signed", "1 copy that is kept here is not as it")
    for tenant, source, person in (
        (sent.anda, None, cast.manager),
        (sent.trust, sent.anda.pk, cast.analyst),
    ):
        desk = client_of(person, tenant)
        for is_found in (False, True):
            page = desk.get("/").content.decode()
            assert (words[source is not None] in page) == is_found
            assert words[source is None] not in page
            with tenant_context(tenant):
                LedgerCheck.objects.create(
                    source=source, entries=3, contents=3, checkpoints=1, part="leaf", index=3,
                    detail="x", checked_at=AT,
                )  # fmt: skip


def test_whose_log_nobody_keeps_is_not_told_that_all_copies_are_healthy(sent):
    kept = here(sent)
    with override("en"):
        reader = health_words.verdict([], [kept], sends=False)
        owner = health_words.verdict([], [kept], sends=True)
    assert reader["title"] == "1 copy that is kept here is healthy"
    assert "is sent to nobody" in reader["body"]
    assert (owner["tone"], owner["title"]) == ("warning", "Nobody keeps a copy of your log")


def test_a_holder_that_is_lost_is_not_on_its_way(sent, cast, client_of):
    """Nor is one that a demo's calendar left behind: its days pass in seconds."""
    with tenant_context(sent.anda):
        draft = Draft.service(
            kind="document.issued", rid=uuid.uuid4(), fields={"n": "9"}, ts=AT + timedelta(days=13)
        )
        services.append_entries(drafts=[draft])
    found = elsewhere(sent)
    assert (found.state, found.lag_hours) == (State.SILENT, 13 * 24)
    trust = Tenant.objects.filter(pk=sent.trust.pk)
    trust.update(schema_name="gone")  # as if somebody had dropped the schema
    try:
        assert elsewhere(sent).state == State.GONE
        page = client_of(cast.manager, sent.anda).get("/ledger/copies/").content.decode()
        assert "Lost there" in page and "nothing is kept there until" in page
    finally:
        trust.update(schema_name="trust")
