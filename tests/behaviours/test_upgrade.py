"""426, and an offer of TLS that is taken up on the same connection (RFC 2817)."""

from __future__ import annotations

import json
import socket
import ssl
import sys
from collections.abc import Callable, Iterator

import pytest
from werkzeug.wrappers import Response

from pytest_httpcodes import TLS, Head, Interim, Rule, Stage, StatusServer, Step, Steps, authority
from pytest_httpcodes.behaviours.inside import UPGRADE
from pytest_httpcodes.extras import MissingExtra
from pytest_httpcodes.wire.steps import Secure
from tests.raw import Answer, Raw, message
from tests.scenarios import path_of
from tests.secure import Records, trusting

pytest.importorskip("trustme")

OFFER = ("Upgrade: TLS/1.0", "Connection: Upgrade")


@pytest.fixture
def raw(status_server: StatusServer) -> Iterator[Raw]:
    """Return a connection to the server."""
    with Raw(status_server.url) as made:
        yield made


def switch(raw: Raw, method: str, target: str, *fields: str) -> Answer:
    """Send an offer and do the handshake; return the 101."""
    raw.send(message(method, target, *OFFER, *fields, host=raw.host))
    answer = raw.answer(method)
    assert 101 == answer.status, answer
    raw.secure(authority.authority().ca_file)
    return answer


def test_in_clear(status_server: StatusServer, raw: Raw) -> None:
    """It is refused, the answer says how to offer TLS, and the connection goes on."""
    path = path_of(status_server.scenario(426))
    answer = raw.request("GET", path)
    assert (426, "TLS/1.0, HTTP/1.1") == (answer.status, answer.header("upgrade"))
    assert "Upgrade" == answer.header("connection")
    assert "Upgrade: TLS/1.0 and Connection: Upgrade" in json.loads(answer.content)["detail"]
    assert b"" == raw.request("HEAD", path).content
    switch(raw, "GET", path)

    assert 200 == raw.answer().status


def test_inside(status_server: StatusServer, raw: Raw) -> None:
    """The 101 names the stack from below, and the answer of the same request follows in TLS."""
    made = status_server.scenario(426)
    answer = switch(raw, "GET", path_of(made))
    assert [*UPGRADE] == answer.fields
    assert b"inside TLS\n" == raw.answer().content
    (found,) = made.exchanges

    assert ([101], 200, None) == (found.interim, found.status, found.failure)
    assert found.sent.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
    assert found.sent.endswith(b"\r\n\r\ninside TLS\n")


def test_the_connection_goes_on_inside(status_server: StatusServer, raw: Raw) -> None:
    """Nothing has to be offered again, and an offer is nothing new."""
    path = path_of(status_server.scenario(426))
    switch(raw, "GET", path)
    raw.answer()
    assert 204 == raw.request("GET", "/status/204").status
    again = raw.request("GET", path, *OFFER)
    assert (200, []) == (again.status, again.interim)
    assert 200 == raw.request("GET", path).status
    raw.send(message("GET", "/200", "Connection: close") + b"ignored")
    assert 200 == raw.answer().status

    assert [1, 2, 3, 4, 5] == [exchange.number for exchange in status_server.journal]
    assert b"" == raw.sock.recv(1)  # the closure alert


def test_whom_to_trust(status_server: StatusServer, raw: Raw) -> None:
    """A client that cannot see the file gets it below the instance, in clear, to be read alone."""
    made = status_server.scenario(426)
    refused = raw.request("GET", path_of(made))
    path = json.loads(refused.content)["detail"].rpartition(" trust ")[2]
    assert f"{path_of(made)}/ca.pem" == path
    page = raw.request("GET", path_of(made), "Accept: text/html").content
    assert f'<a href="{path}">'.encode() in page
    answer = raw.request("GET", path)
    assert "application/pem-certificate-chain" == answer.header("content-type")
    assert 405 == raw.request("PUT", path, content=b"").status
    raw.send(message("GET", path_of(made), *OFFER, host=raw.host))
    assert 101 == raw.answer().status
    context = ssl.create_default_context(cadata=answer.content.decode("ascii"))
    with context.wrap_socket(raw.sock, server_hostname="127.0.0.1") as inside:
        assert b"HTTP/1.1 200" == inside.recv(12)


def test_urls_stay_as_they_are(status_server: StatusServer, raw: Raw) -> None:
    """They are those of "http", since nothing listens for "https" there (RFC 2817, 8.1)."""
    made = status_server.scenario(426)
    switch(raw, "GET", made)
    assert 200 == raw.answer().status
    answer = raw.request("GET", "/redirects/302")

    assert f"{status_server.url}/redirects/end" == answer.header("location")
    assert 421 == raw.request("GET", made.replace("http://", "https://")).status


