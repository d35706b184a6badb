"""A certificate authority of a moment, and what a server shows of itself under TLS (extra `tls`).

Rule 1: there is one authority for a process, made when it is first needed; all that trust its file
trust each server that has a valid certificate of it.
Rule 2: its files are removed when the process ends.
"""

from __future__ import annotations

import atexit
import datetime
import os
import shutil
import ssl
import tempfile
import threading
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import Refusal
from pytest_httpcodes.wire.tls import SERVER_NAMES, Terms

if TYPE_CHECKING:
    import trustme

# What a valid certificate is for, besides the server's own host: two of them are virtual hosts.
NAMES = ("localhost", "127.0.0.1", "::1", "a.localhost", "b.localhost")
CERTIFICATES = (
    "valid",
    "expired",
    "not-yet-valid",
    "wrong-name",
    "self-signed",
    "unknown-authority",
)
CLIENTS = ("ignored", "required", "nginx")
VERSIONS = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}
_OF_CLIENTS = ("valid", "expired", "unknown-authority")
_WRONG = ("wrong.example",)
_STRANGER = "httpcodes: an authority that nobody trusts"
# When a certificate begins and ends to be valid, where that is not now.
_TIMES = {
    "expired": (datetime.datetime(2000, 1, 1), datetime.datetime(2001, 1, 1)),
    "not-yet-valid": (datetime.datetime(2900, 1, 1), datetime.datetime(2901, 1, 1)),
}
_NO_CHECK_TIME = ssl.VerifyFlags(0x200000)  # X509_V_FLAG_NO_CHECK_TIME, which ssl has no name for
_UNACCEPTABLE = Section(8446, "4.4.2.4")


class MissingExtra(ImportError):  # noqa: N818 - it says what it is
    """A library that an optional part needs is not installed."""


