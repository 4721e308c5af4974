"""A source with two histories: each is refused, and its evidence convicts it."""

import pytest
from django_tenants.utils import tenant_context

from ledger import services, vault
from ledger.core.errors import LedgerError
from ledger.core.fork import Fork, fork_of_notes, verify_fork
from ledger.core.log_keys import LogKeys
from ledger.core.notes import Note, NoteKey, SignatureLine, Verified, cosign_text, cosigner_key
from ledger.core.witness import AddCheckpoint, WitnessRefusal
from ledger.exchange import convictions, parcels
from ledger.exchange.convictions import standing_conviction
from ledger.exchange.notices import COSIGNATURE, post_notice
from ledger.exchange.services import LINES
from ledger.models import (
    Checkpoint,
    Cosignature,
    ForkProof,
    ForkRuling,
    Head,
    Outbox,
    Refusal,
    Replica,
)
from ledger.problems import NoSuchEntry
from ledger.services.published_keys import cosigner_name
from ledger.verifier.fork import main as convict
from ledger.witnessing.cosigners import cosigned
from ledger.witnessing.state import add_checkpoint, watch_log
from tenants.models import Parcel, PublishedKey
from tests.ledger.forked import evidence_of, log_key, over_http, second_history
from tests.ledger.stage import (
    AT,
    answer,
    append,
    changed,
    exchange,
    post_again,
    receive,
    refused,
    send,
)


def test_a_fork_after_what_is_held_is_convicted_when_it_goes_on(stage, settings, tmp_path, capsys):
    """13 are held and 15 of one history; the other history's 14 come, then 16."""
    exchange(stage)
    one = second_history(stage, settings, keep=13, vins=["A", "B"])
    two = second_history(stage, settings, keep=13, vins=["C", "D", "E"])
    post_again(stage, one, 13, 15)
    assert receive(stage).refusals == []
    post_again(stage, two, 13, 16)
    refused(stage, "forked")
    fork = evidence_of(stage, tmp_path, capsys)
    assert fork.size == 14  # the first entry that differs
    assert len(fork.branches[1].steps) == 1


def test_a_fork_before_what_is_held_is_convicted_by_its_base(stage, settings, tmp_path, capsys):
    """The other history is only shown from a place after the fork on."""
    exchange(stage)
    one = second_history(stage, settings, keep=13, vins=["A", "B"])
    memory = {path: path.read_bytes() for path in settings.KEY_DIR.glob("logs/*/last.json")}
    post_again(stage, one, 13, 15)
    assert receive(stage).refusals == []
    append(stage, "C")
    append(stage, "D")
    with tenant_context(stage.lessor):
        Outbox.objects.update(cursor=15)
    append(stage, "E")
    for path, content in memory.items():
        path.write_bytes(content)
    send(stage)
    refused(stage, "forked")
    assert evidence_of(stage, tmp_path, capsys).size == 15


def test_two_checkpoints_of_one_size_convict_as_they_are(stage, settings, tmp_path, capsys):
    exchange(stage)
    one = second_history(stage, settings, keep=13, vins=["A"])
    two = second_history(stage, settings, keep=13, vins=["B"])
    files = []
    for name, body in (("one", one), ("two", two)):
        files.append(tmp_path / name)
        files[-1].write_bytes(parcels.EntriesParcel.parse(body).checkpoint)
    key = log_key(stage).vkey()
    assert convict([*map(str, files), "--log-key", key]) == 0
    assert convict([str(files[0]), str(files[0]), "--log-key", key]) == 1
    assert convict([str(files[0]), str(tmp_path / "none"), "--log-key", key]) == 2
    assert convict([*map(str, files), "--log-key", "x"]) == 2
    with tenant_context(stage.lessor):
        first = bytes(services.seal_checkpoint(at=AT).note)
    with pytest.raises(LedgerError, match="sizes are the same"):
        fork_of_notes(first, files[0].read_bytes())


def test_the_evidence_is_downloaded_on_both_sides(stage, settings, client_of, cast):
    exchange(stage)
    one = second_history(stage, settings, keep=13, vins=["A", "B"])
    two = second_history(stage, settings, keep=13, vins=["C", "D", "E"])
    post_again(stage, one, 13, 15)
    assert receive(stage).refusals == []
    post_again(stage, two, 13, 16)
    refused(stage, "forked")
    with tenant_context(stage.trust):
        digest = ForkProof.objects.get().digest
    for person, tenant, words in (
        (cast.analyst, stage.trust, "The log of Anda Leasing has two histories"),
        (cast.manager, stage.lessor, "Huaxin Trust holds proof that your log has two histories"),
    ):
        client = client_of(person, tenant)
        assert words in client.get("/ledger/copies/").content.decode()
        evidence = client.get(f"/ledger/copies/forks/{digest}")
        verify_fork(Fork.parse(evidence.content), LogKeys.single(log_key(stage)))
        assert client.get("/ledger/copies/forks/none").status_code == 404


