"""Anchoring as a lessor uses it: added off, switched on, followed by jobs, proven by downloads."""

import io
import json
import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django_tenants.utils import tenant_context

from ledger import services
from ledger.anchoring.ethereum import parse_address, show_address
from ledger.anchoring.services import add_target, anchor_now, switch_target
from ledger.anchoring.targets import evm_anchor, payer
from ledger.anchoring.tasks import anchor_all
from ledger.models import AnchorReceipt, AnchorTarget, Checkpoint, ReceiptState
from ledger.problems import AnchorUnusable, AnchorUnwanted
from tenants.jobs import run_waiting_jobs
from tests.http_server import serving
from tests.ledger.anchoring.authority import Authority
from tests.ledger.anchoring.chain import CHAIN_ID, Chain
from tests.ledger.test_publishing import grow

AT = "2026-11-01T08:00:00.000000Z"
NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture
def anda(cast, enter):
    enter(cast.tenants.anda)
    grow(4)
    services.seal_checkpoint(at=AT)
    return cast


def timestamp(url, authority, **change):
    return {"kind": "timestamp", "name": "Time", "url": url, "roots": authority.root} | {
        "every_hours": "24"
    } | change  # fmt: skip


def evm(url, **change):
    terms = {"chain_id": str(CHAIN_ID), "contract": "", "confirmations": "3", "max_fee_gwei": "100"}
    return {"kind": "evm", "name": "Chain", "url": url, "every_hours": "1"} | terms | change


def added(typed, cast):
    return add_target(typed=typed, by=cast.manager.pk, at=NOW)


def test_nothing_leaves_before_somebody_switches_it_on(anda, authority):
    asked = []

    def listen(query):
        asked.append(query)
        return authority.answer(query)

    with serving(listen) as url:
        target = added(timestamp(url, authority), anda)
        assert not target.is_active
        anchor_all(0)
        run_waiting_jobs()
        assert asked == []
        switch_target(target=target, on=True)
        anchor_all(0)
        run_waiting_jobs()
    assert len(asked) == 1
    (receipt,) = AnchorReceipt.objects.all()
    assert receipt.state == ReceiptState.CONFIRMED
    assert receipt.size == Checkpoint.objects.get().size


def test_as_often_as_was_said_and_never_one_checkpoint_twice(anda, authority):
    with serving(authority.answer) as url:
        target = added(timestamp(url, authority), anda)
        assert anchor_now(target=target, at=NOW).state == ReceiptState.CONFIRMED
        assert anchor_now(target=target, at=NOW + timedelta(days=3)) is None  # nothing is new
        grow(2)
        services.seal_checkpoint(at=AT)
        assert anchor_now(target=target, at=NOW + timedelta(hours=23)) is None
        assert anchor_now(target=target, at=NOW + timedelta(hours=24)).size > 6
    assert target.receipts.count() == 2


def test_an_outsider_that_is_away_or_hostile_is_asked_again_later(anda, authority):
    behave = {"answer": lambda _query: (503, "text/plain", b"")}
    with serving(lambda query: behave["answer"](query)) as url:
        target = added(timestamp(url, authority), anda)
        failed = anchor_now(target=target, at=NOW)
        assert (failed.state, failed.detail) == (ReceiptState.WAITING, "the authority answered 503")
        assert anchor_now(target=target, at=NOW + timedelta(seconds=61)) is None  # two minutes now
        behave["answer"] = lambda _query: (200, "application/timestamp-reply", b"junk")
        failed = anchor_now(target=target, at=NOW + timedelta(minutes=3))
        assert "no time stamp" in failed.detail
        behave["answer"] = authority.answer
        grow(1)
        services.seal_checkpoint(at=AT)  # sealing never waited
        done = anchor_now(target=target, at=NOW + timedelta(minutes=10))
    assert (done.state, done.detail, target.receipts.count()) == (ReceiptState.CONFIRMED, "", 1)


def test_the_contract_is_deployed_by_command_and_followed_until_it_counts(committed_cast):
    chain, said = Chain(), io.StringIO()

    def mining(body):
        answer = chain.answer(body)
        if b"eth_sendRawTransaction" in body:
            chain.mine()
        return answer

    with ExitStack() as stack:
        url = stack.enter_context(serving(mining))
        stack.enter_context(tenant_context(committed_cast.tenants.anda))
        grow(4)
        services.seal_checkpoint(at=AT)
        target = added(evm(url), committed_cast)
        with pytest.raises(AnchorUnwanted):
            switch_target(target=target, on=True)  # there is no contract yet
        call_command("anchor_contract", "anda", "Chain", stdout=said)
        target.refresh_from_db()
        assert target.terms["contract"] in said.getvalue()
        assert evm_anchor(target).code_is_ours()
        with pytest.raises(CommandError, match="already"):
            call_command("anchor_contract", "anda", "Chain")
        switch_target(target=target, on=True)
        assert anchor_now(target=target, at=NOW).state == ReceiptState.POSTED
        follow = anchor_now(target=target, at=NOW + timedelta(minutes=2))
        assert follow.state == ReceiptState.POSTED  # one confirmation of three
        chain.mine(3)
        done = anchor_now(target=target, at=NOW + timedelta(minutes=9))
        added(evm("http://127.0.0.1:9/") | {"name": "Nobody"}, committed_cast)
        with pytest.raises(CommandError, match=r"nobody listens at this address\. The account"):
            call_command("anchor_contract", "anda", "Nobody")
    assert done.state == ReceiptState.CONFIRMED
    assert json.loads(bytes(done.receipt))["publisher"] == payer(target)


