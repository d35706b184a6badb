"""Any code at will over a socket: 100 to 999, for each method, framing and version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from pytest_httpcodes.behaviours.common import METHODS
from pytest_httpcodes.codes import PHRASES
from pytest_httpcodes.server import StatusServer
from tests.raw import Answer, Raw, exchange, message
from tests.test_codes import DE_FACTO, DOCUMENT

EVERY = tuple(code for code in range(100, 1000) if code != 444)
# RFC 9110, 15.5.9, 15.5.12, 15.5.15, 15.5.18; RFC 6585, 5: what was sent of the request is lost,
# or not worth reading.
CLOSING = (408, 411, 414, 417, 431)
BODILESS = (204, 205, 304)
DATE = re.compile(r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT")
# RFC 9110, 9.3; RFC 5789; RFC 4918, 9; RFC 5842; RFC 2324; and QUERY.
KNOWN = (
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "QUERY", "PROPFIND",
    "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "BIND", "UNBIND", "REBIND", "BREW",
    "WHEN",
)  # fmt: skip


@dataclass
class Line:
    """A persistent connection, opened again where an answer says that it closes."""

    url: str
    opened: int = 0
    raw: Raw | None = field(default=None)

    def ask(self, method: str, target: str, *fields: str, content: bytes | None = None) -> Answer:
        """Send a request and read its answer, up to the connection's end where it says so."""
        if self.raw is None:
            self.raw = Raw(self.url)
            self.opened += 1
        answer = self.raw.request(method, target, *fields, content=content)
        if "close" in (answer.header("connection") or "").split(", "):
            assert (b"", "FIN") == self.raw.end()
            self.close()
        return answer

    def close(self) -> None:
        """End the connection."""
        if self.raw is not None:
            self.raw.sock.close()
            self.raw = None


@pytest.fixture
def line(server: StatusServer) -> Iterator[Line]:
    """Give a connection to a fresh server."""
    made = Line(server.url)
    yield made
    made.close()


def final(code: int) -> int:
    """Return the final status of `/status/CODE` for a request that offers no protocol."""
    return {True: 200, code == 101: 426, code >= 200: code}[True]


def check_head(code: int, answer: Answer) -> None:
    """Check what every answer has: S-01, S-02, S-04, S-09, S-10, S-14."""
    expected = final(code)
    names = [name.lower() for name, _ in answer.fields]

    assert (expected, PHRASES.get(expected, "")) == (answer.status, answer.reason)
    assert DATE.fullmatch(answer.header("date") or "")
    assert "transfer-encoding" not in names
    assert (expected in (204, 304)) is ("content-length" not in names)
    assert len({*names}) == len([name for name in names if name != "link"]) + ("link" in names)


def test_every_code_is_answered_on_one_connection(line: Line) -> None:
    """Its phrase, its date, its framing; the connection goes on wherever the code lets it."""
    for code in EVERY:
        answer = line.ask("GET", f"/status/{code}")
        check_head(code, answer)
        interim = [code] if code < 200 and code != 101 else []

        assert interim == [a.status for a in answer.interim]
        assert (answer.status in BODILESS) is (not answer.content)
        assert (answer.status in BODILESS) is (answer.header("content-type") is None)
        assert (code in CLOSING) is (line.raw is None)
    assert 1 + len(CLOSING) == line.opened


def test_the_codes_of_the_document_are_among_them() -> None:
    """As are those in use besides; 444 is the one that is no answer."""
    assert {*DOCUMENT, *DE_FACTO} - {*EVERY} == {444}


def test_head_is_get_without_content(line: Line) -> None:
    """The same status and fields, Content-Length included, then nothing (S-08)."""
    for code in EVERY:
        got = line.ask("GET", f"/status/{code}")
        head = line.ask("HEAD", f"/status/{code}")
        check_head(code, head)

        assert b"" == head.content
        assert [a.status for a in got.interim] == [a.status for a in head.interim]
        same = [[f for f in a.fields if f[0] != "Date"] for a in (got, head)]
        assert same[0] == same[1]


def test_http_1_0_gets_neither_interim_responses_nor_chunks(server: StatusServer) -> None:
    """RFC 9110, 15.2 and RFC 9112, 6.1 and 9.3: and the connection closes, which is said."""
    for code in EVERY:
        octets, how = exchange(server.url, f"GET /status/{code} HTTP/1.0\r\n\r\n".encode())
        head, _, content = octets.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        expected = final(code)

        assert "FIN" == how
        assert f"HTTP/1.1 {expected} {PHRASES.get(expected, '')}" == lines[0]
        assert any(
            name.lower() == "connection" and "close" in value for name, value in pairs(lines)
        )
        lengths = [int(value) for name, value in pairs(lines) if name == "Content-Length"]
        assert ([] if expected in (204, 304) else [len(content)]) == lengths
        assert not any(name == "Transfer-Encoding" for name, _ in pairs(lines))


def pairs(lines: list[str]) -> list[tuple[str, str]]:
    """Split field lines."""
    return [(name, value) for name, _, value in (line.partition(": ") for line in lines[1:])]


def test_content_is_read_before_any_code_is_answered(server: StatusServer, line: Line) -> None:
    """A POST with content gets the code too; the journal has the content, the rest is not lost."""
    for code in EVERY:
        answer = line.ask("POST", f"/status/{code}", content=b"%d octets" % code)
        check_head(code, answer)

    assert [b"%d octets" % code for code in EVERY] == [e.content for e in server.journal]


