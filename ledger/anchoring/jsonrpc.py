"""JSON-RPC 2.0 over HTTP, as Ethereum's nodes speak it; every answer is distrusted."""

import itertools
import json
from typing import Any

from ledger.anchoring.statement import AnchorError
from ledger.outbound import request
from tenants.problems import Problem

_ids = itertools.count(1)


def call(url: str, method: str, *params: Any) -> Any:
    """The result; `AnchorError` with the node's own words if there is none."""
    number = next(_ids)
    body = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
    try:
        answer = request("POST", url, body.encode(), headers={"Content-Type": "application/json"})
    except Problem as problem:
        raise AnchorError(problem.text()) from problem
    try:
        found = json.loads(answer.body)
        if found.get("id") != number:
            raise ValueError
    except (ValueError, AttributeError, RecursionError) as error:
        raise AnchorError(f"the node answered {answer.status} and no JSON-RPC") from error
    if (refused := found.get("error")) is not None:
        said = refused.get("message", "") if isinstance(refused, dict) else refused
        raise AnchorError(f"{method}: {str(said)[:300]}")
    if "result" not in found:
        raise AnchorError(f"{method}: the answer holds neither a result nor an error")
    return found["result"]


def number(value: object) -> int:
    """A quantity in hexadecimal."""
    if isinstance(value, str) and value.startswith("0x"):
        try:
            return int(value, 16)
        except ValueError:
            pass
    raise AnchorError(f"the node answered {str(value)[:80]!r} instead of a number")


def octets(value: object) -> bytes:
    """Bytes in hexadecimal."""
    if isinstance(value, str) and value.startswith("0x"):
        try:
            return bytes.fromhex(value[2:])
        except ValueError:
            pass
    raise AnchorError(f"the node answered {str(value)[:80]!r} instead of bytes")
