"""The signer's files torn, lost or old, and the clock set back: refused clearly, or harmless."""

import json
import shutil

import pytest
from django.conf import settings
from django_tenants.utils import tenant_context

from ledger import keystore, selectors, services
from ledger.core.notes import Note
from ledger.core.tree_heads import Checkpoint as TreeHead
from ledger.models import Checkpoint, Head
from ledger.problems import KeyFileDamaged, RollbackRefused, SignerMemoryDamaged
from ledger.signing import signer_of
from ledger.signing.__main__ import main as adopt_in_a_process
from tests.ledger.faults.conftest import AT, document
from tests.ledger.faults.invariants import check_log, memory_file
from tests.ledger.rolled_back import append_unnoticed, forget_all

EARLIER = "2026-10-31T23:00:00.000000Z"
MUCH_EARLIER = "2001-01-01T00:00:00.000000Z"


@pytest.fixture
def sealed(field):
    """A log of a few entries with two checkpoints; the test goes on inside the lessor."""
    with tenant_context(field.lessor):
        for _ in range(2):
            append()
            field.newest = bytes(services.seal_checkpoint(at=AT).note)
        yield field


def append(ts: str = AT):
    return services.append_entry(draft=document(ts=ts))


def memory():
    return memory_file(Head.objects.get())


def damaged(content: bytes) -> list[bytes]:
    """What a torn or overwritten file may hold: every prefix, and things that are no memory."""
    wrong = [b"null", b"[]", b"5", b"{}", b"\xff\x00" * 20, content + b"x", content.upper()]
    members = json.loads(content)
    for change in ({"size": "-1"}, {"size": 3}, {"size": "03"}, {"root": "AAAA"}, {"root": None}):
        wrong.append(json.dumps(members | change).encode())
    return [content[:length] for length in range(len(content))] + wrong


def test_a_damaged_memory_is_an_error_and_never_an_empty_one(sealed):
    append()
    whole, count = memory().read_bytes(), Checkpoint.objects.count()
    for content in damaged(whole):
        memory().write_bytes(content)
        with pytest.raises(SignerMemoryDamaged) as refused:
            services.seal_checkpoint(at=AT)
        assert "last.json" in refused.value.text()
        assert memory().read_bytes() == content  # whoever mends it finds what there was
    assert Checkpoint.objects.count() == count
    memory().write_bytes(whole)
    services.seal_checkpoint(at=AT)
    check_log(sealed.lessor)


def test_without_its_memory_nothing_is_signed_until_an_operator_says_what_was(
    sealed, tmp_path, monkeypatch, capsys
):
    """A database of before cannot pass for the whole log: no checkpoint of it, no first meeting."""
    append()
    path, signer = memory(), signer_of(Head.objects.get().log_id)
    path.unlink()
    for _ in range(2):
        with pytest.raises(SignerMemoryDamaged, match=r"last\.json is gone"):
            services.seal_checkpoint(at=AT)
        sealed.raw.execute("DELETE FROM anda.ledger_checkpoint WHERE size > 1")  # rolled back
    assert append() and not path.exists()
    newest, foreign = tmp_path / "newest", tmp_path / "foreign"
    newest.write_bytes(sealed.newest)
    foreign.write_bytes(sealed.newest.replace(b"\xe2\x80\x94 ", b"\xe2\x80\x94 x", 1))
    monkeypatch.setenv("LL_KEY_DIR", str(settings.KEY_DIR))
    monkeypatch.setattr("sys.argv", ["", "adopt", path.parent.name, str(foreign)])
    assert "foreign" in str(adopt_in_a_process()) and not path.exists()
    monkeypatch.setattr("sys.argv", ["", "adopt", path.parent.name, str(newest)])
    assert adopt_in_a_process() == 0 and "only if it extends" in capsys.readouterr().out
    remembers = str(adopt_in_a_process())
    assert "remembers what it signed last; nothing was adopted" in remembers
    assert "A ledger that stands still" in remembers and "same version" not in remembers
    assert signer.last()[0] == TreeHead.parse(Note.parse(sealed.newest).text).size
    services.seal_checkpoint(at=AT)
    check_log(sealed.lessor)


