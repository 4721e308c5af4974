"""`manage.py resolve_frozen_log SCHEMA`: a log that a witness contradicted is signed again."""

import shlex

from django.core.management.base import BaseCommand, CommandError

from ledger.exchange.thawing import is_mended
from ledger.halting import lift, seen
from ledger.log_keys import own_log_keys
from ledger.management.named import inside, tenant_named
from ledger.models import Head
from ledger.services import sealing_refused
from ledger.services.published_keys import lost_log_keys
from ledger.signing import signer_of
from ledger.signing.freeze import Contradiction, Freeze
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
            head = Head.objects.first()
            keys = lost_log_keys() if head is None else own_log_keys()
            log_id = None if keys is None else keys.first.name.rpartition("/")[2]
            freeze = None if log_id is None else signer_of(log_id).freeze
            found = freeze and freeze.read()
            if not found:
                raise CommandError(f"The log of {schema!r} is not frozen.")
            fixed = head is not None and is_mended(found, head.size, keys)
            if not anyway and not fixed:
                raise CommandError(_not_mended(found, head))
            if not isinstance(freeze, Freeze):
                raise CommandError(_by_its_user(log_id, reason, fixed))
            kept = freeze.resolve(reason=reason, at=clock.now().isoformat(), overruled=not fixed)
            stands = seen()
            if sealing_refused() is None:
                lift(stands, f"the freeze was resolved: {reason}", at=clock.now())
            goes_on = not Head.objects.filter(halted_at__isnull=False).exists()
        self.stdout.write(f"The log of {schema} may be signed again; see {kept}")
        if not goes_on:
            self.stdout.write("It stands still all the same: its page says why.")


def _by_its_user(log_id: str, reason: str, fixed: bool) -> str:
    """A process that may only ask the signer cannot overrule what froze it."""
    told = "The log holds that tree." if fixed else "The log does not hold that tree."
    command = f"python -m ledger.signing resolve {log_id} --reason {shlex.quote(reason)}"
    return (
        f"{told} The signer runs apart and takes this from nobody over its socket: as its user, "
        f"with its LL_SIGNER_DIR, run {command}{'' if fixed else ' --anyway'}"
    )


def _not_mended(found: Contradiction, head: Head | None) -> str:
    if head is None:
        return (
            f"{found.witness} holds {found.held} entries; this institution's ledger is gone. Take "
            "it back from a copy (restore_ledger): a copy that has them ends the freeze by itself. "
            "Or say --anyway."
        )
    return (
        f"{found.witness} holds {found.held} entries; the log has {head.size} and does "
        "not extend them. Restore the missing entries first, or say --anyway."
    )
