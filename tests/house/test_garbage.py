"""Garbage in every address, form and body of a living place: a word for it, and never a 500.

Pages are found as a reader finds them: by following links from each person's home.
"""

import re
from html.parser import HTMLParser
from operator import methodcaller
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import resolve

from config.demo import cast
from tenants.middleware import URLCONF_OF_KIND
from tenants.models import User
from tenants.permissions import Kind
from tests.house.walking import VALUES, filled, walk

GARBAGE = ["9" * 5000, "-1", "x'\"%_\\", "NaN", "9999-99-99", "0001-01-01", "٣🚗", str(2**63)]
#: Every page gets these, beside those of its own links and filters.
PARAMETERS = {
    "page",
    "q",
    "kind",
    "state",
    "version",
    "lease",
    "after",
    "sort",
    "order",
    "contract",
}
#: They answer files, end the visit, or belong to others.
NOT_WALKED = re.compile(r"^/(sign-out|i18n|admin|static|design|api/docs)|/export|\.pdf$|/file/")
#: Who together see every page.
PEOPLE = [
    ("anda", "manager"), ("anda", "backoffice"), ("anda", "officer"),
    ("trust", "analyst"), ("trust", "portfolio"), ("trust", "committee1"), ("auditor", "auditor"),
]  # fmt: skip
KINDS = {"anda": Kind.LESSOR, "trust": Kind.TRUST, "auditor": Kind.AUDITOR}


class _Page(HTMLParser):
    """The links and forms of a page."""

    def __init__(self, html):
        super().__init__()
        self.links, self.forms, self._form = [], [], None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        of = dict(attributes)
        if tag == "a" and of.get("href"):
            self.links.append(of["href"])
        elif tag == "form":
            self._form = (of.get("method", "get").lower(), of.get("action") or "", [])
            self.forms.append(self._form)
        elif tag in {"input", "select", "textarea", "button"} and of.get("name") and self._form:
            self._form[2].append(of["name"])


def _client(institution, name):
    client = Client(SERVER_NAME=f"{institution}.localhost", raise_request_exception=False)
    client.force_login(User.objects.get(email=cast.address(name, institution)))
    return client


def _pages(client, institution):
    """{address: its page} of what this person reaches by links, the first of each route."""
    urls = URLCONF_OF_KIND[KINDS[institution]]
    waiting, routes, pages = ["/"], set(), {}
    while waiting:
        address = waiting.pop(0)
        answer = client.get(address)
        assert answer.status_code in {200, 302, 403, 404, 409}, (address, answer.status_code)
        if answer.status_code != 200 or "html" not in answer.headers["Content-Type"]:
            continue
        pages[address] = page = _Page(answer.content.decode())
        for link in page.links:
            parts = urlsplit(urljoin(f"http://here{address}", link))
            if parts.hostname != "here" or NOT_WALKED.search(parts.path):
                continue
            route = resolve(parts.path, urls).route
            if route not in routes:
                routes.add(route)
                waiting.append(parts.path)
    return pages


def _names(page):
    """Parameters that a page's own links and filters use."""
    names = {key for link in page.links for key, _ in parse_qsl(urlsplit(link).query)}
    return names | {name for method, _, fields in page.forms if method == "get" for name in fields}


def _fails(answer):
    return answer.status_code >= 500


def _view(institution, address):
    return resolve(address, URLCONF_OF_KIND[KINDS[institution]]).func


@pytest.fixture(scope="module")
def walked(played, django_db_blocker):
    """(person, address, page) of every page, once an institution."""
    seen = {}
    with django_db_blocker.unblock():
        for person in PEOPLE:
            for address, page in _pages(_client(*person), person[0]).items():
                seen.setdefault((person[0], address), (person, address, page))
    return list(seen.values())


@pytest.fixture
def people(played, db):
    return {person: _client(*person) for person in PEOPLE}


