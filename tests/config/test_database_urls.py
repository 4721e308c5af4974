"""Where each role connects, from one DATABASE_URL."""

import uuid

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.environment import BadSetting
from config.servers.database import (
    APP,
    OWNER,
    SIGNER,
    Target,
    as_url,
    close_to_others,
    parse_url,
    target,
)
from tests.template_database import admin, ensure_template

_text = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00", min_codepoint=33), min_size=1
)


@given(user=_text, password=st.just("") | _text, name=_text)
def test_urls_read_back_what_was_written(user, password, name):
    written = Target("/var/run/postgres folder", "5433", user, password, name)
    assert parse_url(as_url(written)) == written


@pytest.mark.parametrize(
    "url",
    ["mysql://root:secret@host/db", "secret", "postgresql:", "postgresql://u:secret@host:port/db",
     "postgresql://u:secret@host:99999/db", "postgresql://u:secret@[host/db"],
)  # fmt: skip
def test_what_is_no_address_of_a_postgres_is_named_and_its_password_is_not_told(url):
    with pytest.raises(BadSetting) as refused:
        parse_url(url)
    said = str(refused.value)
    assert said.startswith("DATABASE_URL: it must be written postgresql://")
    assert "secret@" not in said and "\n" not in said


def test_app_gets_a_role_of_its_own_with_a_kept_password(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgresql://boss:secret@db:5432/main")
    monkeypatch.delenv("LL_DATABASE_NAME", raising=False)
    state = tmp_path / "roles.json"
    first = target(role="app", embedded_root=tmp_path, state=state)
    again = target(role="app", embedded_root=tmp_path, state=state)
    assert (first.user, first.host, first.name) == ("ll_app", "db", "main")
    assert first == again and len(first.password) >= 32
    assert state.stat().st_mode & 0o077 == 0


def test_who_is_neither_owner_nor_app_does_not_connect_and_so_holds_no_lock(django_db_setup):
    """Any session of a database may hold an advisory lock that a log's writers wait for."""
    name = ensure_template()  # prepared as every database of the product is
    with admin() as connection:
        connection.execute(
            "DO $$ BEGIN CREATE ROLE ll_stranger LOGIN;"
            " EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$"
        )
        query = "SELECT has_database_privilege(%s, %s, 'CONNECT')"
        roles = (OWNER, APP, SIGNER, "ll_stranger")
        may = [connection.execute(query, [role, name]).fetchone()[0] for role in roles]
        assert may == [True, True, False, False]
        stranger = psycopg.conninfo.conninfo_to_dict(connection.info.dsn)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(**stranger | {"user": "ll_stranger", "dbname": name})


def test_a_database_that_is_not_ours_to_close_is_named(django_db_setup):
    name = f"ll_open_{uuid.uuid4().hex[:8]}"
    with admin() as connection:
        connection.execute(f"CREATE DATABASE {name}")  # a superuser's
        info = psycopg.conninfo.conninfo_to_dict(connection.info.dsn)
        try:
            with (
                psycopg.connect(**info | {"user": OWNER, "dbname": name}) as ours,
                pytest.raises(BadSetting, match="REVOKE CONNECT ON DATABASE"),
            ):
                close_to_others(ours, name)
        finally:
            connection.execute(f"DROP DATABASE {name}")
