"""A key of the registry hands over to the next: readers follow, and nobody else can make them."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from django_tenants.utils import tenant_context

from ledger import services
from ledger.core.canonical import canonical_bytes, parse_canonical
from ledger.core.ed25519 import SecretKey
from ledger.core.errors import SignatureError
from ledger.core.notes import ED25519, NoteKey
from ledger.core.title_root import Change, SignedRoot, TitleRoot
from ledger.models import TitleAlarm, TitleCheck, TitleRootSeen
from ledger.rotation.title_map import rotate_map_keys
from ledger.titles import books
from ledger.titles.alarms import compare
from ledger.titles.asking import newest_file
from ledger.titles.books import Holding
from ledger.titles.keys import reigning_keys
from ledger.titles.sealing import say_root
from ledger.titles.watching import watch_own_rights
from ledger.titles.writing import write_roots
from ledger.verifier.state import Lie
from ledger.verifier.title import prove_title
from tenants.models import TitleEpoch
from tests.ledger.root_secrets import sign_beside
from tests.ledger.test_second_verifier import by_node
from tests.ledger.test_title_epochs import NOW, RIGHT, vin
from tests.ledger.title_desk import AT, ask, by_command, key_of

STRANGER = SecretKey(b"s" * 32)


@pytest.fixture
def handed(proven):
    """Proofs of before (`first`) and after; `old` and `new`: the keys; `signed`: the hand-over."""
    proven.before, proven.old, proven.first = (
        ask(proven.trust, proven.one),
        reigning_keys(),
        proven.signed,
    )
    proven.signed = rotate_map_keys(now=NOW).signed
    for tenant in (proven.anda, proven.trust):
        with tenant_context(tenant):
            write_roots(at=NOW)
            services.seal_checkpoint(at=AT)
    proven.new, proven.after = reigning_keys(), ask(proven.trust, proven.one)
    return proven


def said(scene, epoch, keys, before=None, previous=None, now=NOW):
    """What the platform's keys could say of an epoch."""
    root = scene.signed.root
    told = {"root": root.root, "rights": root.rights, "previous": previous or root.digest()}
    return sign_beside(say_root(epoch=epoch, now=now, keys=keys, before=before, **told), STRANGER)


def test_who_knows_one_of_the_keys_is_led_to_the_other(handed, tmp_path):
    with tenant_context(handed.trust):
        renewed = newest_file(handed.before)
    log = key_of(handed.trust)
    stranger = replace(handed.old, roots=STRANGER.public).key
    path = tmp_path / "a.title-proof"
    for file in (bytes(handed.after.file), renewed):
        path.write_bytes(file)
        for key, code in ((handed.old.key, 0), (handed.new.key, 0), (stranger, 1)):
            if code:
                with pytest.raises(Lie, match="root: the registry's key is not the one"):
                    prove_title(file, pinned=[log], title_key=key)
            else:
                assert prove_title(file, pinned=[log], title_key=key).verdict == "held"
            if file is not renewed:
                told = by_command(path, "--title-key", key.vkey(), log.vkey())
                assert told.returncode == code, told
    made = bytes(handed.before.file)  # made before, by the old key alone: true as it was
    assert prove_title(made, title_key=handed.old.key).signed == handed.first
    with pytest.raises(Lie, match="not the one that you trust"):
        prove_title(made, title_key=handed.new.key)


def tampered(scene):
    """Files whose hand-overs were altered, by the part that both verifiers name."""
    good, honest = parse_canonical(bytes(scene.after.file)), scene.signed.fields()
    old = parse_canonical(bytes(scene.before.file))
    text = scene.signed.root.text().encode()

    def with_(part, *handovers, of=good, **changes):
        return part, canonical_bytes(
            {**of, "v": "title-proof/2", "handovers": list(handovers)} | changes
        )

    forged = replace(scene.signed, old_signature=STRANGER.sign(text)).fields()
    yield with_("root", forged)  # by another than the key before
    yield with_("root", honest | {"old_signature": honest["signature"]})
    yield with_("root", honest | {"signature": honest["old_signature"]})
    yield with_("root", honest | {"epoch": "1"})  # for another epoch
    yield with_("root", honest | {"vrf_key": honest["old_vrf_key"]})
    other = replace(scene.new, roots=STRANGER.public).key.vkey()
    yield with_("root", honest | {"key": other})  # to another key
    yield with_("root", honest | {"old_key": other})
    yield with_("root", honest, honest)  # twice
    yield with_("root", scene.first.fields())  # none at all
    yield with_("root", said(scene, 2, scene.new, scene.new).fields())
    yield with_("root", said(scene, 2, scene.old, scene.new).fields())  # it leads elsewhere
    yield with_("root", said(scene, 1, scene.new, scene.old).fields(), of=old)  # reigned no more
    sooner = said(scene, 2, scene.new, scene.old, now=NOW - timedelta(days=1))
    yield with_("root", sooner.fields(), of=old)  # the old key's root says that it came later
    index_alone = replace(scene.old, vrf=scene.new.vrf)
    yield with_("root", said(scene, 2, index_alone, scene.old).fields())
    yield with_("format")
    yield with_("format", "a hand-over")
    yield with_("format", honest | {"more": ""})
    yield with_("format", {name: honest[name] for name in honest if name != "old_key"})
    yield with_("format", honest, v="title-proof/1")
    yield with_("format", honest, handovers=None)
    yield "format", canonical_bytes({**old, "v": "title-proof/2"})


