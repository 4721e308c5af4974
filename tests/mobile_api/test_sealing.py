"""What the phone keeps is sealed: its own modules, in a real Chromium with its IndexedDB."""

import pytest

from tests.browser.chromium import running_chromium
from tests.mobile_api.scripts import module_page, run

pytestmark = pytest.mark.browser
#: Modules, a person with a lock under few iterations, and what is kept of a value as text.
OPENED = """const [db, vault, rows, sealing] =
    await Promise.all(['db', 'vault', 'sealed-rows', 'sealing'].map(use));
  const given = { kid: 'k1', version: 'v1', secret: bytes(Array(32).fill(7)) };
  const refused = (act) => act.then(() => 'taken', (error) => error.constructor.name);
  const clear = { person: 'anda/1', order: '2026-03-02T09:30:01.045000Z', waits: 1 };
  const RECORD = { body: { fields: { lessee_name: '王小明', vin: 'LSVAB4BR0EN123450' } },
    kind: 'lease.recorded', index: 7n, leaf: bytes([1, 2, 3]), list: [1n, null, 'x', true],
    $bytes: { $$: 'a name of our own' } };
  const same = (one, other) => JSON.stringify(one, plain) === JSON.stringify(other, plain);
  const plain = (_, v) => typeof v === 'bigint' ? `${v}n` : v instanceof Uint8Array ? [...v] : v;
  const make = (pin = '748291', person = 'anda/1') => vault.create(person, pin, given, 1000);
  const stored = async (store) => {
    const all = await db.all(store);
    return JSON.stringify(all, (_, v) => v instanceof Uint8Array ? new TextDecoder().decode(v) : v);
  };
"""


EMPTIED = """() => new Promise((resolve) => {
  indexedDB.deleteDatabase("lease-ledger").onsuccess = () => resolve();
})"""


@pytest.fixture(scope="module")
def only_page():
    with running_chromium() as browser:
        yield module_page(browser)


@pytest.fixture
def page(only_page):
    """A phone on which nothing is kept."""
    only_page.reload()
    only_page.evaluate(EMPTIED)
    return only_page


def opened(page, code, argument=None):
    return run(page, OPENED + code, argument)


def test_a_value_comes_back_as_it_was_and_nothing_of_it_is_readable(page):
    found = opened(
        page,
        """await make();
        const photo = new File([bytes([255, 216, 255, 0])], 'car.jpg', { type: 'image/jpeg' });
        await rows.put('records', 'r1', clear, RECORD, photo);
        const again = await rows.photoOf('records', 'r1');
        return { same: same(await rows.get('records', 'r1'), RECORD),
          photo: [again.name, again.type, [...new Uint8Array(await again.arrayBuffer())]],
          kept: await stored('records') + await stored('photos') + await stored('locks'),
          shape: Object.keys((await db.all('records'))[0]).sort(),
          waiting: await rows.countWaiting('anda/1') }""",
    )
    assert found["same"] and found["photo"] == ["car.jpg", "image/jpeg", [255, 216, 255, 0]]
    for hidden in ("王小明", "LSVAB4BR0EN123450", "lessee", "car.jpg", "lease.recorded"):
        assert hidden not in found["kept"]
    assert found["shape"] == ["content", "order", "person", "waits"]
    assert found["waiting"] == 1


def test_every_seal_has_a_nonce_of_its_own(page):
    code = """const key = await sealing.newContentKey();
      const seals = await Promise.all(Array.from({ length: 50 }, () =>
        sealing.seal(key, bytes([1]), ['records', 'r1'])));
      return [new Set(seals.map(({ iv }) => iv.join())).size,
        new Set(seals.map(({ bytes }) => bytes.join())).size, seals[0].iv.length,
        sealing.ITERATIONS]"""
    assert opened(page, code) == [50, 50, 12, 600_000]


