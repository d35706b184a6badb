"""What a proxy forwards as it comes: content, interim responses, breaks (RFC 9110, 7.6, 15.2)."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

import pytest
from werkzeug.wrappers import Response

from pytest_httpcodes import Proxy, StatusServer
from pytest_httpcodes.wire import forward
from pytest_httpcodes.wire.steps import Pause, Stall, Steps
from tests.raw import Raw, message, until
from tests.upstreams import OK, answers, exactly, head_of, reset, rest, upstream

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LARGE = 4 * 2**20  # octets, more than the kernel holds for two connections
Handler = Callable[[socket.socket], object]


def ask(
    server: StatusServer, handler: Handler, *, version: str = "HTTP/1.1", timeout: float = 5.0
) -> tuple[bytes, str]:
    """Send a GET through a proxy to an upstream; return all that comes, and how it ends."""
    with upstream(handler) as authority:
        proxy = server.proxy_for(allow=[authority], timeout=timeout)
        with Raw(proxy.url) as raw:
            raw.send(message("GET", f"http://{authority}/", "Connection: close", version=version))
            return raw.end()


def test_content_with_a_length(server: StatusServer) -> None:
    """It goes on with that length, both ways, and the connection goes on."""
    received = []

    def handle(sock: socket.socket) -> None:
        assert b"\r\nContent-Length: 5\r\n" in head_of(sock)
        received.append(exactly(sock, 5))
        sock.sendall(OK)

    with upstream(handle, handle) as authority:
        proxy = server.proxy_for(allow=[authority])
        with Raw(proxy.url) as raw:
            found = [
                raw.request("POST", f"http://{authority}/", content=b"hello") for _ in range(2)
            ]

    assert [b"hello", b"hello"] == received
    assert [(b"yes", "3"), (b"yes", "3")] == [
        (f.content, f.header("Content-Length")) for f in found
    ]
    assert [1, 2] == [exchange.number for exchange in proxy.journal]
    assert [b"hello", b"hello"] == [exchange.content for exchange in proxy.journal]


def test_an_empty_content_is_announced(server: StatusServer) -> None:
    """As the client did; where it announced nothing, there is nothing."""
    heard: list[bytes] = []
    with (
        upstream(answers(OK, heard=heard), answers(OK, heard=heard)) as authority,
        Raw(server.proxy_for(allow=[authority]).url) as raw,
    ):
        raw.request("POST", f"http://{authority}/", content=b"")
        raw.request("GET", f"http://{authority}/")

    assert [True, False] == [b"\r\nContent-Length: 0\r\n" in head for head in heard]


def test_content_in_chunks(server: StatusServer) -> None:
    """It goes on in chunks, both ways, with trailer fields but those of one connection."""
    received = []

    def handle(sock: socket.socket) -> None:
        head = head_of(sock)
        assert b"\r\nTransfer-Encoding: chunked\r\n" in head
        assert b"Content-Length" not in head
        received.append(exactly(sock, 21))
        sock.sendall(
            CHUNKED[:-2] + b"Connection: x-b\r\n\r\n3\r\nyes\r\n0\r\nX-A: 1\r\nX-B: 2\r\n\r\n"
        )

    with upstream(handle) as authority, Raw(server.proxy_for(allow=[authority]).url) as raw:
        raw.send(
            message("POST", f"http://{authority}/", "Transfer-Encoding: chunked")
            + b"5;a=b\r\nhello\r\n0\r\nX: 1\r\n\r\n"
        )
        answer = raw.answer()

    assert [b"5\r\nhello\r\n0\r\nX: 1\r\n\r\n"] == received
    assert ("chunked", b"yes", [("X-A", "1")]) == (
        answer.header("Transfer-Encoding"), answer.content, answer.trailers,
    )  # fmt: skip


def test_a_length_beside_chunks_is_dropped(server: StatusServer) -> None:
    """In the request, whose framing is made anew, and the connection closes (RFC 9112, 6.3)."""
    heard: list[bytes] = []
    fields = ("Content-Length: 3", "Transfer-Encoding: chunked")
    with (
        upstream(answers(OK, heard=heard)) as authority,
        Raw(server.proxy_for(allow=[authority]).url) as raw,
    ):
        raw.send(message("POST", f"http://{authority}/", *fields) + b"0\r\n\r\n")
        assert "close" == raw.answer().header("Connection")

    assert b"\r\nTransfer-Encoding: chunked\r\n" in heard[0]
    assert b"Content-Length" not in heard[0]


def test_an_old_client_gets_no_chunks(server: StatusServer) -> None:
    """The content ends with the connection, and there are no trailer fields."""
    octets, how = ask(
        server,
        answers(CHUNKED + b"3\r\nyes\r\n2\r\n, \r\n0\r\nX: 1\r\n\r\n"),
        version="HTTP/1.0",
    )

    head, _, content = octets.partition(b"\r\n\r\n")
    assert (b"yes, ", "FIN") == (content, how)
    assert b"transfer-encoding" not in head.lower()


def test_fields_of_an_answer(server: StatusServer) -> None:
    """Those of the upstream's connection stay there; nothing is made up but Via and Date."""
    octets, _ = ask(
        server,
        answers(
            b"HTTP/1.1 299 Quite so\r\nX: 1\r\nKeep-Alive: a\r\nConnection: x-a, close\r\n"
            b"X-A: 1\r\nX: 2\r\nVia: 1.1 b\r\nContent-Length: 0\r\n\r\n"
        ),
    )

    lines = octets.decode().split("\r\n")
    assert "HTTP/1.1 299 Quite so" == lines[0]
    assert ["X", "X", "Via", "Content-Length", "Via", "Date", "Connection"] == [
        line.partition(":")[0] for line in lines[1:-2]
    ]


