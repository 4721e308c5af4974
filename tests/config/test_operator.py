"""The operator brings an institution to life in the admin; a job makes its schema."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django_tenants.utils import tenant_context

from tenants.condensed import BetweenVersions, refuse_between_versions
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
    page = client_of(cast.operator, cast.public).get("/admin/")
    assert page.status_code == 200
    assert 'rel="icon" href="/static/ui/mark' in page.content.decode()
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


@pytest.mark.parametrize("word", ["Bohai", "1st", "pg_bohai", "template", "bo hai", "渤海", "b"])
def test_an_unusable_schema_is_named_by_form_and_command(word, cast, client_of):
    form = INLINES | {"kind": "lessor", "name": "Bohai", "schema_name": word}
    answer = client_of(cast.operator, cast.public).post("/admin/tenants/tenant/add/", form)
    assert answer.status_code == 200
    assert "schema_name" in answer.context["adminform"].form.errors
    with pytest.raises(CommandError, match="schema_name"):
        call_command("provision_tenant", word, kind="lessor", name="Bohai", domain="b.localhost")
    assert not Tenant.objects.filter(name="Bohai").exists()


@pytest.mark.parametrize("host", ["anda.localhost", "http://bohai.localhost", "bohai.localhost:80"])
def test_an_unusable_or_taken_host_is_named_by_form_and_command(host, cast, client_of):
    form = INLINES | {
        "kind": "lessor",
        "name": "Bohai",
        "schema_name": "bohai",
        "domains-TOTAL_FORMS": "1",
        "domains-0-domain": host,
        "domains-0-is_primary": "on",
    }
    answer = client_of(cast.operator, cast.public).post("/admin/tenants/tenant/add/", form)
    assert answer.status_code == 200
    formset = next(f.formset for f in answer.context["inline_admin_formsets"] if f.formset.errors)
    assert "domain" in formset.errors[0]
    with pytest.raises(CommandError, match="domain: "):
        call_command("provision_tenant", "bohai", kind="lessor", name="Bohai", domain=host)
    assert not Tenant.objects.filter(name="Bohai").exists()
    assert cast.anda.domains.get().domain == "anda.localhost"


def test_an_existing_institution_is_not_changed_by_the_command(cast):
    with pytest.raises(CommandError, match="exists already"):
        call_command("provision_tenant", "anda", kind="trust", name="Other")
    assert Tenant.objects.get(schema_name="anda").kind == "lessor"


def test_a_membership_without_a_role_or_a_kind_is_named_not_a_crash(cast, client_of):
    form = INLINES | {
        "kind": "",
        "name": "Bohai",
        "schema_name": "bohai",
        "memberships-TOTAL_FORMS": "1",
        "memberships-0-user": str(cast.officer.pk),
        "memberships-0-role": "",
    }
    answer = client_of(cast.operator, cast.public).post("/admin/tenants/tenant/add/", form)
    assert answer.status_code == 200
    assert "kind" in answer.context["adminform"].form.errors


def test_a_person_and_a_role_from_the_admin(cast, client_of):
    operator = client_of(cast.operator, cast.public)
    person = {
        "email": "li@example.test",
        "display_name": "Li",
        "password1": "a long enough password",
        "password2": "a long enough password",
        "usable_password": "true",
    }
    answer = operator.post("/admin/tenants/user/add/", person)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    user = User.objects.get(email="li@example.test")
    role = {"user": user.pk, "tenant": cast.anda.pk, "role": "lessor_officer", "is_active": "on"}
    assert operator.post("/admin/tenants/membership/add/", role).status_code == 302
    wrong = operator.post("/admin/tenants/membership/add/", role | {"role": "investor"})
    assert "role" in wrong.context["adminform"].form.errors
    again = operator.post("/admin/tenants/user/add/", person)
    assert "email" in again.context["adminform"].form.errors
    door = {"username": "li@example.test", "password": "a long enough password"}
    assert client_of(None, cast.anda).post("/sign-in/", door).status_code == 302


@pytest.mark.parametrize(
    ("email", "passwords", "message"),
    [
        ("no address", [], "valid email"),
        ("new@example.test", ["short", "short"], "too short"),
        ("new@example.test", ["a long enough password", "another"], "differ"),
    ],
)
def test_a_person_who_cannot_be_is_refused_on_the_command_line(
    email, passwords, message, cast, monkeypatch
):
    typed = iter(passwords)
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
    with pytest.raises(CommandError, match=message):
        call_command("add_person", "trust", email, "auditor")
    assert not User.objects.filter(email=email).exists()


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


def test_a_database_of_the_version_before_is_up_to_date_and_one_between_is_told_the_way(cast):
    with tenant_context(cast.trust), connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'ledger' AND name > '0058'")
        loader = MigrationLoader(connection)
        assert ("ledger", "0061_titles") in loader.applied_migrations  # it has all that is replaced
        refuse_between_versions(["public", "anda", "trust"])
        cursor.execute("DELETE FROM django_migrations WHERE app = 'ledger' AND name > '0050'")
        with pytest.raises(BetweenVersions, match=r"trust has ledger 0049\w+ .* git checkout"):
            refuse_between_versions(["public", "anda", "trust"])
        cursor.execute("DELETE FROM django_migrations")
        refuse_between_versions(["public", "anda", "trust"])  # new
