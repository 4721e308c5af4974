"""Drain the queues of hot tenants in a process of its own, or once."""

import signal
import threading

from django.core.management.base import BaseCommand

from ledger import drainer
from ledger.management.named import each, institutions
from ledger.services import drain


class Command(BaseCommand):
    help = "Integrate what waits in the queues of hot tenants; runs until SIGINT or SIGTERM."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="end when the queues are empty")

    def handle(self, *, once, **options):
        if once:
            each(institutions(), lambda tenant: drain())
            return
        stopping = threading.Event()
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, lambda *_: stopping.set())
        drainer.run(stopping)
