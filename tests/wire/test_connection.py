"""Connections over real sockets: requests in, answers out, and how it ends."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.wrappers import Request, Response

from pytest_httpcodes import (
    Channel,
    Close,
    Content,
    End,
    Exchange,
    HalfClose,
    Head,
    Interim,
    Pause,
    Raw,
    Reset,
    ServerFault,
    Stall,
    StatusServer,
    Steps,
    Switch,
)
from pytest_httpcodes.wire import connection as module
from pytest_httpcodes.wire.incoming import DRAIN
from tests.raw import Answer, exchange, message, until
from tests.raw import Raw as Client

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
EXPECT = "Expect: 100-continue"


def path(endpoint: str) -> str:
    """Return an endpoint's path."""
    return urlsplit(endpoint).path


@pytest.fixture
def client(server: StatusServer) -> Iterator[Client]:
    """Return a connection to the server."""
    with Client(server.url) as made:
        yield made


def last(server: StatusServer) -> Exchange:
    """Return the latest exchange as it is, without waiting for anything."""
    return server.journal._exchanges[-1]


def heard(server: StatusServer, count: int = 1) -> list[Exchange]:
    """Block until so many exchanges have begun; return them as they are."""
    until(lambda: len(server.journal._exchanges) >= count)
    return server.journal._exchanges


class TestPersistence:
    """One connection, many requests (RFC 9112, 9.3)."""

    def test_it_goes_on(self, server: StatusServer, client: Client) -> None:
        """Whatever the answers are."""
        codes = [200, 204, 304, 404, 500, 205]
        answers = [client.request("GET", f"/status/{code}") for code in codes]

        assert codes == [answer.status for answer in answers]
        assert [1] * 6 == [exchange.connection for exchange in server.journal]
        assert [1, 2, 3, 4, 5, 6] == [exchange.number for exchange in server.journal]
        assert all(answer.header("connection") is None for answer in answers)

    def test_head_has_no_content(self, client: Client) -> None:
        """So that the next answer is read right."""
        answers = [client.request(method, "/status/404") for method in ("HEAD", "GET", "HEAD")]
        lengths = {answer.header("content-length") for answer in answers}

        assert 1 == len(lengths)
        assert lengths.pop() == f"{len(answers[1].content)}"

    def test_content_is_read(self, server: StatusServer, client: Client) -> None:
        """Also in chunks, with trailer fields."""
        client.request("POST", "/status/200", content=b"abc")
        client.send(message("POST", "/status/200", "Transfer-Encoding: chunked"))
        for piece in (b"3\r\nd", b"ef\r\n", b"0\r\nA: b\r", b"\n\r\n"):
            client.send(piece)
        client.answer()

        assert [b"abc", b"def"] == [exchange.content for exchange in server.journal]

    def test_pipelined_requests_are_answered_in_order(
        self, server: StatusServer, client: Client
    ) -> None:
        """All of them, though they came at once (RFC 9112, 9.3.2)."""
        codes = [200 + i for i in range(100)]
        client.send(b"".join(message("GET", f"/status/{code}") for code in codes))
        found = [client.answer() if code != 204 else client.answer("HEAD") for code in codes]

        assert codes == [answer.status for answer in found]
        assert codes == server.journal.statuses

    def test_pipelined_requests_with_content(self, client: Client) -> None:
        """Whose end is the start of the next."""
        octets = message("POST", "/status/200", content=b"GET / HTTP/1.1\r\n\r\n") * 20
        for start in range(0, len(octets), 7):
            client.send(octets[start : start + 7])

        assert [200] * 20 == [client.answer().status for _ in range(20)]

    def test_nothing_is_processed_behind_a_close(self, server: StatusServer) -> None:
        """The answer that was asked to be the last one is (RFC 9112, 9.6)."""
        octets, how = exchange(
            server.url,
            message("GET", "/status/200", "Connection: Close") + message("GET", "/status/404"),
        )

        assert 1 == octets.count(b"HTTP/1.1 ")
        assert b"\r\nConnection: close\r\n" in octets
        assert "FIN" == how
        assert [200] == server.journal.statuses

    def test_an_answer_may_close(self, server: StatusServer) -> None:
        """And nothing behind it is processed either."""
        endpoint = server.status(200, headers={"Connection": "close"})
        octets, how = exchange(server.url, message("GET", path(endpoint)) * 2)

        assert 1 == octets.count(b"HTTP/1.1 200 OK\r\n")
        assert 1 == octets.count(b"Connection: close\r\n")
        assert "FIN" == how
        assert [200] == server.journal.statuses

    @pytest.mark.parametrize("fields", [(), ("Connection: keep-alive",)])
    def test_http10_is_closed(self, server: StatusServer, fields: tuple[str, ...]) -> None:
        """With an answer that it understands."""
        octets, how = exchange(
            server.url, message("GET", "/status/200", *fields, version="HTTP/1.0")
        )

        assert octets.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"\r\nContent-Length: 7\r\n" in octets
        assert b"\r\nConnection: close\r\n" in octets
        assert "FIN" == how

    def test_a_refused_message_ends_it(self, server: StatusServer) -> None:
        """What was before it is answered, what is behind it is not read."""
        good = message("GET", "/status/200")
        octets, how = exchange(server.url, good + b"?\r\n\r\n" + good)

        assert [200, 400] == server.journal.statuses
        assert 2 == octets.count(b"HTTP/1.1 ")
        assert "FIN" == how

    def test_what_is_known_of_a_refused_message_is_noted(self, server: StatusServer) -> None:
        """And heeded: after HEAD comes no content."""
        octets, _ = exchange(server.url, b"HEAD /a HTTP/1.1\r\nHost : a\r\n\r\n")
        (found,) = server.journal

        assert octets.endswith(b"\r\n\r\n")
        assert 1 == octets.count(b"\r\n\r\n")
        assert ("HEAD", "/a", 400) == (found.method, found.target, found.status)

    def test_a_client_that_half_closes_gets_its_answers(self, server: StatusServer) -> None:
        """All of them: it is done with sending, not with reading."""
        with Client(server.url) as client:
            client.send(message("GET", "/status/200") * 3)
            client.sock.shutdown(socket.SHUT_WR)
            octets, how = client.end()

        assert 3 == octets.count(b"HTTP/1.1 200 OK\r\n")
        assert "FIN" == how
        assert [200] * 3 == server.journal.statuses

    def test_a_false_length_is_the_last_answer(self, server: StatusServer) -> None:
        """The client would wait for the rest without end."""
        endpoint = server.script(Steps(Head(200, {"Content-Length": "5"}), Content(b"abc")))
        octets, how = exchange(server.url, message("GET", path(endpoint)) * 2)

        assert octets.endswith(b"\r\n\r\nabc")
        assert 1 == octets.count(b"HTTP/1.1 ")
        assert "FIN" == how