def test_without_memory_the_database_cannot_go_below_its_own_checkpoint(sealed):
    """Memory and newest entries are gone, the checkpoint is not: nothing is signed."""
    newest = selectors.latest_checkpoint().size
    sealed.raw.execute("SET search_path = anda")
    sealed.raw.execute("DELETE FROM ledger_entry WHERE index = %s", [newest - 1])
    rewind(sealed, newest - 1)
    forget_all(memory())
    empty = memory().read_bytes()
    with pytest.raises(RollbackRefused):
        services.seal_checkpoint(at=AT)
    append_unnoticed([document()])  # as long as before, but another tree
    with pytest.raises(RollbackRefused):
        services.seal_checkpoint(at=AT)
    append_unnoticed([document()])
    with pytest.raises(RollbackRefused):
        services.seal_checkpoint(at=AT)
    assert memory().read_bytes() == empty


def rewind(ground, size: int) -> None:
    """The head of an earlier size, as only a superuser can set it."""
    nodes = dict(ground.raw.execute("SELECT index, nodes FROM ledger_entry").fetchall())
    ground.raw.execute("DELETE FROM ledger_payload WHERE index >= %s", [size])
    peaks = [
        nodes[row][32 * level : 32 * level + 32]
        for level, row in (
            (level, (((size >> level) - 1) << level) + (1 << level) - 1)
            for level in reversed(range(size.bit_length()))
            if size >> level & 1
        )
    ]
    root = ground.raw.execute("SELECT ledger_root_at(%s)", [size]).fetchone()[0]
    ground.raw.execute(
        "UPDATE ledger_head SET size = %s, peaks = %s, root = %s", [size, b"".join(peaks), root]
    )


def test_a_memory_older_than_the_database_is_no_way_back(sealed):
    old = memory().read_bytes()
    append()
    services.seal_checkpoint(at=AT)
    memory().write_bytes(old)
    append()
    services.seal_checkpoint(at=AT)
    check_log(sealed.lessor)


@pytest.mark.parametrize("left", [0, 31])
def test_a_torn_log_key_is_named_and_not_replaced(sealed, left):
    seed = memory().with_name("seed")
    whole = seed.read_bytes()
    seed.write_bytes(whole[:left])
    append()
    with pytest.raises(KeyFileDamaged) as refused:
        services.seal_checkpoint(at=AT)
    assert "seed" in refused.value.text() and seed.read_bytes() == whole[:left]
    seed.write_bytes(whole)
    services.seal_checkpoint(at=AT)
    check_log(sealed.lessor)


def test_a_lost_signer_folder_makes_no_second_log_key(sealed):
    """Entries are still taken; nothing is signed until the folder is back."""
    folder = memory().parent
    kept = folder.with_name("kept")
    shutil.copytree(folder, kept)
    shutil.rmtree(folder)
    append()
    for _ in range(2):
        with pytest.raises(KeyFileDamaged):
            services.seal_checkpoint(at=AT)
    assert not (folder / "seed").exists() and not (folder / "mldsa-seed").exists()
    shutil.rmtree(folder, ignore_errors=True)
    kept.rename(folder)
    assert services.seal_checkpoint(at=AT).size == selectors.log_size()
    check_log(sealed.lessor)


@pytest.mark.parametrize("left", [None, 0, 17])
def test_a_torn_or_lost_root_key_is_named_and_not_replaced(sealed, left):
    path = settings.KEY_DIR / "root.key"
    whole, size = path.read_bytes(), selectors.log_size()
    path.unlink() if left is None else path.write_bytes(whole[:left])
    keystore._providers.clear()  # as after a restart
    with pytest.raises(KeyFileDamaged) as refused:
        append()
    assert "root.key" in refused.value.text()
    with pytest.raises(KeyFileDamaged):
        selectors.payload(size - 1)
    assert path.exists() == (left is not None) and selectors.log_size() == size
    path.write_bytes(whole)
    append()
    check_log(sealed.lessor)


def test_a_clock_set_back_stops_nothing(sealed):
    for ts in (AT, EARLIER, MUCH_EARLIER, AT):
        append(ts)
        assert services.seal_checkpoint(at=ts).size == selectors.log_size()  # each time, at once
    state = check_log(sealed.lessor)
    assert state.checkpoints == sorted(state.checkpoints)
    assert selectors.latest_checkpoint().size == state.size
    stamps = [ts for kind, _, ts in state.entries if kind == "document.issued"]
    assert stamps[-4:] == [AT, EARLIER, MUCH_EARLIER, AT]  # what was signed, in the log's order
