"""Make the demo's institutions. `demo` starts this as the database owner."""

from django.core.management.base import BaseCommand

from config.demo.cast import make_institutions, refuse_in_production


class Command(BaseCommand):
    help = "Register and provision the demo's institutions. Run as the owner (LL_DB_ROLE=owner)."

    def handle(self, **options):
        refuse_in_production()
        make_institutions()