def test_the_version_of_an_answer(server: StatusServer) -> None:
    """It is in Via, as it was received; what is sent is HTTP/1.1, to a client of HTTP/1.0, too."""
    octets, _ = ask(server, answers(b"HTTP/1.0 200 OK\r\n\r\nyes"), version="HTTP/1.0")

    assert octets.startswith(b"HTTP/1.1 200 OK\r\nVia: 1.0 pytest-httpcodes:")


@pytest.mark.parametrize(
    ("method", "octets", "gone"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", False),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", False),
        ("GET", b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", True),
    ],
)
def test_answers_without_content(
    server: StatusServer, method: str, octets: bytes, gone: bool
) -> None:
    """Nothing follows; a 204 has no length (RFC 9110, 8.6)."""
    with (
        upstream(answers(octets), answers(OK)) as authority,
        Raw(server.proxy_for(allow=[authority]).url) as raw,
    ):
        first = raw.request(method, f"http://{authority}/")
        second = raw.request("GET", f"http://{authority}/")

    assert gone == (first.header("Content-Length") is None)
    assert b"yes" == second.content


@pytest.mark.parametrize("code", [102, 103])
def test_interim_responses_come_as_they_come(status_server: StatusServer, code: int) -> None:
    """Each is forwarded (RFC 9110, 15.2), with Via; but none to HTTP/1.0."""
    made = status_server.scenario(code)
    with Raw(status_server.proxy.url) as raw:
        answer = raw.request("GET", made)
        raw.send(message("GET", made, version="HTTP/1.0"))
        old = raw.answer()

    assert {code} == {interim.status for interim in answer.interim}
    assert all(interim.header("Via") for interim in answer.interim)
    assert (200, 200, []) == (answer.status, old.status, old.interim)
    assert [code] == status_server.proxy.journal[0].interim[:1]


def test_what_has_come_is_not_held_back(server: StatusServer) -> None:
    """Neither an interim response nor a head, whatever takes its time behind it."""
    waits = threading.Event()

    def handle(sock: socket.socket) -> None:
        head_of(sock)
        for octets in (b"HTTP/1.1 103 Early Hints\r\n\r\n", CHUNKED, b"0\r\n\r\n"):
            sock.sendall(octets)
            assert waits.wait(5)
            waits.clear()

    with upstream(handle) as authority, Raw(server.proxy_for(allow=[authority]).url) as raw:
        raw.send(message("GET", f"http://{authority}/"))
        assert head_of(raw.sock).startswith(b"HTTP/1.1 103")
        waits.set()
        assert head_of(raw.sock).startswith(b"HTTP/1.1 200")
        waits.set()
        assert b"0\r\n\r\n" == exactly(raw.sock, 5)
        waits.set()


