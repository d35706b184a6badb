"""Answers that a page of another origin may read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice
from urllib.parse import urlsplit

import pytest
from werkzeug.wrappers import Response

from pytest_httpcodes.behaviours import cors
from pytest_httpcodes.behaviours.common import METHODS
from pytest_httpcodes.server import StatusServer
from pytest_httpcodes.wire.steps import Content, End, Head, Interim, Step
from tests import memory
from tests.asking import ask
from tests.raw import Raw, exchange, message

PAGE = "https://page.example"
ORIGIN = f"Origin: {PAGE}"


@pytest.fixture
def open_server() -> Iterator[StatusServer]:
    """Start a server that lets pages of other origins read."""
    with StatusServer(cors=True) as started:
        yield started
        started.complaints()


def preflight(url: str, *fields: str) -> list[tuple[str, str]]:
    """Ask as a browser does before the request itself; return the answer's fields."""
    answer = ask(url, ORIGIN, "Access-Control-Request-Method: PUT", *fields, method="OPTIONS")
    assert (204, b"") == (answer.status, answer.content)
    return answer.fields


@pytest.mark.parametrize("path", ["/", "/status/404", "/nowhere", "/journal", "/redirects/301"])
def test_preflight(open_server: StatusServer, path: str) -> None:
    """A preflight is allowed at every path, for every method and field."""
    fields = dict(preflight(open_server.url + path, "Access-Control-Request-Headers: x-a, x-b"))

    assert PAGE == fields["Access-Control-Allow-Origin"]
    assert "true" == fields["Access-Control-Allow-Credentials"]
    assert METHODS == set(fields["Access-Control-Allow-Methods"].split(", "))
    assert "x-a, x-b" == fields["Access-Control-Allow-Headers"]
    assert ("0", "Origin") == (fields["Access-Control-Max-Age"], fields["Vary"])


def test_preflight_without_fields(open_server: StatusServer) -> None:
    """A preflight that names no fields is told that any will do."""
    assert "*" == dict(preflight(open_server.url))["Access-Control-Allow-Headers"]


def test_preflight_takes_no_reply(open_server: StatusServer) -> None:
    """A preflight is in the journal, and counts for no script."""
    url = open_server.script(503, 200)
    preflight(url)

    assert [503, 200] == [ask(url).status for _ in range(2)]
    assert [204, 503, 200] == url.statuses
    assert "a preflight of another origin's page (the Fetch standard, 3.2)" == url.exchanges[0].why


def test_options_that_is_no_preflight(open_server: StatusServer) -> None:
    """OPTIONS without the field of a preflight is a request like any other."""
    assert 404 == ask(open_server.status(404), ORIGIN, method="OPTIONS").status


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/status/200", 200),
        ("/status/204", 204),
        ("/status/503?retry_after=3", 503),
        ("/redirects/302", 302),
        ("/redirects/end", 200),
        ("/script/404", 404),
        ("/journal", 200),
        ("/journal?wait=1&timeout=0", 200),
        ("/nowhere", 404),
        ("/status/200?odd=1", 400),
    ],
)
def test_answer(open_server: StatusServer, path: str, status: int) -> None:
    """Every answer may be read by the page, with credentials too, and so may its fields."""
    answer = ask(open_server.url + path, ORIGIN)
    exposed = (answer.header("Access-Control-Expose-Headers") or "").split(", ")

    assert status == answer.status
    assert PAGE == answer.header("Access-Control-Allow-Origin")
    assert "true" == answer.header("Access-Control-Allow-Credentials")
    assert "*" == exposed[0]
    assert "Origin" in (answer.header("Vary") or "")
    assert "retry_after" not in path or "Retry-After" in exposed


def test_answer_without_an_origin(open_server: StatusServer) -> None:
    """A client that is no page may be told that any may read."""
    answer = ask(f"{open_server.url}/status/200")

    assert "*" == answer.header("Access-Control-Allow-Origin")
    assert None is answer.header("Access-Control-Allow-Credentials")


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (b"GET / HTTP/1.1\r\nbad line\r\n\r\n", b"400"),
        (b"GET / HTTP/2.0\r\n\r\n", b"505"),
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n", b"414"),
    ],
)
def test_refusal(open_server: StatusServer, octets: bytes, status: bytes) -> None:
    """What is refused before it was a request may be read too."""
    found, _ = exchange(open_server.url, octets)

    assert b"HTTP/1.1 " + status in found
    assert b"\r\nAccess-Control-Allow-Origin: *\r\n" in found


def test_refusal_of_content(open_server: StatusServer) -> None:
    """What is refused while its content is read names the page's origin."""
    octets = message("POST", "/status/200", ORIGIN, "Transfer-Encoding: chunked") + b"x\r\n"
    found, _ = exchange(open_server.url, octets)

    assert b"HTTP/1.1 400 " in found
    assert f"Access-Control-Allow-Origin: {PAGE}\r\n".encode() in found


def test_fault(open_server: StatusServer) -> None:
    """A fault of ours may be read, so that a person sees it."""
    answer = ask(open_server.script(lambda request: None), ORIGIN)

    assert (590, PAGE) == (answer.status, answer.header("Access-Control-Allow-Origin"))


def test_field_of_the_test(open_server: StatusServer) -> None:
    """What a test says of it stands alone: two lines would be invalid."""
    url = open_server.status(
        200, headers={"access-control-allow-origin": "null", "Access-Control-Expose-Headers": "X"}
    )
    answer = ask(url, ORIGIN)

    assert "null" == answer.header("Access-Control-Allow-Origin")
    assert "X" == answer.header("Access-Control-Expose-Headers")


def test_stream(open_server: StatusServer) -> None:
    """An answer that streams is sent as it comes."""
    url = open_server.script(Response(b"x" * 1000 for _ in count()))
    with Raw(url) as raw:
        raw.send(message("GET", urlsplit(url).path, ORIGIN))
        head = raw._head()

        assert PAGE == head.header("Access-Control-Allow-Origin")
        assert b"3e8\r\nxxx" == raw._exactly(8)


def test_steps_of_a_stream() -> None:
    """Only the head of an answer changes, and no step is asked for before its turn."""

    def endless() -> Iterator[Step]:
        yield Interim(103)
        yield Head(200, reason="Fine")
        yield from (Content(b"x") for _ in count())

    interim, head, content = islice(cors.allow(endless(), ""), 3)

    assert (Interim(103), Content(b"x")) == (interim, content)
    assert isinstance(head, Head)
    assert "Fine" == head.reason


def test_steps_known_beforehand() -> None:
    """An answer that is known beforehand stays so, and its length can be announced."""
    found = cors.allow([Head(200), Content(b"x"), End()], PAGE)

    assert isinstance(found, tuple)
    assert "Access-Control-Allow-Origin" in dict(memory.head(found).headers)


def test_without_cors(server: StatusServer) -> None:
    """A server that was not told so says nothing of the kind."""
    answer = ask(server.status(200), ORIGIN)

    assert not [name for name, _ in answer.fields if name.startswith("Access-Control")]
    assert None is answer.header("Vary")