@dataclass(frozen=True, slots=True)
class TLS:
    """What a server shows of itself under TLS, and what it demands of clients.

    `certificate` is "valid", or one that a client has to refuse: "expired", "not-yet-valid",
    "wrong-name" (it is for wrong.example), "self-signed" or "unknown-authority". `names` are what a
    valid one is for; without any these are the server's host, localhost, 127.0.0.1, ::1, and the
    virtual hosts a.localhost and b.localhost.

    `version` is the only one that is spoken, such as "TLSv1.3"; None leaves it to the library.
    With "TLSv1.1", a client that begins with TLSv1.2, as most do today, has no version in common
    with the server, and gets the alert `protocol_version`.

    `client` is what becomes of a client's certificate: "ignored"; "required", where a handshake
    without one ends with the alert `certificate_required`, and one with a bad one with such as
    `certificate_expired` or `unknown_ca` (RFC 8446, 6.2); or "nginx", where it goes well with each
    of `client_file` and with none, and a request without a valid one gets nginx's 400, which the
    journal has as 496 (none) or 495.

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
        if isinstance(self.names, str) or not all(self.names):
            raise ValueError(f"names={self.names!r} are no names; use a tuple of hosts")
        object.__setattr__(self, "names", tuple(self.names))
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


Given: TypeAlias = "TLS | Terms | ssl.SSLContext | str | bool | None"


class Authority:
    """A certificate authority that lasts as long as the process.

    `ca_file` is what a client must trust, a file in PEM.
    """

    def __init__(self) -> None:
        import trustme

        self._ca = trustme.CA()
        self._directory = tempfile.mkdtemp(prefix="httpcodes-")
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._terms: dict[TLS, Terms] = {}
        self._client_files: dict[str, str] = {}
        self.ca_file = self._write("ca.pem", self._ca.cert_pem.bytes())
        atexit.register(self.remove)

    def terms(self, tls: TLS) -> Terms:
        """Return the terms of a server; those of two that are alike are the same."""
        with self._lock:
            if tls not in self._terms:
                self._terms[tls] = self._make(tls)
            return self._terms[tls]

    def client_file(self, certificate: str = "valid") -> str:
        """Return a file, in PEM, with a key and a certificate for a client.

        That may be "valid", "expired" or of an "unknown-authority"; raises `ValueError` for
        another one.
        """
        if certificate not in _OF_CLIENTS:
            there_are = ", ".join(_OF_CLIENTS)
            raise ValueError(f"{certificate!r} is no client's certificate; there are {there_are}")
        with self._lock:
            if certificate not in self._client_files:
                pem = self._issue(certificate, ("client.localhost",))
                name = f"client-{certificate}.pem"
                self._client_files[certificate] = self._write(name, pem)
            return self._client_files[certificate]

    def remove(self) -> None:
        """Remove the files, for good; a forked child leaves them to its parent."""
        if os.getpid() == self._process:  # pragma: no branch - a forked child is not measured
            shutil.rmtree(self._directory, ignore_errors=True)

    @cached_property
    def _stranger(self) -> trustme.CA:
        import trustme

        return trustme.CA(organization_unit_name=_STRANGER)

    def _make(self, tls: TLS) -> Terms:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        names = _WRONG if tls.certificate == "wrong-name" else tls.names
        # A context takes its key from files alone.
        file = self._write("server.pem", self._issue(tls.certificate, names))
        context.load_cert_chain(file)
        os.unlink(file)
        if tls.version is not None:
            _speak_only(context, tls.version)
        if tls.client != "ignored":
            context.load_verify_locations(self.ca_file)
            context.verify_mode = ssl.CERT_REQUIRED
        if tls.client == "nginx":
            # What the page is to say goes past the library, which would end the handshake.
            context.verify_mode = ssl.CERT_OPTIONAL
            context.verify_flags |= _NO_CHECK_TIME
            context.load_verify_locations(cadata=self._stranger.cert_pem.bytes().decode())
        judge = _judge if tls.client == "nginx" else None
        return Terms(context, tuple(tls.names), tls.server_name, judge)

    def _issue(self, certificate: str, names: Sequence[str]) -> bytes:
        # Returns a key and a certificate as PEM.
        issuer = self._stranger if certificate == "unknown-authority" else self._ca
        begin, end = _TIMES.get(certificate, (None, None))
        leaf = issuer.issue_cert(*names, not_before=begin, not_after=end)
        if certificate == "self-signed":
            return _self_signed(leaf)
        return leaf.private_key_and_cert_chain_pem.bytes()

    def _write(self, name: str, octets: bytes) -> str:
        path = os.path.join(self._directory, name)
        with open(path, "wb") as file:
            file.write(octets)
        return path


def check() -> None:
    """Raise `MissingExtra`, which names the extra, where trustme is not installed."""
    try:
        import trustme  # noqa: F401 - whether it is there
    except ImportError:
        raise MissingExtra(
            "TLS needs the library trustme: python -m pip install 'pytest-httpcodes[tls]'"
        ) from None


_lock = threading.Lock()
_authority: Authority | None = None


def authority() -> Authority:
    """Return the authority of this process, made when it is first asked for.

    Raises `MissingExtra`, which names the extra, where trustme is not installed.
    """
    global _authority
    check()
    with _lock:
        if _authority is None:
            _authority = Authority()
        return _authority


def terms(given: Given, host: str = "localhost") -> Terms | None:
    """Return the terms of a server on `host` as they are given; None for one in clear.

    True and "valid" stand for `TLS()`, and another word for a `TLS` with that certificate; an
    `SSLContext` is one's own. Raises `ValueError` for another word and for a client's context,
    `TypeError` for what is none of these, and `MissingExtra`.
    """
    match given:
        case None | False:
            return None
        case Terms():
            return given
        case ssl.SSLContext():
            return _own(given)
        case True:
            return issued(TLS(), host)
        case str():
            return issued(TLS(given), host)
        case TLS():
            return issued(given, host)
    raise TypeError(
        f"tls={given!r} is none; use True, a TLS(), an SSLContext, or the word for a certificate: "
        f"{', '.join(CERTIFICATES)}"
    )


def issued(tls: TLS, host: str) -> Terms:
    """Return the terms of a server on `host` that the authority vouches for, or pretends to."""
    if not tls.names:
        own = () if host in ("", *NAMES) else (host,)
        tls = replace(tls, names=(*NAMES, *own))
    return authority().terms(tls)


def _own(context: ssl.SSLContext) -> Terms:
    try:
        context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_side=True)
    except ssl.SSLError:
        raise ValueError(
            f"tls={context!r} is a context for clients; use ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)"
        ) from None
    return Terms(context)


def _speak_only(context: ssl.SSLContext, version: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # which is why a test asks for it
        context.minimum_version = VERSIONS[version]
        context.maximum_version = VERSIONS[version]
    if version in ("TLSv1", "TLSv1.1"):
        context.set_ciphers("ALL:@SECLEVEL=0")  # there, they have none that others would take


def _judge(tls: ssl.SSLObject) -> Refusal | None:
    # "If the client does not send any certificates ..., the server MAY at its discretion ...
    # continue the handshake without client authentication"; likewise "if some aspect of the
    # certificate chain was unacceptable" (RFC 8446, 4.4.2.4).
    found = tls.getpeercert()
    if not found:
        return Refusal(496, "the client sent no certificate", _UNACCEPTABLE)
    if (("organizationalUnitName", _STRANGER),) in found["issuer"]:
        detail = "the client's certificate is of an unknown authority"
        return Refusal(495, detail, _UNACCEPTABLE)
    if ssl.cert_time_to_seconds(f"{found['notAfter']}") < time.time():
        return Refusal(495, "the client's certificate has expired", _UNACCEPTABLE)
    return None


def _self_signed(leaf: trustme.LeafCert) -> bytes:
    # Returns the same certificate, issued by nobody else; trustme has an issuer for each, and
    # needs the library that makes them itself.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    secret = leaf.private_key_pem.bytes()
    issued = x509.load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes())
    names = issued.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    key = serialization.load_pem_private_key(secret, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101 - the default of trustme
    made = (
        x509.CertificateBuilder(issued.subject, issued.subject, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(2000, 1, 1))
        .not_valid_after(datetime.datetime(2900, 1, 1))
        .add_extension(names.value, critical=False)
        .sign(key, hashes.SHA256())
    )
    return secret + made.public_bytes(serialization.Encoding.PEM)