def test_the_origin_invites_the_content(status_server: StatusServer) -> None:
    """Its 100 is passed on, once, and the content only then; so is a 417 in place of it."""
    proxy = status_server.proxy
    made = status_server.scenario(100)
    with Raw(proxy.url) as raw:
        raw.send(message("POST", made, "Expect: 100-continue", "Content-Length: 5"))
        assert not raw.is_silent(5)
        assert raw.is_interim()
        raw.send(b"hello")
        answer = raw.answer()
    refusing = status_server.scenario(417)
    with Raw(proxy.url) as raw:
        raw.send(message("POST", refusing, "Expect: 100-continue", "Content-Length: 5"))
        refused = raw.answer()

    assert ([100], 201) == ([i.status for i in answer.interim], answer.status)
    assert "100-continue" == made.header("Expect")[0]
    assert (417, [], "close") == (refused.status, refused.interim, refused.header("Connection"))


def test_an_old_client_expects_nothing(status_server: StatusServer) -> None:
    """Its expectation is ignored, and not passed on (RFC 9110, 10.1.1)."""
    made = status_server.scenario(201)
    with Raw(status_server.proxy.url) as raw:
        raw.send(
            message("POST", made, "Expect: 100-continue", content=b"hello", version="HTTP/1.0")
        )
        assert 201 == raw.answer().status

    assert [None] == made.header("Expect")


def test_an_upstream_that_ignores_the_expectation(server: StatusServer) -> None:
    """Is given its time, and the client no less: that is a 504."""
    with (
        upstream(rest) as authority,
        Raw(server.proxy_for(allow=[authority], timeout=0.05).url) as raw,
    ):
        raw.send(
            message("POST", f"http://{authority}/", "Expect: 100-continue", "Content-Length: 5")
        )
        answer = raw.answer()

    assert (504, "close") == (answer.status, answer.header("Connection"))


def test_an_early_answer_is_passed_on(status_server: StatusServer) -> None:
    """While the client sends; it is the connection's last."""
    made = status_server.scenario(413)
    with Raw(status_server.proxy.url) as raw:
        raw.send(message("POST", made, f"Content-Length: {LARGE}") + b"x" * 1000)
        answer = raw.answer()

    assert (413, "close") == (answer.status, answer.header("Connection"))


def test_a_client_that_sends_all_before_it_reads(server: StatusServer) -> None:
    """An answer that is larger than what the kernel holds does not keep its request up."""
    received = []

    def handle(sock: socket.socket) -> None:
        head_of(sock)
        begin = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (LARGE + 1)
        thread = threading.Thread(target=sock.sendall, args=(begin + b"a" * LARGE,))
        thread.start()
        received.append(exactly(sock, LARGE))
        thread.join()
        sock.sendall(b"z")

    with upstream(handle) as authority, Raw(server.proxy_for(allow=[authority]).url) as raw:
        raw.send(message("PUT", f"http://{authority}/", content=b"x" * LARGE))
        answer = raw.answer()

    assert b"a" * LARGE + b"z" == answer.content
    assert [b"x" * LARGE] == received


def test_content_is_streamed(server: StatusServer) -> None:
    """Both ways: an upstream that echoes piece by piece is heard piece by piece."""

    def handle(sock: socket.socket) -> None:
        head_of(sock)
        sock.sendall(CHUNKED)
        for _ in range(3):
            sock.sendall(exactly(sock, 6))
        sock.sendall(exactly(sock, 5))

    with upstream(handle) as authority, Raw(server.proxy_for(allow=[authority]).url) as raw:
        raw.send(message("POST", f"http://{authority}/", "Transfer-Encoding: chunked"))
        head = head_of(raw.sock)
        for letter in (b"a", b"b", b"c"):
            raw.send(b"1\r\n%b\r\n" % letter)
            assert b"1\r\n%b\r\n" % letter == exactly(raw.sock, 6)
        raw.send(b"0\r\n\r\n")
        assert (b"0\r\n\r\n", "FIN") == raw.end()

    assert b"\r\nConnection: close\r\n" in head