class TestContinue:
    """100 Continue (RFC 9110, 10.1.1)."""

    def test_it_is_sent_once(self, server: StatusServer, client: Client) -> None:
        """When a client waits for it; then comes the answer."""
        client.send(message("POST", "/status/200", EXPECT, "Content-Length: 6"))
        assert CONTINUE == client._exactly(len(CONTINUE))
        client.send(b"abc")
        assert client.is_silent(0.02)
        client.send(b"def")
        answer = client.answer()

        assert ([], 200) == (answer.interim, answer.status)
        assert [100] == last(server).interim
        assert b"abcdef" == last(server).content
        assert last(server).sent.startswith(CONTINUE + b"HTTP/1.1 200 OK\r\n")

    def test_it_is_sent_for_chunks(self, client: Client) -> None:
        """Their length is not known."""
        client.send(message("POST", "/status/200", EXPECT, "Transfer-Encoding: chunked"))
        assert CONTINUE == client._exactly(len(CONTINUE))
        client.send(b"0\r\n\r\n")

        assert 200 == client.answer().status

    @pytest.mark.parametrize(
        "octets",
        [
            message("POST", "/status/200", EXPECT, content=b"abc"),
            message("POST", "/status/200", EXPECT, "Transfer-Encoding: chunked") + b"0\r\n\r\n",
            message("POST", "/status/200", EXPECT, content=b""),
            message("GET", "/status/200", EXPECT),
            message("POST", "/status/200", EXPECT, content=b"abc", version="HTTP/1.0"),
        ],
        ids=["content", "chunks", "empty", "none", "HTTP/1.0"],
    )
    def test_it_is_omitted_where_nobody_waits(self, client: Client, octets: bytes) -> None:
        """Content that is there, or that there is not; and HTTP/1.0 does not know it."""
        client.send(octets)

        assert [] == client.answer().interim

    def test_it_is_omitted_where_content_has_begun(
        self, server: StatusServer, client: Client
    ) -> None:
        """Even if the octets are still in the kernel."""
        asked, go = threading.Event(), threading.Event()

        def reply(request: Request) -> bytes:
            asked.set()
            assert go.wait(5)
            return request.get_data()

        endpoint = server.script(reply)
        client.send(message("POST", path(endpoint), EXPECT, "Content-Length: 6"))
        assert asked.wait(5)
        client.send(b"abc")
        until(lambda: next(iter(server._streams)).has_octets())
        go.set()
        client.send(b"def")
        answer = client.answer()

        assert ([], b"abcdef") == (answer.interim, answer.content)

    def test_http10_gets_none(self, client: Client) -> None:
        """It waits for its content in silence."""
        client.send(message("POST", "/status/200", EXPECT, "Content-Length: 3", version="HTTP/1.0"))
        assert client.is_silent(0.05)
        client.send(b"abc")

        assert ([], 200) == (lambda a: (a.interim, a.status))(client.answer())

    @pytest.mark.parametrize("target", ["/status/403", "/nowhere"])
    def test_a_refusal_comes_instead(self, server: StatusServer, target: str) -> None:
        """And closes, since the client may or may not send its content."""
        octets, how = exchange(
            server.url, message("POST", target, EXPECT, "Content-Length: 100000")
        )

        assert octets.startswith(b"HTTP/1.1 40")
        assert b"\r\nConnection: close\r\n" in octets
        assert "FIN" == how
        assert [] == last(server).interim

    def test_a_refusal_of_content_that_is_there_goes_on(self, client: Client) -> None:
        """Nobody waits, and the next request starts behind it."""
        for _ in range(2):
            answer = client.request("POST", "/nowhere", EXPECT, content=b"abc")

            assert (404, None) == (answer.status, answer.header("connection"))

    def test_a_client_that_is_gone_is_noticed(self, server: StatusServer) -> None:
        """It is not invited for long."""
        with Client(server.url) as client:
            client.send(message("POST", "/status/200", EXPECT, "Content-Length: 3"))
            client.sock.shutdown(socket.SHUT_WR)
            octets, how = client.end()

        assert octets.startswith(CONTINUE + b"HTTP/1.1 400 ")
        assert "FIN" == how


