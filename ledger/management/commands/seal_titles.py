"""`manage.py seal_titles`: seal an epoch of the title registry's map now."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ledger.titles.sealing import bring_back_signed, latest_root, seal_epoch
from ledger.titles.tasks import enqueue_roots
from ledger.titles.told import told_keys
from tenants.problems import Problem
from tenants.registry.keys import RegistryKeyMissing


class Command(BaseCommand):
    help = "Seal an epoch of the title registry's map now: docs/title-registry.md."

    def add_arguments(self, parser):
        parser.add_argument(
            "--take-signed",
            action="store_true",
            help="first bring back the root that the signer signed last, and the database lost",
        )

    def handle(self, *, take_signed=False, **options):
        try:
            if take_signed:
                self._take_signed()
            sealed = seal_epoch(now=timezone.now())
        except (Problem, RegistryKeyMissing) as error:
            raise CommandError(str(error)) from error
        newest = sealed or latest_root()
        enqueue_roots()
        if newest is None:
            self.stdout.write("No right is held yet: there is nothing to seal.")
            return
        root = newest.root
        words = "sealed" if sealed else "still stands, nothing changed since"
        self.stdout.write(f"Epoch {root.epoch} {words}: {root.rights} rights.")
        keys = told_keys()
        since = max(keys.reigns[-1][0], 1) if keys is not None else root.epoch
        self.stdout.write(f"The registry's key, since epoch {since}: {newest.key.vkey()}")

    def _take_signed(self):
        if enqueue_roots():
            raise CommandError(
                "A ledger holds newer epochs than the platform. Wait until they are brought back "
                "(a minute, with the server running), then run it again if it is still needed."
            )
        found = bring_back_signed()
        if found is None:
            self.stdout.write("The database has all that the signer signed.")
        else:
            self.stdout.write(f"Epoch {found.root.epoch} is back, as it was signed.")
