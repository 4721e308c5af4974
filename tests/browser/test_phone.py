"""From a phone to the ledger: enrol, approve in a second browser, record, prove on the phone."""

import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context
from PIL import Image

from ledger import halting
from ledger.exchange.erasing import erase_record
from ledger.models import Entry
from ledger.problems import RollbackRefused
from ledger.services import approve_key, seal_checkpoint
from mobile_api.models import Photo, UnlockSecret
from origination.models import Lease
from tests.browser.chromium import watched
from tests.browser.phone_steps import (
    choose_pin,
    decide,
    enrol,
    fill_lessee,
    good_vin,
    opened_by,
    raw_of,
    through_the_door,
    to_signing,
    unlock,
)

WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


#: The next answer about what was erased names another entry than the log does.
LIE_ONCE = """() => {
    const ask = window.fetch;
    window.fetch = async (...asked) => {
        const answer = await ask(...asked);
        if (!String(asked[0]).includes("erased")) return answer;
        window.fetch = ask;
        const told = await answer.json();
        told[0].fields.entry = "999";
        return new Response(JSON.stringify(told), { status: 200 });
    };
}"""


@pytest.fixture
def phone(site, open_page, sign_in):
    """An enrolled and approved phone of the officer, on its home screen."""
    page = sign_in(open_page(phone=True), "officer", "anda", "/phone/")
    page.kid = enrol(page, "Li Na, work phone")
    with tenant_context(site.cast.anda):
        approve_key(kid=page.kid, by=site.cast.manager.pk, at=timezone.now())
    page.reload()  # it would ask by itself, in two seconds
    choose_pin(page)
    page.locator("[data-new-lease]").wait_for()
    return page


def leases(site, enter):
    enter(site.cast.anda)
    return Lease.objects


def test_a_lease_from_the_phone_to_its_proof(site, open_page, sign_in, tmp_path, enter):
    phone = sign_in(open_page(phone=True), "officer", "anda", "/phone/")
    kid = enrol(phone, "Li Na, work phone")
    decide(open_page, sign_in, kid, "approve")
    choose_pin(phone)
    phone.locator("[data-new-lease]").wait_for()
    photo = tmp_path / "car.jpg"
    Image.new("RGB", (320, 200), "teal").save(photo)
    to_signing(phone, contract="AD-2026-000017", vin=good_vin(17), photo=photo)
    signed = phone.locator("#signed-bytes").text_content()
    assert f'"device":"{kid}"' in signed
    phone.click("[data-sign]")
    phone.locator("#record-verdict .verdict--success").wait_for()
    assert phone.evaluate(WIDTH) == 0
    rid = phone.locator("#record-rid").text_content()
    lease = leases(site, enter).get(rid=rid)
    assert (lease.lessee_name, lease.record["rent_minor"]) == ("王小明", "345053")
    assert lease.record["photo_sha256"] == Photo.objects.get().sha256
    assert f"{lease.entry_index} in a ledger of" in phone.text_content("#record-verdict")
    assert phone.locator("#record-path .proof__step--root").count() == 1


def test_a_wrong_vin_is_stopped_while_it_is_typed(phone):
    phone.click("[data-new-lease]")
    fill_lessee(phone)
    wrong = good_vin(18)[:8] + ("0" if good_vin(18)[8] != "0" else "1") + good_vin(18)[9:]
    phone.fill("#f-vin", wrong)
    field = phone.locator("[data-field=vin]")
    assert good_vin(18)[8] in field.locator(".field__error").text_content()
    assert "China and North America" in field.locator(".field__mend").text_content()
    phone.click("[data-next]")
    assert phone.locator("[data-step=vehicle]").is_visible()
    phone.fill("#f-vin", "WDD" + wrong[3:])
    assert field.locator("[data-confirm]").is_visible()


def test_what_the_server_refuses_comes_back_beside_its_field(phone):
    to_signing(phone, contract="AD-2026-000019", vin=good_vin(19), financed="900000")
    phone.click("[data-sign]")
    field = phone.locator("[data-field=financed_amount_minor]")
    field.locator(".field__error").wait_for()
    assert phone.locator("[data-step=terms]").is_visible()
    assert phone.input_value("#f-contract_number") == "AD-2026-000019"
    phone.fill("#f-financed_amount_minor", "112000")
    phone.locator("[data-rent='345053']").wait_for()
    phone.click("[data-next]")
    phone.click("[data-next]")
    phone.locator("#summary dd").first.wait_for()
    phone.click("[data-sign]")
    phone.locator("#record-verdict .verdict--success").wait_for()


