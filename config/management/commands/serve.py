"""Serve the product in one process."""

from django.conf import settings
from django.core.management.base import BaseCommand

from config.serving import serve


class Command(BaseCommand):
    help = "HTTP, websockets and the background worker in one process."

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=settings.PORT)

    def handle(self, *, host, port, **options):
        serve(host=host, port=port)
