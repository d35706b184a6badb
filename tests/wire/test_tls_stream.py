"""A stream under TLS on one that only notes what is done to it."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import pytest

from pytest_httpcodes import TLS, authority
from pytest_httpcodes.wire import tls as module
from pytest_httpcodes.wire.stream import Stream
from pytest_httpcodes.wire.tls import HandshakeError, SecureStream, Terms, accept
from tests.secure import Records, trusting

pytest.importorskip("trustme")

FAR = 30.0


class Below(Stream):
    """A stream whose other end is a client in the test's hands.

    What is `coming` is received first, then what the client has to say by itself; then there is
    `silence`: an exception, or the end.
    """

    def __init__(self, client: Records | None = None) -> None:
        self.client = client
        self.coming: list[bytes] = []
        self.silence: OSError | None = TimeoutError()
        self.broken = False
        self.log: list[object] = []
        self.peer = "127.0.0.1"
        self._aborted = False

    def receive(self, timeout: float) -> bytes:
        """Give what comes next."""
        assert timeout > 0
        if self.coming:
            return self.coming.pop(0)
        octets = self.client.take() if self.client else b""
        if octets:
            return octets
        if self.silence is not None:
            raise self.silence
        return b""

    def send(self, octets: bytes) -> None:
        """Hand octets to the client."""
        if self.broken:
            self.log.append("broken")
            raise BrokenPipeError
        self.log.append(octets)
        if self.client:
            self.client.feed(octets)

    def wait(self, seconds: float) -> bool:
        """Note how long."""
        self.log.append(("wait", seconds > 0))
        return True

    def half_close(self) -> None:
        """Note it."""
        self.log.append("half-close")

    def close(self) -> None:
        """Note it."""
        self.log.append("close")

    def reset(self) -> None:
        """Note it."""
        self.log.append("reset")

    def abort(self) -> None:
        """Note it."""
        self._aborted = True


@pytest.fixture
def client() -> Records:
    """Return a client that asks for a name of the server's."""
    return Records(name="A.localhost")


@pytest.fixture
def below(client: Records) -> Below:
    """Return the stream to it."""
    return Below(client)


def terms(tls: TLS | None = None) -> Terms:
    """Return the terms of a server."""
    return authority.issued(tls or TLS(), "127.0.0.1")


@pytest.fixture
def stream(below: Below, client: Records) -> SecureStream:
    """Return a stream that has done its handshake, and whose client has, too."""
    made = SecureStream(below, terms())
    made.handshake(FAR)
    assert client.is_ready
    below.log.clear()
    return made


def test_it_knows_of_whom_it_is(stream: SecureStream, below: Below) -> None:
    """The peer is that of the stream below; the server's name is the client's to say."""
    assert ("127.0.0.1", True, "a.localhost") == (stream.peer, stream.secured, stream.server_name)
    assert stream.refusal is None
    assert not stream.aborted
    stream.abort()

    assert (True, True) == (stream.aborted, below.aborted)


def test_octets_read_before_are_part_of_the_handshake(client: Records) -> None:
    """A client may have sent its hello right behind a request; the rest comes one by one."""
    hello = client.take()
    below = Below(client)
    below.coming = [hello[100:101], hello[101:]]
    SecureStream(below, terms(), hello[:100]).handshake(FAR)

    assert client.is_ready


@pytest.mark.parametrize(
    ("silence", "aborted", "text"),
    [
        (TimeoutError(), False, "the TLS handshake took too long (head_timeout)"),
        (None, False, "the client left in the midst of the TLS handshake"),
        (ConnectionResetError(), False, "the client left in the midst of the TLS handshake"),
        (None, True, "the server was stopped in the midst of the TLS handshake"),
    ],
)
def test_a_handshake_that_nobody_ends(silence: OSError | None, aborted: bool, text: str) -> None:
    """It says who ended it instead."""
    below = Below()
    below.silence = silence
    below._aborted = aborted
    with pytest.raises(HandshakeError) as found:
        SecureStream(below, terms()).handshake(FAR)

    assert text == str(found.value)


def test_a_handshake_with_garbage() -> None:
    """It fails with an alert, and says why; where that does not arrive is no matter."""
    for broken in (False, True):
        below = Below()
        below.broken = broken
        with pytest.raises(HandshakeError, match="^the TLS handshake failed: [a-z ]+$"):
            SecureStream(below, terms(), b"\x16\x03\x01\x00\x05hello").handshake(FAR)
        assert broken == ("broken" in below.log)


def test_a_handshake_with_a_client_that_refuses() -> None:
    """It is told by the client's alert (RFC 8446, 6.2)."""
    below = Below(Records(ssl.create_default_context()))
    with pytest.raises(HandshakeError, match=r"failed: .*alert unknown ca"):
        SecureStream(below, terms()).handshake(FAR)


def test_octets_come_and_go(stream: SecureStream, below: Below, client: Records) -> None:
    """In records; what is half there is waited for."""
    record = client.write(b"abc")
    below.coming = [record[:1], record[1:]]
    assert b"abc" == stream.receive(FAR)
    stream.send(b"de")

    assert b"de" == client.read()
    with pytest.raises(TimeoutError):
        stream.receive(FAR)


