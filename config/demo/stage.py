"""Plays the steps in order, shows how far it is, and goes on where it was interrupted."""

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TextIO

from django.db import transaction
from django.utils import timezone
from django_tenants.utils import schema_context

from config.demo.scene import Scene
from config.models import DemoStep

Facts = dict[str, Any]


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


def done_steps() -> dict[str, Facts]:
    """Facts of every step that is finished."""
    with schema_context("public"):
        return dict(DemoStep.objects.values_list("key", "facts"))


def play(steps: Sequence[Step], scene: Scene, out: TextIO = sys.stdout) -> list[str]:
    """Play what is not done yet; the keys that were played. A failing step raises, named."""
    done, played = done_steps(), []
    for number, step in enumerate(steps, start=1):
        if step.key in done:
            continue
        label = f"  [{number:>2}/{len(steps)}] {step.title}"
        started = time.monotonic()
        with _ticking(label, started, out):
            try:
                facts = _play_one(step, scene, started)
            except Exception as error:
                error.add_note(f"The demo stopped at step {number}, {step.key}: {step.title}.")
                raise
        _line(out, f"{label} · {_told(facts)}{time.monotonic() - started:.1f} s")
        played.append(step.key)
    return played


def _play_one(step: Step, scene: Scene, started: float) -> Facts:
    with schema_context("public"):
        if step.in_parts:
            facts = step.play(scene)
            _mark(step, facts, started)
        else:
            with transaction.atomic():
                facts = step.play(scene)
                _mark(step, facts, started)
    return facts


def _mark(step: Step, facts: Facts, started: float) -> None:
    with schema_context("public"):
        seconds = round(time.monotonic() - started, 2)
        DemoStep.objects.create(key=step.key, seconds=seconds, facts=facts, done_at=timezone.now())


def _told(facts: Facts) -> str:
    """Counts in a line of progress; longer facts are left for the summary."""
    counts = [f"{_number(value)} {name}" for name, value in facts.items() if isinstance(value, int)]
    return "".join(f"{text.replace('_', ' ')}, " for text in counts)


def _number(value: int) -> str:
    return f"{value:,}"


def _line(out: TextIO, text: str) -> None:
    out.write(f"\r{text}\x1b[K\n" if out.isatty() else f"{text}\n")
    out.flush()


@contextmanager
def _ticking(label: str, started: float, out: TextIO) -> Iterator[None]:
    """Show the running step: each second on a terminal, every ten seconds elsewhere."""
    stopped = threading.Event()
    pause = 1.0 if out.isatty() else 10.0

    def tick() -> None:
        while not stopped.wait(pause):
            text = f"{label} … {time.monotonic() - started:.0f} s"
            out.write(f"\r{text}\x1b[K" if out.isatty() else f"{text}\n")
            out.flush()

    if out.isatty():
        out.write(f"\r{label} …\x1b[K")
        out.flush()
    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