def test_each_way_to_tamper_with_a_hand_over_is_named_by_both(handed):
    parts, files = zip(*tampered(handed), strict=True)
    for part, file in zip(parts, files, strict=True):
        with pytest.raises(Lie) as lie:
            prove_title(file)
        assert lie.value.part == part, lie.value
    answers = by_node([*files, bytes(handed.after.file)])
    assert [one.get("lie", {}).get("part") for one in answers] == [*parts, None]


def test_two_keys_of_one_id_in_a_note_do_not_hand_over():
    """Found by trying 61,641 seeds: which line is whose could not be told."""
    old, new = (SecretKey(sha256(b"c%d" % number).digest()) for number in (44_812, 61_640))
    keys = [NoteKey("platform.test/titles", ED25519, secret.public) for secret in (old, new)]
    assert keys[0].id == keys[1].id and keys[0] != keys[1]
    root = TitleRoot(
        origin=keys[0].name,
        epoch=2,
        root=bytes(32),
        rights=0,
        vrf_key=bytes(32),
        previous=bytes(32),
        sealed_at="2026-11-01T08:00:00.000000Z",
        change=Change(keys[1], keys[0], bytes(32)),
    )
    text = root.text().encode()
    with pytest.raises(SignatureError, match="have one id"):
        SignedRoot(root, keys[1], new.sign(text), old.sign(text)).verify()


def test_a_ledger_follows_a_hand_over_and_nothing_else(handed):
    """Under another key, by a stranger, replayed, or of the past: refused by name, not written."""
    stranger, last = replace(handed.new, roots=STRANGER.public), handed.signed
    by_stranger = said(handed, 3, stranger, handed.new)
    lies = [
        said(handed, 3, stranger),
        said(handed, 3, handed.old),  # the key that was replaced
        replace(by_stranger, old_signature=STRANGER.sign(by_stranger.root.text().encode())),
        said(handed, 3, stranger, handed.old),
        last,  # once more
        said(handed, 1, stranger, handed.new),
    ]
    for number, lie in enumerate(lies, 3):
        TitleEpoch.objects.create(epoch=number, fields=lie.fields(), sealed_at=NOW)
    with tenant_context(handed.trust):
        assert write_roots(at=NOW) == 0
        found = TitleAlarm.objects.filter(kind="unsigned").order_by("pk")
        reasons = [alarm.evidence["reason"] for alarm in found]
    nobody = "another key signed the root, and the one before did not hand over to it"
    assert reasons == [
        nobody,
        nobody,
        "the registry's key of before did not sign the hand-over",
        nobody,
        "the hand-over is of epoch 2, which is not after epoch 2",
        "the hand-over is of epoch 1, which is not after epoch 2",
    ]
    honest = said(handed, 9, replace(handed.new, roots=STRANGER.public), handed.new)
    TitleEpoch.objects.create(epoch=9, fields=honest.fields(), sealed_at=NOW)
    with tenant_context(handed.trust):
        assert write_roots(at=NOW) == 1  # what the key in use did hand over to


def test_two_stories_of_the_epoch_of_a_hand_over_convict_by_the_old_key(handed):
    """One with the hand-over, one without: the old key signed both."""
    ours = handed.signed
    previous = handed.first.root.digest()
    by_old = said(handed, 2, handed.old, previous=previous)
    by_none = said(handed, 2, replace(handed.old, roots=STRANGER.public), previous=previous)
    with tenant_context(handed.trust):
        for other in (by_old, by_none):
            compare(ours.fields(), other.fields(), handed.anda.pk, NOW)
        kinds = list(TitleAlarm.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["different", "unsigned"]


def test_who_watches_finds_its_rights_in_their_new_places(proven, monkeypatch, client_of):
    holding = Holding(proven.one, RIGHT, vin(1), "1")
    monkeypatch.setattr(books, "_holdings", [lambda: [holding]])
    with tenant_context(proven.trust):
        watch_own_rights(now=NOW, at=NOW)
        rotate_map_keys(now=NOW)
        write_roots(at=NOW)
        [check] = watch_own_rights(now=NOW, at=NOW)
        assert (check.epoch, check.held, check.missing) == (2, 1, [])
        assert TitleCheck.objects.count() == 2 and not TitleAlarm.objects.exists()
        rows = TitleRootSeen.objects.filter(source=proven.trust.pk).order_by("epoch")
        first, second = (SignedRoot.of_fields(row.fields) for row in rows)
    assert first.root.root != second.root.root
    page = client_of(proven.analyst, proven.tenants.trust).get("/ledger/titles/").content.decode()
    assert "Since epoch" in page and "in an epoch that both signed" in page
    assert first.key.vkey()[:16] in page and second.root.vrf_key.hex()[:8] in page
