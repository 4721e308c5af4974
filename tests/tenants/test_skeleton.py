"""The house stands: hosts lead to tenants, roles to rights, and the database knows its roles."""

import logging

import pytest
import structlog
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from ledger.problems import SignerAway
from tenants import logs
from tenants.access import has_permission
from tenants.permissions import ROLE_PERMISSIONS, Permission, Role


def test_platform_lists_every_institution(client_of, cast):
    page = client_of(None, cast.public).get("/")
    assert page.status_code == 200
    for schema in ("anda", "xingyu", "trust", "auditor"):
        assert f"http://{schema}.localhost" in page.content.decode()


def test_unknown_host_says_where_to_go(client, db):
    page = client.get("/", headers={"host": "127.0.0.1"})
    assert page.status_code == 404
    assert "http://localhost:80/" in page.content.decode()


def test_probes_answer_on_any_host(client, db):
    answer = client.get("/readyz", headers={"host": "127.0.0.1"})
    assert answer.json() == {"status": "ok", "database": "ok"}


def test_what_nobody_foresaw_is_told_with_the_number_of_its_lines_in_the_log(
    client_of, cast, monkeypatch, caplog
):
    client = client_of(cast.manager, cast.tenants.anda)
    client.raise_request_exception = False
    caplog.set_level("INFO")
    monkeypatch.setattr("tenants.middleware.is_stranger", lambda *_: 1 / 0)
    page, answer = client.get("/"), client.get("/api/v1/ledger/checkpoint")
    assert [page.status_code, answer.status_code] == [500, 500]
    number = page["X-Request-ID"]
    assert f"500 · {number}" in page.content.decode()
    assert any(number in str(line.msg) for line in caplog.records)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer["X-Request-ID"] != number


def test_stranger_is_sent_to_sign_in(client_of, cast):
    answer = client_of(None, cast.tenants.trust).get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/")


def test_session_of_another_tenants_person_is_ended(client_of, cast):
    client = client_of(cast.officer, cast.tenants.trust)
    assert client.get("/").headers["Location"] == "/sign-in/"


@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_do_something(role):
    assert ROLE_PERMISSIONS[role]


def test_a_role_counts_in_its_own_tenant_only(cast):
    assert has_permission(cast.officer, cast.tenants.anda, Permission.RECORD_LEASE)
    assert not has_permission(cast.officer, cast.tenants.xingyu, Permission.RECORD_LEASE)


@pytest.mark.django_db
def test_served_as_a_role_that_owns_nothing():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, usesuper FROM pg_user WHERE usename = current_user")
        assert cursor.fetchone() == ("ll_app", False)
    for forbidden in ("CREATE TABLE public.mine ()", "TRUNCATE public.tenants_parcel"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(forbidden)


def test_what_is_away_is_a_line_in_the_log_and_what_is_broken_a_trace(capsys):
    handlers, level, before = logging.root.handlers[:], logging.root.level, structlog.get_config()
    try:
        logs.configure({"level": "INFO"})
        for error in (SignerAway(params={"reason": "no such file"}), ZeroDivisionError("zero")):
            for told in (structlog.get_logger("demo"), logging.getLogger("procrastinate.worker")):
                try:
                    raise error
                except Exception:
                    told.exception("failed")
    finally:
        logging.root.handlers[:] = handlers
        logging.root.setLevel(level)
        structlog.configure(**before)
    said = capsys.readouterr().err
    away, _, broken = said.partition("ZeroDivisionError")
    assert [line.count("does not answer") for line in said.splitlines()[:2]] == [1, 1]
    assert away.count("Traceback") == 1 and said.count("ZeroDivisionError: zero") == 2
