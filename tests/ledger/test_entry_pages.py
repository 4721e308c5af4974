"""An entry's page in the reader's words; what stands in a batch, each item with its path."""

import re
import uuid

import pytest
from django.utils.translation import override
from django_tenants.utils import tenant_context

from ledger import services
from ledger.batches import copied_batch, own_batch
from ledger.core.hashing import leaf_hash
from ledger.core.proofs import root_from_inclusion
from ledger.drafts import Draft
from ledger.exchange import registry
from ledger.field_words import Shower, label_of
from ledger.models import Entry
from ledger.problems import NoSuchEntry
from tests.house.documented import sections
from tests.ledger.stage import AT, exchange

LEASE = {
    "contract_number": "AL-1",
    "vehicle_price_minor": "9490000",
    "currency": "CNY",
    "energy": "bev",
    "annual_nominal_rate": "0.1127",
    "originated_on": "2024-03-21",
    "lessee_name": "杨飞",
}


def lease(tenant, **fields):
    with tenant_context(tenant):
        draft = Draft.service(kind="lease.recorded", rid=uuid.uuid4(), fields=LEASE | fields, ts=AT)
        return services.append_entry(draft=draft).index


def text_of(page) -> str:
    """A page's words without its tags."""
    html = page.content.decode()
    body = html[html.index("<main") : html.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_fields_are_shown_in_the_readers_words_and_as_signed(cast, client_of):
    index = lease(cast.tenants.anda)
    english = text_of(client_of(cast.manager, cast.tenants.anda).get(f"/ledger/entries/{index}/"))
    for words in ("Vehicle price ¥94,900.00", "Energy Battery electric", "11.27%"):
        assert words in english
    desk = client_of(cast.manager, cast.tenants.anda, language="zh-hans")
    chinese = text_of(desk.get(f"/ledger/entries/{index}/"))
    for words in ("能源类型 纯电动", "合同编号 AL-1", "名义年利率 11.27%"):
        assert words in chinese
    for page in (english, chinese):  # what was signed stays within reach, to the byte
        assert "[&quot;vehicle_price_minor&quot;,&quot;9490000&quot;]" in page


def test_every_documented_field_has_words(cast):
    """`sections` of docs/entries.md name each field in backquotes, with its codes."""
    from ledger.field_words import _tables

    known = {name for words in _tables().values() for one in words for name in one.labels}
    codes = {
        code
        for words in _tables().values()
        for one in words
        for table in one.codes.values()
        for code in table
    }
    listed = {
        name
        for kind, body in sections().items()
        for name in re.findall(r"`([a-z][a-z0-9_]+)`", body)
        if not kind.startswith("title.")
    }
    assert sorted(listed - known - codes - NAMED_BESIDES) == []


#: Values that need no table.
NAMED_BESIDES = {"true", "false", "ladder", "first_hour", "last_hour", "calls_a_day"}


def test_every_label_and_code_is_chinese_to_a_chinese_reader():
    from ledger.field_words import _tables

    same = {"VIN", "α", "β"}
    with override("zh-hans"):
        english = {
            str(text)
            for words in _tables().values()
            for one in words
            for table in (one.labels, *one.codes.values())
            for text in table.values()
            if str(text).isascii()
        }
    assert sorted(english - same) == []


def test_persons_are_named_to_their_own_institution_alone(cast):
    fields = {"decided_by": str(cast.manager.pk), "from_tenant": str(cast.tenants.trust.pk)}
    own = {
        one.name: one.text for one in Shower(cast.tenants.anda).fields("pledge.accepted", fields)
    }
    assert own == {"decided_by": "Zhao Lei", "from_tenant": "Huaxin Trust"}
    other = Shower(cast.tenants.trust).fields("pledge.accepted", fields)
    assert "Zhao Lei" not in str(other)


def test_what_nobody_registered_or_is_written_oddly_is_shown_as_signed(cast):
    odd = {
        "strange": "1",
        "price_minor": "a lot",
        "currency": "yuan",
        "known_at": "2026-99-99T00:00:00Z",
        "amount_minor": "12",
    }
    shown = {one.name: one.text for one in Shower(cast.tenants.anda).fields("odd.kind", odd)}
    assert shown == odd
    assert label_of("odd.kind", "strange") == "strange"


def test_a_batch_is_looked_into_and_each_item_leads_to_the_signed_root(stage, client_of, cast):
    desk = client_of(cast.manager, stage.lessor)
    page = desk.get(f"/ledger/entries/{stage.batch}/").content.decode()
    assert "21 items under one signed root" in page
    assert f"/ledger/entries/{stage.batch}/items/" in page
    listed = text_of(desk.get(f"/ledger/entries/{stage.batch}/items/"))
    assert "¥0.20" in listed and "1–21 of 21" in listed
    item = text_of(desk.get(f"/ledger/entries/{stage.batch}/items/20/"))
    assert "This item is one of the signed batch" in item and "¥0.20" in item
    assert desk.get(f"/ledger/entries/{stage.batch}/items/21/").status_code == 404
    assert desk.get("/ledger/entries/0/items/").status_code == 404
    for path in (f"{10**30}/items/", f"{stage.batch}/items/{10**30}/", f"{10**30}/items/1/"):
        assert desk.get(f"/ledger/entries/{path}").status_code == 404
    assert desk.get(f"/ledger/entries/{stage.batch}/items/?page=x").status_code == 200
    with tenant_context(stage.lessor):
        batch = own_batch(stage.batch)
        for place in range(21):
            proven = batch.prove(place)
            data = bytes.fromhex(proven.salt) + proven.record.encode()
            siblings = tuple(bytes.fromhex(step.sibling) for step in proven.steps)
            root = root_from_inclusion(place, 21, leaf_hash(data), siblings)
            assert (proven.valid, root.hex()) == (True, proven.root)


def test_items_shared_in_part_lead_to_the_root_too(stage, client_of, cast):
    stage.granted = registry.Entitlement(rids=frozenset(stage.rids[:3]))
    exchange(stage)
    source = stage.lessor.pk
    with tenant_context(stage.trust):
        batch = copied_batch(source, stage.batch)
        places = [one.place for one in batch]
        assert places == [at for at in range(21) if at % 7 < 3]
        assert all(batch.prove(place).valid for place in places)
        with pytest.raises(NoSuchEntry):
            batch.prove(5)
    trust = client_of(cast.analyst, stage.trust)
    base = f"/ledger/copies/{source}/entries/{stage.batch}/"
    assert "9 of them were shared with you" in trust.get(base).content.decode()
    assert trust.get(base + "items/").status_code == 200
    assert "one of the signed batch" in trust.get(base + "items/0/").content.decode()
    assert trust.get(base + "items/5/").status_code == 404
    for path in (f"{10**30}/items/", f"{10**30}/items/1/", "0/items/"):
        assert trust.get(f"/ledger/copies/{source}/entries/{path}").status_code == 404


def test_who_may_not_read_payloads_sees_no_item(stage, client_of, cast):
    officer = client_of(cast.officer, stage.lessor)
    page = officer.get(f"/ledger/entries/{stage.batch}/").content.decode()
    assert "21 items" in page and "/items/" not in page
    for path in ("items/", "items/1/"):
        assert officer.get(f"/ledger/entries/{stage.batch}/{path}").status_code == 403


def test_a_tapes_rows_are_linked_and_each_row_knows_its_tape(stage, client_of, cast):
    exchange(stage)
    for who, tenant, base in (
        (cast.manager, stage.lessor, "/ledger/entries/"),
        (cast.analyst, stage.trust, f"/ledger/copies/{stage.lessor.pk}/entries/"),
    ):
        desk = client_of(who, tenant)
        with tenant_context(stage.lessor):
            tape = Entry.objects.get(kind="tape.imported").index
        page = desk.get(f"{base}{tape}/").content.decode()
        assert "Rows of the tape" in page and f'href="{base}{tape + 7}/"' in page
        row = desk.get(f"{base}{tape + 3}/").content.decode()
        assert "Row 3 of 7" in row and f'href="{base}{tape}/"' in row


def test_entries_of_keys_are_shown_to_all_who_see_the_ledger(stage, client_of, cast):
    """Exports always show them: the page hides nothing of it."""
    officer = client_of(cast.officer, stage.lessor)
    page = text_of(officer.get("/ledger/entries/0/"))
    assert "Public key" in page and "Your role sees the proof" not in page
