"""Publishing a log as static files: what strangers read over HTTP proves what the log signed."""

import re
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django_tenants.utils import tenant_context

from ledger import selectors, services
from ledger.core.checkpoints import open_checkpoint
from ledger.core.errors import LedgerError
from ledger.core.hashing import leaf_hash
from ledger.core.notes import NoteKey
from ledger.core.proofs import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from ledger.core.tiles import bundle_entries, check_tiles, fresh_tiles, nodes_of_tiles, tile_of
from ledger.drafts import rows
from ledger.log_keys import own_log_keys
from ledger.models import Entry, Head
from ledger.problems import PublishRefused
from ledger.tiles.publishing import close_entries, open_entries, publish_tiles, store_of
from ledger.tiles.tasks import publish_all
from ledger.verifier.pool import verify_file
from tenants.downloads import PIECE
from tenants.jobs import run_waiting_jobs
from tests.ledger.rolled_back import forget_all
from tests.monitoring.live_server import running_server

AT = "2026-11-01T08:00:00.000000Z"


def grow(count: int) -> None:
    """A tape of `count` rows: one signature, many entries."""
    records = [(uuid.uuid4(), {"vin": f"VIN{number}"}) for number in range(count)]
    drafts = rows(kind="lease.recorded", records=records, ts=AT)
    services.append_tape(rid=uuid.uuid4(), fields={"rows": str(count)}, rows=drafts, at=AT)


@pytest.fixture
def anda(cast, enter):
    enter(cast.tenants.anda)
    return cast


def store():
    return store_of(Head.objects.get().log_id)


def read(tile):
    return store().read(tile.path()) or b""


def files() -> dict[str, bytes]:
    folder = store().folder
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def published_head():
    data = store().read("checkpoint")
    return open_checkpoint(data, own_log_keys().newest)[0]


def test_a_log_is_published_step_by_step_as_at_once(anda):
    grow(3)
    assert publish_tiles() is None  # nothing is signed yet
    open_entries()
    for count in (1, 200, 60, 300, 9):
        grow(count)
        services.seal_checkpoint(at=AT)
        publish_tiles()
        head = published_head()
        assert head.size == Head.objects.get().size
        check_tiles(head.size, head.root, read)
    stepwise = files()
    # full tiles have no partials left, and every file is one that the last size has
    assert set(stepwise) - {"checkpoint"} == {tile.path() for tile in fresh_tiles(0, head.size)} | {
        path for path in stepwise if ".p/" in path
    }
    assert not any(path.startswith("tile/0/000.p/") for path in stepwise)
    found = publish_tiles(again=True)
    assert (found.written, found.repaired, files()) == (0, [], stepwise)


