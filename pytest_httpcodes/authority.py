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
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from pytest_httpcodes.extras import need
from pytest_httpcodes.section import Section
from pytest_httpcodes.tls import CERTIFICATES, TLS
from pytest_httpcodes.wire.head import Refusal
from pytest_httpcodes.wire.terms import Terms

if TYPE_CHECKING:
    import trustme

# What a valid certificate is for, besides the server's own host: two of them are virtual hosts.
NAMES = ("localhost", "127.0.0.1", "::1", "a.localhost", "b.localhost")
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

Given: TypeAlias = "TLS | Terms | ssl.SSLContext | str | bool | None"


class Authority:
    """A certificate authority that lasts as long as the process.

    `ca_file` is what a client must trust, a file in PEM, and `ca_pem` its octets.
    """

    def __init__(self) -> None:
        import trustme

        self._ca = trustme.CA()
        self._directory = tempfile.mkdtemp(prefix="httpcodes-")
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._terms: dict[TLS, Terms] = {}
        self._client_files: dict[str, str] = {}
        self.ca_pem = self._ca.cert_pem.bytes()
        self.ca_file = self._write("ca.pem", self.ca_pem)
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
        # Whoever would rather speak "h2" is told in the handshake (RFC 7301, 3.2).
        context.set_alpn_protocols(["http/1.1"])
        # A client that asks for a second handshake, in TLS 1.2, is told no, with every library.
        context.options |= ssl.OP_NO_RENEGOTIATION
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
        return Terms(context, tuple(map(_ascii, tls.names)), tls.server_name, judge)

    def _issue(self, certificate: str, names: Sequence[str]) -> bytes:
        # Returns a key and a certificate as PEM.
        issuer = self._stranger if certificate == "unknown-authority" else self._ca
        begin, end = _TIMES.get(certificate, (None, None))
        try:
            leaf = issuer.issue_cert(*names, not_before=begin, not_after=end)
        except UnicodeError as error:
            raise ValueError(
                f"names={tuple(names)!r} cannot all be in a certificate: {error}; use hosts such "
                f"as 'example.org' or '*.example.org', and addresses"
            ) from None
        if certificate == "self-signed":
            return _self_signed(leaf)
        return leaf.private_key_and_cert_chain_pem.bytes()

    def _write(self, name: str, octets: bytes) -> str:
        path = os.path.join(self._directory, name)
        with open(path, "wb") as file:
            file.write(octets)
        return path


_lock = threading.Lock()
_authority: Authority | None = None


def authority() -> Authority:
    """Return the authority of this process, made when it is first asked for.

    Raises `MissingExtra`, which names the extra, where trustme is not installed.
    """
    global _authority
    need("trustme", "tls", "TLS")
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


def _ascii(name: str) -> str:
    # As a client says it in its hello: a byte string in ASCII (RFC 6066, 3).
    if name.isascii():
        return name
    import idna  # which trustme needs as well, for the same

    star, inner = ("*.", name[2:]) if name.startswith("*.") else ("", name)
    return star + idna.encode(inner, uts46=True).decode()


def _speak_only(context: ssl.SSLContext, version: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # which is why a test asks for it
        context.minimum_version = ssl.TLSVersion[version.replace(".", "_")]
        context.maximum_version = context.minimum_version
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
