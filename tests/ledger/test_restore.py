"""A destroyed original gets its log back from a counterparty's copy, and goes on."""

import html
import io
import json

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django_tenants.utils import tenant_context

from ledger import selectors, services
from ledger.core.notes import NoteKey
from ledger.core.proofs import verify_consistency
from ledger.core.tlog_proof import verify_proof
from ledger.drafts import instant
from ledger.exchange.services import Received, send_parcels
from ledger.models import (
    Checkpoint,
    Cosignature,
    Entry,
    Head,
    KeyState,
    Replica,
    Restoration,
    SigningKey,
    WitnessedLog,
)
from ledger.problems import LogLost, NoSuchRequest, PayloadMissing, RestoreRefused
from ledger.signing import signer_of
from ledger.signing.freeze import Contradiction
from ledger.verifier.check import verify_bundle
from origination.models import ShareGrant
from tenants.models import Parcel
from tests.ledger.restoring import (
    BY,
    COLUMNS,
    as_owner,
    ask,
    give,
    signed_by_log,
    take,
)
from tests.ledger.rolled_back import note
from tests.ledger.stage import AT, answer, append, exchange, receive


def test_a_person_of_the_counterparty_decides_on_a_page(lost, client_of):
    stage, cast = lost, lost.cast
    office = client_of(cast.back_office, stage.lessor)  # nothing is "not found": it is gone
    for page in ("/ledger/copies/", "/leases/", "/ledger/entries/4/"):
        shown = office.get(page)
        assert "This institution's ledger is gone" in html.unescape(shown.content.decode()), page
    assert shown.status_code == LogLost.status
    ask(stage)
    receive(stage)
    with tenant_context(stage.trust):
        request = Restoration.objects.get(by_us=False)
    url = f"/ledger/copies/restorations/{request.pk}"
    analyst = client_of(cast.analyst, stage.trust)
    assert "Anda Leasing has lost its ledger" in analyst.get("/ledger/copies/").content.decode()
    assert analyst.post(url, {"decision": "give"}).status_code == 403
    manager = client_of(cast.portfolio_manager, stage.trust)
    page = manager.get("/ledger/copies/").content.decode()
    outside, asked_twice = page.split("<dialog")  # nothing is given by one click
    assert 'value="give"' not in outside and 'value="give"' in asked_twice
    assert "Give the ledger back to Anda Leasing?" in asked_twice
    for other in (cast.manager, cast.analyst):  # the asker's own manager; one without the right
        with pytest.raises(CommandError, match=r"may not decide this for .*portfolio_manager"):
            call_command("restore_ledger", "give", "trust", "anda", by=other.email)
    assert manager.post(url, {"decision": "give"}).status_code == 302
    assert manager.post(url, {"decision": "give"}).status_code == 404  # once
    output = io.StringIO()
    call_command("restore_ledger", "take", "anda", "trust", stdout=output)
    assert "13 entries" in output.getvalue()
    assert "Only a backup has the payloads of entries" in output.getvalue()
    page = client_of(cast.manager, stage.lessor).get("/ledger/copies/").content.decode()
    assert "Ledgers asked back" in page
    # what the trust sends meanwhile waits: it would stand where the tables come back to
    with tenant_context(stage.trust):
        services.append_entry(draft=note())
        send_parcels(to_tenant=stage.lessor, at=AT)
    assert f"--bring-back {stage.aside} now" in output.getvalue()
    assert "Nothing is received from others yet" in page
    assert answer(stage) == Received()
    # the other rooms' tables were sound: they come back from the schema that was set aside
    said = as_owner("schema_aside", "anda", "--bring-back", stage.aside)
    assert said.split() == ["1", "origination_sharegrant"]
    with tenant_context(stage.lessor):
        assert ShareGrant.objects.get().granted_by == BY
        assert Head.objects.get().size >= 13
    assert [refusal.code for refusal in answer(stage).refusals] == ["gap"]  # sent from 0 next
    assert as_owner("schema_aside", "anda", "--leave") == "Nothing waits.\n"  # it is settled
    with pytest.raises(AssertionError, match="holds rows already"):
        as_owner("schema_aside", "anda", "--bring-back", stage.aside)


def test_a_destroyed_log_comes_back_and_goes_on(lost, client_of):
    stage = lost
    # nothing begins another log beside the lost one, whoever tries
    with tenant_context(stage.lessor), pytest.raises(LogLost):
        services.open_log(at=AT)
    assert answer(stage).parcels == 0
    ask(stage)
    # a person decides: the job that receives gives nothing away
    receive(stage)
    assert not Parcel.objects.filter(subject="restored").exists()
    with pytest.raises(NoSuchRequest):
        take(stage)
    assert give(stage) == 13
    restored = _take_frozen(stage)
    assert (restored.entries, restored.items) == (13, 0)
    # the tape's and the batch's own fields, the seventh lease, and a batch that was shared in part
    assert restored.missing_payloads == [4, 11, 12]
    assert restored.missing_items == [12]
    _is_as_before(stage, restored)
    _witnesses_again(stage, restored, client_of, lost.cast)
    _goes_on(stage)


