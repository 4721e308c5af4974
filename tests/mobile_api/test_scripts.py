"""The phone's own modules agree with the ledger's Python, bit by bit, in a real Chromium."""

import posixpath
import random
import re
from hashlib import sha256
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.core import checkpoints, fields, hashing, proofs
from ledger.core.canonical import canonical_bytes
from ledger.core.ed25519 import SecretKey, verifier
from ledger.core.encoding import b64, unb64
from ledger.core.keys import key_id
from ledger.core.leaves import Core, Leaf
from ledger.core.notes import ED25519, Note, NoteKey, sign_text
from mobile_api.views import SHELL
from origination.domain import identifiers
from tests.browser.chromium import running_chromium
from tests.mobile_api.scripts import module_page, run

pytestmark = pytest.mark.browser
LOG = SecretKey(bytes(range(32)))
ORIGIN = "localhost/ledger/0123456789abcdef"
MODEST = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
RECORD = st.dictionaries(TEXT.filter(bool), TEXT, min_size=1, max_size=9)


@pytest.fixture(scope="module")
def page():
    with running_chromium() as browser:
        yield module_page(browser)


@given(st.recursive(TEXT | st.none(), lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner)))
@MODEST
def test_canonical_bytes_are_the_same(page, value):
    code = "return (await check('canonical')).canonicalText(x)"
    assert run(page, code, value).encode() == canonical_bytes(value)


@pytest.mark.parametrize("value", ["12", "true", "'\\ud800'", "{a: 1}", "[undefined]"])
def test_what_may_not_be_signed_is_refused(page, value):
    code = (
        f"try {{ (await check('canonical')).canonicalText({value}); }} catch {{ return 'refused' }}"
    )
    assert run(page, code) == "refused"


@given(RECORD, st.randoms(use_true_random=False))
@MODEST
def test_fields_root_is_the_same(page, record, randomness):
    salts = {name: randomness.randbytes(16) for name in record}
    code = """const { fieldsRoot } = await use('fields');
      const { b64, unb64 } = await check('bytes');
      const salts = Object.fromEntries(Object.entries(x.salts).map(([k, v]) => [k, unb64(v)]));
      return b64(await fieldsRoot(x.fields, salts))"""
    argument = {"fields": record, "salts": {name: b64(salt) for name, salt in salts.items()}}
    expected = fields.fields_root(record, fields.join_salts(salts, record))
    assert unb64(run(page, code, argument)) == expected


def test_salts_are_sixteen_fresh_bytes_a_field(page):
    code = """const { drawSalts } = await use('fields');
      return Object.values(drawSalts({a: '', b: ''})).map((salt) => Array.from(salt))"""
    one, other = run(page, code), run(page, code)
    assert [len(salt) for salt in one] == [16, 16]
    assert len({tuple(salt) for salt in one + other}) == 4


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 21, 100])
def test_inclusion_proofs_verify_and_broken_ones_do_not(page, size):
    hashes = [hashing.leaf_hash(bytes([i])) for i in range(size)]
    index = size * 2 // 3
    ranges = proofs.inclusion_ranges(index, size)
    proof = [hashing.root_of_hashes(hashes[low:high]) for low, high in ranges]
    code = """const { verifyInclusion } = await check('merkle');
      const { unb64 } = await check('bytes');
      const holds = (...parts) => verifyInclusion(...parts).then(() => true, () => false);
      const [leaf, root, ...proof] = [x.leaf, x.root, ...x.proof].map((text) => unb64(text));
      const flip = (hash) => hash.map((byte, i) => (i === 5 ? byte ^ 4 : byte));
      const [m, n] = [BigInt(x.index), BigInt(x.size)];
      return { good: await holds(m, n, leaf, proof, root), broken: [
        await holds(m, n, flip(leaf), proof, root), await holds(m, n, leaf, proof, flip(root)),
        await holds(m, n, leaf, [...proof, root], root), await holds(n, n, leaf, proof, root),
        ...(await Promise.all(proof.map((hash, i) =>
          holds(m, n, leaf, proof.with(i, flip(hash)), root)))),
        ...(proof.length ? [await holds(m, n, leaf, proof.slice(1), root)] : [])] }"""
    argument = {
        "index": index,
        "size": size,
        "leaf": b64(hashes[index]),
        "root": b64(hashing.root_of_hashes(hashes)),
        "proof": [b64(item) for item in proof],
    }
    found = run(page, code, argument)
    assert found["good"] is True
    assert not any(found["broken"])


def signed_note(size=7, root=b"r" * 32, secret=LOG, origin=ORIGIN, name=ORIGIN):
    text = checkpoints.Checkpoint(origin, size, root).text()
    return Note(text, (sign_text(text, name, secret),)).to_bytes().decode()


