"""Faults of any resource, under TLS too; what the journal has of them, and what they hold."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.wrappers import Response

from pytest_httpcodes import (
    At,
    Endpoint,
    Exchange,
    Fault,
    Generated,
    Head,
    Raw,
    Reset,
    StatusServer,
    Steps,
    scenarios,
)
from pytest_httpcodes.behaviours.faults import GARBAGE, KINDS
from pytest_httpcodes.rules import basic
from tests.asking import ask
from tests.raw import Raw as Client
from tests.raw import exchange, message, until
from tests.scenarios import earned, play
from tests.secure import Records

CODES = scenarios.codes()
CONTENT = b"0123456789"


def path(url: str) -> str:
    """Return a URL's path."""
    return urlsplit(url).path


def now(url: Endpoint) -> list[Exchange]:
    """Return an endpoint's exchanges as they are."""
    return url._selection().now()


# Whatever is asked


@pytest.mark.parametrize("code", CODES)
def test_a_scenario_breaks_behind_its_answers(status_server: StatusServer, code: int) -> None:
    """Its trigger earns the code as ever; then each connection ends, as the journal says."""
    made = status_server.scenario(code, fault="close", at="end")
    answers = play(status_server, made.trigger)

    assert code in earned(made, answers)
    assert made.exchanges
    assert all("broken by close at end" in exchange.why for exchange in made.exchanges)


@pytest.mark.parametrize("code", CODES)
def test_a_scenario_breaks_before_its_answers(status_server: StatusServer, code: int) -> None:
    """Whichever rule gives them, or the parser refuses: nothing comes but a reset."""
    made = status_server.scenario(code, fault="reset", at="start")
    request = made.trigger[-1]
    if callable(request):
        pytest.skip("it is a proxy's answer")
    with Client(status_server.url) as raw:
        raw.send(request.octets)
        found = raw.end()

    assert found in ((b"", "RST"), (b"HTTP/1.1 100 Continue\r\n\r\n", "RST"))
    assert {None, code} >= {made.exchanges[-1].status, made.exchanges[-1].logged}
    assert "broken by reset at start" in made.exchanges[-1].why


def test_a_request_that_is_refused_for_its_head(server: StatusServer) -> None:
    """It has an address as well, of which it is asked; also in a URL by hand, and at random."""
    octets = message("GET", "/431/k?fault=truncate", f"Cookie: {'x' * 20_000}")
    found, how = exchange(server.url, octets)
    early = exchange(server.url, message("GET", "/431/k?fault=reset&at=request-head", "A : b"))
    flaky = exchange(server.url, message("GET", "/431/k?fault=flaky:1:2", "A : b"))
    none = exchange(server.url, message("GET", "/431/other", "A : b"))
    late = exchange(server.url, message("GET", "/431/k?delay=0.05", "A : b"))

    assert found.startswith(b"HTTP/1.1 431 ")
    assert "FIN" == how
    assert (b"", "RST") == early
    assert not flaky[0].endswith(b"}\n")
    assert all(octets.startswith(b"HTTP/1.1 400 ") for octets, _ in (none, late))
    why = [exchange.why for exchange in server.journal]
    assert "broken by truncate at content (RFC" in why[0]
    assert "broken by reset at request-head (RFC" in why[1]
    assert "request 1 of flaky 1, seed 2 (RFC" in why[2]
    assert all("broken" not in sentence for sentence in why[3:])
    (*_, last) = server.journal
    assert last.finished is not None
    assert 0.05 <= last.finished - last.started


