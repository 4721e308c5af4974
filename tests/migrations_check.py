"""No model has changed without its migration: `python -m tests.migrations_check`."""

import sys

import tests.database_plugin  # noqa: F401  (before settings are read)


def main() -> int:
    import os

    import django
    from django.core.management import call_command

    from tests.template_database import start_server

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    start_server()
    django.setup()
    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=1)
    except SystemExit as stop:
        return int(bool(stop.code))
    return 0


if __name__ == "__main__":
    sys.exit(main())
