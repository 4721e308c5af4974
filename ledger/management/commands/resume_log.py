"""`manage.py resume_log SCHEMA`: a log goes on from its only backup, although more was signed."""

from django.core.management.base import BaseCommand, CommandError

from ledger.management.named import inside, need_log, tenant_named
from ledger.models import Head
from ledger.resuming import Gap, find_gap, go_on, parse_told, tell
from ledger.signing import signer_of
from ledger.signing.signer import LogSigner
from tenants import clock


class Command(BaseCommand):
    help = "Go on from what a restored backup holds of a log, where what was signed since is lost."

    def add_arguments(self, parser):
        parser.add_argument("schema", help="the tenant's schema name")
        parser.add_argument("--reason", required=True, help="told in the log, to everybody")
        parser.add_argument(
            "--confirm", action="store_true", help="do it; else only what it means is said"
        )
        parser.add_argument("--told", help="what the signer that runs apart showed when it did it")

    def handle(self, *, schema, reason, confirm, told, **options):
        tenant = tenant_named(schema)
        with inside(tenant):
            need_log(tenant)
            if told:
                said = parse_told(told)
            else:
                gap = find_gap(at=clock.now())
                if not confirm:
                    raise CommandError(f"{_means(gap)} Say --confirm to go on.")
                signer = signer_of(Head.objects.get().log_id)
                if not isinstance(signer, LogSigner):
                    raise CommandError(_by_its_user(gap))
                said = go_on(signer, gap, reason=reason, at=clock.now())
                self.stdout.write(f"Signed again. If this is cut off, say it with --told {said}")
            index, aside = tell(said, reason=reason, at=clock.now())
        self.stdout.write(
            f"The ledger of {schema} goes on from {said.kept} entries; entry {index} says that "
            f"{said.signed} were signed."
        )
        if aside is not None:
            self.stdout.write(f"What was published of those is kept in {aside}")


def _means(gap: Gap) -> str:
    size, signed = gap.kept.size, gap.signed[0]
    return (
        f"{signed} entries of this log were signed; the newest signed checkpoint that is left has "
        f"{size}, and nobody who could be asked holds more. Going on gives the {signed - size} "
        "entries between up, and signs a second history beside them: whoever holds a checkpoint, "
        "proof or export of them can prove that, for ever. An entry of the log tells everybody how "
        "many were signed, their root and your reason. Look for a newer backup first."
    )


def _by_its_user(gap: Gap) -> str:
    log_id = Head.objects.get().log_id
    return (
        "The signer runs apart and takes this from nobody over its socket. As its user, with its "
        f"LL_SIGNER_DIR, run python -m ledger.signing resume {log_id} FILE --reason …, FILE "
        f"holding this:\n\n{bytes(gap.kept.note).decode()}"
    )
