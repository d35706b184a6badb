"""A client's side of TLS whose records the test carries itself, and plain connections to a port."""

from __future__ import annotations

import contextlib
import socket
import ssl

from pytest_httpcodes import StatusServer, authority
from tests.raw import Raw


def trusting(*, client: str | None = None) -> ssl.SSLContext:
    """Return the context of a client that trusts the authority, with one of its certificates."""
    context = ssl.create_default_context(cafile=authority.authority().ca_file)
    if client is not None:
        context.load_cert_chain(authority.authority().client_file(client))
    return context


class Records:
    """A client under TLS without a connection: octets for the server, and from it.

    `failure` is why its handshake failed, if it did.
    """

    def __init__(
        self, context: ssl.SSLContext | None = None, name: str | None = "127.0.0.1"
    ) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        context = context or trusting()
        context.check_hostname = context.check_hostname and name is not None
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        self.is_ready = False
        self.failure: ssl.SSLError | None = None

    def take(self) -> bytes:
        """Return the octets that are there for the server; the first are those of its hello."""
        if not (self.is_ready or self.failure):
            try:
                self.tls.do_handshake()
                self.is_ready = True
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError as error:
                self.failure = error
        return self._outgoing.read()

    def feed(self, octets: bytes) -> None:
        """Take octets from the server, `b""` for the end."""
        if octets:
            self._incoming.write(octets)
        else:
            self._incoming.write_eof()

    def write(self, octets: bytes) -> bytes:
        """Return octets for the server as records."""
        self.tls.write(octets)
        return self._outgoing.read()

    def goodbye(self) -> bytes:
        """Return the closure alert for the server."""
        with contextlib.suppress(ssl.SSLError):  # it would wait for the server's
            self.tls.unwrap()
        return self._outgoing.read()

    def read(self) -> bytes:
        """Return what the server said so far, `b""` at its closure alert."""
        octets = b""
        with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            while piece := self.tls.read(65_536):
                octets += piece
        return octets

    @property
    def is_told(self) -> bool:
        """Whether the server's closure alert has come; raises `ssl.SSLError` for another end."""
        try:
            return not self.tls.read(1)
        except ssl.SSLZeroReturnError:
            return True
        except ssl.SSLWantReadError:
            return False


class Carried:
    """A socket under TLS that tells an RST, and a FIN with the closure alert, from one without.

    `ssl.SSLSocket` raises the same error for an RST and for a FIN that nobody announced.
    """

    def __init__(self, sock: socket.socket, records: Records) -> None:
        self._sock = sock
        self.records = records
        while not records.is_ready:
            sock.sendall(records.take())
            if not records.is_ready:
                records.feed(sock.recv(65_536))
        sock.sendall(records.take())
        self.sendall, self.settimeout, self.close = self._send, sock.settimeout, sock.close

    def _send(self, octets: bytes) -> None:
        self._sock.sendall(self.records.write(octets))

    def recv(self, count: int) -> bytes:
        """Return octets, `b""` at the FIN; raises `ConnectionResetError` at an RST."""
        while True:
            octets = self.records.read()
            piece = b"" if octets else self._sock.recv(count)
            if octets or not piece:
                return octets
            self.records.feed(piece)

    def say_goodbye(self) -> None:
        """Send the closure alert and a FIN."""
        self._sock.sendall(self.records.goodbye())
        self._sock.shutdown(socket.SHUT_WR)


class Inside(Raw):
    """One connection to a server under TLS; `ending` says how it ended."""

    def __init__(self, server: StatusServer, context: ssl.SSLContext | None = None) -> None:
        super().__init__(server.url)
        self.plain = self.sock
        self.carried = Carried(self.plain, Records(context))
        self.sock = self.carried  # type: ignore[assignment]

    def ending(self) -> tuple[bytes, str]:
        """Read until the end; return the octets, and "alert", "FIN" or "RST"."""
        octets, how = self.end()
        return octets, "alert" if how == "FIN" and self.carried.records.is_told else how