def opened(page, note, vkey=None):
    code = """const { openCheckpoint, parseVerifierKey } = await check('note');
      const { b64, utf8 } = await check('bytes');
      try { const key = await parseVerifierKey(x.vkey);
        const { origin, size, root } = await openCheckpoint(utf8(x.note), key);
        return [origin, String(size), b64(root)] } catch (error) { return error.message }"""
    key = vkey or NoteKey(ORIGIN, ED25519, LOG.public).vkey()
    return run(page, code, {"note": note, "vkey": key})


def test_checkpoints_of_the_log_open(page):
    assert opened(page, signed_note()) == [ORIGIN, "7", b64(b"r" * 32)]


def test_checkpoints_of_others_do_not(page):
    other = SecretKey(b"x" * 32)
    assert "did not sign" in opened(page, signed_note(secret=other))
    forged = signed_note(size=7).replace("\n7\n", "\n8\n", 1)
    assert "does not match" in opened(page, forged)
    assert "another log" in opened(page, signed_note(origin="somewhere/else"))
    wrong_id = NoteKey(ORIGIN, ED25519, LOG.public).vkey().replace("+", "+0", 1)
    assert "id of the key" in opened(page, signed_note(), wrong_id)


ENROLLED = """const keys = await use('keys'); const record = await use('record');
  const { b64, unb64 } = await check('bytes');
  const made = await keys.makeDevice('anda/1', 'test phone');
  await keys.rememberLog('anda/1', made, { log_id: 'log-1', log_key: x.vkey });
  const device = await keys.storedDevice('anda/1');"""


def test_a_record_signed_in_the_browser_is_the_ledgers(page):
    lease = {"lessee_name": "李娜", "vin": "LSVAB4BR0EN123450", "note": 'a "b"\n\u2028'}
    code = f"""{ENROLLED}
      const prepared = await record.prepare(device, x.fields);
      const body = await record.signRecord(device, prepared);
      const exported = await crypto.subtle.exportKey('pkcs8', device.key.privateKey)
        .then(() => 'leaked', () => 'refused');
      const [text, kid, key] = [prepared.text, device.kid, b64(device.key.publicKey)];
      return {{ body, text, kid, exported, public: key }}"""
    vkey = NoteKey(ORIGIN, ED25519, LOG.public).vkey()
    found = run(page, code, {"fields": lease, "vkey": vkey})
    body, public = found["body"], unb64(found["public"], 32)
    salts = {name: unb64(salt) for name, salt in body["salts"].items()}
    root = fields.fields_root(lease, fields.join_salts(salts, lease))
    core = Core("lease.recorded", body["rid"], "log-1", found["kid"], body["ts"], root)
    assert core.to_bytes().decode() == found["text"]
    assert found["kid"] == key_id(public)
    assert found["exported"] == "refused"
    verifier(public).verify(core.to_bytes(), unb64(body["dev_sig"], 64))


def test_the_phone_believes_only_a_receipt_of_its_own_record(page):
    lease = {"lessee_name": "王伟", "vin": "LSVAB4BR0EN123450"}
    vkey = NoteKey(ORIGIN, ED25519, LOG.public).vkey()
    sign = f"""{ENROLLED} window.device = device;
      window.body = await record.signRecord(device, await record.prepare(device, x.fields));
      return window.body"""
    body = run(page, sign, {"fields": lease, "vkey": vkey})
    salts = {name: unb64(salt) for name, salt in body["salts"].items()}
    root = fields.fields_root(lease, fields.join_salts(salts, lease))

    def receipt(**changes):
        members = {"kind": "lease.recorded", "rid": body["rid"], "log_id": "log-1"}
        members |= {"device": body["device"], "ts": body["ts"], "fields_root": root} | changes
        leaf = Leaf(Core(**members), sha256(b"c").digest(), unb64(body["dev_sig"])).to_bytes()
        hashes = [hashing.leaf_hash(b"first"), hashing.leaf_hash(leaf)]
        note = signed_note(size=2, root=hashing.root_of_hashes(hashes))
        proof = [b64(hashes[0])]
        return {
            "rid": body["rid"],
            "index": "1",
            "leaf": b64(leaf),
            "proof": proof,
            "checkpoint": note,
        }

    check = """const { verifyReceipt } = await use('record');
      try { const found = await verifyReceipt(window.device, window.body, x);
        return [String(found.index), String(found.size), found.steps.length]
      } catch (error) { return error.message }"""
    assert run(page, check, receipt()) == ["1", "2", 1]
    assert "fields_root" in run(page, check, receipt(fields_root=b"x" * 32))
    assert "tenant_log" in run(page, check, receipt(log_id="log-2"))
    moved = receipt() | {"index": "0"}
    assert "signed root" in run(page, check, moved)


