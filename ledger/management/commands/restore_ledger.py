"""`manage.py restore_ledger STEP SCHEMA OTHER`: a destroyed ledger, from a counterparty's copy."""

from django.core.management.base import BaseCommand, CommandError

from ledger.exchange.lost_rows import lost_rows
from ledger.exchange.rebuilding import take_back_log
from ledger.exchange.restoring import ask_for_log, decide_request
from ledger.exchange.returning import worded
from ledger.exchange.services import receive_parcels
from ledger.exchange.spans import spans
from ledger.management.named import inside, tenant_named
from ledger.models import Head, Restoration
from ledger.signing import signer_of
from ledger.signing.freeze import Freeze
from tenants import clock
from tenants.access import has_permission
from tenants.asides import waiting_asides
from tenants.models import Tenant, User
from tenants.permissions import ROLES_OF_KIND, Kind, Permission, permissions_of


def _person(address: str, tenant: Tenant) -> User:
    """The one named, who must be able to decide there, as on the page."""
    person = User.objects.filter(email__iexact=address).first()
    if person is not None and has_permission(person, tenant, Permission.RESTORE_LEDGER):
        return person
    roles = sorted(
        role
        for role in ROLES_OF_KIND[Kind(tenant.kind)]
        if Permission.RESTORE_LEDGER in permissions_of([role])
    )
    raise CommandError(
        f"{address} may not decide this for {tenant}: name somebody who is {' or '.join(roles)} "
        "there, in --by E-MAIL."
    )


class Command(BaseCommand):
    help = "Ask a counterparty for a lost ledger (ask), answer such a question (give, refuse), or "
    help += "take back what was given (take). docs/operating.md says when."

    def add_arguments(self, parser):
        parser.add_argument("step", choices=["ask", "give", "refuse", "take"])
        parser.add_argument("schema", help="the institution that acts")
        parser.add_argument("other", help="its counterparty")
        parser.add_argument("--reason", default="", help="ask: what happened, for the counterparty")
        parser.add_argument("--by", help="give, refuse: e-mail address of who decided")

    def handle(self, *, step, schema, other, reason, by, **options):
        tenant, counterparty = tenant_named(schema), tenant_named(other)
        person = None if by is None else _person(by, tenant)
        with inside(tenant):
            if step == "ask":
                self._ask(counterparty, reason, person)
            elif step == "take":
                self._take(counterparty)
                self._then(tenant)
            else:
                self._decide(counterparty, step == "give", person)

    def _ask(self, counterparty, reason, person):
        by = None if person is None else person.pk
        ask_for_log(from_tenant=counterparty, reason=reason, by=by, at=clock.now())
        self.stdout.write(f"Asked {counterparty}. A person there decides; then run: take.")

    def _decide(self, counterparty, give, person):
        if person is None:
            raise CommandError("Name the person who decided: --by E-MAIL.")
        receive_parcels(from_tenant=counterparty, at=clock.now())
        request = Restoration.objects.filter(
            other=counterparty.pk, by_us=False, state=Restoration.State.ASKED
        ).first()
        if request is None:
            raise CommandError(f"{counterparty} asks for nothing.")
        count = decide_request(pk=request.pk, give=give, by=person.pk, at=clock.now())
        self.stdout.write(f"{count} entries given back." if give else "Refused.")

    def _take(self, counterparty):
        done = take_back_log(from_tenant=counterparty, at=clock.now())
        self.stdout.write(
            f"{done.entries} entries, {done.payloads} payloads and the items of {done.items} "
            "batches are restored."
        )
        for words, indexes in (
            ("payloads", done.missing_payloads),
            ("items of batches", done.missing_items),
        ):
            if indexes:
                listed = ", ".join(spans(indexes))
                self.stdout.write(f"Only a backup has the {words} of entries {listed}")
        if done.erased:
            listed = ", ".join(spans(done.erased))
            self.stdout.write(f"Erased on purpose, as the log says: contents of entries {listed}")
        if done.not_returned:
            self.stdout.write("Not in a copy; only a backup or the schema set aside has:")
        for words, count in worded(done.not_returned):
            self.stdout.write(f"  {'how many is not known' if count is None else count}: {words}")
        for lost in lost_rows(Restoration.objects.filter(by_us=True).latest("pk")):
            count = "how many is not known" if lost.count is None else str(lost.count)
            says = f"{lost.told} of {lost.entries} entries have their content"
            if not lost.told:
                at_most = "at most " if lost.is_at_most else ""
                says = f"the ledger has hashes alone ({at_most}{lost.entries} entries)"
                if not lost.entries:
                    says = "the ledger says nothing of them"
            self.stdout.write(f"  {count}: {lost.words}; {says}")
        self.stdout.write(
            "As a witness it goes on from what is seen of its cosignatures again: "
            f"{len(done.recalled)} logs. What nobody shows any more it cannot know."
        )
        if done.thawed is not None:
            self._thawed(done.thawed)
        if done.revoked_keys:
            kids = ", ".join(done.revoked_keys)
            self.stdout.write(f"Revoked, their private half is lost: {kids}")

    def _then(self, tenant):
        for aside in waiting_asides(tenant):
            command = f"manage schema_aside {tenant.schema_name}"
            self.stdout.write(
                "Nothing is received from counterparties yet, so that the other tables stay empty. "
                f"Run {command} --bring-back {aside} now, or {command} --leave."
            )

    def _thawed(self, found):
        told = f"It has the tree of {found.held} entries of {found.witness}, which had frozen it"
        log_id = Head.objects.get().log_id
        freeze = signer_of(log_id).freeze
        if isinstance(freeze, Freeze):
            self.stdout.write(f"{told}: the freeze is resolved.")
        else:  # a signer apart takes this from nobody over its socket
            self.stdout.write(
                f"{told}. Its signer runs apart: as its user, with its LL_SIGNER_DIR, run "
                f'python -m ledger.signing resolve {log_id} --reason "restored from a copy"'
            )
