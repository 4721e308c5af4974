"""Requests from this server to addresses that people typed in: witnesses, time-stampers, chains.

Such an address must not become a door into the platform's own network: only https (http and
loopback while developing), no redirects, only public addresses unless the operator listed the host
in `LL_OUTBOUND_HOSTS`, and the connection goes to the very address that was checked. Answers are
bounded in size and time. Nothing here is retried.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from ledger.problems import AddressRefused, NoAnswer
from ledger.reasons import Reason

SECONDS = 10.0
MAX_ANSWER = 1 << 18
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052 section 2.1


@dataclass(frozen=True)
class Answer:
    """What came back; any status."""

    status: int
    body: bytes
    content_type: str


def check_address(url: str) -> SplitResult:
    """The parts of an address that may be asked; `AddressRefused` says why not.

    Says nothing about where the name leads: that is looked at when it is asked.
    """
    if any(sign.isspace() or not sign.isprintable() for sign in url):  # `urlsplit` drops some
        raise AddressRefused(detail="This is no web address.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused(detail="This is no web address.") from error
    if port == 0 or not parts.hostname or parts.username or parts.password or parts.fragment:
        raise AddressRefused(detail="This is no web address.")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_plain(parts.hostname)):
        raise AddressRefused(detail="The address must begin with https://.")
    return parts


def _is_plain(host: str) -> bool:
    """Whether a host may be asked without TLS: while developing, this machine or a listed one."""
    if not settings.OUTBOUND_LOOPBACK:
        return False
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback or host in settings.OUTBOUND_HOSTS
    return _is_localhost(host) or host in settings.OUTBOUND_HOSTS


def _is_localhost(host: str) -> bool:
    return host.rstrip(".").rpartition(".")[2] == "localhost"


def check_reachable(url: str) -> None:
    """Raise `AddressRefused` as `request` would now; a name that nobody knows may come yet."""
    parts = check_address(url)
    with contextlib.suppress(NoAnswer):
        _address_of(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))


#: What goes wrong most, in words of `ledger.reasons`.
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (ConnectionRefusedError, "nobody listens at this address"),
    (ConnectionResetError, "the connection was cut off"),
    (http.client.RemoteDisconnected, "the connection was cut off"),
    (TimeoutError, "it answers too slowly"),
    (ssl.SSLCertVerificationError, "its certificate is not valid for this name"),
)


def _reason(error: Exception) -> str:
    known = next((words for kind, words in _REASONS if isinstance(error, kind)), "")
    return Reason(known or (str(error) or type(error).__name__)[:200])


def request(
    method: str,
    url: str,
    body: bytes | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    limit: int = MAX_ANSWER,
    seconds: float = SECONDS,
) -> Answer:
    """Ask, once. Raises `AddressRefused`, or `NoAnswer` for whatever else went wrong."""
    parts = check_address(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connection = _connection(parts.scheme, host, port, seconds)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    own = {"Host": parts.netloc, "User-Agent": "LeaseLedger", "Accept-Encoding": "identity"}
    deadline = time.monotonic() + seconds
    watchdog = threading.Timer(seconds, _cut, [connection])  # each read's own limit adds up
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.request(method, path, body=body, headers=own | dict(headers or {}))
        answer = connection.getresponse()
        data = _read(answer, limit, deadline)
        if time.monotonic() > deadline:  # what was cut off reads like an end
            raise TimeoutError("it answers too slowly")
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswer(params={"host": host, "reason": _reason(error)}) from error
    finally:
        watchdog.cancel()
        connection.close()
    if len(data) > limit:
        raise NoAnswer(params={"host": host, "reason": Reason("more than a reader takes")})
    return Answer(answer.status, data, answer.headers.get("Content-Type", ""))


def _cut(connection: http.client.HTTPConnection) -> None:
    """End whatever the connection waits for: a server that drips its headers holds nobody."""
    if (open_socket := connection.sock) is not None:
        with contextlib.suppress(OSError):
            open_socket.shutdown(socket.SHUT_RDWR)


def _read(answer: http.client.HTTPResponse, limit: int, deadline: float) -> bytes:
    """Up to `limit` bytes and one more; a server that drips does not hold us past `deadline`."""
    data = b""
    while len(data) <= limit and (part := answer.read1(1 << 16)):
        data += part
        if time.monotonic() > deadline:
            raise TimeoutError("it answers too slowly")
    return data


def _connection(scheme: str, host: str, port: int, seconds: float) -> http.client.HTTPConnection:
    """A connection to an address of `host` that was checked; the name is still what TLS proves."""
    address = _address_of(host, port)
    if scheme == "http":
        return http.client.HTTPConnection(address, port, timeout=seconds)
    return _PinnedHTTPS(host, port, address=address, timeout=seconds)


class _PinnedHTTPS(http.client.HTTPSConnection):
    def __init__(self, host: str, port: int, *, address: str, timeout: float) -> None:
        self._tls = ssl.create_default_context()
        super().__init__(host, port, timeout=timeout, context=self._tls)
        self._address = address

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), self.timeout)
        try:
            self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


def _address_of(host: str, port: int) -> str:
    addresses = _resolved(host, port)
    if host not in settings.OUTBOUND_HOSTS:
        for address in addresses:
            _check_public(address)
    return addresses[0]


def _resolved(host: str, port: int) -> list[str]:
    """Where a name leads. `*.localhost` is this machine, as browsers have it (RFC 6761, 6.3): not
    every resolver knows, and some say ::1, where nothing of ours listens.
    """
    if _is_localhost(host):
        return ["127.0.0.1"]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NoAnswer(params={"host": host, "reason": Reason("the name is unknown")}) from error
    return [str(row[4][0]) for row in found]


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a gateway on the way would take out of it: NAT64, 6to4."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour


def _check_public(address: str) -> None:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if parsed.is_loopback and settings.OUTBOUND_LOOPBACK:
        return
    inner = _embedded(parsed) if isinstance(parsed, ipaddress.IPv6Address) else None
    if not all(one.is_global and not one.is_multicast for one in (parsed, inner or parsed)):
        raise AddressRefused(
            detail="The address leads into a private network (%(address)s).",
            params={"address": address},
        )
