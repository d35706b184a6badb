"""A second author's opinion: httplint, which REDbot is made of, over every honest answer.

It has no complaint that is not explained here. What it calls BAD or WARN and what is right all the
same is one table; a row of it that never fires is wrong, too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from httplint import HttpRequestLinter, HttpResponseLinter, levels

from pytest_httpcodes import scenarios
from pytest_httpcodes.request import Answer as Asked
from pytest_httpcodes.request import Request
from pytest_httpcodes.server import StatusServer
from tests import scenarios as given
from tests.raw import Answer, Raw
from tests.test_codes import DE_FACTO, DOCUMENT

UNOFFICIAL = (420, 450, 494, *(code for code in DE_FACTO if code > 400))


class Allowed(NamedTuple):
    """A note that httplint makes, the codes where it may, and why we think otherwise."""

    note: str
    codes: tuple[int, ...]
    why: str


ALLOWED = (
    Allowed("UNEXPECTED_CONTINUE", (100,), "a client discards one unasked (RFC 9110, 15.2.1)"),
    Allowed(
        "DATE_CLOCKLESS", (100, 101, 102, 103, 104), "may be left out of 1xx (RFC 9110, 6.6.1)"
    ),
    Allowed("CREATED_SAFE_METHOD", (201,), "/status/ answers it to any method"),
    Allowed("CREATED_WITHOUT_LOCATION", (201,), "it is at the target of a PUT (RFC 9110, 15.3.2)"),
    Allowed("LOCATION_UNDEFINED", (202,), "where a monitor is; the contract of 202"),
    Allowed("FIELD_DEPRECATED", (200,), "Ext is of RFC 2774, which is historic"),
    Allowed("PARTIAL_NOT_REQUESTED", (206,), "/status/ answers it unasked"),
    Allowed("STATUS_406_WITHOUT_NEGOTIATION", (406,), "/status/ answers it unasked"),
    Allowed("STATUS_412_WITHOUT_PRECONDITION", (412,), "/status/ answers it unasked"),
    Allowed("STATUS_416_WITHOUT_RANGE", (416,), "/status/ answers it unasked"),
    Allowed("STATUS_417_WITHOUT_EXPECT", (417,), "/status/ answers it unasked"),
    Allowed("STATUS_DEPRECATED", (305,), "deprecated, and known all the same (RFC 9110, 15.4.6)"),
    Allowed("STATUS_RESERVED", (306,), "a probe for what is reserved (RFC 9110, 15.4.7)"),
    Allowed("LOCATION_UNDEFINED", (306,), "followed as any 3xx with one (RFC 9110, 15.4)"),
    Allowed("STATUS_NONSTANDARD", UNOFFICIAL, "in use without a registration"),
    Allowed("REQUEST_HDR_IN_RESPONSE", (415,), "says what is accepted (RFC 9110, 12.5.1)"),
    Allowed("STATUS_BAD_REQUEST", (400,), "only says what a 400 is"),
    Allowed("STATUS_URI_TOO_LONG", (414,), "only says what a 414 is"),
    Allowed("STATUS_IM_A_TEAPOT", (418,), "only says what a 418 is"),
    Allowed("STATUS_VERSION_NOT_SUPPORTED", (505,), "only says what a 505 is"),
    Allowed(
        "FRESHNESS_HEURISTIC",
        (200, 203, 206, 300, 301, 410),
        "meant: what a cache makes of these by itself is the client's affair (RFC 9110, 15.1)",
    ),
)

# What a parser refuses, each with an answer of its own.
MALFORMED = (
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    b"GET nowhere HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
    b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 17_000 + b"\r\n\r\n",
    b"x" * 100 + b" / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n",
    b"no request at all\r\n\r\n",
)


class Remark(NamedTuple):
    """A BAD or WARN note, the answer's status, and what was asked."""

    note: str
    status: int
    asked: str