@pytest.mark.parametrize(
    "swap",
    [
        "await db.put('records', 'r2', row)",  # another key
        "await db.put('records', 'r2', { ...row, order: 'x' })",
        "await db.put('drafts', 'r2', row)",  # another store
        "await db.put('records', 'r2', { ...other, content: row.content })",
        "await db.put('records', 'r2', { ...other, waits: 0 })",  # hidden from the queue
        "await db.put('records', 'r2', { ...other, order: '2026-01-01' })",
        "other.content.bytes[3] ^= 1; await db.put('records', 'r2', other)",
        "other.content.iv[0] ^= 1; await db.put('records', 'r2', other)",
        "await db.put('photos', 'records/r2', await db.get('photos', 'records/r1'))",
    ],
)
def test_a_row_that_was_moved_or_changed_is_refused_and_hides_no_other(page, swap):
    code = f"""await make();
      const photo = new File([bytes([1, 2])], 'a', {{ type: 'image/png' }});
      for (const id of ['r1', 'r2'])
        await rows.put('records', id, clear, {{ ...RECORD, id }}, photo);
      const [row, other] = [await db.get('records', 'r1'), await db.get('records', 'r2')];
      {swap};
      const reads = [rows.get('records', 'r2'), rows.get('drafts', 'r2'),
        rows.photoOf('records', 'r2'), rows.get('records', 'r1')];
      const all = await rows.all('records', 'anda/1');
      return [await Promise.all(reads.map(refused)), all.values.length, all.unopened]"""
    said, values, unopened = opened(page, code)
    assert said[:3].count("Unopened") == 1 and said[3] == "taken"
    is_record = said[0] == "Unopened"
    assert (values, unopened) == ((1, ["r2"]) if is_record else (2, []))


def test_a_wrong_pin_opens_nothing_and_is_counted_before_it_is_tried(page):
    found = opened(
        page,
        """await make();
        await rows.put('records', 'r1', clear, RECORD);
        vault.forget();
        const locked = await refused(rows.get('records', 'r1'));
        const left = await vault.unlock('anda/1', '000000').catch((error) => error.left);
        await db.update('locks', 'anda/1', (lock) => ({ ...lock, wrong: 9 }));
        const last = await vault.unlock('anda/1', '000000').catch((error) => error.left);
        const closed = await vault.unlock('anda/1', '748291').catch((error) => error.left);
        const repin = await vault.recover('anda/1', given.secret);
        const before = vault.isOpen('anda/1');
        await repin('918273', 1000);
        vault.forget();
        const old = await refused(vault.unlock('anda/1', '748291'));
        await vault.unlock('anda/1', '918273');
        const { wrong } = await vault.lockOf('anda/1');
        return { locked, left, last, closed, before, old, wrong,
          same: same(await rows.get('records', 'r1'), RECORD) }""",
    )
    assert found["locked"] == "Locked" and (found["left"], found["last"]) == (9, 0)
    assert found["closed"] == 0  # even the right one: only the online way is left
    assert not found["before"] and found["old"] == "WrongPin"
    assert found["wrong"] == 0 and found["same"]


def test_a_try_is_counted_though_the_page_is_killed_in_it(page):
    code = """await make();
      crypto.subtle.deriveBits = () => new Promise(() => {});  // killed while it stretches
      vault.unlock('anda/1', '000000');
      for (;;) { const { wrong } = await vault.lockOf('anda/1'); if (wrong) return wrong; }"""
    assert opened(page, code) == 1


@pytest.mark.parametrize(
    "change",
    [
        "secret = bytes(Array(32).fill(8))",
        "lock.server.bytes[0] ^= 1",
        "lock.server = lock.pin",
        "lock.deviceKey = await sealing.newDeviceKey()",
        "person = 'anda/2'",
    ],
)
def test_another_secret_phone_or_person_opens_nothing(page, change):
    code = f"""await make();
      vault.forget();
      let {{ secret }} = given, person = 'anda/1';
      const lock = await vault.lockOf(person);
      {change};
      await db.put('locks', person, lock);
      return [await refused(vault.recover(person, secret)), vault.isOpen(person)]"""
    assert opened(page, code) == ["Unopened", False]


