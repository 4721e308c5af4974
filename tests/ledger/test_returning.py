"""A restored ledger names what did not come back; its title registry goes on where it stood."""

import io
import uuid
from datetime import timedelta

from django.apps import apps
from django.core.management import call_command
from django_tenants.utils import tenant_context

from config.stories.probes import only_a_try
from ledger.drafts import Draft
from ledger.exchange import lost_rows, returning
from ledger.exchange.spans import spans
from ledger.models import AnchorTarget, Entry, Restoration, TitleRootSeen, TrustPolicy, Witness
from ledger.titles.writing import write_roots
from mobile_api.models import Photo
from origination.models import PaymentEvent
from origination.services import record_lease
from tests.ledger.restoring import BY, ask, destroy, give
from tests.ledger.stage import AT, exchange, make_stage
from tests.ledger.test_title_epochs import NOW, held, sealed
from tests.origination.records import lease_record


def test_every_table_of_the_ledger_is_said_to_come_back_or_not():
    named = [returning.FROM_COPY, returning.ANEW, returning.IN_PART, returning.LOST]
    assert set().union(*named) == set(apps.get_app_config("ledger").get_models())
    assert sum(map(len, named)) == len(set().union(*named))


def test_many_entries_are_named_as_runs():
    assert spans([70, *range(60), 71, 9, 90]) == ["0–59", "70–71", "90"]
    assert spans([]) == []


def books_of_the_business():
    """A bank line and a photo, beside the entries of the stage."""
    line = {"kind": "rent", "amount_minor": 1, "currency": "CNY", "bank_reference": "B1"}
    times = {"effective_at": AT, "known_at": AT}
    PaymentEvent.objects.create(lease_id=uuid.uuid4(), entry_index=12, **line, **times)
    sealed = {"ciphertext": b"", "wrapped_key": b"", "kek_version": 1}
    Photo.objects.create(sha256="0" * 64, size=1, uploaded_by=BY, uploaded_at=AT, **sealed)


def the_home_says_it_until_it_is_seen(cast, client_of):
    lessor = cast.tenants.anda
    manager, officer = client_of(cast.manager, lessor), client_of(cast.officer, lessor)
    words = "The ledger was restored, the books were not: 2 kinds of rows are missing"
    assert all(words in desk.get("/").content.decode() for desk in (manager, officer))
    chinese = client_of(cast.manager, lessor, language="zh-hans").get("/").content.decode()
    assert "账簿未恢复：缺失 2 类数据" in chinese
    with tenant_context(lessor):
        row = Restoration.objects.get()
    assert manager.get("/ledger/copies/books/").headers["Location"].endswith(f"#books-{row.pk}")
    page = manager.get("/ledger/copies/").content.decode()
    assert "bank lines of leases" in page and "can be entered again by hand" in page
    assert "photos" in page and "Mark as seen" in page
    assert "Only hashes" not in page and "Nothing: only a backup has them" in page  # no phone's
    assert "No lease is found" in manager.get("/leases/").content.decode()
    with tenant_context(lessor):  # had there been leases
        Restoration.objects.update(not_returned=row.not_returned | {"origination.Lease": 3})
    assert "The leases did not come back" in manager.get("/leases/").content.decode()
    assert "The leases did not come back" in manager.get("/book/").content.decode()
    with tenant_context(lessor), only_a_try():  # a lease of since hides no loss
        rid = str(uuid.uuid4())
        draft = Draft.service(kind="lease.recorded", rid=rid, fields=lease_record(1), ts=AT)
        record_lease(draft=draft, by=BY, at=NOW)
        for path in ("/leases/", "/book/"):
            page = manager.get(path).content.decode()
            assert "Leases of before are missing here" in page and lease_record(1)["vin"] in page
    with tenant_context(lessor):
        Restoration.objects.update(not_returned=row.not_returned)
    seen = f"/ledger/copies/restorations/{row.pk}/seen"
    assert officer.post(seen).status_code == 403
    assert manager.post(seen).status_code == 302
    assert words not in manager.get("/").content.decode()
    page = manager.get("/ledger/copies/").content.decode()
    assert "bank lines of leases" in page and "Mark as seen" not in page
    with tenant_context(lessor):  # brought back, they are missing no more
        books_of_the_business()
        assert lost_rows.lost_rows(Restoration.objects.get()) == []
        Photo.objects.all().delete(), PaymentEvent.objects.all().delete()


