"""A node whose answer is no JSON-RPC: an error of the anchor, whatever the bytes are."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ledger.anchoring.jsonrpc import call
from ledger.anchoring.statement import AnchorError


@pytest.mark.parametrize(
    "body",
    [b"[" * 200_000, b'{"a":' * 40_000, b"[" * 100_000 + b"]" * 100_000, b"\xff", b"7", b"{}"],
    ids=["open lists", "open objects", "deep lists", "no text", "a number", "nothing"],
)
def test_what_is_no_answer_is_an_error_of_the_anchor(body):
    class Node(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Node)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    try:
        with pytest.raises(AnchorError, match="no JSON-RPC"):
            call(f"http://127.0.0.1:{server.server_port}/", "eth_chainId")
    finally:
        thread.join()
        server.server_close()
