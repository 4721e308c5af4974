"""The whole line of work on made-up data, then the place kept alive."""

import sys
import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.demo import cast
from config.demo.pulse import Pulse
from config.demo.scene import DEFAULT_LEASES, Scene
from config.demo.stage import SideStopped, done_steps, play
from config.demo.steps import STEPS
from config.demo.summary import WHOLE, write_summary
from config.environment import lease_count
from config.serving import serve
from tenants.problems import Problem


class Command(BaseCommand):
    help = "Load the demo (where it is not loaded yet) and serve it, or with --once only load it."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="write results, do not serve")
        parser.add_argument(
            "--leases", type=lease_count, default=DEFAULT_LEASES, help="leases in total"
        )
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--day-seconds", type=float, default=6.0, help="length of a demo day")

    def handle(self, *, once, leases, port, day_seconds, **options):
        started = time.monotonic()
        try:
            scene = self._load(leases)
        except KeyboardInterrupt:
            self.stdout.write("\n· stopped; the next start goes on from here")
            sys.exit(1 if once else 0)
        except SideStopped as error:
            raise CommandError(str(error)) from error
        except Problem as problem:
            notes = getattr(problem, "__notes__", [])
            raise CommandError("\n".join([str(problem), *notes])) from problem
        self.stdout.write(f"· the demo is ready, {time.monotonic() - started:.1f} s")
        if once:
            self._tell_results(scene, time.monotonic() - started)
            return
        self._tell_where(port)
        serve(port=port, companions=[Pulse(scene, day_seconds)])

    def _load(self, leases):
        cast.refuse_in_production()
        if cast.missing_institutions():
            self.stdout.write("· making the institutions")
        cast.ensure_cast()
        scene = Scene(self._size(leases), settings.DEMO_DIR, parallel=True)
        scene.folder.mkdir(parents=True, exist_ok=True)
        if not play(STEPS, scene, self.stdout._out):
            self.stdout.write("· the demo is loaded already, its data is kept")
        return scene

    def _size(self, wanted):
        """A demo that was begun keeps its size."""
        begun = done_steps().get("portfolio", {}).get("leases", wanted)
        if begun != wanted:
            self.stdout.write(f"· this demo was begun with {begun:,} leases and keeps them")
        return begun

    def _tell_results(self, scene, seconds):
        summary = write_summary(scene, seconds)
        for path in sorted(scene.folder.glob(WHOLE)):
            self.stdout.write(f"  {path}")
        if summary["failed"]:
            raise CommandError("Not everything came out: " + ", ".join(summary["failed"]))

    def _tell_where(self, port):
        write = self.stdout.write
        write("")
        write(f"  LeaseLedger      http://{settings.PLATFORM_DOMAIN}:{port}/")
        write(f"  guided stories   http://{settings.PLATFORM_DOMAIN}:{port}/stories/")
        write(
            f"  operator's admin http://{settings.PLATFORM_DOMAIN}:{port}/admin/  {cast.OPERATOR}"
        )
        write(
            f"  contested rights http://{settings.PLATFORM_DOMAIN}:{port}/contests/"
            f"  {cast.OPERATOR}, {cast.SECOND_OPERATOR}"
        )
        write("")
        for schema, (_kind, name, _zh) in cast.INSTITUTIONS.items():
            write(f"  {name:<22} http://{schema}.{settings.PLATFORM_DOMAIN}:{port}/")
            for person, institution, role, display_name in cast.PEOPLE:
                if institution == schema:
                    label = role.value.replace("_", " ")
                    write(f"    {cast.address(person, schema):<28} {display_name}, {label}")
        write("")
        write(f"  Everyone's password: {cast.PASSWORD}       Ctrl-C stops everything.")
        write("")