def test_no_parameter_of_a_page_breaks_it(walked, people):
    """Once a view and set of parameters: institutions share what reads them."""
    broken, tried = [], set()
    for person, address, page in walked:
        own = _names(page)
        what = (_view(person[0], address), frozenset(own))
        if what in tried:
            continue
        tried.add(what)
        # all of it at once by one value of three, in turn
        mine = GARBAGE[len(tried) % 3 :: 3]
        everything = sorted(PARAMETERS | own)
        queries = [urlencode(dict.fromkeys(everything, value)) for value in mine]
        answers = {query: people[person].get(f"{address}?{query}") for query in queries}
        # where that is refused, one may hide the others: each of its own by itself, by one value
        if any(answer.status_code != 200 for answer in answers.values()):
            alone = [urlencode({name: mine[0]}) for name in sorted(own)]
            answers |= {query: people[person].get(f"{address}?{query}") for query in alone}
        query = "&".join(f"{name}=%ff%fe" for name in everything)
        answers[query] = people[person].get(f"{address}?{query}")
        if answers[query].status_code != 200:
            alone = [f"{name}=%ff%fe" for name in ("q", *own)]
            answers |= {query: people[person].get(f"{address}?{query}") for query in alone}
        broken += [(person, address, query[:80]) for query in answers if _fails(answers[query])]
    assert broken == []
    assert len(walked) > 40 and len(tried) > 30


def test_no_form_of_a_page_breaks_it(walked, people):
    """Once a view and set of fields, by the first who is shown the form."""
    broken, tried = [], set()
    for person, address, page in walked:
        for method, action, fields in page.forms:
            where = urlsplit(urljoin(f"http://here{address}", action)).path
            if method != "post" or NOT_WALKED.search(where):
                continue
            what = (_view(person[0], where), frozenset(fields))
            if what in tried:
                continue
            tried.add(what)
            # in turn; a button by itself has nothing that could be wrong, and is pressed once
            alone = set(fields) <= {"csrfmiddlewaretoken"}
            for value in [""] if alone else [*GARBAGE, "a\0b", ""][len(tried) % 3 :: 3]:
                if _fails(people[person].post(where, dict.fromkeys(fields, value))):
                    broken.append((person, where, value[:20]))
    assert broken == []
    assert len(tried) > 10


_IDS = [
    VALUES,
    {"uuid": VALUES["uuid"], "int": "9" * 30, "str": quote("é🚗'"), "slug": "x" * 5000},
]
_BODIES = [b"", b"null", b"[]", b'"x"', b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000,
           b"1" * 10_000, b'{"rid": 1, "file": {}, "kid": [1], "label": null}']  # fmt: skip


def _asked(clients, ask):
    """The answers of whoever in turn asks, up to the first who is not turned away by his rights."""
    for client in clients:
        answer = ask(client)
        yield answer
        if answer.status_code != 403:
            return


@pytest.mark.parametrize("institution", ["anda", "trust", "auditor"])
def test_no_id_and_no_body_breaks_an_address(people, institution):
    """Once an address, by the first who may: what reads it is the same for whoever else may."""
    clients = [client for (where, _name), client in people.items() if where == institution]
    broken = []

    def tell(said, ask):
        if any(_fails(answer) for answer in _asked(clients, ask)):
            broken.append(said)

    for _pattern, route in walk(KINDS[institution]):
        for address in dict.fromkeys(filled(route, values) for values in _IDS):
            if NOT_WALKED.search(address):
                continue
            for method in ("get", "post"):
                tell((method, address[:100]), methodcaller(method, address))
        if route.startswith("/api/"):
            for body in _BODIES:
                asks = methodcaller("post", filled(route), body, content_type="application/json")
                tell(("post", route, body[:30]), asks)
    assert sorted(set(broken)) == []


@pytest.mark.parametrize("institution", ["anda", "trust", "auditor"])
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/v1/leases/7/receipt/", "/api/"])
def test_the_api_answers_problem_details_also_where_there_is_nothing(institution, method, path, db):
    client = Client(
        SERVER_NAME=f"{institution}.{settings.PLATFORM_DOMAIN}", enforce_csrf_checks=True
    )
    answer = getattr(client, method)(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["instance"]) == (404, path)
    assert problem["mend"]


@pytest.mark.parametrize(
    "address", ["/ledger/?kind=%00", "/leases/?q=a%00b", "/leases/%00/", "/api/v1/devices/%00/"]
)
def test_a_zero_byte_in_an_address_is_refused_before_anything_reads_it(address, cast, client_of):
    answer = client_of(cast.officer, cast.anda, language="zh-hans").get(address)
    assert answer.status_code == 400
    if address.startswith("/api/"):
        assert answer.json()["code"] == "zero_byte"
    else:
        assert "零字节" in answer.content.decode()
