"""`manage.py schema_aside SCHEMA`: set a damaged schema aside, an empty one in its place."""

import os
import subprocess
import sys

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.servers.turns import held_by
from ledger.soundness import answering
from tenants.asides import settle
from tenants.models import Tenant
from tenants.problems import Problem
from tenants.setting_aside import bring_back, set_aside


class Command(BaseCommand):
    help = "Set an institution's damaged schema aside (nothing is deleted) and make an empty one; "
    help += "--bring-back ASIDE copies the tables that are no ledger's from it, --leave does not."

    def add_arguments(self, parser):
        parser.add_argument("schema", help="schema name of the institution")
        then = parser.add_mutually_exclusive_group()
        then.add_argument("--bring-back", default="", metavar="ASIDE", help="the one set aside")
        then.add_argument("--leave", action="store_true", help="nothing is to be brought back")
        then.add_argument(
            "--anyway",
            action="store_true",
            help="set a ledger aside that answers and takes entries",
        )

    def handle(self, *, schema, **options):
        aside, leave, anyway = options["bring_back"], options["leave"], options["anyway"]
        tenant = Tenant.objects.filter(schema_name=schema).exclude(schema_name="public").first()
        if tenant is None:
            raise CommandError(f"There is no institution {schema!r}.")
        if settings.DATABASE_ROLE != "owner":
            return self._as_owner(schema, aside, leave, anyway)
        try:
            if leave:
                self._leave(tenant)
            else:
                self._bring_back(tenant, aside) if aside else self._set_aside(tenant, anyway)
        except Problem as problem:
            raise CommandError(str(problem)) from problem

    def _set_aside(self, tenant, anyway):
        if server := held_by(settings.VAR_DIR / "serving.lock"):
            raise CommandError(
                f"A server runs from this folder ({server}) and would write on into the empty "
                "schema. End it first, and every other process that uses this database."
            )
        if size := answering(tenant):
            known = (
                f"The ledger of {tenant.schema_name!r} answers: {size:,} entries, and it goes on."
            )
            if not anyway:
                raise CommandError(
                    f"{known} Set aside, it is lost to everybody until a counterparty gives a copy "
                    "back, and contents that were not shared stay lost. Nothing was changed. If it "
                    f"is damaged where this did not look (check_ledger {tenant.schema_name}), take "
                    "a backup and say --anyway."
                )
            self.stdout.write(
                f"{known} It is set aside all the same: until a counterparty gives a copy back, "
                "nobody can write to it, and contents that were not shared stay in the schema "
                "set aside."
            )
        aside = set_aside(tenant=tenant, at=timezone.now())
        self.stdout.write(
            f"{tenant.schema_name} is empty; what it held is {aside}. Next: restore_ledger ask, "
            f"give, take (docs/operating.md), then schema_aside {tenant.schema_name} "
            f"--bring-back {aside}, if its other tables are sound, else --leave. Until then "
            "nothing is received from counterparties."
        )

    def _leave(self, tenant):
        left = settle(tenant)
        self.stdout.write(
            f"Left where they are: the tables of {', '.join(left)}." if left else "Nothing waits."
        )

    def _bring_back(self, tenant, aside):
        for table, rows in bring_back(tenant=tenant, aside=aside).items():
            self.stdout.write(f"{rows:>10,} {table}")

    @staticmethod
    def _as_owner(schema, aside, leave, anyway):
        command = [sys.executable, "manage.py", "schema_aside", schema]
        command += ["--bring-back", aside] if aside else ["--leave"] if leave else []
        command += ["--anyway"] if anyway else []
        environment = {**os.environ, "LL_DB_ROLE": "owner"}
        done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment)
        if done.returncode:
            raise CommandError("It was not done; what went wrong stands above.")
