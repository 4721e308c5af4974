"""An application from the phone: sent to the desk, back with a question, answered, approved."""

import json
from datetime import timedelta

from django.utils import timezone
from django_tenants.utils import tenant_context

from ledger.exchange.erasing import erase_record
from origination.domain.life.machine import Move
from origination.models import Application, Lease
from origination.services.desk import Actor, move_application
from tests.browser.phone_steps import fill_lessee, fill_terms, fill_vehicle, good_vin, opened_by
from tests.browser.test_phone import WIDTH, phone  # noqa: F401 (fixture)

QUESTION = "Which bank pays the rent?"


def moved(site, rid, move, **given):
    with tenant_context(site.cast.anda):
        actor = Actor(site.cast.manager.pk)
        move_application(rid=rid, move=move, given=given, actor=actor, at=timezone.now())


def test_a_question_of_the_desk_is_answered_on_the_phone(site, phone):  # noqa: F811
    phone.click("[data-new-application]")
    fill_lessee(phone)
    fill_vehicle(phone, good_vin(31))
    fill_terms(phone, "AD-2026-000031")
    phone.click("[data-next]")
    phone.locator("#summary dd").first.wait_for()
    assert "desk" in phone.text_content("[data-sign]")
    assert '"type":"application.recorded"' in phone.text_content("#signed-bytes")
    phone.click("[data-sign]")
    phone.locator("#record-verdict .verdict--success").wait_for()
    rid = phone.text_content("#record-rid")
    with tenant_context(site.cast.anda):
        application = Application.objects.get(rid=rid)
        assert not Lease.objects.filter(rid=application.lease_rid).exists()
    moved(site, rid, Move.ASK, question=QUESTION)

    phone.click("[data-back]")
    phone.click("[data-applications]")
    row = phone.locator("#application-rows .record-row")
    row.wait_for()
    assert QUESTION in row.text_content() and "questions" in row.text_content()
    assert phone.evaluate(WIDTH) == 0
    phone.context.set_offline(True)  # the list and what was typed are there without a network
    phone.click("[data-back]")
    phone.click("[data-applications]")
    row.click()
    phone.locator("#form-question").wait_for()
    assert QUESTION in phone.text_content("#form-question")
    assert phone.input_value("#f-lessee_name") == "王小明"
    phone.click("[data-next]")
    phone.click("[data-next]")
    before = phone.get_attribute("[data-rent]", "data-rent")
    phone.fill("#f-financed_amount_minor", "98000")
    phone.locator(f"[data-rent]:not([data-rent='{before}'])").wait_for()
    phone.click("[data-next]")
    phone.click("[data-next]")
    phone.locator("[data-field=answer] .field__error").wait_for()  # not without an answer
    phone.fill("#f-answer", "招商银行 deposits the salary.")
    phone.click("[data-next]")
    phone.locator("#summary dd").first.wait_for()
    assert "招商银行" in phone.text_content("#summary")
    phone.click("[data-sign]")
    phone.locator("#record-verdict .verdict--warning").wait_for()
    phone.click("[data-back]")
    phone.locator("#records .pill--warning").wait_for()  # the list of before says that it is proved
    phone.context.set_offline(False)
    phone.locator("#records .pill--success").wait_for()

    with tenant_context(site.cast.anda):
        first, second = application.versions.order_by("number")
        assert (second.answer, second.record["financed_amount_minor"]) == (
            "招商银行 deposits the salary.", "9800000",
        )  # fmt: skip
        assert second.entry_index > first.entry_index
    (kept,) = json.loads(opened_by(phone))
    assert (kept["state"], int(kept["index"])) == ("proved", second.entry_index)
    moved(site, rid, Move.DECLINE, reason="other terms")
    with tenant_context(site.cast.anda):  # the version before is erased: this phone keeps its own
        at = timezone.now() + timedelta(seconds=1)
        by = site.cast.manager.pk
        erase_record(index=first.entry_index, reason="subject_request", by=by, at=at)
    phone.reload()
    phone.locator("#unlock-pin").wait_for()
    phone.fill("#unlock-pin", "748291")
    phone.click("#unlock-form button[type=submit]")
    phone.click("[data-flush]")
    phone.click("[data-applications]")
    phone.locator("#application-rows .pill--danger").wait_for()
    assert json.loads(opened_by(phone))[0]["state"] == "proved"
