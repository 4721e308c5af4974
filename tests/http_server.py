"""HTTP servers in this process, for the outside world that the product talks to."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, str, bytes]  # status, content type, body


class Handler(BaseHTTPRequestHandler):
    """Reads and answers whole, and writes no log."""

    def read_body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def say(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


@contextmanager
def serving_with(handler: type[Handler]) -> Iterator[int]:
    """Serve requests with a handler of one's own; yields the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def serving(
    post: Callable[[bytes], Answer], get: Callable[[], bytes | None] = lambda: None
) -> Iterator[str]:
    """Answer POST with `post(body)` and GET with the bytes of `get()` or 404; yields the URL."""

    class Scripted(Handler):
        def do_POST(self) -> None:
            self.say(*post(self.read_body()))

        def do_GET(self) -> None:
            found = get()
            self.say(200 if found else 404, "text/plain", found or b"")

    with serving_with(Scripted) as port:
        yield f"http://127.0.0.1:{port}/"