def test_a_target_that_is_none_has_no_faults(server: StatusServer) -> None:
    """It is refused as ever, and so is one that nothing is known of."""
    for target in ("/431/k?fault=odd", "http://a b/", "*", "/431/" + "x" * 9000, ""):
        octets, _ = exchange(server.url, message("POST", target, "A : b"))

        assert octets.startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize(
    ("kind", "at"), [("reset", "content:4"), ("close", "chunk"), ("drip:100000", "head")]
)
def test_a_resource_breaks_with_its_rules(server: StatusServer, kind: str, at: str) -> None:
    """A range of it, a refusal of a rule, and a member below it: each at that place."""
    url = server.resource(CONTENT, basic(), fault=kind, at=at)
    fields = "Authorization: Basic dXNlcjpwYXNzd29yZA=="
    for request, code in (
        (message("GET", path(url), fields, "Range: bytes=2-7"), b"206"),
        (message("GET", path(url)), b"401"),
        (message("GET", f"{path(url)}/member", fields), b"404"),
    ):
        with Client(server.url) as raw:
            raw.send(request)
            start = raw._until(b"\r\n\r\n")
            rest = raw.end() if kind in ("reset", "close") else (b"", "")

        assert start.startswith(b"HTTP/1.1 " + code)
        if code == b"206":
            expected = {"reset": (b"2345", "RST"), "close": (b"6\r\n234", "FIN")}
            assert expected.get(kind, (b"", "")) == rest


