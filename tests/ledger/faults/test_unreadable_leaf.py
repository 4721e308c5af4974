"""Bytes that are no record got into a log past every guard: all goes on, and names the entry."""

import io
import uuid

import pytest
from django.conf import settings
from django.test import Client
from django_tenants.utils import tenant_context

from ledger.checking.services import check_own
from ledger.core.hashing import leaf_hash
from ledger.exchange.services import receive_parcels, send_parcels
from ledger.log_keys import own_log_keys
from ledger.models import Head, KeyEncryptionKey, Refusal, Replica
from ledger.services import append_entry, export_ledger, seal_checkpoint
from ledger.verifier.check import Lie, verify_bundle
from tests.conftest import people
from tests.ledger.faults.conftest import AT, document
from tests.ledger.reading_pages import english

NAMED = "cannot be read as a record"
HUGE = (2**63 - 1, 2**63, 2**64, 10**30)


def plant(pair, kind: str = "document.issued", leaf: bytes = b"{}") -> int:
    """As the owner's own function would, had nobody looked at the leaf; answers the index."""
    pair.raw.execute("SET search_path = anda")
    kek = "(SELECT max(version) FROM ledger_kek)"
    query = (
        "SELECT ledger_write(ARRAY[%s], ARRAY[%s], ARRAY[%s], ARRAY['k'], ARRAY[%b], %b, ARRAY[%b],"
        f" ARRAY[%b], ARRAY[{kek}])"
    )
    columns = [kind, uuid.uuid4(), AT, leaf, leaf_hash(leaf), b"no", b"key"]
    row = pair.raw.execute(query, columns).fetchone()
    pair.raw.execute("SET search_path = public")
    return row[0]


@pytest.fixture
def planted(pair):
    """Entries of the lessor of which one is no record; its index."""
    with tenant_context(pair.lessor):
        append_entry(draft=document())
        assert KeyEncryptionKey.objects.exists()
        index = plant(pair)
        append_entry(draft=document())
    return index


def test_pages_and_downloads_name_the_entry(pair, planted, client_of):
    with tenant_context(pair.lessor):
        seal_checkpoint(at=AT)
        manager = client_of(people().manager, pair.lessor)
    page = manager.get(f"/ledger/entries/{planted}/")
    assert page.status_code == 409 and f"Entry {planted} {NAMED}" in page.content.decode()
    shown = page.content.decode()
    for words in ("What is stored", "<pre", "{}", "They are the same", f"entries/{planted}/leaf"):
        assert words in shown, words
    for path in ("items/", "items/0/", "disclosure"):
        answer = manager.get(f"/ledger/entries/{planted}/{path}")
        assert 400 <= answer.status_code < 500, path
    for path in ("/ledger/", f"/ledger/entries/{planted - 1}/", f"/ledger/entries/{planted}/leaf"):
        assert manager.get(path).status_code == 200, path
    assert manager.get(f"/ledger/entries/{planted}/proof").status_code == 200
    answer = manager.get(f"/api/v1/ledger/entries/{planted}/proof").json()
    assert answer["leaf"] == "e30="
    data = b"".join(manager.get("/ledger/export").streaming_content)
    with tenant_context(pair.lessor):
        key = own_log_keys().newest
    with pytest.raises(Lie) as lie:
        verify_bundle(io.BytesIO(data), pinned=key)
    assert (lie.value.where, lie.value.part) == (f"entry {planted}", "leaf")


def test_the_page_of_an_altered_entry_says_what_is_there_and_what_to_do(pair, client_of):
    with tenant_context(pair.lessor):
        index = append_entry(draft=document()).index
        seal_checkpoint(at=AT)
        cast = people()
    pair.raw.execute(
        "UPDATE anda.ledger_entry SET leaf = convert_to('<b>汉</b>', 'UTF8') WHERE index = %s",
        [index],
    )
    with tenant_context(pair.lessor):
        check_own(at=AT)
    manager = client_of(cast.manager, pair.lessor)
    assert f"/ledger/entries/{index}/" in manager.get("/ledger/").content.decode()
    page = manager.get(f"/ledger/entries/{index}/").content.decode()
    for words in (
        f"Entry {index} is not as it was signed",
        "its bytes are not those that the tree was built of",  # as the check found
        "They differ",
        "&lt;b&gt;\\xe6\\xb1\\x89&lt;/b&gt;",
        "document.issued",
        "restore the rows from a backup",
        "/ledger/check/",
    ):
        assert words in page, words
    officer = client_of(cast.officer, pair.lessor).get(f"/ledger/entries/{index}/")
    assert "/ledger/check/" not in officer.content.decode()
    chinese = client_of(cast.manager, pair.lessor, language="zh-hans")
    page = chinese.get(f"/ledger/entries/{index}/").content.decode()
    assert english(page) == [] and "不是 JSON" in page