def test_strangers_verify_the_log_from_what_the_platform_serves(committed_cast):
    """Real HTTP, no cookie: every entry, and consistency between any two checkpoints."""
    with tenant_context(committed_cast.tenants.anda):
        grow(290)
        early = services.seal_checkpoint(at=AT)
        early_root = bytes(early.root)
        publish_tiles()
        grow(40)
        services.seal_checkpoint(at=AT)
        open_entries()
        vkey, head = own_log_keys().newest.vkey(), Head.objects.get()
        leaves = [
            bytes(leaf) for leaf in Entry.objects.order_by("index").values_list("leaf", flat=True)
        ]
    with running_server() as port:

        def get(name):
            url = f"http://127.0.0.1:{port}/ledger/{head.log_id}/{name}"
            request = urllib.request.Request(url, headers={"Host": settings.PLATFORM_DOMAIN})
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.read(), dict(answer.headers)

        data, headers = get("checkpoint")
        assert headers["Content-Type"] == "text/plain; charset=utf-8"
        assert headers["Cache-Control"] == "no-cache"
        checkpoint, _ = open_checkpoint(data, NoteKey.parse(vkey))
        assert checkpoint.size == head.size
        body, headers = get("tile/0/000")
        assert (len(body), headers["Content-Type"]) == (8192, "application/octet-stream")
        assert "immutable" in headers["Cache-Control"]

        def fetch(tile):
            return get(tile.path())[0]

        check_tiles(checkpoint.size, checkpoint.root, fetch)
        nodes = nodes_of_tiles(checkpoint.size, fetch)
        verify_consistency(
            early.size,
            checkpoint.size,
            consistency_proof(early.size, checkpoint.size, nodes),
            early_root,
            checkpoint.root,
        )
        for index in (0, 1, 255, 256, checkpoint.size - 1):
            bundle = tile_of(-1, index // 256, checkpoint.size)
            entry = bundle_entries(fetch(bundle), bundle.width)[index % 256]
            assert entry == leaves[index]
            proof = inclusion_proof(index, checkpoint.size, nodes)
            verify_inclusion(index, checkpoint.size, leaf_hash(entry), proof, checkpoint.root)
        for absent in ("tile/0/007", "tile/0/000.p/300", "tile/0/%2e%2e/checkpoint", "tile/x"):
            with pytest.raises(urllib.error.HTTPError) as refused:
                get(absent)
            assert refused.value.code == 404


def test_entries_are_published_only_where_their_owner_opened_them(anda):
    grow(300)
    services.seal_checkpoint(at=AT)
    publish_tiles()
    assert not any(path.startswith("tile/entries") for path in files())
    check_tiles(published_head().size, published_head().root, read, entries=False)
    open_entries()
    grow(10)
    services.seal_checkpoint(at=AT)
    publish_tiles()
    check_tiles(published_head().size, published_head().root, read)
    close_entries()
    publish_tiles()
    assert not any(path.startswith("tile/entries") for path in files())


@pytest.mark.parametrize("damage", ["torn", "garbage", "missing", "empty"])
def test_damaged_files_are_named_and_written_again(anda, damage):
    grow(600)
    services.seal_checkpoint(at=AT)
    open_entries()
    whole = files()
    for name in ("tile/0/001", "tile/1/000.p/2", "tile/entries/000"):
        path = store().folder / name
        if damage == "missing":
            path.unlink()
        else:
            harm = {"torn": whole[name][:-7], "garbage": bytes(len(whole[name])), "empty": b""}
            path.write_bytes(harm[damage])
    with pytest.raises(LedgerError):
        check_tiles(published_head().size, published_head().root, read)
    found = publish_tiles(again=True)
    assert sorted(found.repaired) == ["tile/0/001", "tile/1/000.p/2", "tile/entries/000"]
    assert files() == whole


@pytest.mark.parametrize("harm", [b"", b"half a note", None])
def test_a_torn_checkpoint_or_half_written_temporary_does_no_harm(anda, harm):
    grow(300)
    services.seal_checkpoint(at=AT)
    publish_tiles()
    whole = files()
    path = store().folder / "checkpoint"
    if harm is None:
        path.unlink()
    else:
        path.write_bytes(harm)
    (store().folder / "tile/0/.000.new").write_bytes(b"torn")
    publish_tiles()
    assert files() == whole


def test_a_served_tile_that_is_torn_is_refused_and_repaired_by_itself(anda, client_of):
    grow(300)
    services.seal_checkpoint(at=AT)
    publish_tiles()
    path, log_id = store().folder / "tile/0/000", Head.objects.get().log_id
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    connection.set_schema_to_public()
    stranger = client_of(None, anda.tenants.public)
    answer = stranger.get(f"/ledger/{log_id}/tile/0/000")
    assert answer.status_code == 503
    assert b"written again" in answer.content
    run_waiting_jobs()
    assert stranger.get(f"/ledger/{log_id}/tile/0/000").content == whole


def test_a_log_that_went_back_is_never_published(anda, tmp_path):
    """The published checkpoint is ahead of, or another than, the log: a restored old backup."""
    grow(5)
    first = services.seal_checkpoint(at=AT)
    publish_tiles()
    before = files()
    backup = transaction.savepoint()
    grow(5)
    services.seal_checkpoint(at=AT)
    publish_tiles()
    ahead = files()
    transaction.savepoint_rollback(backup)  # the database forgets; the files do not
    with pytest.raises(PublishRefused):
        publish_tiles()
    assert files() == ahead != before
    # a fork: the same length, other entries, and a signer that forgot as well
    folder = Path(settings.KEY_DIR) / "logs" / Head.objects.get().log_id
    forget_all(folder / "last.json")
    grow(5)
    services.seal_checkpoint(at=AT)
    with pytest.raises(PublishRefused):
        publish_tiles()
    assert files() == ahead
    assert first.size < Head.objects.get().size


def test_a_new_checkpoint_or_cosignature_is_published_by_itself(committed_cast):
    with tenant_context(committed_cast.tenants.anda):
        grow(3)
        services.seal_checkpoint(at=AT)
        connection.set_schema_to_public()
    publish_all(0)
    run_waiting_jobs()
    with tenant_context(committed_cast.tenants.anda):
        assert published_head().size == selectors.log_size()
    publish_all(0)
    assert run_waiting_jobs() == 0  # nothing is new


def test_the_command_publishes_checks_and_repairs(committed_cast, capsys):
    with tenant_context(committed_cast.tenants.anda):
        grow(10)
        services.seal_checkpoint(at=AT)
        folder = store().folder
    call_command("publish_tiles", "anda", "--open-entries")
    written = re.search(r"(\d+) files written", capsys.readouterr().out)
    assert written and int(written[1]) > 0
    (folder / "tile/entries/000.p/15").write_bytes(b"torn")
    call_command("publish_tiles", "anda", "--check")
    said = capsys.readouterr().out
    assert "repaired tile/entries/000.p/15" in said
    call_command("publish_tiles", "anda", "--close-entries")
    assert not (folder / "tile/entries").exists()


def test_a_log_is_exported_up_to_its_last_checkpoint_without_its_signer(
    committed_cast, monkeypatch, tmp_path, capsys
):
    with tenant_context(committed_cast.tenants.anda):
        grow(10)
        sealed = services.seal_checkpoint(at=AT).size
        grow(1)
    monkeypatch.setattr(settings, "SIGNER_SOCKET", str(tmp_path / "nobody"))
    file = tmp_path / "export"
    with pytest.raises(CommandError, match="signer does not answer"):
        call_command("export_ledger", "anda", str(file))
    assert not list(tmp_path.iterdir())
    call_command("export_ledger", "anda", str(file), "--sealed")
    assert f"{sealed} entries" in capsys.readouterr().out
    assert verify_file(file).entries == sealed
    with pytest.raises(CommandError, match="Cannot write"):
        call_command("export_ledger", "anda", str(tmp_path / "none" / "export"), "--sealed")


def test_an_export_by_the_real_server_goes_out_piece_by_piece(committed_cast, client_of):
    """A warning of Django's that all of it was collected first would be an error here."""
    lessor = committed_cast.tenants.anda
    with tenant_context(lessor):
        grow(500)
        services.seal_checkpoint(at=AT)
    desk = client_of(committed_cast.manager, lessor)
    whole = b"".join(desk.get("/ledger/export").streaming_content)
    assert len(whole) > 3 * PIECE
    headers = {"Host": "anda.localhost", "Cookie": f"sessionid={desk.cookies['sessionid'].value}"}
    with running_server() as port:
        request = urllib.request.Request(f"http://127.0.0.1:{port}/ledger/export", headers=headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.read() == whole
            assert int(answer.headers["Content-Length"]) == len(whole)
            assert 'filename="anda.leaseledger"' in answer.headers["Content-Disposition"]
