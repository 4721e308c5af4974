"""Appends free the head before the disk has them; no answer and no signed root before it does."""

import pytest
from django.db import connection, transaction

from ledger import services
from ledger.signing.signer import LogSigner
from tenants.database.bound import run_bound
from tests.ledger.test_append import LATER, note

FLUSHED = "SELECT pg_current_wal_flush_lsn() >= %b::pg_lsn"


@pytest.fixture
def waiting(committed_cast, enter):
    """A lessor's open log on a connection whose commits wait for the disk, as in production."""
    enter(committed_cast.tenants.anda)
    services.append_entry(draft=note(1))
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
        yield
        cursor.execute("RESET synchronous_commit")


def shown(name: str) -> str:
    return run_bound("SELECT current_setting(%b)", [name])[0][0]


def written() -> str:
    return run_bound("SELECT pg_current_wal_insert_lsn()::text")[0][0]


def is_on_disk(place: str) -> bool:
    return run_bound(FLUSHED, [place])[0][0]


def test_the_head_is_free_at_once_and_the_answer_waits_for_the_disk(waiting):
    for number in range(2, 8):  # the server's own writer may be first once, not each time
        with transaction.atomic():
            services.append_entry(draft=note(number))
            assert shown("synchronous_commit") == "off"
            place = written()
        assert is_on_disk(place)
        assert shown("synchronous_commit") == "on"


def test_many_appends_of_one_transaction_wait_once(waiting):
    with transaction.atomic():
        with transaction.atomic():
            services.append_entry(draft=note(2))
        services.append_entry(draft=note(3))
        assert len(connection.run_on_commit) == 1
    with pytest.raises(RuntimeError, match="back"), transaction.atomic():
        services.append_entry(draft=note(4))
        raise RuntimeError("back")
    assert not connection.run_on_commit
    assert shown("synchronous_commit") == "on"


def test_no_root_is_signed_of_what_a_crash_could_take_back(waiting, monkeypatch):
    places, sign = [], LogSigner.sign

    def watched(self, *arguments, **named):
        assert is_on_disk(places[-1])
        return sign(self, *arguments, **named)

    monkeypatch.setattr(LogSigner, "sign", watched)
    for number in range(2, 6):
        with transaction.atomic():
            services.append_entry(draft=note(number))
            connection.run_on_commit.clear()  # who appended was cut off before the disk had it
            places.append(written())
        assert services.seal_checkpoint(at=LATER).size >= number
