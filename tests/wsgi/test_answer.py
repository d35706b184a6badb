"""Answers in steps as WSGI has them: framing, streams, and faults."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from unittest.mock import patch

import pytest

from pytest_httpcodes import Answer, Generated, Request
from pytest_httpcodes.resource import Resource, Rule, Stage
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Content, End, Head, Interim, Pause, Reply, Reset, Step
from pytest_httpcodes.wsgi import make_app
from pytest_httpcodes.wsgi.host import Host
from tests.wsgi.asking import ROOT, ask, environ, get

PATH = "/resource/made"
URL = ROOT + PATH
TYPE = ("Content-Type", "text/plain")
GIB = 2**30


@pytest.fixture
def host() -> Host:
    """Return what a process has."""
    return Host(False, 2**20, 2**20)


def give(host: Host, make: Callable[[Received], Reply]) -> None:
    """Make the answer of the resource at `PATH`."""
    host._application.catalogue.add(("resource", "made"), Resource(Rule(Stage.RESULT, make)))


def exchange(host: Host) -> dict[str, Any]:
    """Return the last exchange in the journal."""
    found = json.loads(get(host.answer, "/journal").content)["exchanges"]
    assert isinstance(found[-1], dict)
    return found[-1]


@pytest.mark.parametrize(
    ("method", "path", "length", "has_content"),
    [
        ("GET", "/status/200?content=hello", "5", True),
        ("HEAD", "/status/200?content=hello", "5", False),
        ("GET", "/status/204", None, False),
        ("GET", "/status/205", "0", False),
        ("GET", "/status/304", None, False),
        ("HEAD", "/status/404", "145", False),
    ],
)
def test_framing(method: str, path: str, length: str | None, has_content: bool) -> None:
    """The length is announced where it may be, and content is sent where it may be."""
    answer = ask(make_app(), Request(method, ROOT + path))

    assert length == answer.headers.get("Content-Length")
    assert has_content == bool(answer.content)


def test_fields_of_the_connection_are_left_out(host: Host) -> None:
    """They are the server's in front; so are trailers, which it has no way to send."""
    own = (("Connection", "close"), ("Keep-Alive", "timeout=5"), ("Trailer", "X-Sum"), TYPE)
    give(host, lambda request: (Head(200, own), Content(b"a"), End({"X-Sum": "1"})))
    answer = get(host.answer, PATH)

    assert {"Content-Type", "Content-Length"} == set(answer.headers)
    assert b"a" == answer.content


@pytest.mark.parametrize(
    ("head", "expected"),
    [(Head(404, (TYPE,), "Elsewhere"), "404 Elsewhere"), (Head(299, (TYPE,)), "299 ")],
)
def test_phrases(host: Host, head: Head, expected: str) -> None:
    """One of its own is handed on, and a code without a phrase has an empty one."""
    give(host, lambda request: (head, End()))
    told: list[str] = []
    host.answer(environ(Request("GET", URL)), lambda status, fields: told.append(status))

    assert [expected] == told


def test_what_a_log_says(host: Host) -> None:
    """It may be another code than the one that is sent."""

    def make(request: Received) -> Reply:
        request.record.logged = 494
        return (Head(400, (TYPE,)), End())

    give(host, make)
    get(host.answer, PATH)

    assert (400, 494) == (exchange(host)["status"], exchange(host)["logged"])


def test_a_length_of_ones_own(host: Host) -> None:
    """It is not said twice."""
    own = (TYPE, ("Content-Length", "1"))
    give(host, lambda request: (Head(200, own), Content(b"a"), End()))

    assert "1" == get(host.answer, PATH).headers["Content-Length"]


def test_pauses(host: Host) -> None:
    """The worker sleeps, and a reader of the journal does not wait for it."""
    steps = (Pause(3), Head(200, (TYPE,)), Pause(4), Content(b"a"), Pause(5), End())
    give(host, lambda request: steps)
    states = []

    def sleep(seconds: float) -> None:
        states.append((seconds, host._journal.exchanges[-1].is_open))

    with patch("time.sleep", sleep):
        assert b"a" == get(host.answer, PATH).content

    assert [(3, False), (4, False), (5, False)] == states


def test_what_cannot_be_carried_is_refused_before_any_pause(host: Host) -> None:
    """All of an answer that is known is looked at first."""
    give(host, lambda request: (Pause(60), Head(200, (TYPE,)), Reset()))

    assert 501 == get(host.answer, PATH).status