class TestUnread:
    """Content that an early answer leaves unread (RFC 9112, 9.3 and 9.6)."""

    @pytest.mark.parametrize("size", [10_000, 1_000_000])
    def test_a_client_gets_to_read_an_early_answer(self, server: StatusServer, size: int) -> None:
        """Each time, though it sends all its content first."""
        octets = message("POST", "/nowhere", content=bytes(size))
        for _ in range(30):
            with Client(server.url) as client:
                client.send(octets)
                answer = client.answer()
                assert 404 == answer.status
                if size > DRAIN:
                    assert "close" == answer.header("connection")
                    assert (b"", "FIN") == client.end()

    def test_a_client_gets_to_read_the_refusal_of_chunks(self, server: StatusServer) -> None:
        """Which stops the reading in their midst."""
        for _ in range(30):
            with Client(server.url) as client:
                client.send(message("POST", "/status/200", "Transfer-Encoding: chunked"))
                client.send(b"5\r\nabcde\r\nX\r\n" + bytes(500_000))
                assert 400 == client.answer().status
                assert (b"", "FIN") == client.end()

    def test_little_of_it_is_drained(self, server: StatusServer, client: Client) -> None:
        """And the connection goes on; the journal has it, and nobody waits for it."""
        content = bytes(100_000)
        for _ in range(3):
            answer = client.request("POST", "/nowhere", content=content)
            assert (404, None) == (answer.status, answer.header("connection"))
        assert 200 == client.request("GET", "/status/200").status
        start = time.monotonic()

        assert [404, 404, 404, 200] == server.journal.statuses
        assert time.monotonic() - start < 0.5
        assert [content] * 3 == [found.content for found in server.journal[:3]]

    def test_chunks_are_not_drained(self, server: StatusServer) -> None:
        """How much there is to come is not known."""
        with Client(server.url) as client:
            client.send(message("POST", "/nowhere", "Transfer-Encoding: chunked") + b"5\r\nab")
            answer = client.answer()

            assert (404, "close") == (answer.status, answer.header("connection"))
            assert (b"", "FIN") == client.end()

    def test_chunks_that_are_all_there_do_no_harm(self, client: Client) -> None:
        """They are read before the answer is framed."""
        octets = message("POST", "/nowhere", "Transfer-Encoding: chunked") + b"1\r\na\r\n0\r\n\r\n"
        client.send(octets * 2)

        assert [None, None] == [client.answer().header("connection") for _ in range(2)]

    @pytest.mark.parametrize("leaves", [False, True])
    def test_draining_has_an_end(self, leaves: bool) -> None:
        """Where the rest does not come, in time or at all; the answer was the last one."""
        with StatusServer(head_timeout=0.05) as server, Client(server.url) as client:
            client.send(message("POST", "/nowhere", "Content-Length: 5") + b"ab")
            assert 404 == client.answer().status
            if leaves:
                client.sock.shutdown(socket.SHUT_WR)

            assert (b"", "FIN") == client.end()
            assert [404] == server.journal.statuses

    def test_malformed_content_that_nobody_asked_for(self, server: StatusServer) -> None:
        """Does not change the answer, which is the last one."""
        octets, how = exchange(
            server.url, message("POST", "/nowhere", "Transfer-Encoding: chunked") + b"X\r\n"
        )

        assert octets.startswith(b"HTTP/1.1 404 ")
        assert b"\r\nConnection: close\r\n" in octets
        assert "FIN" == how

    @pytest.mark.parametrize("loud", [False, True])
    def test_a_closing_connection_is_not_heard_for_ever(
        self, server: StatusServer, monkeypatch: pytest.MonkeyPatch, loud: bool
    ) -> None:
        """A client that never closes, be it silent or not."""
        monkeypatch.setattr(module, "LINGER_QUIET", 0.03)
        monkeypatch.setattr(module, "LINGER", 0.1)
        with Client(server.url) as client:
            client.send(message("GET", "/status/200", "Connection: close"))
            client.answer()

            def is_over() -> bool:
                if loud and server._streams:
                    with contextlib.suppress(OSError):
                        client.send(b"a")
                return not server._streams

            until(is_over)


