"""Who asks the title registry for proofs: three ledgers under one map."""

import subprocess
import uuid
from datetime import timedelta

from django_tenants.utils import tenant_context

from ledger import services
from ledger.core.notes import NoteKey
from ledger.log_keys import own_log_keys
from ledger.titles import books
from ledger.titles.asking import ask_for_proof
from ledger.titles.books import Claim, Subject
from ledger.titles.writing import write_roots
from tests.ledger.test_second_verifier import CLI, node
from tests.ledger.test_title_epochs import NOW, RIGHT, claimed, held, sealed, vin

AT = "2026-11-02T08:00:00.000000Z"
BY = uuid.UUID(int=7)


def make_desk(cast, monkeypatch):
    """`desk.own`: vehicles by claim, as the books say; `desk.pool`: an id for all of them."""
    own: dict[uuid.UUID, str | None] = {}
    cast.own, cast.pool = own, uuid.uuid4()

    def screened(subject_id):
        claims = list(own) if subject_id == cast.pool else [subject_id]
        known = [Claim(one, RIGHT, own[one]) for one in claims if own.get(one)]
        return Subject("what is asked for", known) if known else None

    monkeypatch.setattr(books, "_screened", [screened])
    for tenant in (cast.anda, cast.trust, cast.xingyu):
        with tenant_context(tenant):
            services.open_log(at=NOW)
    return cast


def publish(desk, minutes=0):
    """An epoch, on every ledger, each under a checkpoint."""
    signed = sealed(minutes)
    for tenant in (desk.anda, desk.trust, desk.xingyu):
        with tenant_context(tenant):
            write_roots(at=NOW)
            services.seal_checkpoint(at=AT)
    return signed


def ask(tenant, subject, minutes=1):
    with tenant_context(tenant):
        return ask_for_proof(
            subject_id=subject, by=BY, now=NOW + timedelta(minutes=minutes), at=NOW
        )


def key_of(tenant) -> NoteKey:
    with tenant_context(tenant):
        return own_log_keys().newest


def make_proven(desk):
    """The trust holds vehicles 1 and 3; a lessor claims vehicle 2, which nobody holds."""
    desk.one, _other = held(desk, 1, 3)
    [desk.two] = claimed(desk, 2)
    desk.own |= {desk.one: vin(1), desk.two: vin(2)}
    desk.signed = publish(desk)
    return desk


def by_command(path, *more):
    """The second verifier as its users run it."""
    command = [node(), str(CLI), str(path), *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)