class Lint:
    """Sends requests, and shows each answer to httplint, its interim responses too."""

    def __init__(self, url: str, now: Callable[[], float] = time.time) -> None:
        self._url = url
        self._now = now
        self.remarks: set[Remark] = set()
        self.seen: set[int] = set()

    def ask(self, method: str, target: str, *fields: str, content: bytes | None = None) -> Answer:
        """Send a request that is in order."""
        with Raw(self._url) as raw:
            lines = ("User-Agent: test", *fields)
            answer = raw.request(method, target, *lines, content=content)
            answers = [*answer.interim, answer]
            if answer.status == 101:
                answers.append(raw.answer())
        asked = HttpRequestLinter()
        asked.process_request_topline(method.encode(), target.encode(), b"1.1")
        pairs = (field.partition(": ") for field in (f"Host: {raw.host}", *lines))
        asked.process_headers([(name.encode(), value.encode()) for name, _, value in pairs])
        asked.finish_content(True)
        for one in answers:
            self._check(one, f"{method} {target[:80]}", asked)
        return answer

    def play(self, request: Request) -> Asked:
        """Send a request of a scenario."""
        asked = HttpRequestLinter()
        target = given.path_of(request.url)
        asked.process_request_topline(request.method.encode(), target.encode(), b"1.1")
        lines = (("Host", "a"), ("User-Agent", "test"), *request.headers)
        asked.process_headers([(name.encode(), value.encode()) for name, value in lines])
        asked.finish_content(True)
        with Raw(request.via or self._url) as raw:
            raw.send(request.octets)
            answer = raw.answer(request.method)
        for one in (*answer.interim, answer):
            self._check(one, f"{request.method} {target[:80]}", asked)
        return given.answer_of(answer)

    def send(self, octets: bytes) -> None:
        """Send what is no request."""
        with Raw(self._url) as raw:
            raw.send(octets)
            self._check(raw.answer(), repr(octets[:40]), None)

    def _check(self, answer: Answer, asked: str, request: HttpRequestLinter | None) -> None:
        linter = HttpResponseLinter(start_time=self._now(), _related=request)
        linter.is_head_response = asked.startswith("HEAD ")
        linter.process_response_topline(b"1.1", b"%d" % answer.status, answer.reason.encode())
        linter.process_headers(
            [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.fields]
        )
        linter.feed_content(answer.content)
        linter.finish_content(True)
        self.seen.add(answer.status)
        self.remarks |= {
            Remark(type(note).__name__, answer.status, asked)
            for note in linter.notes
            if note.level in (levels.BAD, levels.WARN)
        }


@pytest.fixture(scope="module")
def lint() -> Iterator[Lint]:
    """Ask for everything once."""
    with StatusServer() as server:
        made = Lint(server.url, server.clock.now)
        ask_for_codes(made)
        ask_for_forms(made)
        ask_for_options(made)
        ask_for_redirects(made)
        ask_for_scripts(made)
        ask_for_pages(made)
        for octets in MALFORMED:
            made.send(octets)
        ask_for_scenarios(made, server)
        yield made


def ask_for_codes(lint: Lint) -> None:
    """Ask for each code in each way that changes its answer."""
    for code in sorted({*DOCUMENT, *DE_FACTO} - {444}):
        for method in ("GET", "HEAD", "POST"):
            lint.ask(method, f"/status/{code}")
    lint.ask("GET", "/status/101", "Upgrade: echo/1.0", "Connection: Upgrade, close")
    lint.ask("PATCH", "/status/415")
    lint.ask("POST", "/status/415", "Content-Encoding: br")
    for method in ("OPTIONS", "DELETE", "PROPFIND", "BREW"):
        for code in (200, 204, 405, 501):
            lint.ask(method, f"/status/{code}")


def ask_for_forms(lint: Lint) -> None:
    """Ask for each explanation in each form."""
    for accept in ("application/json", "text/html", "text/plain"):
        for code in (300, 302, 404, 406, 450, 503, 511):
            for method in ("GET", "HEAD"):
                lint.ask(method, f"/status/{code}", f"Accept: {accept}")


