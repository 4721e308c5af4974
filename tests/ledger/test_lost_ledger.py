"""What pages and commands say of a lost ledger, until it comes back or is given up."""

import io

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django_tenants.utils import tenant_context

from config.stories.probes import inside
from ledger import drainer
from ledger.anchoring.tasks import anchor_all
from ledger.exchange.tasks import exchange as exchange_all
from ledger.keystore import root_keys
from ledger.models import Head
from ledger.rotation import root as root_rotation
from ledger.tiles.tasks import publish_all
from ledger.witnessing.tasks import ask_all
from tenants.lost_books import BooksLost
from tenants.models import Tenant
from tests.ledger.restoring import ask, give, take

LEDGER_PAGES = (
    "/ledger/", *(f"/ledger/{name}/" for name in (
        "checkpoints", "consistency", "copies", "trust", "anchors", "titles", "verify"
    )),
)  # fmt: skip


def test_the_pages_say_that_it_is_lost_and_what_to_do(lost, client_of):
    for language, words, told, waits in (
        ("en", "ledger is gone", "Tell your operator", "The ledger is lost"),
        ("zh-hans", "账本已丢失", "请通知", "账本已丢失：须先恢复"),
    ):
        desk = client_of(lost.cast.manager, lost.lessor, language=language)
        home = desk.get("/").content.decode()
        assert waits in home and "stands still" not in home and "账本已停滞" not in home
        for path in (*LEDGER_PAGES, "/book/"):
            page = desk.get(path).content.decode()
            assert words in page and "restore_ledger" not in page
            assert told in page
            for empty in (
                "The ledger is empty",
                "No checkpoint yet",
                "No lease is rec",
                "账本为空",
            ):
                assert empty not in page


def test_the_commands_say_that_it_is_lost_and_what_to_do(lost, tmp_path, client_of):
    for command in (
        ["check_ledger", "anda"],
        *(
            ["rotate_keys", which, "--tenant", "anda"]
            for which in ("log", "kek", "service", "back-office", "cosigner", "parcels")
        ),
        ["rotate_keys", "root"],
        ["rotate_keys", "root", "--retire"],
        ["rotate_keys", "map", "--retire"],
        ["export_ledger", "anda", str(tmp_path / "export")],
        ["publish_tiles", "anda"],
        ["hot_ledger", "anda"],
    ):
        with pytest.raises(CommandError, match=r"ledger is gone.*restore_ledger ask") as said:
            call_command(*command)
        assert "\n" not in str(said.value)
    gone = Tenant.objects.filter(pk=lost.lessor.pk)
    gone.update(schema_name="gone")  # as if somebody had dropped the schema
    try:
        for command in (
            ["check_ledger", "gone"],
            ["restore_ledger", "ask", "gone", "trust"],
            ["anchor_contract", "gone", "Chain"],
            ["drain_ledger", "--once"],
            ["rotate_keys", "root", "--dry-run"],
            ["rotate_keys", "root"],
        ):
            with pytest.raises(CommandError, match="run provision_tenant gone"):
                call_command(*command)
        with tenant_context(lost.trust):
            assert root_rotation.waiting() == 0  # the others' keys were wrapped anew
        for which in ("root", "map"):
            with pytest.raises(CommandError, match=r"run provision_tenant gone.*--without gone"):
                call_command("rotate_keys", which, "--retire")
        for every in (exchange_all, ask_all, publish_all, anchor_all):
            every.func(timestamp=0)  # their jobs go on
        assert gone.get() not in drainer._with_queues()
        desk = client_of(lost.cast.manager, lost.lessor, language="zh-hans")
        for path in ("/", "/ledger/", "/book/"):  # the server runs on, its pages say what to do
            page = desk.get(path)
            assert page.status_code == 503 and page["X-Request-ID"] in page.content.decode()
            assert "账簿与账本已不在" in page.content.decode()
            assert "provision_tenant gone" in page.content.decode()
            assert 'href="/"' not in page.content.decode()  # which is gone as well
            assert f"http://{settings.PLATFORM_DOMAIN}" in page.content.decode()
        with pytest.raises(BooksLost, match="are gone from the database") as named:  # in a story
            inside("gone", Head.objects.count)
        assert "Its schema gone holds no tables" in named.value.text()
        answer = desk.get("/api/v1/ledger/checkpoint")
        assert (answer.status_code, answer.json()["code"]) == (503, "books_lost")
    finally:
        gone.update(schema_name="anda")


def test_a_ledger_that_was_given_up_holds_up_no_key_of_the_installation(lost):
    with pytest.raises(CommandError, match="ledger is gone"):
        call_command("rotate_keys", "root")  # the others' keys were wrapped anew
    assert root_keys().versions() == [1, 2]

    def retire(which, *words):
        said = io.StringIO()
        call_command("rotate_keys", which, "--retire", *words, stdout=said)
        return said.getvalue()

    given_up = ("--without", "anda")
    for which, loss in (("root", "opened by nobody any more"), ("map", "only by epochs since")):
        with pytest.raises(CommandError, match=r"nothing will come back: --without anda$"):
            retire(which)
        with pytest.raises(CommandError, match=rf"Without anda: .*{loss}.* Add --confirm"):
            retire(which, *given_up)
        with pytest.raises(CommandError, match="'trust' is not lost"):
            retire(which, *given_up, "--without", "trust", "--confirm")
        with pytest.raises(CommandError, match="no institution 'nobody'"):
            retire(which, "--without", "nobody", "--confirm")
    with pytest.raises(CommandError, match="--without is of root --retire"):
        call_command("rotate_keys", "root", *given_up, "--confirm")
    assert root_keys().versions() == [1, 2]
    assert retire("root", *given_up, "--confirm") == "root key: retired 1.\n"
    assert retire("map", *given_up, "--confirm") == "map keys: destroyed nothing.\n"
    assert root_keys().versions() == [2]
    ask(lost)  # and if a copy turns up after all
    assert give(lost) == 13
    assert take(lost).entries == 13
