"""The words for what a server shows of itself under TLS, and for what it demands of clients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_httpcodes.wire.terms import SERVER_NAMES

CERTIFICATES = (
    "valid",
    "expired",
    "not-yet-valid",
    "wrong-name",
    "self-signed",
    "unknown-authority",
)
CLIENTS = ("ignored", "required", "nginx")
VERSIONS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")


@dataclass(frozen=True, slots=True)
class TLS:
    """What a server shows of itself under TLS, and what it demands of clients.

    `certificate` is "valid", or one that a client has to refuse: "expired", "not-yet-valid",
    "wrong-name" (it is for wrong.example), "self-signed" or "unknown-authority". `names` are what a
    valid one is for, such as "example.org" or "*.example.org"; without any these are the server's
    host, localhost, 127.0.0.1, ::1, and the virtual hosts a.localhost and b.localhost.

    `version` is the only one that is spoken, such as "TLSv1.3"; None leaves it to the library.
    With "TLSv1.1", a client that begins with TLSv1.2, as most do today, has no version in common
    with the server, and gets the alert `protocol_version`.

    `client` is what becomes of a client's certificate: "ignored"; "required", where a handshake
    without one ends with the alert `certificate_required`, and one with a bad one with such as
    `certificate_expired` or `unknown_ca` (RFC 8446, 6.2); or "nginx", where it goes well with each
    of `client_file` and with none, and a request without a valid one gets nginx's 400, which the
    journal has as 496 (none) or 495. A certificate that is none of `client_file` ends the handshake
    there too, since the library asks nobody.

    `server_name` is what becomes of the name in a client's hello: "any" is served; with "known",
    one that is not among the names gets the alert `unrecognized_name`; with "required", a hello
    without one gets `missing_extension`, too.

    Raises `ValueError` for what is none of these.
    """

    certificate: str = "valid"
    names: Sequence[str] = ()
    version: str | None = None
    client: str = "ignored"
    server_name: str = "any"

    def __post_init__(self) -> None:
        names = self.names
        if isinstance(names, str) or not all(name and isinstance(name, str) for name in names):
            raise ValueError(f"names={names!r} are no names; use a tuple of hosts")
        object.__setattr__(self, "names", tuple(names))
        for name, known in (
            ("certificate", CERTIFICATES),
            ("version", (None, *VERSIONS)),
            ("client", CLIENTS),
            ("server_name", SERVER_NAMES),
        ):
            value = getattr(self, name)
            if value not in known:
                there_are = ", ".join(word for word in known if word)
                raise ValueError(f"{name}={value!r} is none; there are {there_are}")
