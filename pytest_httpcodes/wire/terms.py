"""What a server offers and demands of clients under TLS (RFC 6066, 3; RFC 8446, 9.2)."""

from __future__ import annotations

import ssl
from collections.abc import Callable

from pytest_httpcodes.wire.head import Refusal

# RFC 8446, 9.2: a server may demand a server name.
_MISSING_EXTENSION = 109

# What is asked of the name that a client gives in its hello (RFC 6066, 3): nothing, that it is one
# of the server's if it gives one, or that it gives one of those.
SERVER_NAMES = ("any", "known", "required")

Judge = Callable[[ssl.SSLObject], "Refusal | None"]


class Named(ssl.SSLObject):
    """One connection's TLS, with the name that the client asked for."""

    server_name: str | None = None


class Terms:
    """What a server offers and demands under TLS.

    `context` has its certificate and its versions. `names` are those of the server, in ASCII, such
    as "example.org" and "*.example.org"; without any, each that a client asks for is one, and
    `server_name`, one of `SERVER_NAMES`, says what becomes of the others. `judge` says, after the
    handshake, whether each request is refused for the client's certificate. A context that has a
    `sni_callback` keeps it, and names are not known.
    """

    __slots__ = ("_demand", "_names", "context", "judge")

    def __init__(
        self,
        context: ssl.SSLContext,
        names: tuple[str, ...] = (),
        server_name: str = "any",
        judge: Judge | None = None,
    ) -> None:
        self.context = context
        self.judge = judge
        self._names = frozenset(name.lower() for name in names)
        self._demand = server_name
        if context.sni_callback is None:
            context.sslobject_class = Named
            context.sni_callback = self._named

    def is_known(self, name: str) -> bool:
        """Tell whether a name, in lower case, is one of the server's."""
        # "*.example.org" is each name of one label more (RFC 9525, 6.3).
        rest = name.partition(".")[2]
        return not self._names or name in self._names or f"*.{rest}" in self._names

    def _named(self, tls: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> int | None:
        # Notes the name of a client's hello; returns an alert that ends the handshake, or None.
        if name is None:
            # "Servers requiring this extension SHOULD respond to a ClientHello lacking a
            # "server_name" extension by terminating the connection with a "missing_extension"
            # alert" (RFC 8446, 9.2).
            return _MISSING_EXTENSION if self._demand == "required" else None
        if isinstance(tls, Named):
            tls.server_name = name.lower()
        if self._demand == "any" or self.is_known(name.lower()):
            return None
        # "either abort the handshake by sending a fatal-level unrecognized_name(112) alert or
        # continue the handshake" (RFC 6066, 3).
        return int(ssl.AlertDescription.ALERT_DESCRIPTION_UNRECOGNIZED_NAME)
