"""The operator brings an institution to life in the admin; a job makes its schema."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tenants.jobs import run_waiting_jobs
from tenants.models import Membership, Tenant, User

INLINES = {
    f"{prefix}-{word}": "0"
    for prefix in ("domains", "memberships")
    for word in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")
}


def test_a_tenant_registered_in_the_admin_gets_its_schema_from_a_job(committed_cast, client_of):
    operator = client_of(committed_cast.operator, committed_cast.public)
    form = INLINES | {
        "kind": "lessor",
        "name": "Bohai Leasing",
        "name_zh": "渤海租赁",
        "schema_name": "bohai",
        "domains-TOTAL_FORMS": "1",
        "domains-0-domain": "bohai.localhost",
        "domains-0-is_primary": "on",
    }
    answer = operator.post("/admin/tenants/tenant/add/", form)
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    tenant = Tenant.objects.get(schema_name="bohai")
    waiting = client_of(None, tenant).get("/")
    assert waiting.status_code == 503

    assert run_waiting_jobs() == 1

    tenant.refresh_from_db()
    assert tenant.provisioned_at is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'bohai'")
        assert cursor.fetchone()[0] > 10
    assert client_of(None, tenant).get("/").headers["Location"] == "/sign-in/"


def test_the_admin_is_on_the_platforms_host_only(cast, client_of):
    assert client_of(cast.operator, cast.public).get("/admin/").status_code == 200
    for tenant in (cast.tenants.anda, cast.tenants.trust):
        assert client_of(None, tenant).get("/admin/").status_code == 404


def test_others_do_not_reach_the_admin(cast, client_of):
    answer = client_of(cast.manager, cast.public).get("/admin/")
    assert answer.status_code == 302 and "/login/" in answer.headers["Location"]


def test_people_are_deactivated_never_deleted(cast):
    cast.officer.delete()
    assert User.objects.get(pk=cast.officer.pk).is_active is False


def test_roles_from_the_command_line(cast, monkeypatch, capsys):
    monkeypatch.setattr("getpass.getpass", lambda prompt: "a long enough password")
    call_command("add_person", "trust", "new@example.test", "trust_analyst", "auditor")
    roles = Membership.objects.filter(user__email="new@example.test").values_list("role", flat=True)
    assert sorted(roles) == ["auditor", "trust_analyst"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere", "x@example.test", "auditor"], "No tenant 'nowhere'. There are: .*trust"),
        (["trust", "x@example.test", "lessor_officer"], "A trust has no role 'lessor_officer'"),
    ],
)
def test_wrong_words_on_the_command_line_name_the_right_ones(arguments, message, cast):
    with pytest.raises(CommandError, match=message):
        call_command("add_person", *arguments)