def test_the_handshake_right_behind_the_request(status_server: StatusServer, raw: Raw) -> None:
    """Octets that were read behind the blank line are those of TLS."""
    client = Records(trusting())
    octets = message("GET", path_of(status_server.scenario(426)), *OFFER)
    raw.send(octets + client.take())
    assert 101 == raw.answer().status
    while not client.is_ready:
        client.feed(raw._held or raw.sock.recv(65_536))
        raw._held = b""
        raw.send(client.take())
    received = b""
    while not received.endswith(b"inside TLS\n"):
        client.feed(raw.sock.recv(65_536))
        received += client.read()

    assert received.startswith(b"HTTP/1.1 200 OK\r\n")


def test_the_whole_server(status_server: StatusServer, raw: Raw) -> None:
    """`OPTIONS *` is how a client insists on TLS before it says anything else (RFC 2817, 3.2)."""
    assert 204 == raw.request("OPTIONS", "*").status
    switch(raw, "OPTIONS", "*")
    assert 204 == raw.answer("OPTIONS").status

    assert 200 == raw.request("GET", path_of(status_server.scenario(426))).status
    assert [[], [101], []] == [exchange.interim for exchange in status_server.journal]


@pytest.mark.parametrize(
    "fields",
    [
        ("Upgrade: tls/1.0", "Connection: keep-alive, UPGRADE"),
        ("Upgrade: websocket, TLS/1.0", "Connection: upgrade"),
        ("Upgrade: HTTP/1.1", "Upgrade: TLS/1.0", "Connection: upgrade"),
    ],
)
def test_offers(status_server: StatusServer, raw: Raw, fields: tuple[str, ...]) -> None:
    """One of several, in any case of letters, on several lines."""
    raw.send(message("GET", path_of(status_server.scenario(426)), *fields))

    assert 101 == raw.answer().status


@pytest.mark.parametrize(
    ("fields", "version"),
    [
        (("Upgrade: TLS/1.0",), "HTTP/1.1"),
        (("Connection: Upgrade",), "HTTP/1.1"),
        (("Upgrade: TLS/1.0", "Connection: TLS/1.0"), "HTTP/1.1"),
        (("Upgrade: TLS", "Connection: Upgrade"), "HTTP/1.1"),
        (("Upgrade: TLS/1.3", "Connection: Upgrade"), "HTTP/1.1"),
        (("Upgrade: TLS/1.0;q=1", "Connection: Upgrade"), "HTTP/1.1"),
        (("Upgrade: websocket", "Connection: Upgrade"), "HTTP/1.1"),
        (OFFER, "HTTP/1.0"),
    ],
)
def test_no_offer(
    status_server: StatusServer, raw: Raw, fields: tuple[str, ...], version: str
) -> None:
    """None of TLS/1.0, one that `Connection` does not list, or one of HTTP/1.0."""
    path = path_of(status_server.scenario(426))
    answer = raw.request("GET", path, *fields, version=version)

    assert (426, []) == (answer.status, answer.interim)


def test_content_comes_first(status_server: StatusServer, raw: Raw) -> None:
    """100, the content in clear, then 101 (RFC 9110, 7.8)."""
    made = status_server.scenario(426)
    lines = (*OFFER, "Expect: 100-continue", "Content-Length: 3")
    raw.send(message("POST", path_of(made), *lines))
    assert not raw.is_silent(5)
    raw.send(b"abc")
    answer = raw.answer("POST")
    assert ([100], 101) == ([one.status for one in answer.interim], answer.status)
    raw.secure(status_server.ca_file)
    assert 201 == raw.answer("POST").status

    assert (b"abc", [100, 101]) == (made.exchanges[0].content, made.exchanges[0].interim)


def test_what_is_refused_before_its_content(status_server: StatusServer, raw: Raw) -> None:
    """It is refused in clear: a client does not change the protocol within a request."""
    length = f"Content-Length: {2**40}"
    raw.send(message("POST", path_of(status_server.scenario(426)), *OFFER, length))

    assert 413 == raw.answer("POST").status


def test_what_is_refused_inside(status_server: StatusServer, raw: Raw) -> None:
    """Any answer to a whole request comes in TLS."""
    switch(raw, "PATCH", path_of(status_server.scenario(426)))

    assert 405 == raw.answer("PATCH").status


def test_a_head_inside(status_server: StatusServer, raw: Raw) -> None:
    """It has no content there either."""
    switch(raw, "HEAD", path_of(status_server.scenario(426)))
    assert b"" == raw.answer("HEAD").content

    assert 204 == raw.request("GET", "/status/204").status


def test_under_tls_from_the_start() -> None:
    """Nothing is demanded, and nothing is switched."""
    with StatusServer(tls=True) as server, Raw(server.url) as raw:
        raw.secure(server.ca_file)
        path = path_of(server.scenario(426))
        answers = [raw.request("GET", path), raw.request("GET", path, *OFFER)]
        answers.append(raw.request("OPTIONS", "*", *OFFER))

    assert [(200, []), (200, []), (204, [])] == [(a.status, a.interim) for a in answers]


def test_a_fault_inside(status_server: StatusServer, raw: Raw) -> None:
    """It breaks the answer, and not the handshake before it."""
    made = status_server.scenario(426, fault="truncate", at="content:6")
    switch(raw, "GET", path_of(made))
    head = raw._until(b"\r\n\r\n")

    assert b"\r\nContent-Length: 11\r\n" in head
    assert (b"inside", "FIN") == raw.end()


