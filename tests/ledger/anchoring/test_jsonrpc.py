"""A node whose answer is no JSON-RPC: an error of the anchor, whatever the bytes are."""

import pytest

from ledger.anchoring.jsonrpc import call
from ledger.anchoring.statement import AnchorError
from tests.http_server import serving


@pytest.mark.parametrize(
    "body",
    [b"[" * 200_000, b'{"a":' * 40_000, b"[" * 100_000 + b"]" * 100_000, b"\xff", b"7", b"{}"],
    ids=["open lists", "open objects", "deep lists", "no text", "a number", "nothing"],
)
def test_what_is_no_answer_is_an_error_of_the_anchor(body):
    with (
        serving(lambda _asked: (200, "application/json", body)) as url,
        pytest.raises(AnchorError, match="no JSON-RPC"),
    ):
        call(url, "eth_chainId")
