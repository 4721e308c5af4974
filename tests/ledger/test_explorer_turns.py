"""The proof explorer's small turns: finding an entry, choosing nothing, which keys still sign."""

import uuid

from django_tenants.utils import tenant_context

from ledger.models import Entry
from ledger.rotation.secrets import retire_secrets, rotate_secret
from tests.ledger.test_explorer import AT, desk  # noqa: F401


def test_an_entry_is_found_by_its_number_or_its_record(desk, cast):  # noqa: F811
    assert desk.get("/ledger/?wanted=1,000,000,000").status_code == 200
    assert desk.get("/ledger/?wanted=3").headers["Location"] == "/ledger/entries/3/"
    with tenant_context(cast.tenants.anda):
        rid = Entry.objects.get(index=3).rid
    page = desk.get(f"/ledger/?wanted={rid}").content.decode()
    assert "/ledger/entries/3/" in page and "/ledger/entries/4/" not in page
    beginnings = (str(rid)[:8], f"{str(rid)[:8]}…{str(rid)[-8:]}", str(rid)[:12].upper())
    for beginning in beginnings:  # as the list shows it
        page = desk.get("/ledger/", {"wanted": beginning}).content.decode()
        assert "/ledger/entries/3/" in page and "/ledger/entries/4/" not in page, beginning
    for nothing in ("abc", f"{str(rid)[:8]}x", "999", "9" * 40, "١", "Wang", str(uuid.uuid4())):
        page = desk.get(f"/ledger/?wanted={nothing}").content.decode()
        assert "No entry has this number" in page, nothing


def test_nothing_chosen_is_said_on_the_entrys_page(desk):  # noqa: F811
    answer = desk.post("/ledger/entries/3/disclosure", follow=True)
    assert "No field was chosen to be shown." in answer.content.decode()


def test_replaced_keys_to_cosign_with_are_told_apart(cast, client_of, desk):  # noqa: F811
    reader = client_of(cast.analyst, cast.tenants.trust)
    for work, words in (
        (lambda: None, {}),
        (lambda: rotate_secret("cosigner", at=AT), {"being replaced, signs until": 2}),
        (lambda: retire_secrets("cosigner"), {">replaced<": 2, "being replaced": 0}),
    ):
        with tenant_context(cast.tenants.trust):
            work()
        page = reader.get("/ledger/trust/").content.decode()
        counted = {'muted">current</span>': 2} | words
        assert {text: page.count(text) for text in counted} == counted