@pytest.mark.parametrize(
    ("leave", "failure"),
    [
        (lambda sock: sock.sendall(b"GET / HTTP/1.1\r\n\r\n"), "the TLS handshake failed: "),
        (lambda sock: sock.shutdown(socket.SHUT_WR), "the client left in the midst of the TLS"),
        (lambda sock: None, "the TLS handshake took too long (head_timeout)"),
    ],
)
def test_a_handshake_that_fails(leave: Callable[[socket.socket], None], failure: str) -> None:
    """It ends the connection, and the journal says why (RFC 2817, 3.3)."""
    with StatusServer(head_timeout=0.1) as server, Raw(server.url) as raw:
        made = server.scenario(426)
        raw.send(message("GET", path_of(made), *OFFER))
        assert 101 == raw.answer().status
        leave(raw.sock)
        received, how = raw.end()
        (found,) = made.wait(1)

    assert (True, "FIN") == (not received or received[:1] == b"\x15", how)
    assert ([101], None, None) == (found.interim, found.status, found.logged)
    assert found.failure is not None
    assert found.failure.startswith(failure)
    assert found.finished is not None


def test_a_client_that_trusts_nobody(status_server: StatusServer, raw: Raw) -> None:
    """Its alert is in the journal."""
    made = status_server.scenario(426)
    raw.send(message("GET", path_of(made), *OFFER))
    assert 101 == raw.answer().status
    with pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(raw.sock, server_hostname="127.0.0.1")
    (found,) = made.wait(1)

    assert "unknown ca" in (found.failure or "")


def test_stopping_ends_a_handshake() -> None:
    """Though the connection was another one when it was accepted."""
    with StatusServer() as server:
        made = server.scenario(426)
        raw = Raw(server.url)
        raw.send(message("GET", path_of(made), *OFFER))
        assert 101 == raw.answer().status
    with raw:
        assert (b"", "FIN") == raw.end()

    assert "the server was stopped in the midst of the TLS handshake" == made.exchanges[0].failure


def test_stopping_ends_an_answer_inside() -> None:
    """And tells it from a client that left."""
    with StatusServer() as server:
        made = server.scenario(426, fault="stall", at="content:3")
        raw = Raw(server.url)
        switch(raw, "GET", path_of(made))
        assert raw._until(b"ins").endswith(b"ins")
    with raw, pytest.raises(ssl.SSLEOFError):
        raw.sock.recv(1)

    assert "the server was stopped in the midst of the answer" == made.exchanges[0].failure


def secure() -> Secure:
    """Return the step that goes on under TLS."""
    return Secure(authority.issued(TLS(), "127.0.0.1"))


def test_a_script_goes_on_inside(status_server: StatusServer, raw: Raw) -> None:
    """The step is one like any other."""
    made = status_server.script(Steps(Interim(101, UPGRADE), secure(), Response("inside")))
    switch(raw, "GET", path_of(made))

    assert b"inside" == raw.answer().content


def _fails() -> Iterator[Step]:
    yield Interim(101, UPGRADE)
    yield secure()
    raise RuntimeError("inside")


def test_a_fault_of_ours_is_owned_up_to_inside(server: StatusServer) -> None:
    """The client could read no other answer."""
    path = path_of(server.resource("", Rule(Stage.SWITCH, lambda request: _fails())))
    with Raw(server.url) as raw:
        switch(raw, "GET", path)

        assert 590 == raw.answer().status


@pytest.mark.parametrize("steps", [(secure, secure), (lambda: Head(200), secure)])
def test_a_step_in_the_wrong_place(
    server: StatusServer, steps: tuple[Callable[[], Step], ...]
) -> None:
    """Twice, or behind the head: a fault of whoever wrote it."""
    made = server.resource("", Rule(Stage.SWITCH, lambda request: [make() for make in steps]))
    with Raw(server.url) as raw:
        raw.send(message("GET", path_of(made)))
        if steps[0] is secure:
            raw.secure(server.ca_file)
        assert 590 == raw.answer().status
    (found,) = made.exchanges

    assert "the steps have a Secure behind the head, or a second one" in (found.failure or "")


def test_without_the_library(server: StatusServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes an instance is told which extra has it, in Python and by a URL."""
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(MissingExtra, match=r"install 'pytest-httpcodes\[tls\]'"):
        server.scenario(426)
    with Raw(server.url) as raw:
        answer = raw.request("GET", "/426/mine")

    assert 590 == answer.status
    assert b"pip install 'pytest-httpcodes[tls]'" in answer.content


def test_no_options(status_server: StatusServer, raw: Raw) -> None:
    """There are none but those that every scenario has."""
    with pytest.raises(ValueError, match="has no option 'version'; there are delay, fault, at"):
        status_server.scenario(426, version="1.0")
    assert 400 == raw.request("GET", "/426/mine?version=1.0").status
