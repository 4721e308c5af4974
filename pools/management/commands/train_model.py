"""Train a model on what the trust holds and put it on trial."""

from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import tenant_context

from pools.models_kit.words import FAMILIES
from tenants import clock
from tenants.access import has_permission
from tenants.models import Tenant, User
from tenants.permissions import Kind, Permission
from tenants.problems import Problem, fill


class Command(BaseCommand):
    help = (
        "Train a model as of a day, run its α test and start its shadow run; the β test follows by "
        "itself when that is over, and two people promote it on its page."
    )

    def add_arguments(self, parser):
        parser.add_argument("--tenant", required=True, help="schema name of the trust company")
        parser.add_argument("--by", required=True, help="e-mail of the analyst")
        parser.add_argument("--as-of", type=date.fromisoformat, help="a year ago where not given")
        parser.add_argument("--family", choices=FAMILIES, default=FAMILIES[0])

    def handle(self, *, tenant, by, as_of, family, **options):
        trust = Tenant.objects.filter(schema_name=tenant, kind=Kind.TRUST).first()
        if trust is None:
            raise CommandError(f"There is no trust company {tenant!r}.")
        person = User.objects.filter(email__iexact=by, is_active=True).first()
        if person is None or not has_permission(person, trust, Permission.TRAIN_MODEL):
            raise CommandError(f"{by} may not train models for {tenant}: it takes an analyst.")
        try:
            with tenant_context(trust):
                self._try(person, as_of, family)
        except Problem as problem:
            raise CommandError(str(problem)) from problem

    def _try(self, person, as_of, family):
        from pools.model_life.asking import ask_for_model, carry_out, latest_training_day

        now = clock.now()
        trial = ask_for_model(
            family=family,
            train_as_of=as_of or latest_training_day(now.date()),
            by=person.pk,
            at=now,
        )
        carry_out(trial, now)
        if trial.refusal is not None:
            raise CommandError(
                f"{fill(trial.refusal['detail'], trial.refusal['params'])} "
                f"{fill(trial.refusal['mend'], trial.refusal['params'])}"
            )
        run = trial.model.shadow_runs.get()
        self.stdout.write(f"{family} model {trial.model_id}, trained as of {trial.train_as_of}")
        self.stdout.write(f"α test: {trial.model.alpha['verdict']}")
        self.stdout.write(f"β test: its shadow run of {run.assets:,} assets ends on {run.ends_on}")
