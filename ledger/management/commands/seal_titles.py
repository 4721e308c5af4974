"""`manage.py seal_titles`: seal an epoch of the title registry's map now."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ledger.titles.problems import Unnamed
from ledger.titles.sealing import latest_root, seal_epoch
from ledger.titles.tasks import enqueue_roots
from ledger.titles.told import told_keys
from tenants.registry.keys import RegistryKeyMissing


class Command(BaseCommand):
    help = "Seal an epoch of the title registry's map now: docs/title-registry.md."

    def handle(self, **options):
        try:
            sealed = seal_epoch(now=timezone.now())
        except (Unnamed, RegistryKeyMissing) as error:
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