def test_a_convicted_log_is_taken_again_only_when_a_person_decides(
    stage, settings, client_of, cast
):
    exchange(stage)
    one = second_history(stage, settings, keep=13, vins=["A", "B"])
    two = second_history(stage, settings, keep=13, vins=["C", "D", "E"])
    post_again(stage, one, 13, 15)
    assert receive(stage).refusals == []
    post_again(stage, two, 13, 16)
    refused(stage, "forked")
    post_again(stage, one, 13, 15)  # what was good before is refused now
    refused(stage, "convicted")
    with tenant_context(stage.trust):
        digest = ForkProof.objects.get().digest
        note = Note.parse(bytes(Replica.objects.get().checkpoint))
        body = AddCheckpoint(15, (), note).to_bytes()
        with pytest.raises(WitnessRefusal, match="two histories") as refusal:
            add_checkpoint(body, at=AT)
        assert refusal.value.status == 403
    url = f"/ledger/copies/forks/{digest}/ruling"
    assert client_of(cast.analyst, stage.trust).post(url, {"reason": "x"}).status_code == 403
    person = client_of(cast.portfolio_manager, stage.trust)
    page = person.get("/ledger/copies/").content.decode()
    assert "until somebody here decides" in page and url in page
    person.post(url, {"reason": " "})
    unreadable = person.post(url, {"reason": "a\0b"})
    assert unreadable.status_code == 422 and "by hand" in unreadable.content.decode()
    post_again(stage, one, 13, 15)
    refused(stage, "convicted")  # a decision says why
    assert person.post(url, {"reason": "they showed the restored disk"}).status_code == 302
    assert person.post(url, {"reason": "again"}).status_code == 404
    page = person.get("/ledger/copies/").content.decode()
    assert "they showed the restored disk" in page and url not in page
    post_again(stage, one, 13, 15)
    assert receive(stage).refusals == []
    with tenant_context(stage.trust):
        assert add_checkpoint(body, at=AT)


def test_an_id_that_was_refused_before_hides_no_fork(stage, settings):
    """The sender chooses its parcels' ids, and may choose one again."""
    exchange(stage)
    one = second_history(stage, settings, keep=13, vins=["A", "B"])
    two = second_history(stage, settings, keep=13, vins=["C", "D", "E"])
    post_again(stage, one, 13, 15)
    chosen = post_again(stage, b"no parcel", 15, 16)
    (again,) = receive(stage).refusals
    assert again.code == "bad_format"
    parcel = Parcel(pk=chosen.pk, sender=stage.lessor, receiver=stage.trust, subject="entries")
    parcel.log_origin, parcel.from_index, parcel.to_index = chosen.log_origin, 13, 16
    parcel.body = two
    parcel.save(force_insert=True)
    refused(stage, "forked")
    assert not Parcel.objects.filter(pk=chosen.pk).exists()
    with tenant_context(stage.trust):
        assert standing_conviction(stage.lessor.pk, log_key(stage).name)


def test_a_notice_that_names_a_refusal_of_ours_hides_nothing(stage):
    """What the counterparty says of our log is kept, under an id that can be none of ours."""
    exchange(stage)
    post_again(stage, b"no parcel", 13, 14)
    (ours,) = receive(stage).refusals
    members = {"code": "bad_proof", "detail": "x", "parcel": str(ours.parcel)}
    with tenant_context(stage.lessor):
        post_notice(stage.trust.pk, "refusal", parcels.Notice(log_key(stage).name, 13, members))
    assert receive(stage).refusals == []
    with tenant_context(stage.trust):
        told = Refusal.objects.filter(other=stage.lessor.pk).order_by("pk")
        assert list(told.values_list("by_us", "code")) == [
            (True, "bad_format"),
            (False, "bad_proof"),
        ]


def with_a_line_of_nobody(body):
    """The parcel with one more signature line, of a key that nobody knows."""
    parcel = parcels.EntriesParcel.parse(body)
    note = Note.parse(parcel.checkpoint)
    line = SignatureLine("nobody.test/x", b"\1\2\3\4", b"\5" * 64)
    return changed(parcel, checkpoint=Note(note.text, (*note.lines, line)).to_bytes()).to_bytes()