class TestTimeouts:
    """Nobody is waited for without end (408)."""

    def test_a_head_that_stalls(self) -> None:
        """Its target is known."""
        with StatusServer(head_timeout=0.05) as server:
            octets, how = exchange(server.url, b"GET /status/200 HTTP/1.1\r\nHost: a\r\n")
            (found,) = server.journal

        assert octets.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert b"the head took over 0.05 s (head_timeout)" in octets
        assert b"\r\nConnection: close\r\n" in octets
        assert "FIN" == how
        assert ("GET", "/status/200", 408) == (found.method, found.target, found.status)

    def test_a_head_that_trickles(self) -> None:
        """It is the whole head that has the time, not each octet."""
        with StatusServer(head_timeout=0.1) as server, Client(server.url) as client:
            octets = iter(message("GET", "/" + "a" * 5000))
            start = time.monotonic()
            while client.is_silent(0.005):
                client.send(bytes([next(octets)]))
            answer = client.answer()

        assert 408 == answer.status
        assert 0.1 <= time.monotonic() - start < 2

    def test_content_that_stalls(self) -> None:
        """It has the time anew with each octet."""
        with StatusServer(head_timeout=0.05) as server:
            octets, how = exchange(
                server.url, message("POST", "/status/200", "Content-Length: 5") + b"abc"
            )
            (found,) = server.journal

        assert octets.startswith(b"HTTP/1.1 408 ")
        assert b"the content stalled for 0.05 s after 3 octets" in octets
        assert "FIN" == how
        assert b"abc" == found.content

    def test_content_that_was_invited_and_stalls(self) -> None:
        """A refusal may follow the invitation."""
        with StatusServer(head_timeout=0.05) as server:
            octets, _ = exchange(
                server.url, message("POST", "/status/200", EXPECT, "Content-Length: 5")
            )

        assert octets.startswith(CONTINUE + b"HTTP/1.1 408 ")

    @pytest.mark.parametrize(
        "before", [b"", b"\r\n", b"\r\n\r\n", message("GET", "/status/204"), b"idle\r"]
    )
    def test_an_idle_connection_ends_in_silence(self, before: bytes) -> None:
        """Whether or not there was a request, or only empty lines (RFC 9112, 2.2)."""
        with StatusServer(idle_timeout=0.5) as server, Client(server.url) as client:
            if before != b"idle\r":
                client.send(before)
            if before.startswith(b"GET"):
                assert 204 == client.answer().status

            assert (b"", "FIN") == client.end()
            assert [204] * before.count(b"GET") == server.journal.statuses

    def test_empty_lines_are_no_start_of_a_request(self) -> None:
        """Which may take its time after them."""
        with StatusServer(head_timeout=0.02) as server, Client(server.url) as client:
            client.send(b"\r\n")
            assert client.is_silent(0.05)

            assert 204 == client.request("GET", "/status/204").status

    def test_a_pipelined_head_that_stalls(self) -> None:
        """Its time starts when its turn comes."""
        with StatusServer(head_timeout=0.05) as server:
            octets, _ = exchange(server.url, message("GET", "/status/204") + b"GET /")

            assert [204, 408] == server.journal.statuses
        assert 2 == octets.count(b"HTTP/1.1 ")


class TestLeaving:
    """Clients that go away."""

    @pytest.mark.parametrize(
        ("octets", "detail"),
        [
            (b"GET", b"the connection ends within the head"),
            (b"GET / HTTP/1.1\r\nHost: a\r\n", b"the connection ends within the head"),
            (
                message("POST", "/status/200", "Content-Length: 5") + b"abc",
                b"the connection ends after 3 octets of the content",
            ),
            (
                message("POST", "/status/200", "Transfer-Encoding: chunked") + b"5\r\nabc",
                b"the connection ends after 3 octets of the content",
            ),
        ],
    )
    def test_a_request_that_breaks_off(
        self, server: StatusServer, octets: bytes, detail: bytes
    ) -> None:
        """Is incomplete; who only half-closes gets to read so (RFC 9112, 8)."""
        with Client(server.url) as client:
            client.send(octets)
            client.sock.shutdown(socket.SHUT_WR)
            answer, how = client.end()

        assert answer.startswith(b"HTTP/1.1 400 ")
        assert detail in answer
        assert "FIN" == how
        assert [400] == server.journal.statuses

    @pytest.mark.parametrize("octets", [b"", b"\r\n"])
    def test_no_request_at_all(self, server: StatusServer, octets: bytes) -> None:
        """Is none in the journal either."""
        with Client(server.url) as client:
            client.send(octets)
            client.sock.shutdown(socket.SHUT_WR)

            assert (b"", "FIN") == client.end()
        assert [] == server.journal.statuses

    def test_before_the_answer(self, server: StatusServer) -> None:
        """It is logged as 499, and the reason is in the journal."""
        endpoint = server.status(200, delay=60)
        with Client(server.url) as client:
            client.send(message("GET", path(endpoint)))
            heard(server)
        (found,) = endpoint.wait(1)

        assert (None, 499) == (found.status, found.logged)
        assert found.failure
        assert "the client closed the connection" in found.failure

    def test_before_the_answer_with_a_request_behind(self, server: StatusServer) -> None:
        """Octets that nobody has read yet do not hide that."""
        endpoint = server.status(200, delay=60)
        with Client(server.url) as client:
            client.send(message("GET", path(endpoint)))
            heard(server)
            client.send(message("GET", "/status/404"))
        (found,) = endpoint.wait(1)

        assert 499 == found.logged
        assert [None] == server.journal.statuses

    def test_within_the_answer(self, server: StatusServer) -> None:
        """It had the status, and not the rest."""
        endpoint = server.script(Steps(Head(200), Content(b"a"), Pause(60), Content(b"b"), End()))
        with Client(server.url) as client:
            client.send(message("GET", path(endpoint)))
            client._until(b"a")
        (found,) = endpoint.wait(1)

        assert (200, 200) == (found.status, found.logged)
        assert found.failure
        assert found.sent.endswith(b"a")

    def test_without_reading(self, server: StatusServer) -> None:
        """A large answer, for which there is no room."""
        endpoint = server.script(Response(bytes(50_000_000)))
        with Client(server.url) as client:
            client.send(message("GET", path(endpoint)))
            client._until(b"\r\n\r\n")
        (found,) = endpoint.wait(1)

        assert 200 == found.status
        assert found.failure

    def test_in_a_stream(self, server: StatusServer) -> None:
        """Which ends with it, and is let go of."""
        closed = threading.Event()

        def endless() -> Iterator[bytes]:
            try:
                while True:
                    yield bytes(100_000)
            finally:
                closed.set()

        endpoint = server.script(lambda request: Response(endless()))
        with Client(server.url) as client:
            client.send(message("GET", path(endpoint)))
            client._until(b"\r\n\r\n")

        assert closed.wait(5)
        (found,) = endpoint.wait(1)
        assert found.failure

    def test_a_stall_is_left(self, server: StatusServer) -> None:
        """That is what a stall waits for."""
        endpoint = server.script(Stall())
        with Client(server.url) as client:
            client.send(message("GET", path(endpoint)))
            assert client.is_silent(0.02)
        (found,) = endpoint.wait(1)

        assert 499 == found.logged


