"""Verified in the browser beside keys that were replaced: an older one is told as such, no lie."""

import uuid
from types import SimpleNamespace

import pytest
from django_tenants.utils import tenant_context

from ledger import selectors, services
from ledger.core.hashing import leaf_hash
from ledger.core.notes import Note, NoteKey, sign_text
from ledger.core.proofs import root_from_inclusion
from ledger.core.tlog_proof import TlogProof
from ledger.core.tree_heads import Checkpoint as TreeHead
from ledger.drafts import Draft, rows
from ledger.log_keys import own_log_keys
from ledger.models import Checkpoint, Entry, Head
from ledger.rotation.log_key import rotate_log_key
from ledger.services.disclosure import disclosure_file
from ledger.signing import signer_of
from tests.browser.test_verify_here import AT, outcome, pin


@pytest.fixture(scope="module")
def rotated(site, tmp_path_factory):
    """A log that changed its key after a tape; its keys, its export from before and from after."""
    path = tmp_path_factory.mktemp("rotated")
    records = [(uuid.uuid4(), {"vin": str(number)}) for number in range(3)]
    with tenant_context(site.cast.tenants.xingyu):
        for part in (records[:1], records[1:]):
            tape = rows(kind="lease.recorded", records=part, ts=AT)
            fields = {"file_sha256": "00" * 32, "rows": str(len(part))}
            services.append_tape(rid=uuid.uuid4(), fields=fields, rows=tape, at=AT)
            services.seal_checkpoint(at=AT)
        sizes = list(Checkpoint.objects.order_by("size").values_list("size", flat=True))
        files = [path / "old.leaseledger", path / "new.leaseledger"]
        with files[0].open("wb") as stream:
            services.write_bundle(stream=stream)
        loose = [path / "1.tlog-proof", path / "1.leaf"]
        loose[0].write_bytes(selectors.proof_file(1))
        loose[1].write_bytes(bytes(Entry.objects.get(index=1).leaf))
        rotate_log_key(at=AT)
        with files[1].open("wb") as stream:
            services.write_bundle(stream=stream)
        return SimpleNamespace(
            keys=[key.vkey() for key in own_log_keys().all],
            sizes=[*sizes, Head.objects.get().size],
            old=files[0],
            loose=loose,
            new=files[1],
        )


def test_an_older_key_that_leads_to_the_pinned_one_is_no_lie(open_page, sign_in, site, rotated):
    first, second, newest = rotated.sizes
    path = f"/ledger/consistency/?first={first}&second={second}"
    page = sign_in(open_page(), "rival_manager", "xingyu", "/ledger/consistency/")
    page.goto(site.url("xingyu", path))
    pin(page, rotated.keys[1])
    assert outcome(page, "warning").startswith("Signed by a key that handed over to the one")
    assert "pin the older key" in page.inner_text("[data-outcome]")
    page.goto(site.url("xingyu", f"/ledger/consistency/?first={first}&second={newest}"))
    assert "Verified here" in outcome(page, "success")
    assert page.input_value("#pinned-key") == rotated.keys[1]
    pin(page, rotated.keys[0])
    assert "handed over to the one" in page.inner_text("[data-outcome][data-state=success]")
    pin(page, "")
    assert outcome(page, "warning") == "Holds together, but no key is pinned"

    page.goto(site.url("xingyu", "/ledger/verify/"))
    pin(page, rotated.keys[1])
    for old in (rotated.old, rotated.loose):
        page.set_input_files("#files", [])
        page.set_input_files("#files", old)
        assert outcome(page, "warning").startswith("Signed by a key that handed over to the one")
    page.set_input_files("#files", [*rotated.loose, rotated.new])
    page.locator("[data-outcome]", has_text="The key that you pinned signed it.").wait_for()
    proof, export = page.locator("[data-outcome] .verdict").all_inner_texts()
    assert proof.startswith("1.tlog-proof + 1.leaf\n") and export.startswith("new.leaseledger\n")
    assert page.get_attribute("[data-outcome]", "data-state") == "warning"  # not green as a whole
    page.reload()
    page.set_input_files("#files", rotated.new)
    assert "Verified here" in outcome(page, "success")
    assert page.input_value("#pinned-key") == rotated.keys[1]
    pin(page, "")
    assert outcome(page, "warning") == "Holds together, but no key is pinned"
    assert page.input_value("#pinned-key") == ""


