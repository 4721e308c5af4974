"""`manage.py signer`: the process that holds the log keys, where several processes run."""

import asyncio
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ledger.durable import make_folder
from ledger.keystore import told_if_unwritable
from ledger.signing import signer_folder
from ledger.signing.server import CannotListen, Server, listening
from tenants.problems import Problem


class Command(BaseCommand):
    help = "Sign checkpoints for the other processes, at LL_SIGNER_SOCKET; until SIGTERM."
    requires_system_checks = []  # it needs no database

    def handle(self, **options):
        if not settings.SIGNER_SOCKET:
            raise CommandError(
                "Say where it listens: LL_SIGNER_SOCKET=/run/leaseledger/signer.sock"
            )
        folder, path = signer_folder(), Path(settings.SIGNER_SOCKET)
        try:
            with told_if_unwritable(folder):
                make_folder(folder)
            with listening(path, settings.SIGNER_GROUP) as listener:
                asyncio.run(Server(listener, folder).run(self._ready))
        except (CannotListen, Problem, OSError) as error:
            raise CommandError(str(error)) from error

    def _ready(self):
        self.stdout.write(
            f"The signer listens at {settings.SIGNER_SOCKET}; keys: {signer_folder()}"
        )
        self.stdout.flush()