def test_a_changed_log_key_is_not_accepted_silently(page):
    code = f"""{ENROLLED}
      const other = {{ log_id: 'log-1', log_key: 'other' }};
      return keys.rememberLog('anda/1', device, other)
        .then(() => 'taken', (error) => error.message);"""
    assert run(page, code, {"vkey": "first"}) == "log-key-changed"


def test_noble_stands_in_where_webcrypto_lacks_ed25519(page):
    code = """const real = crypto.subtle.generateKey.bind(crypto.subtle);
      crypto.subtle.generateKey = (name, ...rest) =>
        name === 'Ed25519' ? Promise.reject(new Error('unknown')) : real(name, ...rest);
      const device = await import('/static/mobile/device-key.js?without');
      const { verifyEd25519 } = await check('ed25519');
      const holds = (...parts) => verifyEd25519(...parts).then(() => true, () => false);
      const { b64 } = await check('bytes');
      const key = await device.generate();
      const message = new TextEncoder().encode('hello');
      const signature = await device.sign(key, message);
      crypto.subtle.generateKey = real;
      return { kind: key.kind, public: b64(key.publicKey), signature: b64(signature),
        good: await holds(key.publicKey, signature, message),
        bad: await holds(key.publicKey, signature, message.slice(1)) }"""
    found = run(page, code)
    assert (found["kind"], found["good"], found["bad"]) == ("sealed", True, False)
    verifier(unb64(found["public"])).verify(b"hello", unb64(found["signature"]))


def test_vin_check_digits_agree_with_the_servers(page):
    source = random.Random(7)
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
    vins = [source.choice("LWJ1") + "".join(source.choices(letters, k=16)) for _ in range(300)]
    vins += [vin[:8] + identifiers.vin_check_digit(vin) + vin[9:] for vin in vins]
    code = "const { checkVin } = await use('vin'); return x.map((vin) => checkVin(vin).state)"

    def expected(vin):
        if vin[8] == identifiers.vin_check_digit(vin):
            return "good"
        return "wrong" if identifiers.vin_must_check(vin) else "unusual"

    assert run(page, code, vins) == [expected(vin) for vin in vins]


@pytest.mark.parametrize(
    ("text", "state"),
    [("LSVAB4BR", "short"), ("LSVAB4BRIEN123457", "characters"), ("lsv ab4br-", "short")],
)
def test_unfinished_vins(page, text, state):
    assert run(page, "return (await use('vin')).checkVin(x).state", text) == state


AMOUNTS = [
    ("toMinor", "128,400.50", "12840050"),
    ("toMinor", "0.01", "1"),
    ("toMinor", "007", "700"),
    ("toMinor", "1.500", "150"),
    ("toMinor", "1.005", None),
    ("toMinor", "-1", None),
    ("toMinor", "1e3", None),
    ("toMinor", ".", None),
    ("toMinor", "99999999999999999999.99", "9999999999999999999999"),
    ("toFraction", "6.85", "0.0685"),
    ("toFraction", "0", "0"),
    ("toFraction", "100", "1"),
    ("toFraction", "12.5", "0.125"),
    ("toFraction", "0.05", "0.0005"),
    ("toFraction", "x", None),
    ("fromMinor", "5", "0.05"),
    ("fromMinor", "12840050", "128400.50"),
]


@pytest.mark.parametrize(("function", "text", "expected"), AMOUNTS)
def test_amounts_are_moved_as_text(page, function, text, expected):
    assert run(page, f"return (await use('amounts')).{function}(x)", text) == expected


def test_base64_is_strict(page):
    code = """const { unb64 } = await check('bytes');
      const read = (text) => { try { return Array.from(unb64(text)) } catch { return 'refused' } };
      return x.map(read)"""
    assert run(page, code, ["AQI=", "AQJ=", "AQI", "A QI=", ""]) == [[1, 2]] + ["refused"] * 3 + [
        []
    ]


def test_stamps_are_as_the_ledger_writes_them(page):
    code = "return (await use('record')).stamp(new Date(Date.UTC(2026, 2, 2, 9, 30, 1, 45)))"
    assert run(page, code) == "2026-03-02T09:30:01.045000Z"


def test_every_module_that_the_phone_imports_is_kept_for_offline():
    reached, waiting = set(), ["mobile/phone.js"]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        text = Path(finders.find(name)).read_text()
        for relative in re.findall(r'^(?:import|export) [^;]*?"(\.[^"]+)";', text, re.M):
            other = posixpath.normpath(posixpath.join(posixpath.dirname(name), relative))
            waiting += [] if other in reached else [other]
    kept = {name for name in SHELL if name.startswith(("mobile/", "ledger/"))}
    assert reached - {"ui/relative-time.js"} == kept - {"mobile/phone.css"}
    assert reached <= set(SHELL)