def test_the_end_is_nothing(stream: SecureStream, below: Below, client: Records) -> None:
    """With the closure alert, and without: incomplete, and just as final (RFC 9112, 9.8)."""
    below.coming = [client.write(b"abc") + client.goodbye()]
    assert [b"abc", b"", b""] == [stream.receive(FAR) for _ in range(3)]

    below.silence = None
    assert b"" == stream.receive(FAR)


def test_an_end_without_the_alert(stream: SecureStream, below: Below) -> None:
    """It is one, too."""
    below.silence = None

    assert [b"", b""] == [stream.receive(FAR), stream.receive(FAR)]


def test_a_bad_record_is_an_end(stream: SecureStream, below: Below, client: Records) -> None:
    """The client gets an alert for it (RFC 8446, 5.2: `bad_record_mac`)."""
    record = bytearray(client.write(b"abc"))
    record[-1] ^= 1
    below.coming = [bytes(record)]
    assert b"" == stream.receive(FAR)

    with pytest.raises(ssl.SSLError, match="BAD_RECORD_MAC"):
        client.read()


class TestWait:
    """Waiting for nothing but the client's end."""

    def test_it_ends_with_the_client(
        self, stream: SecureStream, below: Below, client: Records
    ) -> None:
        """Whose alert may come behind octets, which are there later."""
        below.coming = [client.write(b"abc"), client.write(b"de") + client.goodbye()]

        assert stream.wait(FAR)
        assert [b"abcde", b""] == [stream.receive(FAR), stream.receive(FAR)]

    def test_it_lasts_as_long_as_asked(
        self, stream: SecureStream, below: Below, client: Records
    ) -> None:
        """Though a record comes meanwhile."""
        below.coming = [client.write(b"abc")]

        assert not stream.wait(0.0)
        assert stream.has_octets()
        assert b"abc" == stream.receive(FAR)

    def test_not_all_is_held(self, stream: SecureStream, below: Below, client: Records) -> None:
        """What goes beyond that waits in the kernel, and the wait goes on there."""
        below.coming = [client.write(bytes(module._HOLD)), client.write(b"more")]

        assert stream.wait(FAR)
        assert [("wait", True)] == below.log
        assert 1 == len(below.coming)


def test_what_is_there_can_be_seen(stream: SecureStream, below: Below, client: Records) -> None:
    """Without taking it; half a record is nothing yet, and neither is the end."""
    assert not stream.has_octets()
    record = client.write(b"abc")
    below.coming = [record[:5]]
    assert not stream.has_octets()
    below.coming = [record[5:]]
    assert stream.has_octets()
    assert stream.has_octets()
    assert b"abc" == stream.receive(FAR)
    below.silence = None

    assert not stream.has_octets()


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_half_closing_says_goodbye_once(version: str) -> None:
    """What is there, and what still comes, is read all the same (RFC 8446, 6.1)."""
    client = Records()
    below = Below(client)
    stream = SecureStream(below, terms(TLS(version=version)))
    stream.handshake(FAR)
    below.coming = [client.write(b"abc") + client.write(b"de") + client.write(b"f")]
    below.log.clear()
    assert b"abc" == stream.receive(FAR)
    stream.half_close()
    assert client.is_told
    below.coming = [client.write(b"ghi"), client.goodbye()]
    assert [b"def", b"ghi", b"", b""] == [stream.receive(FAR) for _ in range(4)]
    stream.close()

    assert ["half-close", "close"] == below.log[1:]


def test_half_closing_on_garbage(stream: SecureStream, below: Below, client: Records) -> None:
    """What is no record ends the reading, and what came before it is read."""
    below.coming = [client.write(b"abc") + client.write(b"de") + b"\x17\x03\x03\x00\x02xx"]
    assert b"abc" == stream.receive(FAR)
    stream.half_close()

    assert [b"de", b""] == [stream.receive(FAR), stream.receive(FAR)]


def test_closing_says_goodbye(stream: SecureStream, below: Below, client: Records) -> None:
    """If nothing has said so before; that the client is gone is no matter."""
    stream.close()

    assert client.is_told
    assert "close" == below.log[-1]


def test_a_client_that_is_gone_is_told_nothing(stream: SecureStream, below: Below) -> None:
    """One that did not take octets would take no alert, and might take its time for that."""
    below.broken = True
    with pytest.raises(BrokenPipeError):
        stream.send(b"abc")
    stream.close()

    assert ["broken", "close"] == below.log


@pytest.mark.parametrize("close", [SecureStream.half_close, SecureStream.close])
def test_a_mute_close(
    stream: SecureStream, below: Below, client: Records, close: Callable[[SecureStream], None]
) -> None:
    """The closure alert is left out, and the client cannot know who closed."""
    stream.mute()
    close(stream)
    client.feed(b"")

    assert 1 == len(below.log)
    with pytest.raises(ssl.SSLEOFError):
        assert client.is_told


def test_a_reset_says_nothing(stream: SecureStream, below: Below) -> None:
    """It is the connection's."""
    stream.reset()

    assert ["reset"] == below.log


