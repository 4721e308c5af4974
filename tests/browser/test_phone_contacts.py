"""An officer on the road: the overdue customers, a visit recorded without a network, its proof."""

from datetime import timedelta

from django.utils import timezone
from django_tenants.utils import tenant_context

from ledger.models import Entry
from origination.models import CollectionContact, Lease, PaymentPromise
from origination.selectors.collections.queue import Wanted, find_queue
from origination.services.collections import Assignment, assign_leases, bar_calls
from tests.browser.test_phone import WIDTH, phone  # noqa: F401
from tests.origination.books import load_book


def overdue(cast):
    """One lease of a small book, assigned to the officer."""
    now = timezone.now()
    load_book(cast.anda, by=cast.back_office, leases=12)
    with tenant_context(cast.anda):
        rows = find_queue(Wanted(sort="owed"), as_of=now.date(), known_at=now, limit=1).rows
        plan = [Assignment(row.rid, cast.officer.pk) for row in rows]
        assign_leases(assignments=plan, by=cast.manager.pk, at=now)
    return rows[0]


def test_a_visit_recorded_offline_is_proved_once_the_network_is_back(site, phone):  # noqa: F811
    row = overdue(site.cast)
    phone.click("[data-work]")
    phone.locator("#work-rows .record-row").wait_for()
    phone.click("[data-back]")
    phone.context.set_offline(True)
    phone.click("[data-work]")  # as the server told it last
    phone.click("#work-rows .record-row")
    assert row.lessee_name in phone.locator("#contact-title").text_content()
    phone.select_option("#c-channel", "visit")
    phone.select_option("#c-outcome", "promised")
    phone.fill("#c-promised", "1,200.50")
    phone.click("#contact-form [type=submit]")
    assert phone.locator("#contact-form .field__error").count() == 2  # no day, no place
    phone.fill("#c-promised-on", (timezone.now() + timedelta(days=4)).strftime("%Y-%m-%d"))
    phone.fill("#c-place", "小区门口")
    phone.check("#contact-form [name=inbound]")
    assert phone.evaluate(WIDTH) == 0
    phone.click("#contact-form [type=submit]")
    assert '"type":"contact.recorded"' in phone.locator("#contact-bytes").text_content()
    phone.click("#contact-sign [value=sign]")
    phone.locator("#record-verdict .verdict--warning").wait_for()
    with tenant_context(site.cast.anda):
        assert not CollectionContact.objects.exists()
    phone.context.set_offline(False)
    phone.click("[data-home]")
    phone.locator("#records .pill--success").wait_for()
    with tenant_context(site.cast.anda):
        kept, promise = CollectionContact.objects.get(), PaymentPromise.objects.get()
        assert (kept.lease_id, kept.place, promise.amount_minor) == (row.rid, "小区门口", 120_050)
        assert Entry.objects.get(index=kept.entry_index).kid == phone.kid
        lease = Lease.objects.get(rid=row.rid)
        bar_calls(lease=lease, barred=True, reason="x", by=site.cast.manager.pk, at=timezone.now())
    phone.click("[data-work]")
    phone.click("#work-rows .record-row")
    phone.locator("#contact-barred").wait_for()
    phone.select_option("#c-channel", "call")
    phone.click("#contact-form [type=submit]")
    phone.click("#contact-sign [value=sign]")
    phone.locator("#record-verdict .notice--danger").wait_for()
    with tenant_context(site.cast.anda):
        assert CollectionContact.objects.count() == 1
    phone.click("[data-own-up]")
    phone.locator("#record-verdict .verdict--success").wait_for()
    with tenant_context(site.cast.anda):
        assert "do_not_call" in CollectionContact.objects.get(channel="call").breaches
