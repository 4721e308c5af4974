"""A wire between us and PostgreSQL that can be cut in the middle of a commit."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType

BEFORE, AFTER = "before", "after"


class CuttableWire:
    """A TCP port that leads to PostgreSQL's socket, until it is cut.

    Armed with BEFORE, the COMMIT that follows a statement with `mark` never reaches the server;
    with AFTER it does and is carried out, but its answer is never seen. Cut once, then whole again.
    """

    def __init__(self, server: str, *, mark: bytes = b"ledger_append") -> None:
        self._server, self._mark = server, mark
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.armed = ""
        self.was_cut = False

    def __enter__(self) -> CuttableWire:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        server.connect(self._server)
        back = threading.Thread(target=self._answers, args=(server, client), daemon=True)
        back.start()
        is_marked = False
        with contextlib.suppress(OSError):
            while data := client.recv(1 << 16):
                is_marked = is_marked or self._mark in data
                if self.armed and is_marked and b"COMMIT" in data:
                    self._cut(client, server, data)
                    return
                server.sendall(data)
        _close(server)

    def _cut(self, client: socket.socket, server: socket.socket, data: bytes) -> None:
        when, self.armed, self.was_cut = self.armed, "", True
        _close(client)  # first, so that no answer gets through
        if when == AFTER:
            server.sendall(data)
            threading.Event().wait(0.2)  # the server commits; it has nobody to tell
        _close(server)

    @staticmethod
    def _answers(server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(1 << 16):
                client.sendall(data)
        _close(client)


def _close(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
