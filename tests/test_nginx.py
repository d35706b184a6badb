"""nginx as a reverse proxy in front of this server: it is an origin as any other to it.

What a second author's gateway does with broken answers shows that they are broken; what it hands
on untouched, that the others are not.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pytest_httpcodes import Content, End, Head, Raw, StatusServer
from pytest_httpcodes.wire.steps import Steps
from tests.nginx import nginx
from tests.raw import Answer, message
from tests.raw import Raw as Client

# What is for one connection, or nginx's own.
_OF_A_HOP = ("server", "connection", "date", "transfer-encoding")


class Pair:
    """A server, and nginx in front of it."""

    def __init__(self, origin: StatusServer, url: str) -> None:
        self.origin = origin
        self.url = url

    def ask(
        self, target: str, *fields: str, method: str = "GET", content: bytes | None = None
    ) -> Answer:
        """Send a request through nginx."""
        with Client(self.url) as raw:
            return raw.request(method, target, *fields, content=content)

    def both(self, target: str, *fields: str, method: str = "GET") -> tuple[Answer, Answer]:
        """Send a request through nginx, and directly with its host."""
        through = self.ask(target, *fields, method=method)
        with Client(self.origin.url) as raw:
            host = self.url.partition("://")[2]
            raw.send(message(method, target, *fields, host=host))
            return through, raw.answer(method)

    def octets(self, target: str) -> tuple[bytes, str]:
        """Return all that comes through nginx, and how it ends."""
        with Client(self.url) as raw:
            raw.send(message("GET", target, "Connection: close", host=raw.host))
            return raw.end()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Start both for all tests of this module."""
    with StatusServer() as origin, nginx(origin.url, tmp_path_factory.mktemp("nginx")) as url:
        yield Pair(origin, url)


def end_to_end(answer: Answer) -> list[tuple[str, str]]:
    """Return the fields that are for the client, in order of their names."""
    return sorted(line for line in answer.fields if line[0].lower() not in _OF_A_HOP)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "target",
    [
        "/200", "/204", "/status/205", "/status/401", "/404", "/status/410", "/500", "/503",
        "/302", "/307", "/status/418", "/status/429", "/451", "/redirects/301,302/nginx",
    ],
)  # fmt: skip
def test_answers_are_unchanged(pair: Pair, target: str, method: str) -> None:
    """Status, reason, fields and content come through as they are without nginx."""
    through, direct = pair.both(f"{target}?delay=0", method=method)
    skipped = ("content-length",) if target == "/500" else ()  # it has an id for each answer

    assert (direct.status, direct.reason) == (through.status, through.reason)
    assert [line for line in end_to_end(direct) if line[0].lower() not in skipped] == [
        line for line in end_to_end(through) if line[0].lower() not in skipped
    ]
    if not skipped:
        assert direct.content == through.content


def test_conditions_and_ranges(pair: Pair) -> None:
    """Validators work through nginx, and parts are parts."""
    etag = pair.ask("/206").header("ETag")
    known = pair.ask("/206", f"If-None-Match: {etag}")
    part = pair.ask("/206", "Range: bytes=1-3", f"If-Range: {etag}")

    assert (304, etag, b"") == (known.status, known.header("ETag"), known.content)
    assert (206, "bytes 1-3/10240", 3) == (
        part.status, part.header("Content-Range"), len(part.content)
    )  # fmt: skip
    assert 416 == pair.ask("/416", "Range: bytes=99999-").status
    assert 412 == pair.ask("/412", 'If-Match: "x"', method="PUT", content=b"x").status


def test_chunks(pair: Pair) -> None:
    """Content of an unknown length comes through; the trailer section stays behind."""
    made = pair.origin.script(
        Steps(Head(200, {"Trailer": "X-T"}), Content(b"one "), Content(b"two"), End({"X-T": "3"}))
    )
    answer = pair.ask(made.removeprefix(pair.origin.url))

    assert (200, b"one two") == (answer.status, answer.content)
    assert [] == answer.trailers


def test_redirects_are_for_nginx(pair: Pair) -> None:
    """Absolute URLs are made of the host that the client knows."""
    answer = pair.ask("/302/nginx")
    location = answer.header("Location") or ""

    assert location.startswith(f"{pair.url}/302/nginx")
    assert 200 == pair.ask(location.removeprefix(pair.url)).status


def test_content_arrives(pair: Pair) -> None:
    """What is sent through nginx is stored, and can be had."""
    answer = pair.ask("/201/nginx", method="POST", content=b"x" * 100_000)
    location = answer.header("Location") or ""

    assert 201 == answer.status
    assert b"x" * 100_000 == pair.ask(location.removeprefix(pair.url)).content


@pytest.mark.parametrize("target", ["/444", "/script/reset", "/script/close", "/script/fold"])
def test_what_is_no_answer(pair: Pair, target: str) -> None:
    """Silence, a reset and a malformed head are a 502 of nginx's own."""
    answer = pair.ask(target)

    assert 502 == answer.status
    assert (answer.header("Server") or "").startswith("nginx")


def test_garbage(pair: Pair) -> None:
    """Within a head it is a 502; without a status line some take it for HTTP/0.9."""
    made = pair.origin.script(Raw(b"HTTP/1.1 200 OK\r\n\x00\x01 garbage\r\n\r\n"))
    assert 502 == pair.ask(made.removeprefix(pair.origin.url)).status

    octets, _ = pair.octets("/script/garbage")
    assert octets.startswith((b"HTTP/1.1 502 ", b"\x00\x01\x02"))


def test_an_answer_that_does_not_come(pair: Pair) -> None:
    """It is a 504 of nginx's own."""
    answer = pair.ask("/script/stall")

    assert 504 == answer.status
    assert (answer.header("Server") or "").startswith("nginx")


@pytest.mark.parametrize("target", ["/status/200/stall?fault=stall&at=content", "/script/truncate"])
def test_an_answer_that_breaks_off(pair: Pair, target: str) -> None:
    """It does so for the client, too: what was begun can be no other answer."""
    octets, how = pair.octets(target)
    head, _, content = octets.partition(b"\r\n\r\n")
    length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])

    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert len(content) < length
    assert "FIN" == how


def test_interim_responses(pair: Pair) -> None:
    """Which ones it knows depends on the version: a 103 is left out, or taken for the answer.

    The latter has no end that it could see, and so has one after a while.
    """
    octets, _ = pair.octets("/103/stall")

    assert octets.startswith((b"HTTP/1.1 103 ", b"HTTP/1.1 200 "))
