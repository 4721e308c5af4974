"""A restored ledger names what did not come back; its title registry goes on where it stood."""

import io
from datetime import timedelta

from django.apps import apps
from django.core.management import call_command
from django_tenants.utils import tenant_context

from ledger.exchange import returning
from ledger.models import AnchorTarget, Entry, TitleRootSeen, TrustPolicy, Witness
from ledger.titles.writing import write_roots
from tests.ledger.restoring import BY, ask, destroy, give
from tests.ledger.stage import AT, exchange, make_stage
from tests.ledger.test_title_epochs import NOW, held, sealed


def test_every_table_of_the_ledger_is_said_to_come_back_or_not():
    named = [returning.FROM_COPY, returning.ANEW, returning.IN_PART, returning.LOST]
    assert set().union(*named) == set(apps.get_app_config("ledger").get_models())
    assert sum(map(len, named)) == len(set().union(*named))


def test_what_did_not_come_back_is_named_and_no_root_is_written_twice(
    committed_cast, monkeypatch, client_of
):
    stage = make_stage(committed_cast, monkeypatch)
    held(committed_cast, 1)
    sealed()
    with tenant_context(stage.lessor):
        assert write_roots(at=NOW) == 1
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