def test_a_lost_transaction_is_sent_again(anda):
    chain = Chain()
    with serving(chain.answer) as url:
        target = added(evm(url), anda)
        anchor = evm_anchor(target)
        anchor.deploy()
        chain.mine()
        target.terms["contract"] = show_address(anchor.account.contract_at(0))
        target.save()
        assert parse_address(target.terms["contract"])
        at = NOW
        anchor_now(target=target, at=at)
        chain.waiting.clear()  # the node forgot it
        for _ in range(8):
            at += timedelta(hours=1)
            anchor_now(target=target, at=at)
        assert len(chain.waiting) == 1
        chain.mine(3)
        assert anchor_now(target=target, at=at + timedelta(hours=1)).state == ReceiptState.CONFIRMED


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "ftp://x.example"}, "url"),
        ({"name": " "}, "name"),
        ({"every_hours": "0"}, "every_hours"),
        ({"chain_id": "-1"}, "chain_id"),
        ({"chain_id": "1" * 30}, "chain_id"),
        ({"contract": "0x12"}, "contract"),
        ({"confirmations": "½"}, "confirmations"),
        ({"max_fee_gwei": ""}, "max_fee_gwei"),
        ({"kind": "oracle"}, "kind"),
    ],
)
def test_what_was_typed_wrong_is_named(anda, change, field):
    with pytest.raises(AnchorUnwanted) as refused:
        added(evm("http://127.0.0.1:1/") | change, anda)
    assert [error.field for error in refused.value.errors] == [field]
    assert not AnchorTarget.objects.exists()


def test_without_its_packages_the_command_that_installs_them_is_named(anda, monkeypatch):
    monkeypatch.setitem(sys.modules, "rlp", None)  # as where it is not installed
    target = added(evm("http://127.0.0.1:1/"), anda)
    with pytest.raises(AnchorUnusable) as refused:
        switch_target(target=target, on=True)
    assert "Not installed: rlp." in refused.value.text()
    command = "uv pip install --require-hashes -r requirements/anchoring.txt"
    assert command in str(refused.value)
    assert command in (settings.BASE_DIR / "docs" / "ledger.md").read_text()


def test_the_pages_add_switch_and_hand_out_the_proof(anda, authority, client_of):
    manager = client_of(anda.manager, anda.tenants.anda)
    officer = client_of(anda.officer, anda.tenants.anda)
    with serving(authority.answer) as url:
        typed = timestamp(url, authority)
        assert officer.post("/ledger/anchors/add/timestamp/", typed).status_code == 403
        wrong = manager.post("/ledger/anchors/add/timestamp/", typed | {"roots": "none"})
        assert wrong.status_code == 422
        assert "BEGIN CERTIFICATE" in wrong.content.decode()
        assert manager.post("/ledger/anchors/add/timestamp/", typed).status_code == 302
        with tenant_context(anda.tenants.anda):
            target = AnchorTarget.objects.get()
        manager.post(f"/ledger/anchors/{target.pk}/switch", {"on": "1"})
        anchor_all(0)
        run_waiting_jobs()
    with tenant_context(anda.tenants.anda):
        receipt = AnchorReceipt.objects.get()
    page = officer.get("/ledger/anchors/").content.decode()
    assert "Confirmed" in page
    text = officer.get(f"/ledger/anchors/statements/{receipt.size}").content
    proof = officer.get(f"/ledger/anchors/receipts/{receipt.pk}").content
    assert authority.verified_by_openssl(text, proof)
    evm_form = {name: value for name, value in evm("http://127.0.0.1:1/").items() if name != "kind"}
    assert manager.post("/ledger/anchors/add/evm/", evm_form).status_code == 302
    with tenant_context(anda.tenants.anda):
        chain = AnchorTarget.objects.get(kind="evm")
    switched = manager.post(f"/ledger/anchors/{chain.pk}/switch", {"on": "1"}, follow=True)
    assert "not deployed yet" in switched.content.decode()
    assert manager.get("/ledger/anchors/add/oracle/").status_code == 404


def test_who_added_a_target_may_delete_it_until_it_was_asked(anda, authority, client_of):
    lessor = anda.tenants.anda
    manager, officer = client_of(anda.manager, lessor), client_of(anda.officer, lessor)

    def delete(target, desk=manager):
        return desk.post(f"/ledger/anchors/{target.pk}/delete", follow=True)

    with serving(authority.answer) as url:
        target = added(timestamp(url, authority), anda)
        strangers = added(timestamp(url, authority, name="another's"), anda)
        AnchorTarget.objects.filter(pk=strangers.pk).update(added_by=anda.officer.pk)
        page = manager.get("/ledger/anchors/").content.decode()
        assert page.count("/delete") == 1 and "Only the person who added it" in page
        assert "nothing was deleted" in delete(strangers).content.decode()
        assert delete(target, officer).status_code == 403
        assert "is deleted" in delete(target).content.decode()
        with tenant_context(lessor):
            assert AnchorTarget.objects.get() == strangers
            AnchorTarget.objects.update(added_by=anda.manager.pk)
            anchor_now(target=switch_target(target=strangers, on=True), at=NOW)
    page = manager.get("/ledger/anchors/").content.decode()
    assert "/delete" not in page and "It cannot be deleted" in page
    assert "what it was shown and answered is kept" in delete(strangers).content.decode()
    with (
        tenant_context(lessor),
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM ledger_anchor_target")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
