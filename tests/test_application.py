"""The resources of one origin: how they are made, and what becomes of faults."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest

from pytest_httpcodes import Endpoint, ServerFault
from pytest_httpcodes.application import Application
from pytest_httpcodes.behaviours.options import Options
from pytest_httpcodes.resource import Resource, Rule, Stage
from pytest_httpcodes.section import Section
from pytest_httpcodes.server import StatusServer
from pytest_httpcodes.wire.head import Refusal
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Content, End, Head, Reply
from tests import memory
from tests.asking import ask, statuses
from tests.raw import Raw, exchange, message

PLAIN = Options()


def application() -> Application:
    """Return an application of a site of its own."""
    return Application(memory.site())


# What a test makes


def test_every_endpoint_is_its_own(server: StatusServer) -> None:
    """Two calls never share state, whatever they make."""
    made = [server.status(503, times=1) for _ in range(3)]

    assert [503, 503, 503, 200] == statuses(*made, made[0])
    assert 3 == len({urlsplit(url).path for url in made})


@pytest.mark.parametrize("query", ["times=1", "odd=1", "delay=x", "content=other&fault=reset"])
def test_query_is_the_clients(server: StatusServer, query: str) -> None:
    """What a client puts behind the URL of a test is not the server's to read."""
    made = [
        server.status(404, content="own"),
        server.script((404, {}, "own")),
        server.redirects(302, content="own"),
    ]
    found = [ask(f"{url}?{query}") for url in made]

    assert [404, 404, 302] == [answer.status for answer in found]
    assert {b"own"} == {answer.content for answer in found}


def test_exchanges_of_an_endpoint(server: StatusServer) -> None:
    """Paths below and queries belong to the endpoint, and other paths do not."""
    url = server.status(404)
    statuses(url, f"{url}/below", f"{url}?a=b", f"{url}x", f"{server.url}/status/404")

    assert [404, 404, 404] == url.statuses
    assert 5 == len(server.journal)


@pytest.mark.parametrize("code", [HTTPStatus.NOT_FOUND, 404])
def test_code_of_the_standard_library(code: int) -> None:
    """The codes of `HTTPStatus` are codes, by their number, in an address too."""
    path, key = application().add_status(code, PLAIN)

    assert ("/status/404/_1", ("status", "404", "_1")) == (path, key)


@pytest.mark.parametrize("code", [99, 1000, 0, -404, True, 404.0, "404", None])
def test_impossible_code(server: StatusServer, code: int) -> None:
    """What is no code is refused in the caller's line."""
    with pytest.raises(ValueError, match=r"is no status code; .*100 to 999"):
        server.status(code)


def test_endpoints_made_at_once() -> None:
    """Threads that make endpoints at once never make the same one."""
    made = application()
    ready = threading.Barrier(8, timeout=5)
    found: list[str] = []

    def make() -> None:
        ready.wait()
        for _ in range(100):
            found.append(made.add_status(404, PLAIN)[0])  # noqa: PERF401 - one at a time

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert 800 == len(set(found))


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda s: s.status(404), "/status/404/_1"),
        (lambda s: s.redirects(301, 302), "/redirects/301,302/_1"),
        (lambda s: s.script(503, 200), "/script/503,200/_1"),
        (lambda s: s.script(200, everywhere=True), ""),
    ],
)
def test_address(
    server: StatusServer, make: Callable[[StatusServer], Endpoint], expected: str
) -> None:
    """An endpoint's address says what it is."""
    assert server.url + expected == make(server)


def test_only_exact_scripts_are_held() -> None:
    """A script that need not be used up is not held for a check."""
    made = application()
    made.add_script((200,), PLAIN, everywhere=False, exact=False)
    made.add_script((503, 200), PLAIN, everywhere=False, exact=True)

    assert 1 == len(made.scripts)
    assert 1 == len(made.take_misuse())
    assert [] == made.take_misuse()


# Faults


def broken(request: Received) -> Reply:
    """Fail, as a rule must not."""
    raise ZeroDivisionError("a rule")


def breaks_off(request: Received) -> Reply:
    """Fail in the midst of an answer."""

    def steps() -> Reply:
        yield Head(200)
        yield Content(b"begun")
        raise ZeroDivisionError("a step")

    return steps()