@pytest.mark.parametrize("kind", ["device.enrolled", "payload.erased", "tape.imported"])
def test_an_entry_of_any_kind_may_be_unreadable(pair, kind):
    with tenant_context(pair.lessor):
        append_entry(draft=document())
        index = plant(pair, kind, b'{"v":"lease-leaf/1"}')
        stream = io.BytesIO()
        export_ledger(stream=stream, at=AT)
        key, stream = own_log_keys().newest, io.BytesIO(stream.getvalue())
    with pytest.raises(Lie, match=f"entry {index}"):
        verify_bundle(stream, pinned=key)


def test_the_counterparty_refuses_it_by_name_and_both_sides_are_told(pair, planted):
    with tenant_context(pair.lessor):
        send_parcels(to_tenant=pair.trust, at=AT)
    with tenant_context(pair.trust):
        (refusal,) = receive_parcels(from_tenant=pair.lessor, at=AT).refusals
        assert refusal.code == "bad_entry" and f"entry {planted}" in refusal.detail
        assert not Replica.objects.filter(size__gt=0).exists()
    with tenant_context(pair.lessor):
        receive_parcels(from_tenant=pair.trust, at=AT)
        told = Refusal.objects.get(by_us=False)
        assert told.code == "bad_entry" and f"entry {planted}" in told.detail


def test_a_copy_with_such_an_entry_names_it_too(pair, client_of):
    with tenant_context(pair.lessor):
        append_entry(draft=document())
        send_parcels(to_tenant=pair.trust, at=AT)
    with tenant_context(pair.trust):
        receive_parcels(from_tenant=pair.lessor, at=AT)
        last = Replica.objects.get().size - 1
        analyst = client_of(people().analyst, pair.trust)
    pair.raw.execute("UPDATE trust.ledger_replica_entry SET leaf = '{}' WHERE index = %s", [last])
    where = f"/ledger/copies/{pair.lessor.pk}/entries"
    page = analyst.get(f"{where}/{last}/")
    assert page.status_code == 409 and f"Entry {last} {NAMED}" in page.content.decode()
    assert analyst.get(f"{where}/{last}/leaf").status_code == 200
    assert analyst.get(f"{where}/{last - 1}/").status_code == 200
    for number in HUGE:
        for path in ("", "leaf", "proof", "items/", "items/0/"):
            assert analyst.get(f"{where}/{number}/{path}").status_code == 404, (number, path)
        assert analyst.get(f"{where}/0/items/{number}/").status_code in (404, 409)


def test_numbers_that_nothing_has_are_answered_in_words(pair, planted, client_of):
    with tenant_context(pair.lessor):
        seal_checkpoint(at=AT)
        manager = client_of(people().manager, pair.lessor)
        log_id = Head.objects.get().log_id
    anyone = Client(SERVER_NAME=settings.PLATFORM_DOMAIN)
    own, api = "/ledger/entries", "/api/v1/ledger"
    for number in (*HUGE, -1):
        for path in (
            *(f"{own}/{number}/{part}" for part in ("", "leaf", "proof", "items/", "items/0/")),
            f"{own}/0/items/{number}/",
            f"/ledger/checkpoints/{number}/note",
            f"{api}/entries/{number}/proof",
            f"{api}/consistency?first={number}&second={number}",
            f"{api}/consistency?first=1&second={number}",
            f"/ledger/consistency/proof?first=1&second={number}",
            f"/ledger/consistency/proof?first={number}&second={number}",
        ):
            answer = manager.get(path)
            assert answer.status_code in (400, 404, 409, 422), (path, answer.status_code)
        for path in (
            f"/ledger/?page={number}",
            f"/ledger/checkpoints/?page={number}",
            f"/ledger/consistency/?first={number}&second={number}",
        ):
            assert manager.get(path).status_code == 200, path
        for path in (f"tile/0/{number}", f"tile/{number}/000", f"tile/0/000.p/{number}"):
            assert anyone.get(f"/ledger/{log_id}/{path}").status_code == 404, path
        assert manager.post(f"{own}/{number}/disclosure", {"field": "a"}).status_code == 404
        assert manager.post(f"/ledger/copies/restorations/{number}").status_code in (400, 404, 409)
        assert manager.post(f"/ledger/trust/witnesses/{number}/remove/").status_code in (302, 404)
