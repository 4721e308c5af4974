"""A tenant's witness: what it cosigns, what it refuses, and that it never cosigns two histories."""

import threading

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import InternalError, ProgrammingError
from django.test import Client
from django_tenants.utils import tenant_context

from ledger import services
from ledger.core.checkpoints import open_checkpoint
from ledger.core.ed25519 import SecretKey
from ledger.core.errors import LedgerError
from ledger.core.fork import Fork, verify_fork
from ledger.core.log_keys import LogKeys
from ledger.core.notes import (
    ED25519_COSIGNATURE,
    MLDSA44_COSIGNATURE,
    NoteKey,
)
from ledger.core.witness import AddCheckpoint, origin_hash, read_response
from ledger.models import (
    ForkProof,
    WitnessedLog,
)
from ledger.witnessing import server
from ledger.witnessing.contradictions import rule_on
from ledger.witnessing.limits import Limiter
from ledger.witnessing.state import watch_log
from tests.ledger import reference
from tests.ledger.witnessed import (
    FORK,
    LEAVES,
    OUTSIDE,
    OUTSIDE_KEY,
    OUTSIDE_ORIGIN,
    asked,
    keys_of,
    post,
)

AT = "2026-11-01T08:00:00.000000Z"
pytestmark = pytest.mark.usefixtures("unlimited")


def test_a_log_outside_is_cosigned_with_both_algorithms(watched):
    answer = post("auditor", asked(0, 5))
    assert answer.status_code == 200
    text = AddCheckpoint.parse(asked(0, 5)).note.text
    keys = keys_of(watched.tenants.auditor)
    found = read_response(answer.content, text, keys)
    kinds = [item.key.kind for _, item in found]
    assert kinds == [ED25519_COSIGNATURE, MLDSA44_COSIGNATURE]
    assert post("auditor", asked(5, 12)).status_code == 200
    latest = Client(SERVER_NAME="auditor.localhost").get(
        f"/witness/{origin_hash(OUTSIDE_ORIGIN)}/checkpoint"
    )
    checkpoint, verified = open_checkpoint(latest.content, OUTSIDE_KEY, keys)
    assert (checkpoint.size, checkpoint.root) == (12, reference.mth(LEAVES[:12]))
    assert len(verified) == 3


def test_each_refusal_has_its_status_and_stores_nothing(watched):
    assert post("auditor", asked(0, 5)).status_code == 200
    stale = post("auditor", asked(0, 9))
    assert (stale.status_code, stale.content) == (409, b"5\n")
    assert stale["Content-Type"] == "text/x.tlog.size"
    stranger = SecretKey(b"x" * 32)
    for body, status in [
        (asked(5, 9, FORK), 422),
        (asked(5, 9, secret=stranger), 403),
        (asked(0, 9, origin="unknown.test/log"), 404),
        (b"old 0\n", 400),
        (b"x" * ((1 << 16) + 1), 413),
    ]:
        answer = post("auditor", body)
        assert answer.status_code == status, answer.content
        assert answer.content.endswith(b"\n")
    with tenant_context(watched.tenants.auditor):
        row = WitnessedLog.objects.get()
        assert (row.size, bytes(row.root)) == (5, reference.mth(LEAVES[:5]))
    assert post("auditor", asked(5, 9)).status_code == 200


def test_a_log_outside_that_signed_two_histories_is_cosigned_no_longer(watched, client_of):
    """Two checkpoints of one size: the evidence is kept, and an operator decides."""
    assert post("auditor", asked(0, 5)).status_code == 200
    assert post("auditor", asked(5, 5, FORK, secret=SecretKey(b"x" * 32))).status_code == 403
    assert post("auditor", asked(5, 6)).status_code == 200  # a stranger convicts nobody
    assert post("auditor", asked(6, 6, FORK)).status_code == 422
    assert post("auditor", asked(6, 9)).status_code == 403  # what was good before is refused now
    with tenant_context(watched.tenants.auditor):
        proof = ForkProof.objects.get()
    heads = verify_fork(Fork.parse(bytes(proof.evidence)), LogKeys.single(OUTSIDE_KEY))
    assert {head.root for head in heads} == {reference.mth(LEAVES[:6]), reference.mth(FORK[:6])}
    desk = client_of(watched.auditor, watched.tenants.auditor)
    page = desk.get("/ledger/copies/").content.decode()
    assert f"The log of {OUTSIDE_ORIGIN} has two histories" in page
    assert desk.get(f"/ledger/copies/forks/{proof.digest}").content == bytes(proof.evidence)
    with tenant_context(watched.tenants.auditor):
        services.open_log(at=AT)
    assert "Two histories" in desk.get("/ledger/trust/").content.decode()
    call_command("witness_log", "auditor", OUTSIDE_KEY.vkey(), go_on="they restored a backup")
    assert post("auditor", asked(6, 6, FORK)).status_code == 422  # no new conviction
    assert post("auditor", asked(6, 9)).status_code == 200
    assert "they restored a backup" in desk.get("/ledger/copies/").content.decode()