@pytest.mark.parametrize(
    ("at", "start", "before", "pieces"),
    [
        ("content:3000000", b"\r\nContent-Length: 17179869184\r\n", 3_000_000, 3),
        ("chunk", b"\r\nTransfer-Encoding: chunked\r\n", len(b"100000\r\n") + 524_288, 1),
        ("content:0", b"\r\nContent-Length: 17179869184\r\n", 0, 0),
        ("head", b"\r\nContent-Length: 17179869184\r\n", 0, 0),
    ],
)
def test_large_content_is_made_no_further_than_it_is_sent(
    server: StatusServer,
    at: str,
    start: bytes,
    before: int,
    pieces: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of 16 GiB, the pieces in front of the place."""
    made: list[int] = []
    read = Generated.read

    def noted(self: Generated, start: int, stop: int) -> Iterator[bytes]:
        for piece in read(self, start, stop):
            made.append(len(piece))
            yield piece

    monkeypatch.setattr(Generated, "read", noted)
    url = server.resource(Generated(16 * 1024**3), fault="close", at=at)
    octets, how = exchange(server.url, message("GET", path(url)))
    head, end, content = octets.partition(b"\r\n\r\n")

    assert (before, "FIN") == (len(content), how)
    assert start in head + end
    assert [1_048_576] * pieces == made


# In a script


def test_a_fault_is_a_reply(server: StatusServer) -> None:
    """It breaks a 200 with what the script says of all replies; its URL has its kind."""
    faults = Fault("truncate"), Fault("close", at="content:3"), Fault("drip:100000")
    url = server.script(*faults, lambda request: Fault("reset", at="end"), 204, content="abcdef")
    found = [exchange(server.url, message("GET", path(url), "Connection: close")) for _ in "12345"]

    assert "/script/truncate,close,drip,reply,204/_1" == path(url)
    assert ["FIN", "FIN", "FIN", "RST", "FIN"] == [how for _, how in found]
    assert [b"abc", b"abc", b"abcdef", b"abcdef", b""] == [
        octets.partition(b"\r\n\r\n")[2] for octets, _ in found
    ]
    assert [200, 200, 200, 200, 204] == url.statuses
    why = "reply {} of 5 of a script: 200 was asked for, broken by {} (RFC 9110, 15.3.1)"
    assert why.format(2, "close at content:3") == url.exchanges[1].why
    assert why.format(4, "reset at end") == url.exchanges[3].why


def test_a_fault_of_a_callable_comes_behind_the_content(server: StatusServer) -> None:
    """Which was asked for to call it; and a reply's own fault wins over that of the script."""
    url = server.script(
        lambda request: Fault("reset", at="request-head"), Fault("close"), fault="garbage"
    )
    octets = message("POST", path(url), content=CONTENT)

    assert (GARBAGE, "FIN") == exchange(server.url, octets)
    assert (b"", "FIN") == exchange(server.url, octets)
    assert [CONTENT, CONTENT] == [exchange.content for exchange in url.exchanges]


def test_steps_of_ones_own(server: StatusServer) -> None:
    """With a place in them, and a fault that comes on top."""
    steps = Steps(At("field-line", Raw(b"X-Own: a\r\n b\r\n")), Response(CONTENT))
    plain = server.script(steps)
    broken = server.script(steps, fault="reset", at="content:3")
    octets, how = exchange(server.url, message("GET", path(broken)))

    assert (
        b"X-Own: a\r\n b\r\n"
        in exchange(server.url, message("GET", path(plain), "Connection: close"))[0]
    )
    assert b"X-Own: a\r\n b\r\n" in octets
    assert octets.endswith(b"\r\n\r\n012")
    assert "RST" == how


@pytest.mark.parametrize(
    ("word", "end"),
    [("drip:100000", b"}\n"), ("surplus:0", b"surplus\n"), ("many-fields:3", b"X-Field-3: x\r\n")],
)
def test_words_have_numbers(server: StatusServer, word: str, end: bytes) -> None:
    """As in `fault=`."""
    octets, _ = exchange(
        server.url,
        message("GET", f"/script/{word},204/k?content={{}}%0a", "Connection: close"),
    )

    assert octets.startswith(b"HTTP/1.1 200 OK\r\n")
    assert end in octets
    assert 204 == ask(f"{server.url}/script/{word},204/k").status


@pytest.mark.parametrize("word", ["drip:0", "reset:3", "surplus:x", "drip:", "flaky:1"])
def test_words_that_are_none(server: StatusServer, word: str) -> None:
    """A wrong number is told as any other mistake."""
    answer = ask(f"{server.url}/script/{word},204/k")

    assert 404 == answer.status
    assert f"{word!r} is no reply; " in answer.content.decode()


@pytest.mark.parametrize("given", [3, b"reset", Reset(), ("reset", "head"), Fault])
def test_what_is_no_fault_in_python(server: StatusServer, given: Any) -> None:
    """It says what is."""
    with pytest.raises(ValueError, match=r"use its kind, such as 'reset', a Fault or flaky\(\)"):
        server.status(200, fault=given)


def test_a_value_has_its_place(server: StatusServer) -> None:
    """So that there is no other one."""
    with pytest.raises(ValueError, match="at='head' is for a fault that has no place of its own"):
        server.status(200, fault=Fault("reset"), at="head")
    answer = ask(f"{server.url}/status/200?fault=flaky:0.5&at=head")

    assert 400 == answer.status


# Under TLS


@pytest.mark.parametrize(
    ("kind", "at", "content", "how"),
    [
        ("close", "content:3", b"012", "FIN"),
        ("half-close", "content:3", b"012", "FIN"),
        ("reset", "content:3", b"012", "RST"),
        ("truncate", None, b"01234", "FIN"),
        ("garbage", "content:3", b"012" + GARBAGE, "FIN"),
        ("drip:100000", None, CONTENT, "FIN"),
        ("stray", None, CONTENT + b"stray octets", "FIN"),
        ("reset", "request-head", None, "RST"),
        ("close", "request-content", None, "FIN"),
    ],
)
def test_under_tls(kind: str, at: str | None, content: bytes | None, how: str) -> None:
    """What breaks is the same inside TLS; the closure alert comes before a FIN, and no RST."""
    pytest.importorskip("trustme")
    with StatusServer(tls=True) as server, Client(server.url) as raw:
        url = server.status(503, content=CONTENT, fault=kind, at=at)
        client = Records()
        raw.send(client.take())
        while not client.is_ready:
            client.feed(raw.sock.recv(65_536))
            raw.send(client.take())
        octets = message("POST", path(url), "Connection: close", content=b"abcd")
        raw.send(client.write(octets))
        records, end = raw.end()
        client.feed(records)
        found = client.read()

        assert how == end
        assert (how == "FIN") is client.is_told
        assert (found == b"") is (content is None)
        assert found.endswith(b"\r\n\r\n" + content if content else b"")


# What the journal has, and what is held


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_sent_is_recorded(server: StatusServer, kind: str) -> None:
    """To the octet, and why; the client that ends it then is not at fault, but for a stall's."""
    kind = {"drip": "drip:100000", "large-field": "large-field:9999"}.get(kind, kind)
    url = server.status(503, content=CONTENT, fault=kind)
    with Client(server.url) as raw:
        raw.send(message("GET", path(url), "Connection: close"))
        octets = raw.end()[0] if kind != "stall" else b""
        assert kind != "stall" or raw.is_silent(0.01)
    (found,) = url.wait(1)

    assert octets == found.sent
    assert f"503 was asked for, broken by {Fault(kind)} (RFC 9110, 15.6.4)" == found.why
    assert (503 if octets.startswith(b"HTTP/1.1 503") else None) == found.status
    assert found.logged == (499 if kind == "stall" else found.status)
    assert (kind == "stall") is (found.failure is not None)


@pytest.mark.parametrize(
    ("at", "status", "fields"),
    [
        ("status-line", None, []),
        ("field-line", 503, ["Content-Type"]),
        ("head", 503, ["Content-Type", "Date", "Server", "Content-Length"]),
        ("end", 503, ["Content-Type", "Date", "Server", "Content-Length"]),
    ],
)
def test_an_answer_that_is_cut_off_is_recorded_so(
    server: StatusServer, at: str, status: int | None, fields: list[str]
) -> None:
    """As far as it was sent."""
    url = server.status(503, content=CONTENT, fault="reset", at=at)
    octets, _ = exchange(server.url, message("GET", path(url)))
    (found,) = url.wait(1)

    assert octets == found.sent
    assert (status, status) == (found.status, found.logged)
    assert fields == [name for name, _ in found.response_headers]


def test_a_client_that_leaves_while_it_drips(server: StatusServer) -> None:
    """Had no more than the record says, which says that it left."""
    url = server.status(503, content=CONTENT, fault="drip:20")
    with Client(server.url) as raw:
        raw.send(message("GET", path(url)))
        octets = raw._exactly(4)
    (found,) = url.wait(1)

    assert found.sent.startswith(octets)
    assert len(found.sent) < 40
    assert 503 == found.status
    assert "the client closed the connection before it had the whole answer" == found.failure


@pytest.mark.parametrize(
    ("kind", "at"),
    [
        ("stall", "request-line"), ("stall", "start"), ("stall", "content:3"), ("stall", "end"),
        ("half-close", "content:3"), ("half-close", "request-head"), ("drip:1", "start"),
        ("surplus:60", None), ("surplus", None), ("close", "content:3"), ("reset", "end"),
    ],
)  # fmt: skip
def test_nothing_outlives_the_server(server: StatusServer, kind: str, at: str | None) -> None:
    """Neither a connection nor the thread that waits on it."""
    url = server.status(503, content=CONTENT, fault=kind, at=at)
    before = {thread for thread in threading.enumerate() if not thread.daemon}
    with Client(server.url) as raw:
        raw.send(
            message("POST", path(url), "Content-Length: 9")[: 60 if at == "request-line" else None]
        )
        until(lambda: now(url))
        server.stop()
        raw.end()

    assert set() == server._streams
    assert before == {thread for thread in threading.enumerate() if not thread.daemon}


@pytest.mark.parametrize(
    ("kind", "at"),
    [("reset", "start"), ("reset", "head"), ("close", "content:3"), ("truncate", None)],
)
@pytest.mark.parametrize("delay", [0, 0.001])
def test_an_open_file_is_closed(
    server: StatusServer, tmp_path: Path, kind: str, at: str | None, delay: float
) -> None:
    """One that an answer was to stream, whether or not any of it was sent."""
    (tmp_path / "content").write_bytes(CONTENT)
    file = (tmp_path / "content").open("rb")
    url = server.script(Response(file, direct_passthrough=True), fault=kind, at=at, delay=delay)
    exchange(server.url, message("GET", path(url)))
    url.wait(1)

    until(lambda: file.closed)


def test_an_open_file_is_closed_if_nobody_waits_for_it(
    server: StatusServer, tmp_path: Path
) -> None:
    """A client that leaves in the delay has none of it."""
    (tmp_path / "content").write_bytes(CONTENT)
    file = (tmp_path / "content").open("rb")
    url = server.script(Response(file, direct_passthrough=True), delay=60)
    with Client(server.url) as raw:
        raw.send(message("GET", path(url)))
        until(lambda: now(url))

    until(lambda: file.closed)


def test_steps_of_ones_own_may_have_no_end(server: StatusServer) -> None:
    """It is where they are over."""
    url = server.script(Steps(Head(200)), fault="close", at="end")
    octets, how = exchange(server.url, message("GET", path(url)))

    assert b"\r\nContent-Length: 0\r\n" in octets
    assert "FIN" == how
