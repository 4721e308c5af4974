"""Train a model on what the trust holds and put it on trial."""

from datetime import date, timedelta

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import tenant_context

from tenants import clock
from tenants.access import has_permission
from tenants.models import Tenant, User
from tenants.permissions import Kind, Permission
from tenants.problems import Problem

FAMILIES = ("boosting", "scorecard")
_SHADOW_DAYS = 92


class Command(BaseCommand):
    help = (
        "Train a model as of a day, then run its α and β tests; two people promote it on its page."
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
        from pools.model_life import services  # heavy libraries come with it

        now, last_day = clock.now(), clock.today() - timedelta(days=1)
        day = as_of or last_day - timedelta(days=365)
        model = services.train_models(as_of=day, at=now, by=person.pk, family=family)
        self.stdout.write(f"{family} model {model.pk}, trained as of {day}")
        services.run_alpha_test(model=model, known_until=last_day, at=now)
        self.stdout.write(f"α test: {model.alpha['verdict']}")
        start = last_day - timedelta(days=_SHADOW_DAYS)
        services.run_beta_test(model=model, start=start, at=now + timedelta(seconds=1))
        self.stdout.write(f"β test: {model.beta['verdict']}")
