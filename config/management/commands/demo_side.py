"""The demo's side track. `demo` starts this beside itself."""

import sys

from django.conf import settings
from django.core.management.base import BaseCommand

from config.demo.cast import refuse_in_production
from config.demo.scene import Scene
from config.demo.stage import play_side
from config.demo.steps import STEPS


class Command(BaseCommand):
    help = "Play the steps of the demo that run beside the main line."

    def add_arguments(self, parser):
        parser.add_argument("--leases", type=int, required=True)

    def handle(self, *, leases, **options):
        refuse_in_production()
        play_side(STEPS, Scene(leases, settings.DEMO_DIR, parallel=True), sys.stdout)