class TestSteps:
    """What the steps of a script do to the connection."""

    def ask(self, server: StatusServer, *steps: Any) -> tuple[bytes, str]:
        """Send a request to a script; return all that comes, and how the connection ends."""
        endpoint = server.script(Steps(*steps))
        return exchange(server.url, message("GET", path(endpoint)) * 2)

    def test_close_is_a_fin(self, server: StatusServer) -> None:
        """Even with a request unread, which would make an RST of a plain close."""
        assert (b"", "FIN") == self.ask(server, Close())
        (found,) = server.journal
        assert (None, None) == (found.status, found.failure)

    def test_reset_is_an_rst(self, server: StatusServer) -> None:
        """At any place."""
        assert (b"", "RST") == self.ask(server, Reset())

        octets, how = self.ask(server, Head(200), Content(b"abc"), Reset())
        assert "RST" == how
        assert octets.startswith(b"HTTP/1.1 200 OK\r\n")
        assert octets.endswith(b"\r\n3\r\nabc\r\n")
        assert [None, 200] == server.journal.statuses

    def test_half_close_is_a_fin_that_hears(self, server: StatusServer) -> None:
        """Nothing is an answer to what still comes."""
        endpoint = server.script(Steps(Response("abc"), HalfClose()))
        with Client(server.url) as client:
            client.send(message("GET", path(endpoint)))
            octets, how = client.end()
            client.send(message("GET", path(endpoint)) * 100)
            (found,) = server.journal.wait(1)
            assert server._streams
        until(lambda: not server._streams)

        assert octets.endswith(b"abc")
        assert "FIN" == how
        assert (200, None) == (found.status, found.failure)

    def test_raw_octets_are_untouched(self, server: StatusServer) -> None:
        """Valid or not."""
        garbage = bytes(range(256)) * 300

        assert (garbage, "FIN") == self.ask(server, Raw(garbage), Close())

    def test_raw_octets_may_be_an_answer(self, server: StatusServer, client: Client) -> None:
        """And the connection goes on."""
        endpoint = server.script(Raw(b"HTTP/1.1 200 Fine\r\nContent-Length: 1\r\n\r\na"))
        answers = [client.request("GET", path(endpoint)) for _ in range(2)]

        assert [(200, "Fine", b"a")] * 2 == [(a.status, a.reason, a.content) for a in answers]

    def test_steps_happen_in_their_order(self, server: StatusServer, client: Client) -> None:
        """And when they do is seen by the client."""
        endpoint = server.script(
            Steps(Interim(102), Interim(103, {"A": "b"}), Pause(0.05), Response("late"))
        )
        client.send(message("GET", path(endpoint)))
        assert client._until(b"\r\n\r\n").startswith(b"HTTP/1.1 102 Processing\r\n")
        assert b"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n" == client._until(b"\r\n\r\n")
        start = time.monotonic()
        answer = client.answer()

        assert (b"late", []) == (answer.content, answer.interim)
        assert 0.03 <= time.monotonic() - start < 2
        assert [102, 103] == last(server).interim

    def test_a_stream_arrives_piece_by_piece(self, server: StatusServer, client: Client) -> None:
        """The client has each before the next is made."""
        go = [threading.Event() for _ in range(3)]

        def pieces() -> Iterator[str]:
            for i, event in enumerate(go):
                assert event.wait(5)
                yield f"{i}"

        endpoint = server.script(lambda request: Response(pieces()))
        client.send(message("GET", path(endpoint)))
        go[0].set()
        assert client._until(b"\r\n\r\n").endswith(b"Transfer-Encoding: chunked\r\n\r\n")
        assert b"1\r\n0\r\n" == client._exactly(6)
        go[1].set()
        assert b"1\r\n1\r\n" == client._exactly(6)
        assert last(server).finished is None
        go[2].set()

        assert b"1\r\n2\r\n0\r\n\r\n" == client._exactly(11)
        assert last(server).finished

    def test_trailer_fields_arrive(self, server: StatusServer, client: Client) -> None:
        """Behind the content, which is in chunks for them."""
        endpoint = server.script(
            Steps(Head(200, {"Trailer": "Digest"}), Content(b"abc"), End({"Digest": "x"}))
        )
        answer = client.request("GET", path(endpoint))

        assert (b"abc", [("Digest", "x")]) == (answer.content, answer.trailers)

    def test_a_slow_client_gets_all_of_a_large_answer(self, server: StatusServer) -> None:
        """However short the pause before it was."""
        content = bytes(range(256)) * 20_000
        endpoint = server.script(Steps(Pause(0.001), Response(content)))
        with Client(server.url) as client:
            client.send(message("GET", path(endpoint)))
            answer = client.answer()

        assert content == answer.content

    @pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
    def test_a_switch_hands_the_connection_on(self, server: StatusServer, version: str) -> None:
        """With what came behind the head; it closes when the protocol is done."""

        def shout(channel: Channel) -> None:
            while octets := channel.receive():
                channel.send(octets.upper())
                if octets.endswith(b"."):
                    return

        endpoint = server.script(Steps(Interim(101, {"Upgrade": "shout"}), Switch(shout)))
        with Client(server.url) as client:
            client.send(message("GET", path(endpoint), version=version) + b"abc")
            if version == "HTTP/1.1":
                assert client._until(b"\r\n\r\n").startswith(b"HTTP/1.1 101 Switching Protocols")
            assert b"ABC" == client._exactly(3)
            client.send(b"d.")

            assert (b"D.", "FIN") == client.end()
        (found,) = server.journal
        assert found.finished
        assert found.failure is None


