"""Documents that fail the build: what is written, set or permitted stands in `docs/`."""

import re

from config.environment import BASE_DIR
from tenants.permissions import Role
from tests.house.documented import KIND, built_kinds, sections, written_kinds

OPERATING = (BASE_DIR / "docs" / "operating.md").read_text()
_SETTING = re.compile(r'"((?:LL|DATABASE|REDIS)_[A-Z_]+)"')


def test_every_kind_that_the_code_writes_has_its_section():
    written = written_kinds()
    assert {"lease.recorded", "device.revoked", "pledge.refused"} <= set(written)  # the scan sees
    assert {kind: file for kind, file in written.items() if kind not in sections()} == {}


def test_no_kind_is_put_together_from_pieces():
    assert built_kinds() == []


def test_every_kind_of_the_overview_that_is_written_has_its_section():
    overview = (BASE_DIR / "docs" / "architecture.md").read_text()
    rows = [line.split("|")[1] for line in overview.splitlines() if line.startswith("| `")]
    listed = {kind for row in rows for kind in re.findall(rf"`({KIND.pattern})`", row)}
    assert set(written_kinds()) - listed == set()


def test_every_setting_from_the_environment_is_explained():
    used = set()
    for path in [*(BASE_DIR / "config").rglob("*.py"), BASE_DIR / "manage.py"]:
        used |= set(_SETTING.findall(path.read_text()))
    assert "LL_SECRET_KEY" in used
    assert {name for name in used if f"`{name}`" not in OPERATING} == set()


def test_every_role_is_explained():
    assert {role.value for role in Role if f"`{role.value}`" not in OPERATING} == set()
