"""A root that a ledger stored before such were refused is named, and stops nobody."""

from django_tenants.utils import tenant_context

from ledger.models import TitleRootSeen
from ledger.titles import writing
from ledger.titles.selectors import own_epochs
from ledger.titles.tasks import enqueue_roots
from ledger.titles.writing import write_roots
from tests.ledger import test_title_roots as roots

NO_INSTANT = "2026-13-01T00:00:00.000000Z"
books_of, ledgers = roots.books_of, roots.ledgers


def test_a_stored_root_of_an_impossible_instant_is_passed_over(ledgers, books_of):
    [one] = roots.held(ledgers, 1)
    books_of.append(roots.holding(one, 1))
    first = roots.sealed()
    roots.write(ledgers.trust)
    roots.watch(ledgers.trust, 1)
    bad = roots.told_otherwise(first, epoch=2, sealed_at=NO_INSTANT)
    with tenant_context(ledgers.trust):
        values = {"source": ledgers.trust.pk, "epoch": 2, "seen_at": roots.NOW}
        TitleRootSeen.objects.create(index=99, fields=bad.fields(), **values)
    roots.tell(bad)
    roots.held(ledgers, 2)
    third = roots.sealed(20)
    assert roots.write(ledgers.trust) == 1
    checks = roots.watch(ledgers.trust, 21)
    assert [check.epoch for check in checks] == [third.root.epoch]
    assert ("malformed", 2, True) in roots.alarms(ledgers.trust)
    with tenant_context(ledgers.trust):
        assert [shown.row.epoch for shown in own_epochs()] == [3, 1]
        assert write_roots(at=roots.NOW) == 0


def test_however_many_cannot_be_read_the_next_that_can_is_written(ledgers, books_of, monkeypatch):
    monkeypatch.setattr(writing, "AT_ONCE", 3)
    [one] = roots.held(ledgers, 1)
    books_of.append(roots.holding(one, 1))
    first = roots.sealed()
    roots.write(ledgers.trust)
    for epoch in range(2, 7):
        roots.tell(
            roots.told_otherwise(first, epoch=epoch, sealed_at="2026-13-01T00:00:00.000000Z")
        )
    roots.held(ledgers, 2)
    newest = roots.sealed(20)
    assert newest.root.epoch == 7
    assert roots.write(ledgers.trust) == 1
    assert [check.epoch for check in roots.watch(ledgers.trust, 21)] == [7]


def test_one_that_cannot_be_read_holds_up_no_platform_that_was_restored(ledgers, books_of):
    """Its ledger cannot give it back, and nothing was told since."""
    roots.held(ledgers, 1)
    first = roots.sealed()
    roots.write(ledgers.trust)
    bad = roots.told_otherwise(first, epoch=2, sealed_at=NO_INSTANT)
    with tenant_context(ledgers.trust):
        values = {"source": ledgers.trust.pk, "epoch": 2, "seen_at": roots.NOW}
        TitleRootSeen.objects.create(index=99, fields=bad.fields(), **values)
        assert enqueue_roots() is False
        told = roots.told_otherwise(first, epoch=2)
        TitleRootSeen.objects.create(index=100, fields=told.fields(), **values)
        assert enqueue_roots() is True