def test_an_upstream_that_takes_no_more(server: StatusServer) -> None:
    """Its answer is passed on all the same; what it did not want is not waited for."""

    def handle(sock: socket.socket) -> None:
        head_of(sock)
        sock.sendall(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nno!")
        sock.shutdown(socket.SHUT_WR)
        sock.recv(65_536)

    with upstream(handle) as authority, Raw(server.proxy_for(allow=[authority]).url) as raw:
        raw.send(message("PUT", f"http://{authority}/", f"Content-Length: {LARGE}"))
        assert 413 == raw.answer().status


@pytest.mark.parametrize(
    ("octets", "kind"),
    [
        (b"garbage\r\n\r\n", "http_protocol_error"),
        (b"", "connection_terminated"),
        (b"HTTP/1.1 200 OK\r\nContent-", "http_response_incomplete"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n", "http_response_incomplete"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo/1.0\r\n\r\n", "http_upgrade_failed"),
    ],
)
def test_answers_that_are_none(server: StatusServer, octets: bytes, kind: str) -> None:
    """They are a 502, with what it was (RFC 9209)."""
    answer, _ = ask(server, answers(octets))

    status = [line for line in answer.split(b"\r\n") if line.startswith(b"Proxy-Status")]
    assert b"HTTP/1.1 502 Bad Gateway\r\n" in answer
    assert b"; error=%b; details=" % kind.encode() in status[0]


def test_a_reset_is_a_502(server: StatusServer) -> None:
    """Before anything came."""

    def handle(sock: socket.socket) -> None:
        head_of(sock)
        reset(sock)

    answer, how = ask(server, handle)

    assert b"HTTP/1.1 502 Bad Gateway\r\n" in answer
    assert b"; error=connection_terminated; " in answer
    assert "FIN" == how


def test_silence_is_a_504(server: StatusServer) -> None:
    """After `timeout` seconds."""
    answer, _ = ask(server, rest, timeout=0.05)

    assert answer.startswith(b"HTTP/1.1 504 Gateway Timeout\r\n")
    assert b"; error=http_response_timeout; " in answer


def test_an_upstream_that_reads_nothing_is_a_504(server: StatusServer) -> None:
    """Once it takes no more."""
    ends = threading.Event()

    def handle(sock: socket.socket) -> None:
        assert ends.wait(5)

    with (
        upstream(handle) as authority,
        Raw(server.proxy_for(allow=[authority], timeout=0.1).url) as raw,
    ):
        sending = threading.Thread(target=_send_all, args=(raw, authority))
        sending.start()
        answer = raw.answer()
        ends.set()
        raw.sock.close()
        sending.join()

    assert 504 == answer.status
    assert "error=connection_write_timeout" in (answer.header("Proxy-Status") or "")


def _send_all(raw: Raw, authority: str) -> None:
    with contextlib.suppress(OSError):
        raw.send(message("PUT", f"http://{authority}/", content=b"x" * 4 * LARGE))


@pytest.mark.parametrize(
    ("octets", "begins", "version", "how"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nyes", b"\r\n\r\nyes", "HTTP/1.1", "FIN"),
        (CHUNKED + b"3\r\nyes\r\n9\r\nno", b"\r\n\r\n3\r\nyes\r\n", "HTTP/1.1", "FIN"),
        (CHUNKED + b"3\r\nyes\r\nz", b"\r\n\r\n3\r\nyes\r\n", "HTTP/1.1", "FIN"),
        (CHUNKED + b"3\r\nyes\r\n9\r\nno", b"HTTP/1.1 200 OK", "HTTP/1.0", "RST"),
    ],
)
def test_what_breaks_off_breaks_off(
    server: StatusServer, octets: bytes, begins: bytes, version: str, how: str
) -> None:
    """It never looks complete: a part is missing, and what the connection would end is reset."""
    with upstream(answers(octets)) as authority:
        proxy = server.proxy_for(allow=[authority])
        with Raw(proxy.url) as raw:
            raw.send(message("GET", f"http://{authority}/", version=version))
            found, ended = raw.end()

    assert how == ended
    if how == "FIN":
        assert begins in found
        assert not found.endswith(b"0\r\n\r\n")
    assert (proxy.journal[-1].failure or "").startswith("the answer broke off: 127.0.0.1")


def test_a_reset_within_content_that_the_connection_ends(server: StatusServer) -> None:
    """It is not the end of it."""
    ends = threading.Event()

    def handle(sock: socket.socket) -> None:
        head_of(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\nyes")
        assert ends.wait(5)
        reset(sock)

    with upstream(handle) as authority, Raw(server.proxy_for(allow=[authority]).url) as raw:
        raw.send(message("GET", f"http://{authority}/"))
        head_of(raw.sock)
        assert b"3\r\nyes\r\n" == exactly(raw.sock, 8)
        ends.set()
        assert (b"", "FIN") == raw.end()


def test_silence_within_the_content(server: StatusServer) -> None:
    """It breaks off after `timeout` seconds."""

    def handle(sock: socket.socket) -> None:
        head_of(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nyes")
        rest(sock)

    octets, how = ask(server, handle, timeout=0.05)

    assert octets.endswith(b"\r\n\r\nyes")
    assert "FIN" == how


def test_a_malformed_upload(server: StatusServer) -> None:
    """Is the client's fault, and a 400; what has come of it is not made whole."""
    received = []

    def handle(sock: socket.socket) -> None:
        head_of(sock)
        received.append(rest(sock))

    with upstream(handle) as authority, Raw(server.proxy_for(allow=[authority]).url) as raw:
        raw.send(
            message("POST", f"http://{authority}/", "Transfer-Encoding: chunked")
            + b"5\r\nhello\r\nxyz\r\n"
        )
        answer = raw.answer()

    assert (400, "close") == (answer.status, answer.header("Connection"))
    assert [b"5\r\nhello\r\n"] == received


def test_an_upload_that_ends_early(server: StatusServer) -> None:
    """With the connection: a 400, and the upstream sees it end."""
    with upstream(rest) as authority, Raw(server.proxy_for(allow=[authority]).url) as raw:
        raw.send(message("POST", f"http://{authority}/", "Content-Length: 5") + b"he")
        raw.sock.shutdown(socket.SHUT_WR)
        answer = raw.answer()

    assert 400 == answer.status
    assert b"the connection ends after 2 octets of the content" in answer.content


def test_an_upload_that_stalls() -> None:
    """It is the client's 408, however long the upstream may take."""
    with (
        StatusServer(head_timeout=0.05) as server,
        upstream(rest) as authority,
        Raw(server.proxy_for(allow=[authority]).url) as raw,
    ):
        raw.send(message("POST", f"http://{authority}/", "Content-Length: 5") + b"he")
        answer = raw.answer()

    assert 408 == answer.status
    assert b"the content stalled for 0.05 s after 2 octets" in answer.content


@pytest.mark.parametrize("how", ["FIN", "RST"])
def test_a_client_that_leaves(status_server: StatusServer, how: str) -> None:
    """The proxy notes it, and leaves the upstream, too."""
    stalled = status_server.script(Stall())
    proxy = status_server.proxy
    with Raw(proxy.url) as raw:
        raw.send(message("GET", stalled))
        until(lambda: status_server.journal.position)
        (reset if how == "RST" else socket.socket.close)(raw.sock)
    (exchange,) = proxy.journal.wait(1)
    (origin,) = stalled.wait(1)

    assert (None, 499) == (exchange.status, exchange.logged)
    assert 499 == origin.logged


@pytest.mark.parametrize("how", ["FIN", "RST"])
def test_a_client_that_leaves_in_the_midst_of_an_upload(server: StatusServer, how: str) -> None:
    """Likewise."""
    with upstream(rest) as authority:
        proxy = server.proxy_for(allow=[authority])
        with Raw(proxy.url) as raw:
            raw.send(message("POST", f"http://{authority}/", "Content-Length: 9"))
            until(lambda: proxy.journal.position)
            (reset if how == "RST" else socket.socket.close)(raw.sock)
        assert 1 == len(proxy.journal.wait(1))


def test_a_client_that_does_not_read(server: StatusServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is gone after a while."""
    monkeypatch.setattr(forward, "PATIENCE", 0.05)

    def handle(sock: socket.socket) -> None:
        head_of(sock)
        try:
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (LARGE * 4))
            sock.sendall(b"x" * LARGE * 4)
        except OSError:
            pass

    with upstream(handle) as authority:
        proxy = server.proxy_for(allow=[authority])
        with Raw(proxy.url) as raw:
            raw.send(message("GET", f"http://{authority}/"))
            (exchange,) = proxy.journal.wait(1)

    assert "the client closed the connection before it had the whole answer" == exchange.failure


def test_pipelined_requests(status_server: StatusServer) -> None:
    """Are answered in turn; the second one may come while the first is under way."""
    slow = status_server.script(Steps(Pause(0.02), Response("slow")))
    with Raw(status_server.proxy.url) as raw:
        raw.send(message("GET", slow))
        until(lambda: status_server.journal.position)
        raw.send(message("GET", status_server.status(404)))
        assert [200, 404] == [raw.answer().status, raw.answer().status]
        raw.send(message("GET", status_server.status(405)) + message("GET", slow))
        assert [405, 200] == [raw.answer().status, raw.answer().status]


def test_an_upgrade(status_server: StatusServer) -> None:
    """Both sides want it, and talk through the proxy from then on (RFC 9110, 7.8)."""
    made = status_server.scenario(101)
    proxy = status_server.proxy
    with Raw(proxy.url) as raw:
        raw.send(message("GET", made, "Upgrade: echo/1.0", "Connection: Upgrade") + b"one\n")
        answer = raw.answer()
        assert b"one\n" == raw._exactly(4)
        raw.send(b"two\n")
        assert b"two\n" == raw._exactly(4)
        raw.sock.shutdown(socket.SHUT_WR)
        assert (b"", "FIN") == raw.end()

    assert (101, "echo/1.0") == (answer.status, answer.header("Upgrade"))
    assert "Upgrade" == answer.header("Connection")
    assert b"one\ntwo\n" == proxy.journal.wait(1)[0].content


@pytest.mark.parametrize(
    ("fields", "version"), [(["Upgrade: echo/1.0"], "HTTP/1.1"),
                            (["Upgrade: echo/1.0", "Connection: Upgrade"], "HTTP/1.0"),
                            (["Connection: Upgrade"], "HTTP/1.1")]
)  # fmt: skip
def test_an_upgrade_that_is_none(
    status_server: StatusServer, fields: list[str], version: str
) -> None:
    """Not for the next hop, not in HTTP/1.0, or without a protocol: it is not passed on."""
    made = status_server.scenario(101)
    with Raw(status_server.proxy.url) as raw:
        raw.send(message("GET", made, *fields, version=version))
        assert 200 == raw.answer().status

    assert [None] == made.header("Upgrade")


def test_an_upgrade_that_the_origin_does_not_want(status_server: StatusServer) -> None:
    """Its final answer is passed on, and the connection goes on."""
    with Raw(status_server.proxy.url) as raw:
        for _ in range(2):
            answer = raw.request(
                "GET", status_server.status(200), "Upgrade: x/1", "Connection: upgrade"
            )
            assert 200 == answer.status


def test_an_upgrade_to_something_else(server: StatusServer) -> None:
    """It is no answer to this request."""
    octets = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: b/1\r\nConnection: Upgrade\r\n\r\n"
    with (
        upstream(answers(octets)) as authority,
        Raw(server.proxy_for(allow=[authority]).url) as raw,
    ):
        answer = raw.request("GET", f"http://{authority}/", "Upgrade: a/1", "Connection: upgrade")

    assert 502 == answer.status
    assert b"switches to 'b/1', which was not asked for" in answer.content


def test_nothing_is_sent_twice(server: StatusServer) -> None:
    """Not even what would be idempotent: a client knows best (RFC 9110, 9.2.2)."""
    heard: list[bytes] = []
    with (
        upstream(answers(b"", heard=heard)) as authority,
        Raw(server.proxy_for(allow=[authority]).url) as raw,
    ):
        assert 502 == raw.request("GET", f"http://{authority}/").status

    assert 1 == len(heard)


def test_redirects_are_passed_on(status_server: StatusServer) -> None:
    """They are for the client to follow, or not."""
    made = status_server.redirects(302, to="http://192.0.2.1/")
    with Raw(status_server.proxy.url) as raw:
        answer = raw.request("GET", made)

    assert (302, "http://192.0.2.1/") == (answer.status, answer.header("Location"))
    assert 1 == len(status_server.proxy.journal)


def test_a_proxy_under_tls() -> None:
    """The client's side may be secured; within, an answer may come while the request does."""
    content = b"x" * LARGE

    def handle(sock: socket.socket) -> None:
        head_of(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % LARGE)
        for _ in range(LARGE // 65_536):
            sock.sendall(exactly(sock, 65_536))

    with upstream(handle, answers(OK)) as authority:
        with Proxy(tls=True, allow=[authority]) as proxy, Raw(proxy.url) as raw:
            raw.secure(StatusServer(tls=True).ca_file)
            sending = threading.Thread(
                target=raw.send, args=(message("PUT", f"http://{authority}/", content=content),)
            )
            sending.start()
            echoed = raw.answer()
            sending.join()
        with Proxy(tls=True, allow=[authority]) as proxy, Raw(proxy.url) as raw:
            raw.secure(StatusServer(tls=True).ca_file)
            raw.send(message("GET", f"http://{authority}/"))
            assert b"yes" == raw.answer().content

    assert content == echoed.content