HIDDEN = ("王小明", "11010519491231002X", good_vin(20), "AD-2026-000020", "BYD", "car.jpg")


def test_nothing_is_lost_when_the_page_is_killed_without_a_network(site, phone, enter, tmp_path):
    """Nor does anybody read it on the phone until the PIN is typed."""
    photo = tmp_path / "car.jpg"
    Image.new("RGB", (32, 20), "teal").save(photo)
    to_signing(phone, contract="AD-2026-000020", vin=good_vin(20), photo=photo)
    phone.context.set_offline(True)
    phone.click("[data-sign]")
    phone.locator("#record-verdict .verdict--warning").wait_for()
    rid = phone.locator("#record-rid").text_content()
    phone.click("[data-home]")
    phone.click("[data-new-lease]")
    fill_lessee(phone)
    phone.set_input_files("#f-photo", photo)
    phone.wait_for_timeout(600)  # the draft is written a moment after the last key
    context, address = phone.context, phone.url
    phone.close(run_before_unload=False)
    phone = watched(context.new_page())
    phone.goto(address)  # the service worker answers
    phone.locator("[data-waiting]", has_text="Waiting to be sent: 1").wait_for()
    raw, shown = raw_of(phone), phone.content()
    assert rid in raw
    assert [text for text in HIDDEN if text in raw or text in shown] == []
    assert "\u00ff\u00d8" not in raw and "JFIF" not in raw
    unlock(phone, "748292")
    field = phone.locator("[data-field=unlock-pin]")
    assert "9 more may be tried" in field.locator(".field__error").text_content()
    unlock(phone)
    phone.locator(".record-row .pill--warning").wait_for()
    phone.click("[data-go-on]")
    phone.locator("[data-step=lessee]").wait_for()
    assert phone.input_value("#f-lessee_name") == "王小明"
    phone.locator("#photo-preview img").wait_for(state="attached")
    phone.click("[data-back]")
    phone.context.set_offline(False)
    phone.locator(".record-row .pill--success").wait_for()
    assert leases(site, enter).get(rid=rid).record["photo_sha256"]


def test_a_draft_is_thrown_away_only_when_asked(phone):
    def back_home():
        phone.reload()
        unlock(phone)
        phone.locator("[data-go-on]").wait_for()
        phone.click("[data-new-lease]")
        phone.locator("#draft-kept").wait_for()

    phone.click("[data-new-lease]")
    phone.fill("#f-lessee_name", "王小明")
    phone.wait_for_timeout(600)  # the draft is written a moment after the last key
    back_home()
    phone.click("#draft-kept [data-close-dialog]")
    back_home()
    phone.click("[data-draft-go-on]")
    phone.locator("[data-step=lessee]").wait_for()
    assert phone.input_value("#f-lessee_name") == "王小明"
    back_home()
    phone.click("[data-draft-anew]")
    phone.locator("[data-step=lessee]").wait_for()
    assert phone.input_value("#f-lessee_name") == ""


def test_a_revoked_phone_is_told(site, phone, open_page, sign_in, enter):
    to_signing(phone, contract="AD-2026-000021", vin=good_vin(21))
    decide(open_page, sign_in, phone.kid, "revoke")
    phone.click("[data-sign]")
    notice = phone.locator("#record-verdict .notice--danger")
    notice.wait_for()
    assert "revoked" in notice.text_content()
    phone.reload()
    phone.click("[data-enrol-again]")
    kid = enrol(phone, "Li Na, once more")
    assert not leases(site, enter).filter(contract_number="AD-2026-000021").exists()
    approve_key(kid=kid, by=site.cast.manager.pk, at=timezone.now())
    phone.reload()
    with phone.expect_response("**/unlock/"):  # the new key is given a secret of its own
        unlock(phone)
    phone.locator(".record-row .pill--danger").wait_for()  # what was refused is still there
    assert list(UnlockSecret.objects.filter(kid__in=[kid, phone.kid])) == [
        UnlockSecret.objects.get(kid=kid)
    ]


def test_the_key_is_lost_with_the_phone_only(phone):
    phone.reload()
    unlock(phone)
    phone.locator("[data-new-lease]").wait_for()
    phone.locator("[data-own-key] summary").click()
    assert phone.locator("[data-screen=home] [data-device-kid]").text_content() == phone.kid


def test_the_page_speaks_chinese(open_page, sign_in):
    page = sign_in(open_page(phone=True, language="zh-CN", dark=True), "officer", "anda", "/phone/")
    page.locator("#enrol-form").wait_for()
    assert page.text_content("[data-device=none] h1") == "登记此手机"
    page.click("#enrol-form button[type=submit]")
    assert "此字段为空" in page.text_content("#enrol-form .field__error")
    assert page.evaluate(WIDTH) == 0


