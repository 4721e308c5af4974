"""The main job from end to end: a phone and a trust desk, two browsers, one living demo.

A lease is signed on a phone and proves itself there; the lessor asks for money; the trust screens,
looks, votes, packages, buys and pays; a payment is missed before somebody's eyes; the circular is
issued and checked; an auditor proves the ledger offline, and is told which bit was flipped.
"""

import gzip
import json
import re
import subprocess
import sys

import pytest
from PIL import Image

from config.environment import BASE_DIR
from pools.packaging.bundle import check_bundle
from tests.browser.chromium import running_browsers
from tests.browser.journey import Person, living_demo, shot
from tests.browser.phone_steps import choose_pin, enrol, good_vin, to_signing

CONTRACT = "AD-JOURNEY-000001"
FACILITY = "Anda spring"
POOL = "Anda spring 1"


@pytest.fixture(scope="module")
def demo(played):
    """The port of a demo that lives, and a phone's browser beside a desk's."""
    with living_demo(played) as port, running_browsers(2) as (phone, desk):
        yield port, phone, desk


def test_from_a_phone_to_an_offering_circular(demo, tmp_path):
    port, phone, desk = demo
    people = {}

    def at(name, institution, browser=desk, **how):
        key = f"{name}@{institution}"
        if key not in people:
            people[key] = Person(browser, port, name, institution, **how)
        return people[key]

    rid = _a_lease_proves_itself(at, phone, tmp_path)
    _the_trust_has_it(at("analyst", "trust"), rid)
    _the_lessor_asks(at("manager", "anda"))
    _the_trust_decides(at)
    pool = _a_pool_is_bought(at)
    _a_missed_payment_shows(at("portfolio", "trust"), pool)
    _papers(at("analyst", "trust"), tmp_path)
    _offline(at, tmp_path)
    assert {key: person.trouble for key, person in people.items() if person.trouble} == {}


def _a_lease_proves_itself(at, phone, folder):
    officer = at("officer", "anda", phone, phone=True)
    page = officer.go("/phone/")
    kid = enrol(page, "Li Na, work phone")
    manager = at("manager", "anda")
    manager.go("/")
    assert manager.sees("1 device to approve")
    manager.go("/devices/")
    manager.page.click(f"form[action*='{kid}/approve'] button[type=submit]")
    manager.page.locator(".toast--success").wait_for()
    choose_pin(page)
    page.locator("[data-new-lease]").wait_for()
    photo = folder / "car.jpg"
    Image.new("RGB", (320, 200), "teal").save(photo)
    to_signing(page, contract=CONTRACT, vin=good_vin(771), photo=photo)
    assert f'"device":"{kid}"' in page.locator("#signed-bytes").text_content()
    page.click("[data-sign]")
    page.locator("#record-verdict .verdict--success").wait_for()
    shot(officer, "phone")
    return page.locator("#record-rid").text_content()


def _the_trust_has_it(analyst, rid):
    page = analyst.wait_for(f"/assets/{rid}/", lambda page: True, "the lease")
    assert CONTRACT in page.text_content("main")


def _the_lessor_asks(manager):
    manager.go("/financing/ask/")
    manager.page.select_option("#id_to_tenant", index=0)
    manager.page.fill("#id_amount", "30000000")
    manager.page.fill("#id_term_months", "36")
    manager.page.fill("#id_purpose", FACILITY)
    manager.press("Ask for it")
    assert manager.sees(FACILITY)


def _the_trust_decides(at):
    analyst = at("analyst", "trust")
    analyst.wait_for("/deals/", lambda page: FACILITY in page.text_content("main"), "the request")
    row = analyst.page.locator("tr", has_text=FACILITY).last
    row.get_by_role("link").first.click()
    analyst.press("Measure what the records show")
    request = analyst.page.url
    reviewer = at("reviewer", "trust")
    reviewer.page.goto(request)
    while (open_items := reviewer.page.locator("details:has(summary:text-is('Answer'))")).count():
        item = open_items.first
        item.locator("summary").click()
        item.get_by_text("Satisfied", exact=True).click()
        item.locator("textarea").fill("Seen on site; the file is in the archive.")
        item.get_by_role("button", name="Keep the answer").click()
        reviewer.page.wait_for_load_state()
    analyst.page.goto(request)
    analyst.press("Clear it")
    shot(analyst, "clear")
    analyst.page.locator("main form button[type=submit]").first.click()
    analyst.press("Propose a facility")
    analyst.page.fill("#id_name", FACILITY)
    analyst.page.fill("#id_quorum", "3")
    analyst.press("Read the terms")
    shot(analyst, "terms")
    analyst.press("Propose it to the committee")
    facility = analyst.page.url
    for number, vote in ((1, "For"), (2, "For"), (3, "Against")):
        member = at(f"committee{number}", "trust")
        member.page.goto(facility)
        member.press("Vote")
        member.page.get_by_text(vote, exact=True).click()
        member.page.fill("#id_reason", "Weighed in the meeting.")
        member.press("Give the vote")
    analyst.page.goto(facility)
    assert analyst.sees("Approved") and analyst.sees("Weighed in the meeting.")
    shot(analyst, "facility")