@pytest.mark.parametrize(
    ("demand", "name", "alert"),
    [
        ("any", "localhost", None),
        ("any", "elsewhere.example", None),
        ("any", None, None),
        ("known", "B.localhost", None),
        ("known", "elsewhere.example", "UNRECOGNIZED_NAME"),
        ("known", None, None),
        ("required", "b.localhost", None),
        ("required", "elsewhere.example", "UNRECOGNIZED_NAME"),
        ("required", None, "MISSING_EXTENSION"),
    ],
)
def test_names(demand: str, name: str | None, alert: str | None) -> None:
    """An unknown one may get `unrecognized_name`, a missing one `missing_extension`."""
    context = trusting()
    context.check_hostname = False
    client = Records(context, name=name)
    stream = SecureStream(Below(client), terms(TLS(server_name=demand)))
    if alert is None:
        stream.handshake(FAR)
        known = name is not None and name.endswith("localhost")
        assert (name.lower() if known and name else None) == stream.server_name
    else:
        with pytest.raises(HandshakeError):
            stream.handshake(FAR)
        client.take()
        assert alert in f"{client.failure}"


def own_context() -> ssl.SSLContext:
    """Return a context as a test makes one itself."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(authority.authority().client_file())
    return made


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("www.example.org", True),
        ("WWW.Example.org", True),
        ("example.org", False),
        ("a.b.example.org", False),
        ("org", False),
        ("other.example", True),
    ],
)
def test_a_wildcard(name: str, known: bool) -> None:
    """It stands for one label, the first (RFC 9525, 6.3)."""
    context = trusting()
    context.check_hostname = False
    tls = TLS(names=("*.Example.org", "other.example"), server_name="known")
    client = Records(context, name=name)
    stream = SecureStream(Below(client), terms(tls))
    if known:
        stream.handshake(FAR)
        assert name.lower() == stream.server_name
    else:
        with pytest.raises(HandshakeError):
            stream.handshake(FAR)
        client.take()
        assert "UNRECOGNIZED_NAME" in f"{client.failure}"


def test_a_context_of_ones_own() -> None:
    """Each name is its server's."""
    context = trusting()
    context.check_hostname = False
    stream = SecureStream(Below(Records(context, name="client.localhost")), Terms(own_context()))
    stream.handshake(FAR)

    assert "client.localhost" == stream.server_name


def test_a_context_that_is_used_elsewhere_too() -> None:
    """What is no connection of ours is left alone."""
    context = own_context()
    Terms(context)
    context.sslobject_class = ssl.SSLObject
    client = Records(name="client.localhost")
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    elsewhere = context.wrap_bio(incoming, outgoing, server_side=True)
    incoming.write(client.take())
    with pytest.raises(ssl.SSLWantReadError):
        elsewhere.do_handshake()
    client.feed(outgoing.read())
    client.take()

    assert client.is_ready


def test_a_context_with_a_callback_of_its_own() -> None:
    """It is the one that is called, and names are not known."""
    context, names = own_context(), []
    context.sni_callback = lambda tls, name, context: names.append(name)
    stream = SecureStream(Below(Records(name="client.localhost")), Terms(context))
    stream.handshake(FAR)

    assert ["client.localhost"] == names
    assert stream.server_name is None


@pytest.mark.parametrize(
    ("certificate", "refused"),
    [
        ("valid", None),
        (None, (496, "the client sent no certificate")),
        ("expired", (495, "the client's certificate has expired")),
        ("unknown-authority", (495, "the client's certificate is of an unknown authority")),
    ],
)
def test_a_clients_certificate(certificate: str | None, refused: tuple[int, str] | None) -> None:
    """The handshake goes well with a bad one, and with none (RFC 8446, 4.4.2.4)."""
    client = Records(trusting(client=certificate))
    stream, unread, refusal = accept(Below(client), terms(TLS(client="nginx")), FAR)

    assert (True, b"") == (stream.secured, unread)
    assert refused == (refusal and (refusal.status, refusal.detail))


def test_plain_http_is_no_handshake() -> None:
    """The connection goes on in clear, to be refused there."""
    below = Below()
    below.coming = [b"GET / HTTP/1.1\r\n"]
    stream, unread, refusal = accept(below, terms(), FAR)

    assert stream is below
    assert b"GET / HTTP/1.1\r\n" == unread
    assert refusal is not None
    assert 497 == refusal.status


@pytest.mark.parametrize("octets", [b"\x16\x03\x01\x00\x01x", b"\x80\x2e\x01\x00\x02"])
def test_what_begins_as_tls_is_one(octets: bytes) -> None:
    """A record of a handshake, or the hello of SSL 2."""
    below = Below()
    below.coming = [octets]
    with pytest.raises(HandshakeError):
        accept(below, terms(), FAR)


@pytest.mark.parametrize(
    ("silence", "text"), [(None, "the client left"), (TimeoutError(), "said nothing for too long")]
)
def test_a_client_that_says_nothing(silence: OSError | None, text: str) -> None:
    """It is not waited for."""
    below = Below()
    below.silence = silence
    with pytest.raises(HandshakeError, match=text):
        accept(below, terms(), FAR)
