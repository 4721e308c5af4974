"""`manage.py signer`: the process that holds the log keys, where several processes run."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ledger.signing import signer_folder
from ledger.signing.process import run
from ledger.signing.server import CannotListen
from tenants.problems import Problem


class Command(BaseCommand):
    help = "Sign checkpoints for the other processes, at LL_SIGNER_SOCKET; until SIGTERM."
    requires_system_checks = []  # it needs no database

    def handle(self, **options):
        try:
            run(settings.SIGNER_SOCKET, signer_folder(), settings.SIGNER_GROUP)
        except (CannotListen, Problem) as error:
            raise CommandError(str(error)) from error