def ask_for_options(lint: Lint) -> None:
    """Ask for what options add."""
    date = "Fri,%2031%20Dec%202099%2023:59:59%20GMT"
    for number, query in enumerate(
        (
            "retry_after=7",
            f"retry_after={date}",
            "content=busy",
            "header=Set-Cookie:a=1&header=Set-Cookie:b=2",
        )
    ):
        for code in (200, 206, 413, 420, 429, 503):
            lint.ask("GET", f"/status/{code}/{number}?{query}")
            lint.ask("HEAD", f"/status/{code}/{number}")


def ask_for_redirects(lint: Lint) -> None:
    """Ask for chains, in the forms that are in order, up to their ends."""
    for method in ("GET", "HEAD", "POST"):
        lint.ask(method, "/redirects/end")
        for code in (300, 301, 302, 303, 305, 306, 307, 308):
            lint.ask(method, f"/redirects/{code},302/KEY")
        for form in ("absolute", "path", "relative", "scheme-relative", "fragment"):
            lint.ask(method, f"/redirects/302?form={form}")
    lint.ask("GET", "/redirects/302?grow=1")
    lint.ask("GET", "/redirects/302,303?loop=1&retry_after=1")
    lint.ask("GET", "/redirects/404")


def ask_for_scripts(lint: Lint) -> None:
    """Ask for scripts, and for what is none."""
    for method in ("GET", "HEAD", "POST", "GET"):
        lint.ask(method, "/script/503,204,201,200/KEY?retry_after=1")
    lint.ask("GET", "/script/nothing")


def ask_for_pages(lint: Lint) -> None:
    """Ask for the catalogue, the journal, and what is not there."""
    for accept in ("*/*", "application/json", "text/html"):
        for target in ("/", "/journal", "/journal/status/503", "/nowhere", "/status/503?speed=1"):
            for method in ("GET", "HEAD", "OPTIONS", "PUT"):
                lint.ask(method, target, f"Accept: {accept}")
    lint.ask("DELETE", "/journal/status/503")
    lint.ask("OPTIONS", "*")
    lint.ask("GET", "https://other/")
    lint.ask("FROBNICATE", "/")


def ask_for_scenarios(lint: Lint, server: StatusServer) -> None:
    """Ask for what earns each code, and for what gets past it."""
    for code in set(scenarios.codes()) - {101, 426, 444}:
        made = server.scenario(code)
        given.play(server, (*made.trigger, *made.relief), lint.play)
        for method in ("HEAD", "OPTIONS"):
            given.play(server, [Request(method, made)], lint.play)


def test_httplint_has_no_complaint_that_is_not_explained(lint: Lint) -> None:
    """Neither BAD nor WARN, but for what the table says and why."""
    explained = {(row.note, code) for row in ALLOWED for code in row.codes}

    assert [] == sorted(r for r in lint.remarks if (r.note, r.status) not in explained)


def test_every_explanation_is_needed(lint: Lint) -> None:
    """Each note of the table is made for each of its codes."""
    made = {(remark.note, remark.status) for remark in lint.remarks}

    assert [] == [(row.note, c) for row in ALLOWED for c in row.codes if (row.note, c) not in made]


def test_every_code_was_looked_at(lint: Lint) -> None:
    """All of the document and those in use besides, but for the one that is no answer."""
    assert set() == {*DOCUMENT, *DE_FACTO} - {444} - lint.seen


def test_httplint_does_find_something(server: StatusServer) -> None:
    """A wrong answer has its note, so that silence means something."""
    endpoint = server.status(302, headers={"Location": "a b", "Retry-After": "soon"})
    lint = Lint(server.url)
    lint.ask("GET", endpoint.removeprefix(server.url))

    assert 2 <= len({remark.note for remark in lint.remarks})