def with_a_broken_line(body):
    """The parcel with one more line in an institution's name, whose signature does not hold."""
    parcel = parcels.EntriesParcel.parse(body)
    note = Note.parse(parcel.checkpoint)
    key = NoteKey.parse(PublishedKey.objects.filter(purpose=PublishedKey.COSIGNER).first().key)
    line = SignatureLine(key.name, key.id, b"\5" * 72)
    return changed(parcel, checkpoint=Note(note.text, (*note.lines, line)).to_bytes()).to_bytes()


@pytest.mark.parametrize("time", [2**62, 253402300800])  # year 10000
def test_a_cosignature_of_a_time_that_no_calendar_has_is_refused_and_stops_nothing(stage, time):
    exchange(stage)
    append(stage)
    with tenant_context(stage.lessor):
        size = services.seal_checkpoint(at=AT).size
        text = Note.parse(bytes(Checkpoint.objects.get(size=size).note)).text
        origin = Head.objects.get().origin
    with tenant_context(stage.trust):
        name, (secret, *_) = cosigner_name(Head.objects.get()), vault.cosigner_secrets()
        line = cosign_text(text, name, secret, time)
        told = Verified(cosigner_key(name, secret), time)
        assert cosigned([told]) == []  # nor does a page that shows such a line fail
        members = {LINES[0]: line.text().rstrip("\n")}
        post_notice(stage.lessor.pk, COSIGNATURE, parcels.Notice(origin, size, members))
    refusals = answer(stage).refusals
    assert [row.detail for row in refusals] == [f"no calendar has a time of {time} seconds"]
    exchange(stage)
    with tenant_context(stage.lessor):
        assert Outbox.objects.get().cosigned_size == size
        assert Cosignature.objects.filter(size=size).count() == 2
    assert Parcel.objects.count() == 0


@pytest.mark.parametrize("dress", [bytes, with_a_line_of_nobody, with_a_broken_line])
def test_one_history_over_http_and_another_in_parcels(stage, settings, tmp_path, capsys, dress):
    exchange(stage)
    one = second_history(stage, settings, keep=13, vins=["A", "B"])
    two = second_history(stage, settings, keep=13, vins=["C", "D"])
    assert over_http(stage, one)
    post_again(stage, dress(two), 13, 15)
    refused(stage, "forked")
    assert evidence_of(stage, tmp_path, capsys).size == 15
    with pytest.raises(WitnessRefusal, match="convicted here"):
        over_http(stage, one)


def test_one_history_in_parcels_and_another_over_http(
    stage, settings, tmp_path, capsys, client_of, cast
):
    with tenant_context(stage.trust):
        assert watch_log(log_key(stage).vkey()).source is None  # by command: no source stands there
    exchange(stage)
    one = second_history(stage, settings, keep=13, vins=["A", "B"])
    two = second_history(stage, settings, keep=13, vins=["C", "D"])
    post_again(stage, one, 13, 15)
    assert receive(stage).refusals == []
    with pytest.raises(WitnessRefusal, match="another tree of 15 entries"):
        over_http(stage, two)
    with pytest.raises(WitnessRefusal, match="convicted here"):
        over_http(stage, one)
    page = client_of(cast.analyst, stage.trust).get("/ledger/copies/").content.decode()
    assert "another tree of 15 entries was cosigned before" in page
    post_again(stage, one, 13, 15)
    refused(stage, "convicted")  # and its word may have replaced the one that told of the fork
    assert evidence_of(stage, tmp_path, capsys).size == 15


def test_a_line_of_nobody_hides_no_fork(stage, settings, tmp_path, capsys):
    exchange(stage)
    one = second_history(stage, settings, keep=13, vins=["A", "B"])
    two = second_history(stage, settings, keep=13, vins=["C", "D", "E"])
    post_again(stage, with_a_line_of_nobody(one), 13, 15)
    refused(stage, "bad_checkpoint")
    post_again(stage, one, 13, 15)
    assert receive(stage).refusals == []
    post_again(stage, with_a_broken_line(two), 13, 16)
    refused(stage, "forked")
    assert evidence_of(stage, tmp_path, capsys).size == 14


def test_of_two_people_who_decide_at_once_the_second_is_told(stage, settings, monkeypatch, enter):
    enter(stage.trust)
    ForkProof.objects.create(
        source=stage.lessor.pk, other=stage.lessor.pk, by_us=True, digest="a" * 64, evidence=b"x",
        size=1, found_at=AT,
    )  # fmt: skip

    def meanwhile(at):
        ForkRuling.objects.create(digest="a" * 64, reason="1", ruled_by=stage.trust.pk, ruled_at=at)
        return at

    monkeypatch.setattr(convictions, "instant", meanwhile)
    with pytest.raises(NoSuchEntry, match="waits for a decision"):
        convictions.rule(digest="a" * 64, reason="2", by=stage.lessor.pk, at=AT)
