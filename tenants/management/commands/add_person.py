"""Give a person a role in a tenant from the command line."""

import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from tenants.models import Tenant, User
from tenants.permissions import ROLES_OF_KIND, Kind, Role
from tenants.provisioning import ensure_person


class Command(BaseCommand):
    help = "Create a person (asking for a password) or add roles to an existing one."

    def add_arguments(self, parser):
        parser.add_argument("tenant", help="schema name")
        parser.add_argument("email")
        parser.add_argument("roles", nargs="+", choices=[role.value for role in Role])
        parser.add_argument("--name", default="")

    def handle(self, *, tenant, email, roles, name, **options):
        found = Tenant.objects.filter(schema_name=tenant).first()
        if found is None:
            known = ", ".join(Tenant.objects.values_list("schema_name", flat=True))
            raise CommandError(f"No tenant {tenant!r}. There are: {known}.")
        possible = ROLES_OF_KIND[Kind(found.kind)]
        for role in roles:
            if Role(role) not in possible:
                words = ", ".join(sorted(possible))
                raise CommandError(f"A {found.kind} has no role {role!r}. It has: {words}.")
        try:
            validate_email(email)
            password = "" if self._exists(email) else self._password(email)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        person = ensure_person(
            email=email,
            display_name=name,
            password=password,
            tenant=found,
            roles=[Role(role) for role in roles],
        )
        self.stdout.write(f"{person}: {', '.join(roles)} at {found.name}")

    def _exists(self, email):
        return User.objects.filter(email__iexact=email).exists()

    def _password(self, email):
        password = getpass.getpass(f"Password for {email} (new here): ")
        if password != getpass.getpass("The same again: "):
            raise CommandError("The two passwords differ. Nobody was created.")
        validate_password(password)
        return password