def put(server: StatusServer, decide: Callable[[Received], Reply | None]) -> str:
    """Put a resource of one rule at an address; return that."""
    resource = Resource(Rule(Stage.RESULT, decide))
    server._app().catalogue.add(("status", "299", "own"), resource)
    return f"{server.url}/status/299/own"


@pytest.mark.parametrize(
    ("decide", "said"),
    [
        (broken, "ZeroDivisionError: a rule"),
        (lambda request: None, "LookupError: no rule of"),
        (lambda request: (End(),), "ValueError: "),
    ],
)
def test_fault(
    server: StatusServer,
    capsys: pytest.CaptureFixture[str],
    decide: Callable[[Received], Reply | None],
    said: str,
) -> None:
    """A fault of ours is 590, closes the connection, is on standard error, and is raised."""
    answer = ask(put(server, decide), "Accept: application/json")
    (noted,) = server.journal

    assert (590, "Httpcodes Fault") == (answer.status, answer.reason)
    assert "close" == answer.header("Connection")
    assert said in answer.content.decode()
    assert said in (noted.failure or "")
    assert "this test server failed, not the client (pytest-httpcodes)" == noted.why
    error = capsys.readouterr().err
    assert error.startswith("httpcodes: a fault while answering /status/299/own\nTraceback ")
    assert said in error
    with pytest.raises(ServerFault, match="a reply to GET /status/299/own failed: ") as raised:
        server.check()
    assert isinstance(raised.value.__cause__, Exception)
    server.check()


def test_fault_in_the_midst(server: StatusServer) -> None:
    """What has begun well and then fails is torn off, and never looks complete."""
    octets, how = exchange(put(server, breaks_off), message("GET", "/status/299/own"))

    assert b"0\r\n\r\n" not in octets
    assert b"590" not in octets
    assert "RST" == how
    (complaint,) = server.complaints()
    assert "ZeroDivisionError: a step" in str(complaint)


def test_fault_that_no_encoding_has(server: StatusServer) -> None:
    """A message that is no text is no second fault."""

    def odd(request: Received) -> Reply:
        raise ValueError("\udcff")

    answer = ask(put(server, odd))

    assert (590, b"590 Httpcodes Fault\nValueError: ?\n") == (answer.status, answer.content)
    assert 1 == len(server.complaints())


def test_faults_of_all_origins(server: StatusServer) -> None:
    """A fault of another origin of the test is one of the test."""
    ask(put(server.origin(), broken))

    assert 1 == len(server.complaints())


# Refusals


@pytest.mark.parametrize(
    ("status", "expected"), [(431, "no-store"), (400, None), (408, None), (413, None), (414, None)]
)
def test_refusal(status: int, expected: str | None) -> None:
    """What is refused for what it is says so and closes; a 431 is never stored."""
    record = memory.request().record
    refusal = Refusal(status, "too odd", Section(9112, "3"))
    head = memory.request("GET", "/", ("Accept", "text/html")).head
    answer = memory.steps(application().refuse(refusal, head, record))
    fields = dict(memory.head(answer).headers)

    assert (status, "close") == (memory.head(answer).status, fields["Connection"])
    assert expected == fields.get("Cache-Control")
    assert "text/html; charset=utf-8" == fields["Content-Type"]
    assert "too odd (RFC 9112, 3)" == record.why


def test_refusal_without_a_head(server: StatusServer) -> None:
    """What has no head that could be read is told in JSON, and belongs to no endpoint."""
    with Raw(server.url) as raw:
        raw.send(b"GET\r\n\r\n")
        answer = raw.answer()

    assert (400, "application/problem+json") == (answer.status, answer.header("Content-Type"))
    assert 400 == json.loads(answer.content)["status"]
    assert [()] == [noted.key for noted in server.journal]


def test_refusal_of_content_belongs_to_its_endpoint(server: StatusServer) -> None:
    """A request whose content is malformed is the endpoint's."""
    url = server.status(200)
    octets = message("POST", urlsplit(url).path, "Transfer-Encoding: chunked") + b"x\r\n"
    exchange(url, octets)

    assert [400] == url.statuses
