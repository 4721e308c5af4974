"""What a person does on the phone page, step by step, and what the phone holds afterwards."""

from origination.domain.identifiers import vin_check_digit
from tests.conftest import sign_in_details

PIN = "748291"


def choose_pin(page, pin=PIN, again=None):
    page.locator("#pin-new").wait_for()
    page.fill("#pin-new", pin)
    page.fill("#pin-again", again or pin)
    page.click("#pin-form button[type=submit]")


def unlock(page, pin=PIN):
    """What whoever opens the page anew does first."""
    page.locator("#unlock-pin").wait_for()
    page.fill("#unlock-pin", pin)
    page.click("#unlock-form button[type=submit]")


def good_vin(serial):
    vin = f"LSVAB4BR0EN{serial:06}"
    return vin[:8] + vin_check_digit(vin) + vin[9:]


def enrol(page, label):
    page.fill("#device-label", label)
    page.click("#enrol-form button[type=submit]")
    page.locator("[data-device=pending]").wait_for()
    return page.locator("[data-device=pending] [data-device-kid]").text_content()


def decide(open_page, sign_in, kid, decision):
    manager = sign_in(open_page(), "manager", "anda", "/devices/")
    if decision == "revoke":
        manager.click(f"[data-open-dialog=revoke-{kid}]")
    manager.click(f"form[action*='{kid}/{decision}'] button[type=submit]")
    manager.locator(".toast--success").wait_for()


def fill_lessee(page, name="王小明", number="11010519491231002x"):
    page.fill("#f-lessee_name", name)
    page.fill("#f-lessee_id_number", number)
    page.select_option("#f-province", "44")
    page.click("[data-next]")


def fill_vehicle(page, vin):
    page.fill("#f-vin", vin)
    page.fill("#f-vehicle_make", "BYD")
    page.fill("#f-vehicle_model", "Qin PLUS")
    page.fill("#f-model_year", "2026")
    page.fill("#f-vehicle_price_minor", "140,000")
    page.click("[data-next]")


def fill_terms(page, contract, financed="112000"):
    page.fill("#f-contract_number", contract)
    page.fill("#f-financed_amount_minor", financed)
    page.fill("#f-annual_nominal_rate", "6.85")
    page.locator("[data-rent]").wait_for()
    page.click("[data-next]")


def to_signing(page, *, contract, vin, photo=None, financed="112000"):
    page.click("[data-new-lease]")
    fill_lessee(page)
    fill_vehicle(page, vin)
    fill_terms(page, contract, financed)
    if photo is not None:
        page.set_input_files("#f-photo", photo)
        page.locator("#photo-preview").wait_for()
    page.click("[data-next]")
    page.locator("#summary dd").first.wait_for()


#: Everything in every store, with whatever bytes and files hold, as text.
_RAW = """async () => {
    const opening = indexedDB.open("lease-ledger");
    const ended = (asked) => new Promise((resolve) => {
        asked.onsuccess = () => resolve(asked.result);
    });
    const database = await ended(opening);
    const decode = (bytes) => new TextDecoder().decode(bytes);
    const texts = [];
    const read = async (value) => {
        if (value instanceof Blob) texts.push(value.name, decode(await value.arrayBuffer()));
        else if (ArrayBuffer.isView(value)) texts.push(decode(value));
        else if (value && typeof value === "object")
            for (const [name, inner] of Object.entries(value)) await read(name), await read(inner);
        else texts.push(String(value));
    };
    for (const store of ["records", "drafts", "photos", "locks"]) {
        const table = () => database.transaction(store).objectStore(store);
        await read(await ended(table().getAll()));
        texts.push(...await ended(table().getAllKeys()));
    }
    database.close();
    return texts.join("\\n");
}"""

#: The records as the page itself reads them once it is unlocked.
_OPENED = """async () => {
    const script = document.querySelector("script[src*='mobile/phone']").src;
    const use = (name) => import(new URL(`./${name}.js`, script));
    const [{ list }, { facts }] = await Promise.all([use("queue"), use("words")]);
    const { records } = await list(facts.person);
    return JSON.stringify(records, (_, v) => typeof v === "bigint" ? String(v) : v);
}"""


def raw_of(page):
    """What whoever reads the phone's database sees."""
    return page.evaluate(_RAW)


def opened_by(page):
    """What the unlocked page reads of its records."""
    return page.evaluate(_OPENED)


def through_the_door(page, person):
    email, password = sign_in_details(person)
    page.fill("#id_username", email)
    page.fill("#id_password", password)
    page.click("form.form button[type=submit]")
