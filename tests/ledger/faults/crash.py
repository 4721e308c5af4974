"""kill -9 between any two steps: an operation runs in a forked child that dies at step 1, 2, 3 …

    for crash in at_every_step(make):      # make() → an operation, made anew for each crash
        check_log(tenant)                  # what a killed process left
        crash.again()                      # the same operation once more, to its end
        check_log(tenant)

An operation is called with `answer`, which tells the outside that something was accepted: what was
answered before the kill must be there after it. The last turn of the loop is the undisturbed run.
"""

from __future__ import annotations

import os
import pickle
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections

from tests.ledger.faults.steps import Steps

Answer = Callable[[Any], None]
Operation = Callable[[Answer], None]
MOST_STEPS = 400
MOST_WAITS = 6_000


class ChildFailed(AssertionError):
    """The operation itself failed in the child."""


@dataclass
class Crash:
    """What is known of one child: how far it came, and what it had answered."""

    operation: Operation
    number: int
    lose_power: bool
    answered: list[Any] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)  # of a finished run only
    finished: bool = False

    def again(self) -> list[Any]:
        """The same operation in this process, to its end; what it answered."""
        answers: list[Any] = []
        self.operation(answers.append)
        return answers


def at_every_step(
    make: Callable[[], Operation], *, lose_power: bool = False, first: int = 1, stride: int = 1
) -> Iterator[Crash]:
    """A crash at each step of the operation, up to a run that comes through."""
    for number in range(first, MOST_STEPS, stride):
        crash = run_and_kill(make(), number=number, lose_power=lose_power)
        yield crash
        if crash.finished:
            return
    raise AssertionError(f"more than {MOST_STEPS} steps")


def run_and_kill(operation: Operation, *, number: int, lose_power: bool = False) -> Crash:
    """Run the operation in a child that dies at step `number`, if it comes that far."""
    child = start(operation, number=number, lose_power=lose_power)
    crash = listen(child)
    _wait_for_the_database(child.pid)
    return crash


def _wait_for_the_database(pid: int) -> None:
    """Until the server has let go of what a killed child held: it notices when it next reads.

    Who works before that finds rows of a dead transaction locked; a receiver leaves such a parcel
    to its next turn, which no test waits for.
    """
    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
    with connection.cursor() as cursor:
        for _ in range(MOST_WAITS):
            cursor.execute(query, [_name_of(pid)])
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.005)
    raise AssertionError("the server still works for a child that is dead")


def _name_of(pid: int) -> str:
    """What a child's connections call themselves."""
    return f"crash-{pid}"


@dataclass
class Child:
    """A running child and the pipe it answers on."""

    pid: int
    source: int
    crash: Crash


def start(operation: Operation, *, number: int = 0, lose_power: bool = False) -> Child:
    """Run the operation beside this process; with `number` 0 nothing kills it."""
    connections.close_all()  # a connection does not survive a fork
    source, sink = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(source)
        _child(operation, sink, number, lose_power)
    os.close(sink)
    return Child(pid, source, Crash(operation, number, lose_power))


def listen(child: Child) -> Crash:
    """Wait for a child's end; `ChildFailed` with its traceback if its operation failed."""
    with os.fdopen(child.source, "rb") as stream:
        try:
            _listen(stream, child.crash)
        finally:
            os.waitpid(child.pid, 0)
    return child.crash


def _listen(stream: Any, crash: Crash) -> None:
    while True:
        try:
            word, value = pickle.load(stream)
        except EOFError:
            return
        if word == "failed":
            raise ChildFailed(value)
        if word == "answered":
            crash.answered.append(value)
        else:
            crash.finished, crash.steps = True, value


def _child(operation: Operation, sink: int, number: int, lose_power: bool) -> None:
    """Never returns: nothing of the parent's test run may go on in here."""

    def tell(word: str, value: Any) -> None:
        os.write(sink, pickle.dumps((word, value)))

    os.environ["PGAPPNAME"] = _name_of(os.getpid())
    try:
        steps = Steps(Path(settings.KEY_DIR).parent, until=number, lose_power=lose_power)
        if number:
            steps.install()
        operation(lambda value: tell("answered", value))
        tell("finished", steps.names)
    except BaseException:
        tell("failed", traceback.format_exc())
    finally:
        os._exit(0)
