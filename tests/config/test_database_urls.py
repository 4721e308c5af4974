"""Where each role connects, from one DATABASE_URL."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.servers.database import Target, as_url, parse_url, target

_text = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00", min_codepoint=33), min_size=1
)


@given(user=_text, password=st.just("") | _text, name=_text)
def test_urls_read_back_what_was_written(user, password, name):
    written = Target("/var/run/postgres folder", "5433", user, password, name)
    assert parse_url(as_url(written)) == written


def test_another_database_is_named(monkeypatch):
    with pytest.raises(ValueError, match="starts with 'mysql'"):
        parse_url("mysql://root@host/db")


def test_app_gets_a_role_of_its_own_with_a_kept_password(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgresql://boss:secret@db:5432/main")
    monkeypatch.delenv("LL_DATABASE_NAME", raising=False)
    state = tmp_path / "roles.json"
    first = target(role="app", embedded_root=tmp_path, state=state)
    again = target(role="app", embedded_root=tmp_path, state=state)
    assert (first.user, first.host, first.name) == ("ll_app", "db", "main")
    assert first == again and len(first.password) >= 32
    assert state.stat().st_mode & 0o077 == 0
