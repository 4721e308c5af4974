"""Many connections to PostgreSQL driven by one thread: what a client costs is kept out of latency.

Threads of one interpreter take turns at its lock, so that an answer which is there waits for it:
of 64 writers in four times 16 threads the slowest hundredth waited longer for Python than for the
database. Here each connection is a generator that yields statements and is sent their rows, and
libpq's own non-blocking calls (PostgreSQL's documentation, "Asynchronous Command Processing") let
one thread serve who has an answer.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg import pq, sql
from psycopg.adapt import PyFormat, Transformer

#: A statement with `$1`… and its parameters; the rows it answers come back from the `yield`.
Steps = Generator[tuple[str, Sequence[Any]], list[tuple[Any, ...]], None]
GOOD = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)


class Done(NamedTuple):
    """A piece of work that ended: its name, what it took (ms), and when (`time.monotonic`)."""

    name: Any
    ms: float
    at: float


class Client:
    """One connection, one piece of work at a time; statements are prepared when first used."""

    def __init__(self, conninfo: str, schema: str) -> None:
        """Connects, to one schema."""
        self._connection = psycopg.connect(conninfo, autocommit=True)
        self._connection.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(schema)))
        self._pgconn = self._connection.pgconn
        self._pgconn.nonblocking = 1
        self._transformer = Transformer(self._connection)
        self._prepared: dict[str, bytes] = {}
        self._steps: Steps

    def fileno(self) -> int:
        """Of the socket."""
        return self._pgconn.socket

    def start(self, steps: Steps) -> None:
        """Send the first statement."""
        self._steps = steps
        self._send(next(steps))

    def goes_on(self) -> bool:
        """Take what has arrived; False when the work is done. Raises what the server refused."""
        self._pgconn.consume_input()
        if self._pgconn.is_busy():
            return True
        try:
            self._send(self._steps.send(self._rows()))
        except StopIteration:
            return False
        return True

    def finish(self) -> None:
        """Wait for the end of the work."""
        while self.goes_on():
            select.select([self], [], [])

    def close(self) -> None:
        """Of the connection."""
        self._connection.close()

    def _send(self, step: tuple[str, Sequence[Any]]) -> None:
        statement, parameters = step
        values = self._transformer.dump_sequence(
            parameters, [PyFormat.BINARY for _parameter in parameters]
        )
        if (name := self._prepared.get(statement)) is None:
            name = self._prepared[statement] = b"s%d" % len(self._prepared)
            self._pgconn.send_prepare(name, statement.encode(), self._transformer.types)
            self._await()
        self._pgconn.send_query_prepared(
            name, values, self._transformer.formats, result_format=pq.Format.BINARY
        )
        self._flush()

    def _flush(self) -> None:
        while self._pgconn.flush():
            select.select([], [self], [])

    def _await(self) -> None:
        self._flush()
        while self._pgconn.is_busy():
            select.select([self], [], [])
            self._pgconn.consume_input()
        self._rows()

    def _rows(self) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        while (result := self._pgconn.get_result()) is not None:
            if result.status not in GOOD:
                raise psycopg.DatabaseError(result.get_error_message())
            self._transformer.set_pgresult(result)
            rows += self._transformer.load_rows(0, result.ntuples, tuple)
        return rows


def drive(
    clients: list[Client], work: Callable[[int], Iterator[tuple[Any, Steps]]], seconds: float
) -> list[Done]:
    """Each client does its own works, `work(number)` as (name, steps), one after another.

    Nobody begins another when the time is over; what was begun is ended. One thread for all.
    """
    poller, begun = select.epoll(), {}
    works = [work(number) for number in range(len(clients))]
    numbers = {client.fileno(): number for number, client in enumerate(clients)}
    done: list[Done] = []
    until = time.monotonic() + seconds

    def begin(number: int) -> None:
        now = time.monotonic()
        name, steps = next(works[number], (None, None)) if now < until else (None, None)
        if steps is None:
            poller.unregister(clients[number])
            del begun[number]
        else:
            begun[number] = name, now
            clients[number].start(steps)

    for number, client in enumerate(clients):
        poller.register(client, select.EPOLLIN)
        begun[number] = None, 0.0
        begin(number)
    while begun:
        for descriptor, _event in poller.poll():
            number = numbers[descriptor]
            if number in begun and not clients[number].goes_on():
                name, since = begun[number]
                now = time.monotonic()
                done.append(Done(name, (now - since) * 1e3, now))
                begin(number)
    poller.close()
    return done