def _take_frozen(stage):
    """An old backup ran before: the trust proved the tree of 13 entries, and the log was frozen."""
    log_id = stage.before["head"][0]
    freeze = signer_of(log_id).freeze
    lie = signed_by_log(stage.before["head"][:2], 13, b"\7" * 32)
    for shown in (lie, stage.before["note"]):
        freeze.set(Contradiction("the trust", 4, 13, AT, shown.decode()))
        with pytest.raises(CommandError, match=r"ledger is gone. Take it back"):
            call_command("resolve_frozen_log", "anda", reason="tried")
        if shown is lie:  # nobody gives that back: a person rules
            with pytest.raises(RestoreRefused, match="frozen by a tree of 13"):
                take(stage)
            call_command("resolve_frozen_log", "anda", reason="it lies", anyway=True)
            assert freeze.read() is None
    restored = take(stage)
    assert restored.thawed.held == 13 and freeze.read() is None
    kept = json.loads((settings.KEY_DIR / "logs" / log_id / "resolved-2.json").read_bytes())
    assert "restored from the copy of" in kept["reason"] and not kept["overruled"]
    return restored


def _is_as_before(stage, restored):
    before = stage.before
    with tenant_context(stage.lessor):
        head = Head.objects.get()
        assert (head.log_id, head.origin) == before["head"][:2]
        rows = Entry.objects.filter(index__lt=13).order_by("index")
        assert list(rows.values_list(*COLUMNS)) == before["entries"]
        assert [(bytes(row.leaf), bytes(row.nodes)) for row in rows] == before["bytes"]
        assert selectors.root_at(13) == before["head"][3]
        came_back = Checkpoint.objects.get(size=13)
        assert bytes(came_back.note) == before["note"]
        assert came_back.sealed_at == instant(AT)  # as the log's own second signature says
        lines = Cosignature.objects.filter(size=13).values_list("line", flat=True)
        assert sorted(lines) == before["lines"]
        for index, fields in stage.fields.items():
            if index in restored.missing_payloads:
                with pytest.raises(PayloadMissing):
                    selectors.payload(index)
            else:
                assert selectors.payload(index) == fields
        keys = {key.kid: key for key in SigningKey.objects.all()}
        assert before["keys"].keys() < keys.keys()
        assert all(bytes(keys[kid].public_key) == public for kid, public in before["keys"].items())
        # the server's own private keys went with the schema: revoked, and a new one speaks
        assert sorted(restored.revoked_keys) == sorted(before["keys"])
        (fresh,) = keys.keys() - before["keys"].keys()
        assert keys[fresh].state == KeyState.APPROVED


def _witnesses_again(stage, restored, client_of, cast):
    """What it had cosigned is known again from the trust's published log, and the page says so."""
    with tenant_context(stage.lessor):
        rows = WitnessedLog.objects.values_list("origin", "size", "root")
        assert [(o, size, bytes(root)) for o, size, root in rows] == [stage.witnessed]
        assert WitnessedLog.objects.get().cosigned_at is not None
    assert restored.recalled == [stage.witnessed[0]]
    page = client_of(cast.manager, stage.lessor).get("/ledger/trust/").content.decode()
    assert "forgot what it had cosigned" not in page and "seen again on a checkpoint" in page


def _goes_on(stage):
    append(stage, "AFTER")
    with tenant_context(stage.lessor):
        sealed = services.seal_checkpoint(at=AT)
        hashes = selectors.consistency_proof(13, sealed.size)
        verify_consistency(13, sealed.size, hashes, stage.before["head"][3], bytes(sealed.root))
        verify_proof(stage.proof, stage.leaf, stage.key)  # an old proof, of an old checkpoint
        stream = io.BytesIO()
        services.export_ledger(stream=stream, at=AT, newest=True)
        report = verify_bundle(io.BytesIO(stream.getvalue()), pinned=stage.key)
        assert report.entries == sealed.size
    with tenant_context(stage.trust):
        pinned = Replica.objects.get().vkey
    assert NoteKey.parse(pinned) == stage.key
    exchange(stage)  # the copy goes on without a new pin
    with tenant_context(stage.trust):
        replica = Replica.objects.get()
        assert (replica.size, replica.vkey) == (sealed.size, pinned)
    with tenant_context(stage.lessor):
        assert Cosignature.objects.filter(size=sealed.size).exists()


def test_what_does_not_verify_is_not_taken_back_and_a_refusal_gives_nothing(lost):
    stage = lost
    ask(stage)
    give(stage, yes=False)
    with pytest.raises(NoSuchRequest):
        take(stage)
    ask(stage)
    give(stage)
    post = Parcel.objects.get(subject="restored")
    body = bytearray(bytes(post.body))
    body[len(body) // 2] ^= 1
    good, post.body = bytes(post.body), bytes(body)
    post.save(update_fields=["body"])
    with pytest.raises(RestoreRefused):
        take(stage)
    with tenant_context(stage.lessor):
        assert not Head.objects.exists()
        assert not Entry.objects.exists()
    post.body = good
    post.save(update_fields=["body"])
    # the signer remembers more than came back: going on would fork what was signed
    memory = settings.KEY_DIR / "logs" / stage.before["head"][0] / "last.json"
    memory.write_bytes(memory.read_bytes().replace(b'"13"', b'"15"'))
    with pytest.raises(RestoreRefused) as refused:
        take(stage)
    assert "remembers 15" in str(refused.value)