def test_content_in_chunks_is_read_too(server: StatusServer) -> None:
    """The next request on the connection is not what is left of it."""
    chunked = b"POST /status/503 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    with Raw(server.url) as raw:
        raw.send(chunked + b"3\r\nabc\r\n0\r\nX: y\r\n\r\n" + message("GET", "/status/204"))

        assert [503, 204] == [raw.answer().status, raw.answer().status]
    assert b"abc" == server.journal[0].content


@pytest.mark.parametrize("code", [100, 200, 204, 206, 301, 404, 405, 415, 444, 503, 999])
def test_every_known_method_gets_the_code(server: StatusServer, code: int) -> None:
    """Whether or not the code makes sense for it; CONNECT alone has no path to name it."""
    methods = [*KNOWN, *(f"M-{method}" for method in KNOWN)]
    assert METHODS == {*methods, "CONNECT"}
    for method in methods:
        if code == 444:
            assert (b"", "FIN") == exchange(server.url, message(method, "/status/444"))
            continue
        with Raw(server.url) as raw:
            assert final(code) == raw.request(method, f"/status/{code}").status


def test_an_unknown_method_gets_501_and_no_code(line: Line) -> None:
    """A known one in small letters is unknown, and the detail says so (RFC 9110, 9.1)."""
    for method in ("FROBNICATE", "get", "M-FROBNICATE", "M-CONNECT"):
        for code in (100, 200, 204, 404, 503):
            answer = line.ask(method, f"/status/{code}", "Accept: text/plain")

            assert 501 == answer.status
            assert f"the method {method} is not known here".encode() in answer.content
    assert b"case-sensitive, and GET is known" in line.ask("get", "/status/200").content
    assert 1 == line.opened


def test_444_is_silence(server: StatusServer) -> None:
    """No octet at all, then the end; on a connection that was used before, too."""
    for version in ("HTTP/1.0", "HTTP/1.1"):
        silent = exchange(server.url, message("GET", "/status/444", version=version))
        assert (b"", "FIN") == silent
    with Raw(server.url) as raw:
        assert 200 == raw.request("GET", "/status/200").status
        raw.send(message("POST", "/status/444", content=b"abc"))

        assert (b"", "FIN") == raw.end()
    assert [444, 444, 200, 444] == [e.logged for e in server.journal]
    assert [None, None, 200, None] == [e.status for e in server.journal]


@pytest.mark.parametrize(
    ("switched", "upgrade"),
    [
        ("echo/1.0", "echo/1.0"),
        ("WebSocket", "WebSocket"),
        ("TLS/1.0", "TLS/1.0, HTTP/1.1"),
        ("h2c", " ,, h2c"),
        (None, ""),
        (None, "no protocol"),
        (None, "/1.0"),
        (None, '"quoted"'),
    ],
)
def test_101_is_for_an_offered_protocol(
    server: StatusServer, switched: str | None, upgrade: str
) -> None:
    """RFC 9110, 7.8: Upgrade has what was offered; without an offer, a 426 has one (S-30)."""
    octets, how = exchange(
        server.url,
        message("GET", "/status/101", f"Upgrade: {upgrade}", "Connection: Upgrade, close"),
    )

    assert "FIN" == how
    if switched is None:
        assert octets.startswith(b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: echo/1.0\r\n")
        assert b"\r\nConnection: Upgrade\r\n" in octets
        return
    start = (
        f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: {switched}\r\nConnection: Upgrade\r\n\r\n"
    )
    assert octets.startswith(start.encode() + b"HTTP/1.1 200 OK\r\n")


def test_101_ignores_the_offer_of_http_1_0(server: StatusServer) -> None:
    """RFC 9110, 7.8, and what was answered to one version is not what the other one gets."""
    old, new = ("HTTP/1.0", "426"), ("HTTP/1.1", "101")
    for version, status in (old, new, old, new):
        octets, _ = exchange(
            server.url,
            message(
                "GET", "/status/101", "Upgrade: echo/1.0", "Connection: close", version=version
            ),
        )

        assert status == octets.decode()[9:12]


@pytest.mark.parametrize(
    "path", ["/status", "/status/", "/status/99", "/status/1000", "/status/abc"]
)
def test_what_is_no_code_is_nowhere(line: Line, path: str) -> None:
    """404, with a body that says what there is."""
    answer = line.ask("GET", path)

    assert 404 == answer.status
    assert b"/status/CODE" in answer.content


@pytest.mark.parametrize("code", [99, 1000, True, 404.0, "404"])
def test_an_impossible_code_is_a_mistake_of_the_test(server: StatusServer, code: int) -> None:
    """It fails in the caller's line."""
    with pytest.raises(ValueError, match="is no status code"):
        server.status(code)


def test_many_different_requests_are_answered_each_by_its_own(server: StatusServer) -> None:
    """What was made for one is not what another one gets, however many there are."""
    with Raw(server.url) as raw:
        for number in [*range(100), *range(100)]:
            raw.send(f"GET /status/301 HTTP/1.1\r\nHost: h{number}\r\n\r\n".encode())

            assert f"http://h{number}/redirects/end" == raw.answer().header("location")