def test_other_tenants_do_not_know_the_log_and_nothing_else_is_served(watched):
    assert post("trust", asked(0, 5)).status_code == 404
    client = Client(SERVER_NAME="auditor.localhost")
    assert client.get("/witness/add-checkpoint").status_code == 405
    assert client.get(f"/witness/{origin_hash(OUTSIDE_ORIGIN)}/checkpoint").status_code == 404
    assert client.get("/witness/" + "A" * 64 + "/checkpoint").status_code == 404
    assert client.post(f"/witness/{origin_hash(OUTSIDE_ORIGIN)}/checkpoint").status_code == 405


def test_whoever_asks_too_often_waits(watched, monkeypatch):
    monkeypatch.setattr(server, "limiter", Limiter(rate=0.001, burst=2))
    answers = [post("auditor", asked(0, 5)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 409, 429]
    assert answers[2]["Retry-After"]
    assert post("auditor", asked(5, 6), REMOTE_ADDR="10.0.0.9").status_code == 200


def test_the_limiter_fills_up_again_and_forgets():
    now = [0.0]
    limiter = Limiter(rate=1, burst=2, askers=2, clock=lambda: now[0])
    assert [limiter.take("a") for _ in range(3)] == [True, True, False]
    now[0] = 1.0
    assert [limiter.take("a"), limiter.take("a")] == [True, False]
    assert limiter.take("b")
    assert limiter.take("c")  # "a" is forgotten
    assert limiter.take("a")


def test_a_log_is_added_once_and_under_one_key(watched):
    with tenant_context(watched.tenants.auditor):
        watch_log(OUTSIDE_KEY.vkey())
        assert WitnessedLog.objects.count() == 1
        other = NoteKey(OUTSIDE_ORIGIN, 0x01, SecretKey(b"p" * 32).public)
        for text in (other.vkey(), "nonsense", NoteKey("w", 0x04, OUTSIDE.public).vkey()):
            with pytest.raises(LedgerError):
                watch_log(text)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_witnessed SET size = size - 1",
        r"UPDATE ledger_witnessed SET root = '\x00'",
        "UPDATE ledger_witnessed SET origin = 'another'",
        "DELETE FROM ledger_witnessed",
        "TRUNCATE ledger_witnessed",
    ],
)
def test_the_database_refuses_to_go_back(watched, statement):
    assert post("auditor", asked(0, 5)).status_code == 200
    with (
        tenant_context(watched.tenants.auditor),
        pytest.raises((ProgrammingError, InternalError)),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


# -- racing -----------------------------------------------------------------------------------


def race(bodies):
    barrier, answers = threading.Barrier(len(bodies)), []

    def ask(body):
        barrier.wait()
        answers.append((post("auditor", body).status_code, body))
        connection.close()

    threads = [threading.Thread(target=ask, args=[body]) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_of_two_racing_forks_exactly_one_is_cosigned(committed_cast):
    tenant = committed_cast.tenants.auditor
    with tenant_context(tenant):
        watch_log(OUTSIDE_KEY.vkey())
        services.open_log(at=AT)
    size = 0
    trees = {True: LEAVES, False: FORK}
    first = race([asked(0, 3, leaves) for leaves in trees.values()] * 3)
    statuses = sorted(status for status, _ in first)
    assert statuses[0] == 200 and set(statuses[1:]) <= {403, 409, 422}  # the loser convicts the log
    won = next(body for status, body in first if status == 200)
    ours = LEAVES if won == asked(0, 3, LEAVES) else FORK
    other = FORK if ours is LEAVES else LEAVES
    size = 3
    for new in (7, 12, 20):
        with tenant_context(tenant):
            rule_on(WitnessedLog.objects.get(), reason="one of the two is ours", at=AT)
        answers = race([asked(size, new, ours), asked(size, new, other)] * 2)
        assert [status for status, body in answers if body == asked(size, new, other)].count(
            200
        ) == 0
        assert [status for status, _ in answers].count(200) == 1
        size = new
    with tenant_context(tenant):
        row = WitnessedLog.objects.get()
        assert (row.size, bytes(row.root)) == (20, reference.mth(ours))
