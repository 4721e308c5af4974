"""`manage.py resolve_frozen_log SCHEMA`: a log that a witness contradicted is signed again."""

import shlex

from django.core.management.base import BaseCommand, CommandError

from ledger.halting import lift, seen
from ledger.log_keys import own_log_keys
from ledger.management.named import has_log, inside, tenant_named
from ledger.models import Head
from ledger.services import sealing_refused
from ledger.signing import signer_of
from ledger.signing.freeze import Contradiction, Freeze
from ledger.witnessing.hearing import is_ours
from tenants import clock


class Command(BaseCommand):
    help = "Resolve a log that was frozen because a witness holds a tree that it does not have."

    def add_arguments(self, parser):
        parser.add_argument("schema", help="the tenant's schema name")
        parser.add_argument("--reason", required=True, help="kept beside what froze the log")
        parser.add_argument(
            "--anyway",
            action="store_true",
            help="although the log still does not hold that tree: only if the witness is wrong",
        )

    def handle(self, *, schema, reason, anyway, **options):
        tenant = tenant_named(schema)
        with inside(tenant):
            has_log()
            head = Head.objects.first()
            freeze = None if head is None else signer_of(head.log_id).freeze
            found = freeze and freeze.read()
            if not found:
                raise CommandError(f"The log of {schema!r} is not frozen.")
            is_mended = _is_mended(found, head)
            if not anyway and not is_mended:
                raise CommandError(
                    f"{found.witness} holds {found.held} entries; the log has {head.size} and does "
                    "not extend them. Restore the missing entries first, or say --anyway."
                )
            if not isinstance(freeze, Freeze):
                raise CommandError(_by_its_user(head.log_id, reason, is_mended))
            kept = freeze.resolve(
                reason=reason, at=clock.now().isoformat(), overruled=not is_mended
            )
            stands = seen()
            if sealing_refused() is None:
                lift(stands, f"the freeze was resolved: {reason}", at=clock.now())
            goes_on = not Head.objects.filter(halted_at__isnull=False).exists()
        self.stdout.write(f"The log of {schema} may be signed again; see {kept}")
        if not goes_on:
            self.stdout.write("It stands still all the same: its page says why.")


def _by_its_user(log_id: str, reason: str, is_mended: bool) -> str:
    """A process that may only ask the signer cannot overrule what froze it."""
    told = "The log holds that tree." if is_mended else "The log does not hold that tree."
    command = f"python -m ledger.signing resolve {log_id} --reason {shlex.quote(reason)}"
    return (
        f"{told} The signer runs apart and takes this from nobody over its socket: as its user, "
        f"with its LL_SIGNER_DIR, run {command}{'' if is_mended else ' --anyway'}"
    )


def _is_mended(found: Contradiction, head: Head) -> bool:
    """Whether the log now holds the tree that froze it."""
    if not found.proven:
        return head.size >= found.held > 0
    return is_ours(own_log_keys().open_by_any(found.note.encode()))
