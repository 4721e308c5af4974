"""Migrations that were condensed: who stands in the middle of them is told which way leads on.

Each room's first migrations say what they replace. A schema that has all of it is up to date, one
that has none of it is new; one that has a part can be led on only by the version that has the rest.
"""

from collections.abc import Iterable

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django_tenants.utils import schema_context

from tenants.problems import Refused

#: The last commit with every migration that was condensed.
WAY = "8627b4d"


class BetweenVersions(Refused):
    code = "between_versions"
    title = "The database was last migrated by a version that lies between; nothing was changed."
    detail = "The schema %(schema)s has %(newest)s and lacks %(missing)s."
    mend = "Start the last version that knows these steps once, then this one."
    operators = f"git checkout {WAY} && .venv/bin/python -m config.launch prepare"


def refuse_between_versions(schemas: Iterable[str]) -> None:
    """Raise `BetweenVersions` for the first of these schemas that has a part of what is replaced.

    Schemas without migrations are new, whether they exist or not.
    """
    migrations = MigrationLoader(None, load=False)
    migrations.load_disk()
    for schema in schemas:
        with schema_context(schema):
            applied = set(MigrationRecorder(connection).applied_migrations())
        for app in sorted({app for app, _name in applied}):
            replaced = {
                name
                for key, migration in migrations.disk_migrations.items()
                if key[0] == app and key not in applied
                for _app, name in migration.replaces
            }
            has = {name for name in replaced if (app, name) in applied}
            if has and (lacks := replaced - has):
                names = {"newest": f"{app} {max(has)}", "missing": min(lacks)}
                raise BetweenVersions(params={"schema": schema, **names})
