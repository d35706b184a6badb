"""Every scenario that WSGI can carry, under a real server with several processes: gunicorn."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest

from pytest_httpcodes import Answer, StatusServer, scenarios
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.request import Element
from tests.memory import site
from tests.raw import Raw, exchange, message
from tests.scenarios import by_requests, expressible, play
from tests.wsgi.differences import told

pytest.importorskip("gunicorn", reason="there is none for this platform")
# What gunicorn itself answers, in words of its own: an expectation that nobody knows.
REFUSED_IN_FRONT = (417,)
Elements: TypeAlias = "tuple[Element, ...]"


@contextmanager
def gunicorn(directory: Path, *arguments: str) -> Iterator[str]:
    """Serve while the test lasts; the context is the URL."""
    log = directory / "log"
    command = [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0", *arguments]
    with (
        log.open("w") as file,
        subprocess.Popen(
            [*command, "pytest_httpcodes.wsgi:app"],
            cwd=directory,
            stdout=file,
            stderr=file,
        ) as process,
    ):
        try:
            _wait_for(process, log)
            (url,) = re.findall(r"Listening at: (\S+)", log.read_text())
            yield url
        finally:
            process.terminate()


def _wait_for(process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 30
    while "Listening at: " not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, "it does not start"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve by one process, which has all the state."""
    with gunicorn(tmp_path_factory.mktemp("one"), "--workers", "1", "--threads", "4") as url:
        yield url


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve by two processes, each of which has its own state."""
    with gunicorn(tmp_path_factory.mktemp("two"), "--workers", "2") as url:
        yield url


def elements(root: str, code: int, key: str) -> tuple[Elements, Elements]:
    """Return trigger and relief of an instance there."""
    made: Scenario = scenarios.find(code)(site(), (str(code), key), {})
    url = f"{root}/{code}/{key}"
    return made.trigger(url), made.relief(url)


@pytest.fixture(params=scenarios.codes())
def code(request: pytest.FixtureRequest) -> int:
    """Return each code whose scenario WSGI can carry, and requests send what it takes."""
    found = request.param
    assert isinstance(found, int)
    trigger, relief = elements("http://a.example", found, "x")
    if scenarios.find(found).on_wire or not all(map(expressible, (*trigger, *relief))):
        pytest.skip("it needs the wire")
    return found


def send(element: Element, before: list[Answer]) -> Answer:
    """Send one request through requests; where it is to wait, it waits."""
    request = element(before[-1]) if callable(element) else element
    time.sleep(request.pause or 0)  # there is no clock of that server's to be advanced
    return by_requests(request)


def test_one_process(one: str, status_server: StatusServer, code: int) -> None:
    """It gives the answers that our own server gives, but for what is declared."""
    here = elements(one, code, "one")
    there = elements(status_server.url, code, "one")
    for ours, theirs in zip(here, there, strict=True):
        answers: list[Answer] = []
        for element in ours:
            answers.append(send(element, answers))
        expected = play(status_server, theirs, by_requests)
        for answer, other in zip(answers, expected, strict=True):
            if other.status in REFUSED_IN_FRONT:
                assert other.status == answer.status
                continue
            assert told(other, status_server.url) == told(answer, one)


def test_two_processes(two: str, code: int) -> None:
    """What needs no state is the same from whichever of them answers."""
    trigger, relief = elements(two, code, "two")
    if max(len(trigger), len(relief)) > 1 or any(map(callable, (*trigger, *relief))):
        pytest.skip("it needs state across requests")
    answer = send(trigger[0], [])
    inside = b"<D:status>HTTP/1.1 %d " % code in answer.content
    assert code == answer.status or (answer.status == 207 and inside)
    if relief:
        assert 200 <= send(relief[0], []).status < 400


def test_a_refused_upload(one: str) -> None:
    """The answer comes before the content."""
    with Raw(one) as raw:
        raw.send(b"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1000000\r\n\r\n")

        assert 405 == raw.answer("POST").status


def test_a_large_answer_streams(one: str) -> None:
    """Whole, and framed by its length; HEAD has the same head and nothing behind it."""
    with Raw(one) as raw:
        whole = raw.request("GET", "/206/large?size=20000000")
    octets, _ = exchange(one, message("HEAD", "/206/large", "Connection: close"))

    assert (200, 20_000_000) == (whole.status, len(whole.content))
    head, _, behind = octets.partition(b"\r\n\r\n")
    assert b"\r\nContent-Length: 20000000" in head
    assert b"" == behind


def test_the_journal_waits(one: str) -> None:
    """A reader keeps one thread; the others answer."""
    with Raw(one) as reader, Raw(one) as raw:
        reader.send(b"GET /journal/404/seen?wait=1&timeout=5 HTTP/1.1\r\nHost: a.example\r\n\r\n")
        assert reader.is_silent(0.05)
        raw.request("GET", "/404/seen")

        assert b'"complete": true' in reader.answer().content