def hear(channel: Channel) -> None:
    """Be a protocol that only hears."""
    while channel.receive():
        pass


class TestStop:
    """A server that stops ends what goes on, at once."""

    @pytest.mark.parametrize(
        "steps",
        [
            Steps(Stall()),
            Steps(Pause(60), Response()),
            Steps(Response("a"), HalfClose()),
            Steps(Response(bytes(50_000_000))),
            Steps(Interim(101), Switch(hear)),
            Steps(Response("a", headers={"Connection": "close"})),
        ],
        ids=["stall", "pause", "half close", "send", "switch", "linger"],
    )
    @pytest.mark.parametrize("behind", [b"", message("GET", "/status/200")])
    def test_it_wakes_what_waits(self, steps: Steps, behind: bytes) -> None:
        """Also with a pipelined request behind it."""
        server = StatusServer().start()
        endpoint = server.script(steps)
        with Client(server.url) as client:
            client.send(message("GET", path(endpoint)) + behind)
            heard(server)
            until(lambda: not last(server).is_open or last(server).status)
            start = time.monotonic()
            server.stop()

            assert time.monotonic() - start < 0.9
            assert not server._streams
            client.end()

    @pytest.mark.parametrize("octets", [b"", b"GET /", message("POST", "/", "Content-Length: 5")])
    def test_it_wakes_what_hears(self, octets: bytes) -> None:
        """Whatever is missing."""
        server = StatusServer().start()
        with Client(server.url) as client:
            client.request("GET", "/status/204")
            client.send(octets)
            until(lambda: server._streams)
            start = time.monotonic()
            server.stop()

            assert time.monotonic() - start < 0.9
            assert not server._streams

    def test_it_is_not_the_client_who_left(self) -> None:
        """The journal says so."""
        with StatusServer() as server, Client(server.url) as client:
            client.send(message("GET", path(server.script(Stall()))))
            heard(server)
            until(lambda: not last(server).is_open)
            server.stop()
            (found,) = server.journal

        assert "the server was stopped in the midst of the answer" == found.failure
        assert (None, None) == (found.status, found.logged)
        assert found.finished


class TestContent:
    """How much content a request may have (413)."""

    def test_much_of_it_is_on_disk(self, server: StatusServer, client: Client) -> None:
        """And complete."""
        content = bytes(range(256)) * 8192
        seen = []

        def reply(request: Request) -> bytes:
            seen.append(type(request.stream))
            return request.get_data()[-1000:]

        answer = client.request("POST", path(server.script(reply)), content=content)

        assert content[-1000:] == answer.content
        assert 200 == client.request("GET", "/status/200").status

    def test_too_much_is_refused_when_announced(self) -> None:
        """Before it is invited, and before any of it is read."""
        with StatusServer(max_content=10) as server:
            octets, how = exchange(
                server.url, message("POST", "/status/200", EXPECT, "Content-Length: 11")
            )
            (found,) = server.journal

        assert octets.startswith(b"HTTP/1.1 413 Content Too Large\r\n")
        assert b"\r\nConnection: close\r\n" in octets
        assert "FIN" == how
        assert b"" == found.content

    def test_too_much_is_refused_when_it_comes(self) -> None:
        """In the midst of the chunks, or even after their invitation."""
        with StatusServer(max_content=10) as server, Client(server.url) as client:
            client.send(message("POST", "/status/200", EXPECT, "Transfer-Encoding: chunked"))
            assert CONTINUE == client._exactly(len(CONTINUE))
            client.send(b"8\r\nabcdefgh\r\n3\r\n" + bytes(100_000))
            answer = client.answer()

            assert (413, "close") == (answer.status, answer.header("connection"))
            assert (b"", "FIN") == client.end()
            (found,) = server.journal
        assert b"abcdefgh" == found.content

    def test_just_enough_is_taken(self) -> None:
        """Announced or not."""
        with StatusServer(max_content=10) as server, Client(server.url) as client:
            assert 200 == client.request("POST", "/status/200", content=bytes(10)).status
            client.send(message("POST", "/status/200", "Transfer-Encoding: chunked"))
            client.send(b"5\r\nabcde\r\n5\r\nfghij\r\n0\r\n\r\n")

            assert 200 == client.answer().status