def _a_pool_is_bought(at):
    analyst, portfolio, manager = (
        at("analyst", "trust"), at("portfolio", "trust"), at("manager", "anda")
    )  # fmt: skip
    analyst.press("Package a pool")
    analyst.page.fill("#id_name", POOL)
    analyst.page.fill("#id_target", "20000000")
    analyst.press("Package the pool")
    analyst.page.get_by_role("link", name=POOL).first.click()
    analyst.page.wait_for_url("**/deals/pools/**")
    pool = analyst.page.url
    for name in ("committee2", "portfolio"):
        person = at(name, "trust")
        person.page.goto(pool)
        person.press("Approve")
        person.press("Approve the pool")
    portfolio.page.goto(pool)
    portfolio.press("Ask for the receivables")
    portfolio.press("Reserve and ask")
    manager.wait_for(
        "/pledges/", lambda page: page.get_by_text("Read and answer").count(), "the request"
    )
    manager.press("Read and answer")
    shot(manager, "pledge")
    manager.page.locator("button[value=accept]").click()
    path = "/" + pool.split("/", 3)[3]
    portfolio.wait_for(path, lambda page: _button(page, "Purchase"), "the acceptance")
    portfolio.press("Purchase")
    portfolio.press("Purchase the pool")
    portfolio.press("Instruct the payment")
    portfolio.press("Instruct the custodian")
    custodian = at("custodian", "trust")
    custodian.page.goto(pool)
    custodian.press("Confirm the payment")
    custodian.page.fill("#id_bank_reference", "PAY-JOURNEY-1")
    custodian.press("The bank has paid")
    portfolio.page.goto(pool)
    assert portfolio.sees("PAY-JOURNEY-1") and portfolio.sees("Paid out")
    shot(portfolio, "pool")
    manager.wait_for(
        "/financing/", lambda page: "PAY-JOURNEY-1" in page.text_content("main"), "the payment"
    )
    return path


def _button(page, label):
    return page.get_by_role("link", name=label, exact=True).count()


_NEWEST_ALERT = (
    "Math.max(0, ...[...document.querySelectorAll('#alerts [data-alert]')]"
    ".map(line => Number(line.dataset.alert)))"
)


def _a_missed_payment_shows(portfolio, pool):
    """An open dashboard: the next days bring late payers, without a reload."""
    page = portfolio.go("/watch/")
    assert POOL in page.text_content("main")
    page.wait_for_selector("#live[data-state=on]")
    seen = page.evaluate(_NEWEST_ALERT)
    page.wait_for_function(f"seen => {_NEWEST_ALERT} > seen", arg=seen, timeout=180_000)
    shot(portfolio, "dashboard")


def _papers(analyst, folder):
    analyst.go("/documents/")
    analyst.page.select_option("#id_pool", label=POOL)
    analyst.page.select_option("#id_language", "zh-hans")
    analyst.press("Issue the circular")
    assert analyst.sees("Offering circular")
    row = analyst.page.locator("tr", has_text=POOL).filter(has_text="Offering circular").first
    with analyst.page.expect_download() as waiting:
        row.get_by_role("link").first.click()
    circular = folder / "circular.pdf"
    waiting.value.save_as(circular)
    assert circular.read_bytes().startswith(b"%PDF")
    # issued, and under no checkpoint yet unless the server has sealed one by itself
    assert _verdict(analyst, circular) in ("warning", "success")
    analyst.go("/ledger/")
    analyst.page.locator("form[action*='seal'] button").click()
    assert _verdict(analyst, circular) == "success"
    altered = folder / "altered.pdf"
    altered.write_bytes(circular.read_bytes()[:-1] + b"\x00")
    assert _verdict(analyst, altered) == "danger"


def _verdict(analyst, path):
    analyst.go("/documents/check/")
    analyst.page.set_input_files("#id_file", path)
    analyst.page.locator("main form button[type=submit]").click()
    verdict = analyst.page.locator(".verdict")
    verdict.wait_for()
    tones = ("success", "warning", "danger")
    return next(tone for tone in tones if tone in verdict.get_attribute("class"))


def _offline(at, folder):
    """The ledger's export and the decision's bundle, with nothing but a Python beside them."""
    analyst = at("analyst", "trust")
    analyst.go("/ledger/")
    export = analyst.download("a[href*='export']", folder)
    said = _run("ledger.verifier", export)
    assert said.returncode == 3, said.stdout + said.stderr  # whose log it is was not pinned
    vkey = re.search(r"log key +(\S+)", said.stdout)[1]
    said = _run("ledger.verifier", export, "--log-key", vkey)
    assert said.returncode == 0, said.stdout + said.stderr
    content = bytearray(export.read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "flipped.bundle").write_bytes(content)
    said = _run("ledger.verifier", folder / "flipped.bundle")
    # whatever the bit belongs to is named
    assert said.returncode == 1 and re.search(r"LIE +(entry|checkpoint|block) .*\d", said.stdout)
    analyst.go("/documents/")
    row = analyst.page.locator("tr", has_text=POOL).filter(has_text="Decision").first
    with analyst.page.expect_download() as waiting:
        row.get_by_role("link").first.click()
    bundle = folder / "decision.json.gz"
    waiting.value.save_as(bundle)
    assert _run("pools.rerun", bundle).returncode == 0
    decided = json.loads(gzip.decompress(bundle.read_bytes()))
    decided["results"]["price_minor"] += 1
    assert [finding.field for finding in check_bundle(decided)] == ["results.price_minor"]


def _run(module, path, *options):
    return subprocess.run(
        [sys.executable, "-m", module, str(path), *options],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
    )
