"""Where each role connects, from one DATABASE_URL."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.environment import BadSetting
from config.servers.database import Target, as_url, parse_url, target

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