def test_no_key_can_be_taken_out_of_the_page(page):
    code = """await make();
      await vault.unlock('anda/1', '748291');
      const { deviceKey } = await vault.lockOf('anda/1');
      return Promise.all([vault.contentKey('anda/1'), deviceKey].map((key) =>
        refused(crypto.subtle.exportKey('raw', key))))"""
    assert opened(page, code) == ["DOMException", "DOMException"]


def test_a_new_secret_and_a_new_pin_keep_the_content(page):
    code = """await make();
      await rows.put('records', 'r1', clear, RECORD);
      const { renew } = await vault.unlock('anda/1', '748291');
      const fresh = { kid: 'k2', version: 'v2', secret: bytes(Array(32).fill(9)) };
      await renew(fresh);
      const former = await refused(vault.recover('anda/1', given.secret));
      await vault.changePin('anda/1', '748291', '918273', 1000);
      const wrong = await refused(vault.changePin('anda/1', '748291', '555123', 1000));
      vault.forget();
      const repin = await vault.recover('anda/1', fresh.secret);
      await repin('603918', 1000);
      const { server } = await vault.lockOf('anda/1');
      return [former, wrong, server.kid, server.version,
        same(await rows.get('records', 'r1'), RECORD)]"""
    assert opened(page, code) == ["Unopened", "WrongPin", "k2", "v2", True]


def test_a_second_tab_does_not_replace_the_lock(page):
    """Else everything that the first one sealed were lost."""
    code = """const both = await Promise.allSettled([make('748291'), make('918273')]);
      const [failed] = both.filter(({ status }) => status === 'rejected');
      return [both.filter(({ status }) => status === 'fulfilled').length, failed.reason.name]"""
    assert opened(page, code) == [1, "ConstraintError"]


def test_people_on_one_phone_open_only_their_own(page):
    code = """await make();
      await rows.put('records', 'r1', clear, RECORD);
      await make('603918', 'anda/2');
      const closed = await refused(rows.get('records', 'r1'));
      const none = await refused(vault.unlock('anda/2', '748291'));
      await vault.unlock('anda/2', '603918');
      const mine = await rows.all('records', 'anda/2');
      return [closed, none, mine.values.length, await rows.countOthers('anda/2'),
        await vault.othersSince('anda/1', 0) > 0, await vault.othersSince('anda/1', Date.now())]"""
    assert opened(page, code) == ["Locked", "WrongPin", 0, 1, True, None]


def test_rows_of_before_are_sealed_one_by_one_through_kills(page):
    """Killed after every single write: each row is there, old or sealed; the next time goes on."""
    code = """await make();
      const photo = new File([bytes([9, 9])], 'car.png', { type: 'image/png' });
      const old = (n) => ({ body: { ...RECORD.body, rid: `r${n}` }, state: 'signed', photo,
        person: n === 3 ? 'anda/2' : 'anda/1' });
      for (const n of [1, 2, 3]) await db.put('records', `r${n}`, old(n));
      await db.put('drafts', 'anda/1', { values: { lessee_name: '王小明' }, photo });
      await db.put('drafts', 'quote:anda/1', { price_minor: '140,000' });
      const clearOf = () => ({ order: '', waits: 1 });
      const real = IDBDatabase.prototype.transaction;
      const states = [];
      for (let kills = 0; kills < 9; kills += 1) {
        let written = 0;
        IDBDatabase.prototype.transaction = function (stores, mode, options) {
          if (mode === 'readwrite' && (written += 1) > 1) throw new Error('killed');
          return real.call(this, stores, mode, options);
        };
        const end = await rows.sealOld('anda/1', clearOf).then(() => 'done', () => 'killed');
        IDBDatabase.prototype.transaction = real;
        const all = [...await db.all('records'), ...await db.all('drafts')];
        const photos = (await db.all('photos')).length + all.filter((row) => row.photo).length;
        states.push([all.length, all.filter((row) => row.content).length, photos]);
        if (end === 'done') break;
      }
      const draft = await rows.get('drafts', 'anda/1');
      const kept = await rows.photoOf('records', 'r2');
      return { states, draft, name: kept.name, other: (await db.get('records', 'r3')).photo.name,
        quote: await rows.get('drafts', 'quote:anda/1'), records: await stored('records') }"""
    found = opened(page, code)
    assert found["states"] == [[5, 1, 4], [5, 2, 4], [5, 3, 4], [5, 4, 4]]
    assert found["draft"] == {"values": {"lessee_name": "王小明"}} and found["name"] == "car.png"
    assert found["quote"] == {"price_minor": "140,000"}
    assert found["other"] == "car.png"  # whose lock is not open, whose rows are as they were


