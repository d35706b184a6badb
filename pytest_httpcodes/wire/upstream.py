"""Connections to upstreams, and what can go wrong with them (RFC 9110, 3.7; RFC 9209, 2.3)."""

from __future__ import annotations

import errno
import socket
import ssl
import time
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pytest_httpcodes.wire.stream import Stream
from pytest_httpcodes.wire.tls import SecureStream

# What a socket is connected to: a host in numbers and a port, with IPv6 two numbers more.
Address: TypeAlias = "tuple[Any, ...]"

_UNROUTABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL)


class UpstreamError(Exception):
    """What went wrong with an upstream.

    `kind` is one of the error types of RFC 9209, 2.3, such as "connection_refused"; `detail` says
    more for a person.
    """

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Upstream:
    """A server to connect to: at the first of its `addresses` that takes the connection.

    They are used as they are: no name is looked up again. `name` is for a person; under TLS, which
    is spoken with a `context`, it is the name that the server has to have a certificate for.
    Connecting takes `connect_timeout` seconds at most; `timeout` is how long the upstream may be
    silent, or take nothing, in seconds.
    """

    name: str
    addresses: tuple[Address, ...]
    context: ssl.SSLContext | None = field(default=None, repr=False)
    connect_timeout: float = 10.0
    timeout: float = 30.0


def resolve(host: str, port: int) -> tuple[Address, ...]:
    """Look up the addresses of a host, each once; raises `UpstreamError`.

    An IPv4 address that is written as one of IPv6 is returned as what it is.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        # The name may have a label that is too long to be looked up.
        reason = getattr(error, "strerror", None) or "it cannot be looked up"
        again = getattr(error, "errno", None) == socket.EAI_AGAIN
        detail = f"there is no address of {host}: {reason}"
        raise UpstreamError("dns_timeout" if again else "dns_error", detail) from None
    return tuple(dict.fromkeys(_unmapped(address) for *_, address in found))


def _unmapped(address: Address) -> Address:
    host = str(address[0])
    if host.lower().startswith("::ffff:") and "." in host:
        return (host[7:], address[1])
    return address


def connect(to: Upstream, client: Stream) -> Stream:
    """Connect to an upstream; raises `UpstreamError`. An abort of `client` ends it, too."""
    deadline = time.monotonic() + to.connect_timeout
    error = UpstreamError("destination_not_found", f"{to.name} has no address that may be used")
    for address in to.addresses:
        try:
            return _connect(to, address, client, deadline)
        except UpstreamError as found:
            error = found
    raise error


def _connect(to: Upstream, address: Address, client: Stream, deadline: float) -> Stream:
    try:
        sock = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
        stream = Stream(sock, address[0], max(deadline - time.monotonic(), 0.001))
    except OSError as error:  # this machine has no IPv6, say
        raise _unreached(to, error) from None
    try:
        client.attach(stream)
        sock.connect(address)
        client.attach(stream)  # not every system ends what is not connected yet
        if to.context is None:
            return stream
        secured = SecureUpstream(stream, to)
        secured.handshake(deadline - time.monotonic())
    except OSError as error:
        stream.close()
        raise _unreached(to, error) from None
    except UpstreamError:
        stream.close()
        raise
    return secured


def _unreached(to: Upstream, error: OSError) -> UpstreamError:
    if isinstance(error, TimeoutError):
        detail = f"{to.name} took no connection within {to.connect_timeout:g} s"
        return UpstreamError("connection_timeout", detail)
    if isinstance(error, ConnectionRefusedError):
        return UpstreamError("connection_refused", f"{to.name} refused the connection")
    if error.errno in _UNROUTABLE:
        return UpstreamError("destination_ip_unroutable", f"there is no route to {to.name}")
    reason = error.strerror or f"{error}"
    return UpstreamError("connection_terminated", f"no connection to {to.name}: {reason.lower()}")


def broken(name: str, error: OSError) -> UpstreamError:
    """Say what an error of a connection to `name`, once it is there, means."""
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        reason = (error.reason or f"{error}").replace("_", " ").lower()
        # "Not appropriate when a TLS alert is received; see tls_alert_received" (RFC 9209, 2.3.13).
        kind = "tls_alert_received" if " alert " in f"{reason} " else "tls_protocol_error"
        return UpstreamError(kind, f"TLS with {name} failed: {reason}")
    if isinstance(error, ssl.SSLEOFError):
        # An end without the closure alert may be anybody's (RFC 9112, 9.8).
        return UpstreamError("connection_terminated", f"{name} closed without the closure alert")
    return UpstreamError("connection_terminated", f"{name} reset the connection")


class SecureUpstream(SecureStream):
    """A connection under TLS of which this is the client's side."""

    __slots__ = ("_name",)

    def __init__(self, below: Stream, to: Upstream) -> None:
        assert to.context is not None  # noqa: S101 - else it is spoken to in clear
        self._name = to.name
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        tls = to.context.wrap_bio(self._incoming, self._outgoing, server_hostname=to.name)
        self._begin(below, tls)

    def handshake(self, timeout: float) -> None:
        """Do the handshake, within `timeout` seconds; raises `UpstreamError`."""
        deadline = time.monotonic() + timeout
        try:
            self._shake_hands(deadline)
        except ssl.SSLCertVerificationError as error:
            self._flush_alert()
            detail = f"{self._name} has a bad certificate: {error.verify_message}"
            raise UpstreamError("tls_certificate_error", detail) from None
        except ssl.SSLError as error:
            self._flush_alert()
            raise broken(self._name, error) from None
        except TimeoutError:
            detail = f"{self._name} took too long for the TLS handshake"
            raise UpstreamError("connection_timeout", detail) from None
        except OSError as error:
            raise broken(self._name, error) from None
