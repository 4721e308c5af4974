"""`manage.py export_ledger SCHEMA FILE`: the whole log of a tenant as one provable file."""

from collections.abc import Iterable
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from ledger.choosing import Reach, reach
from ledger.management.named import inside, need_log, tenant_named
from ledger.selectors import latest_checkpoint
from ledger.services import seal_checkpoint, write_bundle
from tenants import clock


class Command(BaseCommand):
    help = "Export a tenant's ledger as one file that `python -m ledger.verifier` proves."

    def add_arguments(self, parser):
        parser.add_argument("schema", help="the tenant's schema name")
        parser.add_argument("file", type=Path)
        parser.add_argument("--disclose", action="store_true", help="with every payload, open")
        parser.add_argument("--items", action="store_true", help="with the items of every batch")

        parser.add_argument(
            "--sealed",
            action="store_true",
            help="end at a checkpoint that there is; nothing is signed, no signer is needed",
        )
        parser.add_argument(
            "--newest",
            action="store_true",
            help="end at the newest checkpoint, also where it does not meet the trust policy yet",
        )

    def handle(self, *, schema, file, disclose, items, sealed, newest, **options):
        tenant = tenant_named(schema)
        shown = {"disclose": disclose, "items": items}
        part = file.with_name(file.name + ".part")
        with inside(tenant):
            need_log(tenant)
            if sealed and latest_checkpoint() is None:
                raise CommandError(
                    f"No checkpoint of {schema!r} is sealed yet: leave --sealed out."
                )
            try:
                with part.open("wb") as stream:
                    if not sealed:
                        seal_checkpoint(at=clock.now())
                    found = reach(newest=newest)
                    entries = write_bundle(stream=stream, size=found.checkpoint.size, **shown)
                part.replace(file)
            except OSError as error:
                raise CommandError(f"Cannot write {file}: {error.strerror}.") from error
            finally:
                part.unlink(missing_ok=True)
        size = file.stat().st_size
        self.stdout.write(f"{entries} entries, {size:,} bytes: {file}")
        self.stdout.write("".join(f"{line}\n" for line in _told(found)), ending="")


def _told(found: Reach) -> Iterable[str]:
    """What a reader of the file who asks for the institution's quorum must know."""
    if not found.is_met:
        yield (
            "Its last checkpoint is not cosigned yet as the institution's trust policy asks: "
            "the verifier refuses the file under that policy."
        )
    if found.later:
        yield (
            f"{found.later:,} later entries are left out: their checkpoints are not cosigned yet "
            "as the institution's trust policy asks. --newest takes them all the same."
        )
