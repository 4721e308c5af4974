"""Clients that drip, at a real socket: cut off, while a slow one that gets on is served."""

import contextlib
import json
import socket
import time

import pytest

from tenants import arrival
from tests.monitoring.live_server import running_server

HEAD = b"POST /api/v1/nowhere HTTP/1.1\r\nHost: anda.localhost\r\nContent-Length: %d\r\n%s\r\n"


@pytest.fixture
def port(monkeypatch):
    monkeypatch.setattr(arrival, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(arrival, "BODY_SECONDS", 0.5)
    monkeypatch.setattr(arrival, "BYTES_PER_SECOND", 100)
    with running_server() as port:
        yield port


def drip(port: int, begin: bytes, rest: bytes, *, pause: float) -> tuple[bytes, float]:
    """Send `begin`, then byte after byte until the server says something; with the seconds."""
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.settimeout(pause)
        line.sendall(begin)
        answer = b""
        for number in range(len(rest) + 100):
            with contextlib.suppress(TimeoutError):
                part = line.recv(1 << 16)
                if not part:
                    break
                answer += part
                continue
            line.sendall(rest[number : number + 1])
        return answer, time.monotonic() - started


def test_a_body_that_drips_is_answered_and_cut_off(port):
    for language, title in ((b"", "did not arrive in time"), (b"zh-CN", "未能及时到达")):
        header = b"Accept-Language: " + language + b"\r\n" if language else b""
        answer, seconds = drip(port, HEAD % (1000, header), b"x" * 40, pause=0.1)
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408") and b"connection: close" in head.lower()
        problem = json.loads(body)
        assert problem["code"] == "request_too_slow" and title in problem["title"]
        assert 0.4 < seconds < 3


def test_a_head_that_drips_or_never_comes_is_cut_off(port):
    for begin, rest in ((b"", b""), (b"GET / HT", b"TP/1.1\r\nHost: anda.localhost\r\nX: y" * 9)):
        answer, seconds = drip(port, begin, rest, pause=0.1)
        assert answer == b"" and 0.4 < seconds < 3


@pytest.mark.parametrize("known", [b"", b"Cookie: sessionid=anything\r\n"])
def test_a_body_without_end_is_cut_off_before_it_fills_the_disk(port, monkeypatch, known):
    monkeypatch.setattr(arrival, "MOST_BYTES", 4 << 20)
    limit = arrival.MOST_BYTES if known else arrival.ANONYMOUS_BYTES
    head = (
        b"POST /witness/add-checkpoint HTTP/1.1\r\nHost: trust.localhost\r\n"
        b"Transfer-Encoding: chunked\r\n" + known + b"\r\n"
    )
    sent, answer = 0, b""
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.settimeout(10)
        with contextlib.suppress(ConnectionError):
            line.sendall(head)
            while sent < 64 << 20:
                line.sendall(b"%x\r\n%s\r\n" % (1 << 16, bytes(1 << 16)))
                sent += 1 << 16
        with contextlib.suppress(ConnectionError):
            answer = line.recv(1 << 16)
    assert limit < sent < limit + (16 << 20)  # the system's own buffers lie between
    assert not answer or answer.startswith(b"HTTP/1.1 413")


@pytest.mark.django_db
def test_who_is_slow_but_gets_on_is_served(port):
    """Twice the time that a dripping client has, at three times the least rate."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.settimeout(10)
        line.sendall(HEAD % (300, b"Connection: close\r\n"))
        for _part in range(10):
            time.sleep(0.1)
            line.sendall(b"x" * 30)
        answer = b"".join(iter(lambda: line.recv(1 << 16), b""))
    assert answer.startswith(b"HTTP/1.1 404"), answer[:80]
