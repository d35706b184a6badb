"""The transcript: one line for each exchange, short enough to read for thirty."""

from __future__ import annotations

import re
from unittest.mock import patch
from urllib.parse import urlsplit

from pytest_httpcodes import Reset, Stall, StatusServer, transcript
from pytest_httpcodes.transcript import transcript as write
from tests.raw import Raw, exchange, message


def lines(server: StatusServer, since: int = 0, *, show_credentials: bool = False) -> list[str]:
    """Return the lines of a server's transcript, without the times, which differ."""
    server.journal.settle(quiet=0.02)
    text = write(server, since, show_credentials=show_credentials)
    text = re.sub(r"\(\d+\.\d ms\)", "(ms)", text)
    return re.sub(r" +\d+\.\d\d\d s", " s", text).split("\n")


def test_nothing_came(server: StatusServer) -> None:
    """That is said, and why it may be."""
    with patch.dict("os.environ", {}, clear=True):
        assert [f"{server.url}: no request came"] == lines(server)
    with patch.dict("os.environ", {"http_proxy": "http://p:1"}, clear=True):
        assert "to the proxy http://p:1" in lines(server)[0]


def test_a_line_has_request_answer_and_reason(server: StatusServer) -> None:
    """Connection and place on it, the method and target, all statuses, the rule's sentence."""
    with Raw(server.url) as raw:
        raw.request("GET", "/status/103")
        raw.request("GET", "/status/200", version="HTTP/1.0")

    assert [
        f"{server.url}: 2 exchanges",
        "  1.1 s  GET /status/103 -> 103, 200 (ms)  103 was asked for (RFC 8297, 2)",
        "  1.2 s  GET /status/200 HTTP/1.0 -> 200 (ms)  200 was asked for (RFC 9110, 15.3.1)",
    ] == lines(server)


def test_thirty_redirects_are_thirty_lines(server: StatusServer) -> None:
    """And no line is too long to read, however long the list of codes is."""
    target = urlsplit(server.redirects(*[302] * 30)).path
    with Raw(server.url) as raw:
        for _ in range(31):
            target = urlsplit(raw.request("GET", target).header("location") or "").path or "/"

    found = lines(server)
    assert 32 == len(found)
    assert max(map(len, found)) < 150


def test_a_long_transcript_is_cut_in_the_middle(server: StatusServer) -> None:
    """Its start and its end are what a person reads."""
    with (
        patch.object(transcript, "_FIRST", 2),
        patch.object(transcript, "_LAST", 1),
        Raw(server.url) as raw,
    ):
        for code in (200, 201, 202, 203, 205):
            raw.request("GET", f"/status/{code}")

        found = lines(server)
    assert f"{server.url}: 5 exchanges" == found[0]
    assert ["200", "201", "205"] == [line.split(" -> ")[1][:3] for line in found if " -> " in line]
    assert "  ... 2 more ..." == found[3]


def test_an_answer_that_never_came_is_told(server: StatusServer) -> None:
    """With what a log would say, and the failure."""
    with Raw(server.url) as raw:
        raw.send(message("GET", urlsplit(server.script(Stall())).path))
        server.journal.settle(quiet=0.02)
        assert "-> no answer (not finished)" in lines(server)[1]
    server.journal.wait(1)

    found = lines(server)
    assert "-> no answer [499] (ms)" in found[1]
    assert "          failed: the client closed the connection before it had" in found[2]


def test_silence_is_logged_as_444(server: StatusServer) -> None:
    """No status was sent, and that is what the log of nginx would say."""
    exchange(server.url, message("GET", "/status/444"))

    assert "-> no answer [444] (ms)  444 was asked for (nginx)" in lines(server)[1]


def test_a_reset_is_a_reply_of_a_script(server: StatusServer) -> None:
    """It has a reason as any other."""
    exchange(server.url, message("GET", urlsplit(server.script(Reset())).path))

    assert "-> no answer (ms)  reply 1 of 1 of a script" in lines(server)[1]


def test_what_was_wrong_on_the_wire_is_shown(server: StatusServer) -> None:
    """The octets of a malformed request, up to a length; the request line if there was none."""
    exchange(server.url, b"GET / HTTP/1.1\r\nX : b\r\n\r\n")
    exchange(server.url, b"\x16\x03\x01" + b"a" * 300)

    found = lines(server)
    assert "GET / -> 400 (ms)  there is white space" in found[1]
    assert r"          received: b'GET / HTTP/1.1\r\nX : b\r\n\r\n'" == found[2]
    assert " ? -> 400 (ms)  this is a TLS handshake" in found[3]
    assert found[4].endswith("' and 103 more octets")


def test_credentials_are_masked(server: StatusServer) -> None:
    """In the line of fields and in the octets; what is not secret and explains much is shown."""
    secret = ("Authorization: Bearer secret", "Cookie: a=secret", "Range: bytes=0-1")
    exchange(server.url, message("GET", "/", *secret, "Proxy-Authorization: secret", "X : b"))
    with Raw(server.url) as raw:
        raw.request("GET", "/", *secret, "Proxy-Authorization: secret")

    text = "\n".join(lines(server))
    assert "secret" not in text
    assert (
        "Authorization: Bearer ***; Cookie: ***; Range: bytes=0-1; Proxy-Authorization: ***" in text
    )
    assert r"Authorization: ***\r\nCookie: ***\r\nRange: bytes=0-1\r\n" in text
    assert "Bearer secret" in "\n".join(lines(server, show_credentials=True))