def test_writes_come_in_the_order_in_which_they_were_begun(page):
    """A draft with a large photo is sealed slowly: what was typed after it is not lost to it."""
    code = """await make();
      const large = new File([new Uint8Array(3_000_000)], 'a', { type: 'image/png' });
      const begun = [rows.put('drafts', 'd', { ...clear, waits: 0 }, { text: 'old' }, large),
        rows.put('drafts', 'd', { ...clear, waits: 0 }, { text: 'new' }, null)];
      await Promise.all(begun);
      const found = [(await rows.get('drafts', 'd')).text, await rows.photoOf('drafts', 'd')];
      const late = rows.put('drafts', 'd', { ...clear, waits: 0 }, { text: 'late' }, large);
      await Promise.all([late, rows.remove('drafts', 'd')]);
      return [...found, await rows.has('drafts', 'd'), (await db.all('photos')).length]"""
    assert opened(page, code) == ["new", None, False, 0]


def test_what_nothing_opens_any_more_can_be_thrown_away(page):
    code = """await make();
      await rows.put('records', 'r1', clear, RECORD, new File(['x'], 'a'));
      await make('603918', 'anda/2');
      await rows.put('records', 'r2', { ...clear, person: 'anda/2' }, RECORD, new File(['x'], 'a'));
      await rows.throwAway('anda/1');
      return [await db.keys('records'), await db.keys('photos'), await db.keys('locks')]"""
    assert opened(page, code) == [["r2"], ["records/r2"], ["anda/2"]]


def test_the_database_of_before_is_taken_over(page):
    code = """const old = await new Promise((resolve) => {
        const request = indexedDB.open('lease-ledger', 1);
        request.onupgradeneeded = () => ['device', 'drafts', 'records'].forEach((store) =>
          request.result.createObjectStore(store));
        request.onsuccess = () => resolve(request.result);
      });
      old.transaction('records', 'readwrite').objectStore('records').put({ person: 'p' }, 'r1');
      const db = await use('db');
      const blocked = await db.get('records', 'r1').catch((error) => error.code);
      return blocked"""
    assert run(page, code) == "other_tab"
    page.reload()
    again = "return (await (await use('db')).get('records', 'r1')).person"
    assert run(page, again) == "p"


PINS = {
    "length": ["", "74829", "7482917482917"],
    "characters": ["74829a", "748 291", "７４８２９１"],
    "repeated": ["111111", "454545", "123123", "83838383", "71547154"],
    "run": ["123456", "987654", "345678901", "012345"],
    "date": ["900214", "140290", "021490", "19900214", "14021990"],
    None: ["748291", "603918", "918273645", "990099"],
}


def test_pins_that_are_guessed_soon_are_refused(page):
    code = "const { weakness } = await use('pin'); return x.map((pin) => weakness(pin))"
    for why, pins in PINS.items():
        assert (pins, run(page, code, pins)) == (pins, [why] * len(pins))


def test_an_untouched_page_is_told_once(page):
    code = """const { watchIdle } = await use('idle');
      const minutes = 0.003;  // 180 ms
      let told = 0;
      const wait = (ms) => new Promise((resume) => setTimeout(resume, ms));
      watchIdle(minutes, () => { told += 1; });
      const steps = [];
      for (const touch of [1, 1, 1, 0, 0]) {
        await wait(120);
        if (touch) dispatchEvent(new PointerEvent('pointerdown'));
        steps.push(told);
      }
      dispatchEvent(new PointerEvent('pointerdown'));
      await wait(250);
      return [steps, told]"""
    steps, told = run(page, code)
    assert (steps[:3], told) == ([0, 0, 0], 1)