def test_a_typed_key_and_one_pinned_before_get_the_same_verdict(open_page, site, rotated):
    page = open_page(phone=True)
    page.goto(site.url("public", "/verify/"))
    page.fill("#pinned-key", rotated.keys[0])
    page.set_input_files("#files", rotated.new)
    assert "Verified here" in outcome(page, "success")
    words = page.inner_text("[data-outcome]")
    assert "handed over to the one that signed it" in words
    assert "10 entries: 7 signed one by one, 3 rows of signed tapes" in words
    page.fill("#pinned-key", rotated.keys[1])
    told = []
    for _ in range(2):  # typed, then pinned before
        page.set_input_files("#files", [])
        page.set_input_files("#files", rotated.old)
        assert outcome(page, "danger") == "The log's key is not the one that you pinned"
        told.append(page.inner_text("[data-outcome]"))
        pin(page, rotated.keys[1])
        page.reload()
    assert told[0] == told[1]
    assert "an older or a newer key of this log" in told[0]


def test_an_amount_whose_currency_stays_hidden_has_no_sign(
    open_page, sign_in, site, rotated, tmp_path
):
    with tenant_context(site.cast.tenants.xingyu):
        fields = {"amount_minor": "-2680005", "currency": "USD"}
        draft = Draft.service(kind="financing.requested", rid=uuid.uuid4(), fields=fields, ts=AT)
        (entry,) = services.append_entries(drafts=[draft])
        services.seal_checkpoint(at=AT)
        files = {}
        for names in ({"amount_minor"}, set(fields)):
            path = files[len(names)] = tmp_path / f"{len(names)}.disclosure"
            path.write_bytes(disclosure_file(index=entry.index, names=names))
    page = open_page()
    page.goto(site.url("public", "/verify/"))
    page.set_input_files("#files", files[2])
    page.locator("[data-outcome]", has_text="\N{MINUS SIGN}US$26,800.05").wait_for()
    page.set_input_files("#files", files[1])
    page.locator("[data-outcome]", has_text="-2,680,005 of the currency's smallest").wait_for()


def test_what_a_replaced_key_signed_is_told_as_such_to_who_knows_that_key_alone(
    open_page, site, rotated, tmp_path
):
    """A thief of the old key forks below the change, or goes on beyond it."""
    page = open_page()
    page.goto(site.url("public", "/verify/"))
    page.fill("#pinned-key", rotated.keys[0])
    page.set_input_files("#files", rotated.old)
    assert outcome(page, "warning").startswith("Signed by a key that another one has replaced")
    assert "whoever stole it" in page.inner_text("[data-outcome]")
    page.set_input_files("#files", rotated.new)
    assert "Verified here" in outcome(page, "success")  # it leads to the key that signs now

    leaf = next(path for path in rotated.loose if path.suffix == ".leaf")
    hashes = (bytes(32),) * 6
    root = root_from_inclusion(0, 64, leaf_hash(leaf.read_bytes()), hashes)
    with tenant_context(site.cast.tenants.xingyu):
        stolen = signer_of(Head.objects.get().log_id)._seeds.first(1)
    origin = NoteKey.parse(rotated.keys[0]).name
    text = TreeHead(origin, 64, root).text()
    forged = tmp_path / "forged.tlog-proof"
    note = Note(text, (sign_text(text, origin, stolen),)).to_bytes()
    forged.write_bytes(TlogProof(0, hashes, note).to_bytes())
    page.set_input_files("#files", [forged, leaf])
    assert outcome(page, "danger") == "Signed by a key that did not sign this log any more"

    with tenant_context(site.cast.tenants.xingyu):  # until the old key is destroyed both sign
        services.append_entry(
            draft=Draft.service(kind="document.issued", rid=uuid.uuid4(), fields={"n": "1"}, ts=AT)
        )
        services.seal_checkpoint(at=AT)
        forged.write_bytes(selectors.proof_file(1))
    page.set_input_files("#files", [])
    page.set_input_files("#files", [forged, leaf])
    assert "Verified here" in outcome(page, "success")
    assert "so did the one that replaced it" in page.inner_text("[data-outcome]")
