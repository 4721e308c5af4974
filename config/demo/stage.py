"""Plays the steps in order, shows how far it is, and goes on where it was interrupted.

Steps stand on two tracks. The side track is played by a process of its own beside the main one, so
that both cores work; a main step that `joins` waits for the side steps before it, and the side
steps after it wait for the main step. The process stays for all of them: it holds what it read.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TextIO

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django_tenants.utils import schema_context

from config.demo.scene import Scene
from config.models import DemoStep
from config.servers.lifeline import environment_of_child

Facts = dict[str, Any]
MAIN, SIDE = "main", "side"
#: Marks of a part of a step hold this, marks of whole steps do not.
PART = ":"
_LOOK_SECONDS = 0.1
_SIDE_LOCK = 0x4C4C_4445_4D4F  # "LLDEMO"


@dataclass(frozen=True)
class Step:
    """One step: `play` does it and answers what it counted.

    A whole step is one transaction with its mark. `in_parts` steps commit as they go and must be
    repeatable; only their mark comes at the end.
    """

    key: str
    title: str
    play: Callable[[Scene], Facts]
    in_parts: bool = False
    track: str = MAIN
    joins: bool = False


class SideStopped(RuntimeError):
    """The side track's process ended with an error; its own words stand above."""


def done_steps() -> dict[str, Facts]:
    """Facts of every step that is finished."""
    with schema_context("public"):
        rows = DemoStep.objects.exclude(key__contains=PART)
        return dict(rows.values_list("key", "facts"))


def is_done(key: str) -> bool:
    with schema_context("public"):
        return DemoStep.objects.filter(key=key).exists()


def mark(key: str, facts: Facts, seconds: float = 0.0) -> None:
    """Write down that a step, or a part of one, is done; part of the caller's transaction."""
    with schema_context("public"):
        DemoStep.objects.update_or_create(
            key=key,
            defaults={"facts": facts, "seconds": round(seconds, 2), "done_at": timezone.now()},
        )


def play(steps: Sequence[Step], scene: Scene, out: TextIO = sys.stdout) -> list[str]:
    """Play what is not done yet; the keys that were played. A failing step raises, named.

    With `scene.parallel` the side track is played beside; otherwise all in one process, in order.
    """
    played: list[str] = []
    side: subprocess.Popen[bytes] | None = None
    try:
        for number, step in enumerate(steps, start=1):
            if step.joins and side is not None:
                _wait_for(side, [one.key for one in steps[:number] if one.track == SIDE])
            if is_done(step.key):
                continue
            if step.track == SIDE and scene.parallel:
                side = side or _start_side(scene)
                continue
            _show(steps, step, scene, out, ticking=True)
            played.append(step.key)
        _wait(side)
    finally:
        if side is not None and side.poll() is None:
            side.terminate()
    return played


def play_side(steps: Sequence[Step], scene: Scene, out: TextIO = sys.stdout) -> None:
    """The side track, in its own process. Only one plays it at a time, even after a kill -9."""
    with schema_context("public"), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_SIDE_LOCK])
    for step in steps:
        if is_done(step.key):
            continue
        if step.track == SIDE:
            _show(steps, step, scene, out, ticking=False)
        while step.joins and not is_done(step.key):
            if not main_lives():
                return
            time.sleep(_LOOK_SECONDS)


def _start_side(scene: Scene) -> subprocess.Popen[bytes]:
    command = [sys.executable, "manage.py", "demo_side", "--leases", str(scene.leases)]
    environment = {**os.environ, "LL_DEMO_MAIN": str(os.getpid()), **environment_of_child()}
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)


def main_lives() -> bool:
    """Asked beside the main line: the process that plays it is still our parent."""
    return os.environ.get("LL_DEMO_MAIN") == str(os.getppid())


def _wait_for(side: subprocess.Popen[bytes], keys: Sequence[str]) -> None:
    """Until the side track has played these steps, or stopped."""
    while side.poll() is None and not all(map(is_done, keys)):
        time.sleep(_LOOK_SECONDS)
    if side.poll() is not None:
        _wait(side)


def _wait(side: subprocess.Popen[bytes] | None) -> None:
    if side is not None and side.wait():
        raise SideStopped("A step beside the main line failed; see above.")


def _show(steps: Sequence[Step], step: Step, scene: Scene, out: TextIO, *, ticking: bool) -> None:
    """Play one step and tell it, with how many are done: two tracks count together."""
    label = f"  [{_done(steps) + 1:>2}/{len(steps)}] {step.title}"
    started = time.monotonic()
    with _ticking(label, started, out, ticking):
        try:
            facts = _play_one(step, scene, started)
        except Exception as error:
            error.add_note(f"The demo stopped at the step {step.key}: {step.title}.")
            raise
    label = f"  [{_done(steps):>2}/{len(steps)}] {step.title}"
    _line(out, f"{label} · {_told(facts)}{time.monotonic() - started:.1f} s")


def _done(steps: Sequence[Step]) -> int:
    return len({step.key for step in steps} & done_steps().keys())


def _play_one(step: Step, scene: Scene, started: float) -> Facts:
    with schema_context("public"):
        if step.in_parts:
            facts = step.play(scene)
            mark(step.key, facts, time.monotonic() - started)
        else:
            with transaction.atomic():
                facts = step.play(scene)
                mark(step.key, facts, time.monotonic() - started)
    return facts


def _told(facts: Facts) -> str:
    """Counts in a line of progress; longer facts are left for the summary."""
    counts = [f"{value:,} {name}" for name, value in facts.items() if isinstance(value, int)]
    return "".join(f"{text.replace('_', ' ')}, " for text in counts)


def _line(out: TextIO, text: str) -> None:
    out.write(f"\r{text}\x1b[K\n" if out.isatty() else f"{text}\n")
    out.flush()


@contextmanager
def _ticking(label: str, started: float, out: TextIO, wanted: bool) -> Iterator[None]:
    """Show the running step: each second on a terminal, every ten seconds elsewhere."""
    stopped = threading.Event()
    pause = 1.0 if out.isatty() else 10.0

    def tick() -> None:
        while not stopped.wait(pause):
            text = f"{label} … {time.monotonic() - started:.0f} s"
            out.write(f"\r{text}\x1b[K" if out.isatty() else f"{text}\n")
            out.flush()

    thread = threading.Thread(target=tick, daemon=True)
    if wanted:
        thread.start()
    try:
        yield
    finally:
        stopped.set()
        if wanted:
            thread.join()