def the_page_lists_all_that_a_backup_alone_has(cast, client_of):
    """As runs, and whole as a file; restored entries say that they were received before."""
    manager = client_of(cast.manager, cast.tenants.anda)
    assert "restored <" in manager.get("/ledger/").content.decode()
    assert (
        "restored <"
        not in client_of(cast.analyst, cast.tenants.trust).get("/ledger/").content.decode()
    )
    with tenant_context(cast.tenants.anda):
        row = Restoration.objects.get()
        kept = row.missing_payloads, row.missing_items
        Restoration.objects.update(missing_payloads=[*range(2, 9), 10], missing_items=[10, 11])
    page = manager.get("/ledger/copies/").content.decode()
    assert "2–8, 10–11" in page and "All 9 entries, as a file" in page
    listed = manager.get(f"/ledger/copies/restorations/{row.pk}/missing").content.decode()
    assert len(listed.splitlines()) == 10 and ",lease.recorded," in listed
    assert [line[-3:] for line in listed.splitlines()[-2:]] == ["1,1", "0,1"]
    with tenant_context(cast.tenants.anda):
        Restoration.objects.update(missing_payloads=kept[0], missing_items=kept[1])


def test_what_did_not_come_back_is_named_and_no_root_is_written_twice(
    committed_cast, monkeypatch, client_of
):
    stage = make_stage(committed_cast, monkeypatch)
    held(committed_cast, 1)
    sealed()
    with tenant_context(stage.lessor):
        assert write_roots(at=NOW) == 1
        books_of_the_business()
        TrustPolicy.objects.create(text="none", set_by=BY, set_at=AT)
        for number in range(2):
            Witness.objects.create(url=f"https://w{number}.example/", label="w", vkeys="")
        AnchorTarget.objects.create(
            kind="timestamp",
            name="tsa",
            url="https://t.example/",
            added_by=BY,
            added_at=AT,
        )
    exchange(stage)
    with tenant_context(stage.lessor):
        roots = list(TitleRootSeen.objects.values("source", "epoch", "index", "fields"))
    destroy(stage.lessor)
    ask(stage)
    give(stage)
    output = io.StringIO()
    call_command("restore_ledger", "take", "anda", "trust", stdout=output)
    for words in ("2: outside witnesses", "1: anchors that were", "1: the trust policy"):
        assert words in output.getvalue()
    assert "receipts of anchors" not in output.getvalue()  # there were none
    assert "1: bank lines of leases; 1 of 1 entries have their content" in output.getvalue()
    assert "1: photos; the ledger says nothing of them" in output.getvalue()  # all of a tape
    the_page_lists_all_that_a_backup_alone_has(committed_cast, client_of)
    the_home_says_it_until_it_is_seen(committed_cast, client_of)
    for language, words in (("en", "outside witnesses that were asked"), ("zh-hans", "外部见证：")):
        desk = client_of(committed_cast.manager, stage.lessor, language=language)
        page = desk.get("/ledger/copies/").content.decode()
        assert words in page and ".title-proof" not in page
    with tenant_context(stage.lessor):
        assert list(TitleRootSeen.objects.values("source", "epoch", "index", "fields")) == roots
        assert write_roots(at=NOW) == 0
        held(committed_cast, 2)
        sealed(20)
        assert write_roots(at=NOW + timedelta(minutes=20)) == 1
        assert Entry.objects.filter(kind="registry.root").count() == 2