def test_nothing_is_lost_while_the_ledger_stands_still(site, phone, enter):
    """Nor where the server does not know any more what it had accepted."""
    with tenant_context(site.cast.anda):
        halting.halt(RollbackRefused(detail="The log went back."), at=timezone.now())
    to_signing(phone, contract="AD-2026-000031", vin=good_vin(31))
    phone.click("[data-sign]")
    notice = phone.locator("#record-verdict .notice--warning")
    notice.wait_for()
    told = notice.text_content()
    assert "The ledger stands still" in told and "The log went back." in told
    assert "kept on this phone" in told and phone.evaluate(WIDTH) == 0
    rid = phone.locator("#record-rid").text_content()
    assert not leases(site, enter).filter(rid=rid).exists()
    with tenant_context(site.cast.anda):
        seal_checkpoint(at=timezone.now())
    unknown = {"title": "Unknown", "code": "record_unknown", "status": 404}
    sent = []
    phone.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    phone.route("**/receipt/", lambda route: route.fulfill(status=404, json=unknown), times=2)
    phone.click("[data-home]")
    phone.click("[data-flush]")
    phone.locator("#notices .notice--danger").wait_for()
    phone.click("[data-flush]")
    phone.locator("#records .pill--success").first.wait_for()
    sent = [url.rpartition("/v1/")[2] for url in sent]
    assert [path for path in sent if path != "leases/erased/"] == ["leases/", "leases/"]
    assert leases(site, enter).filter(rid=rid).count() == 1


def test_the_phone_forgets_what_was_erased_and_keeps_the_proof(site, phone, enter):
    to_signing(phone, contract="AD-2026-000041", vin=good_vin(41))
    phone.click("[data-sign]")
    phone.locator("#record-verdict .verdict--success").wait_for()
    rid = phone.locator("#record-rid").text_content()
    with tenant_context(site.cast.anda):
        index = Lease.objects.get(rid=rid).entry_index
        at, by = timezone.now(), site.cast.manager.pk
        told = erase_record(index=index, reason="subject_request", by=by, at=at).told_by
        seal_checkpoint(at=at)

    phone.evaluate(LIE_ONCE)
    phone.click("[data-home]")
    phone.click("[data-flush]")
    phone.locator("#notices .notice--danger").wait_for()
    assert "王小明" in opened_by(phone)  # a server's word alone destroys nothing
    phone.click("[data-flush]")
    phone.locator("#records .pill--info").wait_for()
    kept = opened_by(phone) + raw_of(phone)
    for gone in ("王小明", "11010519491231002X", good_vin(41), "AD-2026-000041", '"salts"'):
        assert gone not in kept
    phone.reload()
    unlock(phone)
    phone.locator("#records .pill--info").wait_for()
    assert "Erased" in phone.text_content("#records")
    phone.click("#records button")
    verdict = phone.text_content("#record-verdict")
    assert f"entry {index}, as entry {told} says" in verdict
    assert phone.locator("#record-path .proof__step--root").count() == 1
    assert phone.text_content("#record-rid") == rid and phone.evaluate(WIDTH) == 0


def test_a_quote_without_a_network_becomes_an_entry_and_a_lease(site, phone, enter):
    phone.set_viewport_size({"width": 360, "height": 740})
    phone.context.set_offline(True)
    phone.click("[data-new-quote]")
    phone.fill("#q-price_minor", "140,000")
    phone.fill("#q-annual_nominal_rate", "25")
    keep, make = phone.locator("[data-quote-keep]"), phone.locator("[data-quote-lease]")
    breach = phone.locator("#quote-result .notice--danger")
    breach.wait_for()
    assert "Court practice" in breach.text_content() and keep.is_disabled()
    assert make.is_disabled() and phone.evaluate(WIDTH) == 0
    phone.select_option("#q-pattern", "step")
    assert phone.locator(".steps").is_visible()
    phone.select_option("#q-pattern", "level")
    assert not phone.locator(".steps").is_visible()
    phone.fill("#q-annual_nominal_rate", "6.85")
    phone.locator("[data-quoted-rent='344805']").wait_for()
    assert phone.locator("#quote-rentals tbody tr").count() == 37
    assert phone.evaluate(WIDTH) == 0
    keep.click()
    phone.click("#quote-sign button[value='']")  # seen, and not signed
    assert phone.locator("[data-screen=quote]").is_visible()
    keep.click()
    assert '"type":"quote.recorded"' in phone.text_content("#quote-bytes")
    phone.click("#quote-sign button[value=sign]")
    phone.locator("#record-verdict .verdict--warning").wait_for()
    rid = phone.locator("#record-rid").text_content()
    phone.context.set_offline(False)
    phone.click("[data-home]")
    phone.locator(".record-row .pill--success").wait_for()
    enter(site.cast.anda)
    [entry] = Entry.objects.filter(kind="quote.recorded")
    assert str(entry.rid) == rid
    phone.click("[data-new-quote]")  # as it was left
    phone.locator("[data-quoted-rent='344805']").wait_for()
    make.click()
    phone.locator("[data-step=lessee]").wait_for()
    assert phone.input_value("#f-financed_amount_minor") == "112000.00"
    assert phone.input_value("#f-annual_nominal_rate") == "6.85"