class TestJournal:
    """A test that has its answer has it in the journal (Rule 1 of the performer)."""

    @pytest.mark.parametrize(
        "reply",
        [
            Response("abc"),
            Response(bytes(65_000)),
            Response(bytes(300_000)),
            Steps(Head(200), *[Content(bytes(30_000))] * 10, End()),
            Steps(Head(204), End()),
            Steps(Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"), Raw(bytes(100_000))),
            Steps(Head(200), Content(b"abc"), Pause(0), Content(b"def"), End()),
            lambda request: Response(iter(["abc", "def"])),
            lambda request: Response(iter(["a", "b"]), headers={"Content-Length": "2"}),
        ],
    )
    @pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
    def test_an_exchange_is_complete_before_its_answer_is(
        self, server: StatusServer, reply: Any, version: str
    ) -> None:
        """Whatever it is made of; nobody has to wait for anything."""
        target = path(server.script(lambda request: reply(request) if callable_(reply) else reply))
        for _ in range(10):
            with Client(server.url) as client:
                client.send(message("GET", target, version=version))
                client.answer()

                assert last(server).finished
                assert not last(server).is_open

    def test_an_answer_in_the_making_is_waited_for(self, server: StatusServer) -> None:
        """By who reads the journal."""
        go = threading.Event()

        def reply(request: Request) -> int:
            assert go.wait(5)
            return 204

        endpoint = server.script(reply)
        with Client(server.url) as client:
            client.send(message("GET", path(endpoint)))
            heard(server)
            assert last(server).is_open
            threading.Timer(0.05, go.set).start()

            assert [204] == endpoint.statuses

    @pytest.mark.parametrize(
        "octets",
        [
            message("POST", "/status/200", "Content-Length: 5") + b"abc",
            message("POST", "/status/200", EXPECT, "Content-Length: 5"),
            message("GET", "/status/200?delay=60"),
        ],
    )
    def test_what_waits_is_not_waited_for(self, server: StatusServer, octets: bytes) -> None:
        """For the client, or for time to pass."""
        with Client(server.url) as client:
            client.send(octets)
            heard(server)
            until(lambda: not last(server).is_open)
            start = time.monotonic()

            assert [None] == server.journal.statuses
            assert time.monotonic() - start < 0.5

    def test_content_that_has_come_is_waited_for_no_more(self, server: StatusServer) -> None:
        """From then on the answer is being made, a refusal too."""
        go = threading.Event()

        def reply(request: Request) -> int:
            request.get_data()
            assert go.wait(5)
            return 204

        endpoint = server.script(reply)
        with Client(server.url) as client:
            client.send(message("POST", path(endpoint), "Content-Length: 3") + b"ab")
            heard(server)
            until(lambda: not last(server).is_open)
            client.send(b"c")
            until(lambda: last(server).is_open)
            go.set()
            assert 204 == client.answer().status


def callable_(reply: object) -> bool:
    """Tell whether a reply is a function; a Response is callable, too."""
    return callable(reply) and not isinstance(reply, Response)


class TestCrowd:
    """More connections than there may be (503)."""

    def test_one_too_many_is_refused(self) -> None:
        """Without being asked anything; the others go on."""
        with StatusServer(max_connections=2) as server:
            with Client(server.url) as first, Client(server.url) as second:
                for client in (first, second):
                    assert 200 == client.request("GET", "/status/200").status
                with Client(server.url) as third:
                    third.send(message("GET", "/status/200"))
                    answer = third.answer()
                    assert (503, "close") == (answer.status, answer.header("connection"))
                    assert b"there are over 2 connections (max_connections)" in answer.content
                    assert (b"", "FIN") == third.end()
                assert 200 == first.request("GET", "/status/200").status
            until(lambda: not server._streams)

            with Client(server.url) as client:
                assert 200 == client.request("GET", "/status/200").status


class TestFaults:
    """A fault of ours, or of a test's callable, never looks like an answer (590)."""

    def faults(self, server: StatusServer) -> list[str]:
        """Return what the server complains of."""
        complaints = server.complaints()
        assert all(isinstance(complaint, ServerFault) for complaint in complaints)
        return [str(complaint) for complaint in complaints]

    @pytest.mark.parametrize("interim", [(), (Interim(103),)])
    def test_before_the_head(
        self, server: StatusServer, capsys: pytest.CaptureFixture[str], interim: tuple[Any, ...]
    ) -> None:
        """It is a whole answer that says so, and the last one."""

        def pieces() -> Iterator[str]:
            raise LookupError("of mine")
            yield "a"

        endpoint = server.script(lambda request: Steps(*interim, Response(pieces(), 201)))
        with Client(server.url) as client:
            client.send(message("GET", path(endpoint)) * 2)
            answer = client.answer()

            assert (590, "Httpcodes Fault", "close") == facts(answer)
            assert len(interim) == len(answer.interim)
            assert (b"", "FIN") == client.end()
        (found,) = server.journal
        assert (590, 590, "LookupError: of mine") == (found.status, found.logged, found.failure)
        assert "LookupError: of mine" in capsys.readouterr().err
        assert ["LookupError: of mine"] == [f.partition("failed: ")[2] for f in self.faults(server)]

    def test_in_the_midst(self, server: StatusServer, capsys: pytest.CaptureFixture[str]) -> None:
        """What was begun is torn off, so that it is no whole answer."""
        got = threading.Event()

        def pieces() -> Iterator[str]:
            yield "abc"
            assert got.wait(5)
            raise LookupError("of mine")

        endpoint = server.script(lambda request: Response(pieces()))
        with Client(server.url) as client:
            client.send(message("GET", path(endpoint)))
            client._until(b"abc\r\n")
            got.set()

            assert (b"", "RST") == client.end()
        (found,) = server.journal
        assert (200, "LookupError: of mine") == (found.status, found.failure)
        assert found.finished
        assert 1 == len(self.faults(server))
        assert "LookupError: of mine" in capsys.readouterr().err

    def test_steps_that_are_no_answer(self, server: StatusServer) -> None:
        """Are one, too."""
        endpoint = server.script(lambda request: Steps(Head(200), End(), End()))
        with Client(server.url) as client:
            answer = client.request("GET", path(endpoint))

        assert (590, "Httpcodes Fault", "close") == facts(answer)
        assert b"an End without a Head" in answer.content
        self.faults(server)

    def test_what_ends_a_test_is_one(self, server: StatusServer) -> None:
        """It ends neither the thread nor the process."""

        def pieces() -> Iterator[str]:
            pytest.fail("that was not to be asked")
            yield "a"

        endpoint = server.script(lambda request: Response(pieces()))
        with Client(server.url) as client:
            answer = client.request("GET", path(endpoint))

        assert (590, "Httpcodes Fault", "close") == facts(answer)
        (fault,) = self.faults(server)
        assert "that was not to be asked" in fault

    def test_with_content_unread(self, server: StatusServer) -> None:
        """The client gets to read the answer all the same."""
        endpoint = server.script(lambda request: 1 // 0)
        with Client(server.url) as client:
            client.send(message("POST", path(endpoint), content=bytes(1_000_000)))

            assert 590 == client.answer().status
            assert (b"", "FIN") == client.end()
        self.faults(server)

    @pytest.mark.parametrize("stream", [False, True])
    def test_to_a_client_that_is_gone(self, server: StatusServer, stream: bool) -> None:
        """It is noted all the same."""
        left = threading.Event()

        def fail() -> int:
            assert left.wait(5)
            return 1 // 0

        def pieces() -> Iterator[str]:
            yield f"{fail()}"

        endpoint = server.script(lambda request: Response(pieces()) if stream else fail())
        with Client(server.url) as client:
            client.send(message("GET", path(endpoint)))
            heard(server)
            client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        until(lambda: next(iter(server._streams)).wait(0.01))
        left.set()
        until(lambda: not server._streams)  # the record is complete before it turns out
        (found,) = endpoint.exchanges

        assert (None, 499) == (found.status, found.logged)
        assert found.failure == "ZeroDivisionError: integer division or modulo by zero"
        assert 1 == len(self.faults(server))


def facts(answer: Answer) -> tuple[int, str, str | None]:
    """Return what is told of an answer in short."""
    return (answer.status, answer.reason, answer.header("connection"))


class TestBroken:
    """Where even the answer that owns up to a fault fails."""

    WHOLE = b"HTTP/1.1 590 Httpcodes Fault\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

    @pytest.fixture
    def broken(self, server: StatusServer, monkeypatch: pytest.MonkeyPatch) -> StatusServer:
        """Return a server whose application cannot be had."""

        def fail() -> None:
            raise ImportError("it is broken")

        server.status(200)
        monkeypatch.setattr(server, "_app", fail)
        return server

    @pytest.mark.parametrize(
        "octets",
        [
            message("GET", "/status/200"),
            message("HEAD", "/status/200"),
            message("POST", "/status/200", content=bytes(1_000_000)),
            b"?\r\n\r\n",
            message("GET", "/journal"),
        ],
    )
    def test_there_is_an_answer(
        self, broken: StatusServer, octets: bytes, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A minimal one, which the client gets to read; and a traceback."""
        assert (self.WHOLE, "FIN") == exchange(broken.url, octets)

        assert "ImportError: it is broken" in capsys.readouterr().err
        for found in broken.journal:
            assert (590, 590) == (found.status, found.logged)
            assert "ImportError: it is broken" == found.failure
            assert self.WHOLE == found.sent
            assert found.finished

    def test_there_is_an_answer_even_if_nobody_can_be_told(
        self, broken: StatusServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A process may have no standard error."""
        monkeypatch.setattr("sys.stderr", None)

        assert (self.WHOLE, "FIN") == exchange(broken.url, message("GET", "/status/200"))

    def test_an_answer_that_cannot_be_written(
        self, server: StatusServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The second time either."""

        def fail() -> bytes:
            raise ImportError("it is broken")

        monkeypatch.setattr(server, "date", fail)

        assert (self.WHOLE, "FIN") == exchange(server.url, message("GET", "/status/200"))

    def test_in_the_midst_of_an_answer(
        self, server: StatusServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is torn off."""

        def fail(*args: object) -> None:
            raise ImportError("it is broken")

        def pieces() -> Iterator[str]:
            yield "abc"
            raise LookupError

        endpoint = server.script(lambda request: Response(pieces()))
        monkeypatch.setattr(server, "fault", fail)
        octets, how = exchange(server.url, message("GET", path(endpoint)))

        assert "RST" == how
        assert not octets.endswith(b"0\r\n\r\n")
        (found,) = server.journal
        assert (200, "ImportError: it is broken") == (found.status, found.failure)

    def test_one_connection_too_many(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Is told as much."""

        def fail(*args: object) -> None:
            raise ImportError("it is broken")

        with StatusServer(max_connections=1) as server, Client(server.url):
            monkeypatch.setattr(server, "refuse", fail)
            with Client(server.url) as client:
                assert (self.WHOLE, "FIN") == client.end()
        assert "it is broken" in capsys.readouterr().err


def test_connections_share_threads(server: StatusServer) -> None:
    """Those that come one after the other."""
    threads = []

    def reply(request: Request) -> tuple[int, dict[str, str]]:
        threads.append(threading.get_ident())
        return 204, {"Connection": "close"}

    endpoint = server.script(reply)
    for _ in range(20):
        exchange(server.url, message("GET", path(endpoint)))
        until(lambda: not server._streams)

    assert 20 == len(threads)
    assert len(set(threads)) < 20
