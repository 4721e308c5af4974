"""Write a made-up portfolio as the files that lessors would hand over."""

from pathlib import Path

from django.core.management.base import BaseCommand

from origination.generator.spec import portfolio_of
from origination.generator.tape import write_tapes


class Command(BaseCommand):
    help = "A tape (CSV), bank lines and price observations (Parquet) for each lessor."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)
        parser.add_argument("--leases", type=int, default=50_000, help="leases in total")
        parser.add_argument("--seed", type=int, default=20_260_630)

    def handle(self, *, folder, leases, seed, **options):
        written = 0
        for code, count in write_tapes(portfolio_of(leases, seed=seed), folder):
            written += count
            self.stdout.write(f"{code}: {count:,} leases, {written:,} in all")
        self.stdout.write(f"Written to {folder}")
