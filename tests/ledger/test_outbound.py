"""Requests to addresses that people typed in: no door into our own network, nothing unbounded."""

import socket
import time

import pytest

from ledger.outbound import _check_public, check_address, request
from ledger.problems import AddressRefused, NoAnswer
from tests.http_server import Handler, serving_with

KIND = "text/x.test"


class _Hostile(Handler):
    def do_POST(self):
        self.say(200, KIND, self.read_body() + self.headers["Host"].encode())

    def do_GET(self):
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/")
            self.end_headers()
        elif self.path == "/long":
            self.say(200, KIND, b"x" * 5_000)
        elif self.path == "/drip":
            self.send_response(200)
            self.end_headers()
            for _ in range(40):
                self.wfile.write(b".")
                self.wfile.flush()
                time.sleep(0.05)
        elif self.path == "/headers":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            for _ in range(40):
                self.wfile.write(b".")
                self.wfile.flush()
                time.sleep(0.15)
        elif self.path == "/nonsense":
            self.wfile.write(b"not http at all\r\n\r\n")
        else:
            self.say(404, KIND, b"nothing")


def test_an_answer_of_any_status_is_an_answer():
    with serving_with(_Hostile) as port:
        answer = request("POST", f"http://trust.localhost:{port}/x?y=1", b"said ")
        assert (answer.status, answer.body) == (200, f"said trust.localhost:{port}".encode())
        assert answer.content_type == KIND
        assert request("GET", f"http://127.0.0.1:{port}/").status == 404


def test_names_under_localhost_are_this_machine_whatever_the_resolver_says(monkeypatch, settings):
    """Also for a command beside a server, on a machine whose `localhost` is ::1 first."""
    wrong = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 0, 0, 0))]
    ask = socket.getaddrinfo

    def resolver(host, *rest, **more):
        return wrong if "localhost" in str(host) else ask(host, *rest, **more)

    with serving_with(_Hostile) as port:
        monkeypatch.setattr(socket, "getaddrinfo", resolver)
        for host in ("trust.localhost", "localhost", "a.b.localhost"):
            assert request("GET", f"http://{host}:{port}/").status == 404
        settings.OUTBOUND_LOOPBACK = False
        with pytest.raises(AddressRefused):  # in production only a host that is listed
            request("GET", f"https://trust.localhost:{port}/")
        settings.OUTBOUND_HOSTS = ["trust.localhost"]
        with pytest.raises(NoAnswer):  # asked, but this is no TLS
            request("GET", f"https://trust.localhost:{port}/", seconds=2)


def test_a_redirect_is_not_followed():
    with serving_with(_Hostile) as port:
        assert request("GET", f"http://127.0.0.1:{port}/elsewhere").status == 302


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("/long", {"limit": 4_999}),
        ("/drip", {"seconds": 0.2}),
        ("/headers", {"seconds": 0.3}),
        ("/nonsense", {}),
    ],
)
def test_what_is_too_long_too_slow_or_no_http_is_no_answer(path, options):
    started = time.monotonic()
    with serving_with(_Hostile) as port, pytest.raises(NoAnswer):
        request("GET", f"http://127.0.0.1:{port}{path}", **options)
    assert time.monotonic() - started < 5


def test_nobody_there_is_no_answer():
    with serving_with(_Hostile) as port:
        pass
    with pytest.raises(NoAnswer) as none:
        request("GET", f"http://127.0.0.1:{port}/")
    assert "127.0.0.1" in str(none.value)


@pytest.mark.parametrize(
    "url",
    [
        "", "witness", "ftp://a.example/", "file:///etc/passwd", "https://", "https:///x",
        "https://user:word@a.example/", "https://a.example:0/", "https://a.example:99999/",
        "https://a.example/#part", "https://[::1", "gopher://a.example",
        "https://a.example/x y", "https://a.exam\tple/", "https://a.example/\r\nHost: b", " https://a.example",
        "https://a.example/\x00", "https://a.example/\x7f", "https://a.example/\u200b",
    ],
)  # fmt: skip
def test_no_web_address_is_refused(url):
    with pytest.raises(AddressRefused):
        check_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://[::1]/", "https://10.0.0.8/", "https://192.168.1.1/",
        "https://169.254.169.254/latest", "https://0.0.0.0/", "https://[::ffff:127.0.0.1]/",
        "https://localhost/", "https://100.64.0.1/", "https://224.0.0.1/", "https://2130706433/",
        "https://[64:ff9b::10.0.0.8]/", "https://[64:ff9b::7f00:1]/", "https://[64:ff9b::a9fe:a9fe]/",
        "https://[2002:7f00:1::]/", "https://[2002:a9fe:a9fe::1]/", "https://[2002:c0a8:101::1]/",
    ],
)  # fmt: skip
def test_in_production_no_private_address_is_asked(settings, url):
    settings.OUTBOUND_LOOPBACK = False
    with pytest.raises(AddressRefused):
        request("GET", url, seconds=1)


def test_while_developing_http_is_for_this_machine_and_listed_hosts(settings):
    settings.OUTBOUND_HOSTS = ["node.inside", "10.0.0.8"]
    for host in ("localhost", "a.localhost:1", "127.0.0.1:1", "[::1]", "node.inside", "10.0.0.8"):
        check_address(f"http://{host}/")
    for host in ("example.com", "192.168.1.1", "8.8.8.8", "localhost.example"):
        with pytest.raises(AddressRefused):
            check_address(f"http://{host}/")


def test_in_production_http_is_refused_and_a_listed_host_may_be_private(settings):
    settings.OUTBOUND_LOOPBACK = False
    with pytest.raises(AddressRefused):
        check_address("http://witness.example/")
    settings.OUTBOUND_HOSTS = ["127.0.0.1"]
    with serving_with(_Hostile) as port, pytest.raises(NoAnswer):  # asked, but this is no TLS
        request("GET", f"https://127.0.0.1:{port}/", seconds=2)


def test_a_gateway_to_a_public_address_is_public():
    for address in ("64:ff9b::808:808", "2606:4700::1111", "8.8.8.8"):
        _check_public(address)