def test_a_pin_is_chosen_changed_forgotten_and_shared_with_nobody(site, open_page, sign_in, enter):
    phone = open_page(phone=True)
    phone.set_viewport_size({"width": 360, "height": 740})
    sign_in(phone, "officer", "anda", "/phone/")
    kid = enrol(phone, "Li Na, work phone")
    with tenant_context(site.cast.anda):
        approve_key(kid=kid, by=site.cast.manager.pk, at=timezone.now())
    phone.reload()
    said = phone.locator("#pin-form .field__error")
    for pin, again, words in [
        ("1234", None, "6 to 12 digits"),
        ("123456", None, "Digits in a row"),
        ("900214", None, "A date is guessed soon"),
        ("748291", "748219", "The two PINs differ"),
    ]:
        choose_pin(phone, pin, again)
        assert words in said.text_content() and said.count() == 1
    assert phone.evaluate(WIDTH) == 0
    choose_pin(phone)
    phone.click("[data-new-lease]")
    phone.fill("#f-lessee_name", "王小明")
    phone.click("[data-lock-now]")  # what was just typed is kept
    phone.locator("#unlock-pin").wait_for()
    assert "王小明" not in phone.content() and phone.evaluate(WIDTH) == 0
    refusal = {"title": "Sign in", "code": "sign_in_again", "status": 403}
    phone.route("**/unlock/", lambda route: route.fulfill(status=403, json=refusal), times=1)
    phone.click("[data-forgotten]")
    phone.click("#sign-in-again [data-sign-in-again]")
    through_the_door(phone, "officer")
    choose_pin(phone, "603918")
    phone.click("[data-go-on]")
    phone.locator("[data-step=lessee]").wait_for()
    assert phone.input_value("#f-lessee_name") == "王小明"
    phone.click("[data-back]")
    phone.locator("[data-screen=home] summary").first.click()
    phone.click("[data-change-pin]")
    phone.fill("#pin-current", "748291")
    choose_pin(phone, "918273")
    assert "9 more may be tried" in said.text_content()
    phone.fill("#pin-current", "603918")
    choose_pin(phone, "918273")
    phone.locator("#notices .notice--success").wait_for()
    phone.evaluate(LOCKS_SOON)
    phone.locator("#unlock-pin").wait_for()  # by itself
    other = another_person_on_it(site, phone)
    enter(site.cast.anda)
    of = dict(UnlockSecret.objects.values_list("kid", "phone"))
    assert of[kid] == of[other]  # so that a manager sees whose phones are one


#: As if the shortest time were a blink.
LOCKS_SOON = """async () => {
    const script = document.querySelector("script[src*='mobile/phone']").src;
    await (await import(new URL("./locking.js", script))).setMinutes(0.005);
}"""


def another_person_on_it(site, phone):
    """The manager signs in on the officer's phone: a lock of their own, and nothing of hers."""
    phone.evaluate("document.querySelector('form[action*=sign-out]').submit()")
    phone.wait_for_url("**/sign-in/**")
    phone.goto(site.url("anda", "/sign-in/?next=/phone/"))
    through_the_door(phone, "manager")
    kid = enrol(phone, "Zhao Lei, borrowed")
    with tenant_context(site.cast.anda):
        approve_key(kid=kid, by=site.cast.manager.pk, at=timezone.now())
    phone.reload()
    choose_pin(phone, "314159")
    phone.locator("[data-new-lease]").wait_for()
    phone.locator("#notices", has_text="It was unlocked for another person on").wait_for()
    assert not phone.locator("[data-go-on]").is_visible()
    assert "王小明" not in phone.content() + raw_of(phone)
    return kid
