"""`manage.py rotate_title_key [begin|fill|switch|drop]`: a new key for the title registry."""

from django.core.management.base import BaseCommand, CommandError

from origination.tasks import send_identifiers_again
from tenants import clock
from tenants.jobs import enqueue_once
from tenants.models import Tenant
from tenants.problems import Problem
from tenants.registry import rotation

_STEPS = {
    "begin": rotation.begin,
    "fill": rotation.fill,
    "switch": rotation.switch,
    "drop": rotation.drop,
}


class Command(BaseCommand):
    """Each step can be repeated and taken up again; without a step it says where things stand."""

    help = "Rotate the key of the title registry's blind index while traffic runs."

    def add_arguments(self, parser):
        parser.add_argument("step", nargs="?", choices=[*_STEPS, "resubmit"])

    def handle(self, *args, step=None, **options):
        if step == "resubmit":
            self._ask_claimants()
        elif step is not None:
            try:
                self.stdout.write(f"{step}: {_STEPS[step](at=clock.now())}")
            except Problem as problem:
                raise CommandError(str(problem)) from problem
        self._say()

    def _ask_claimants(self) -> None:
        for claimant, count in rotation.unnamed().items():
            tenant = Tenant.objects.get(pk=claimant)
            enqueue_once(send_identifiers_again, tenant=tenant, lock=f"identifiers-{claimant}")
            self.stdout.write(f"{tenant.schema_name} is asked for the identifiers of {count}.")

    def _say(self) -> None:
        now = rotation.status()
        other = "" if now.other is None else f", version {now.other} beside it"
        self.stdout.write(f"Key version {now.current}{other}; next step: {now.step}.")
        if now.unfilled:
            self.stdout.write(f"Rights not yet under the new key: {now.unfilled}.")
        if now.unnamed:
            count = sum(now.unnamed.values())
            self.stdout.write(f"Claims without identifiers: {count}; run the step resubmit.")