def test_a_stream_is_no_more_than_a_piece_at_a_time(host: Host) -> None:
    """1 GiB goes through in the memory of a piece."""
    path, _ = host._application.add_resource(Generated(GIB), ())
    told: list[dict[str, str]] = []
    made = environ(Request("GET", ROOT + path))
    found: Any = host.answer(made, lambda status, fields: told.append(dict(fields)))
    tracemalloc.start()
    try:
        size = sum(map(len, found))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    found.close()

    assert GIB == size
    assert str(GIB) == told[0]["Content-Length"]
    assert peak < 8 * 2**20
    assert (200, None) == (exchange(host)["status"], exchange(host)["failure"])


def test_head_of_a_stream(host: Host) -> None:
    """It has the length, and the stream is closed."""
    path, _ = host._application.add_resource(Generated(GIB), ())
    answer = ask(host.answer, Request("HEAD", ROOT + path))

    assert (str(GIB), b"") == (answer.headers["Content-Length"], answer.content)
    assert exchange(host)["finished"]


def streamed(*steps: Step | Exception, closed: list[bool] | None = None) -> Iterator[Step]:
    """Return steps one by one; an exception among them is raised."""
    try:
        for step in steps:
            if isinstance(step, Exception):
                raise step
            yield step
    finally:
        if closed is not None:
            closed.append(True)


def test_a_stream_of_unknown_length(host: Host) -> None:
    """It is the server that frames it; empty pieces are left out."""
    pieces = (Content(b"a"), Content(b""), Pause(0), Content(b"b"))
    give(host, lambda request: streamed(Head(200, (TYPE,)), *pieces, End()))
    answer = get(host.answer, PATH)

    assert "Content-Length" not in answer.headers
    assert b"ab" == answer.content
    assert (200, None) == (exchange(host)["status"], exchange(host)["failure"])


def test_the_record_is_complete_before_the_last_octet(host: Host) -> None:
    """Where the length is announced, as on the wire."""
    own = (TYPE, ("Content-Length", "2"))
    give(host, lambda request: streamed(Head(200, own), Content(b"a"), Content(b"b")))
    found: Any = host.answer(environ(Request("GET", URL)), lambda status, fields: None)
    states = [exchange(host)["finished"] is not None for _ in found]
    found.close()

    assert [False, True] == states
    assert b"ab" == host._journal.exchanges[0].sent.partition(b"\r\n\r\n")[2]


def test_a_client_that_leaves(host: Host) -> None:
    """The server closes what it did not take; the stream is closed, and the journal says so."""
    closed: list[bool] = []
    ended: list[bool] = []

    def make(request: Received) -> Iterable[Step]:
        request.at_end(lambda: ended.append(True))
        return streamed(Head(200, (TYPE,)), Content(b"a"), Content(b"b"), closed=closed)

    give(host, make)
    found: Any = host.answer(environ(Request("GET", URL)), lambda status, fields: None)
    assert b"a" == next(iter(found))
    found.close()

    assert ([True], [True]) == (closed, ended)
    assert "the client closed the connection" in exchange(host)["failure"]


FAULTS: dict[str, tuple[Step | Exception, ...]] = {
    "no answer": (Pause(0),),
    "two heads": (Head(200), Head(200)),
    "content in front of the head": (Content(b"a"), Head(200)),
    "an exception in front of the head": (ZeroDivisionError("boom"),),
    "an exception in front of the content": (Head(200), ZeroDivisionError("boom")),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault(host: Host, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """It never looks like an answer: 590, and the traceback in the log."""
    give(host, lambda request: streamed(*FAULTS[name]))
    answer = get(host.answer, PATH)

    assert 590 == answer.status
    assert "httpcodes: a fault while answering /resource/made" in capsys.readouterr().err
    assert 590 == exchange(host)["logged"]
    assert [] == host._application.faults


def test_a_rule_that_fails(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    """Likewise."""
    give(host, lambda request: 1 / 0)  # type: ignore[arg-type, return-value]

    assert 590 == get(host.answer, PATH).status
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_fault_within_the_content(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    """It is raised, so that the server tears the answer that was begun."""
    steps = (Head(200, (TYPE,)), Content(b"a"), ZeroDivisionError("boom"))
    give(host, lambda request: streamed(*steps))
    found: Any = host.answer(environ(Request("GET", URL)), lambda status, fields: None)
    pieces = iter(found)
    assert b"a" == next(pieces)
    with pytest.raises(ZeroDivisionError):
        next(pieces)
    found.close()

    assert "ZeroDivisionError: boom" == exchange(host)["failure"]
    assert "a fault while answering" in capsys.readouterr().err


def test_a_stream_that_needs_more_than_wsgi(host: Host) -> None:
    """Before any of it is sent it can still be refused."""
    closed: list[bool] = []
    steps = (Interim(103), Head(200), Content(b"a"))
    give(host, lambda request: streamed(*steps, closed=closed))
    answer: Answer = get(host.answer, PATH)

    assert 501 == answer.status
    assert [True] == closed
