"""What a throw-away authority issues, as clients judge it."""

from __future__ import annotations

import contextlib
import os
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_httpcodes import TLS, StatusServer, authority
from pytest_httpcodes.authority import Authority
from pytest_httpcodes.extras import MissingExtra
from pytest_httpcodes.wire.tls import Terms
from tests.secure import Records, trusting
from tests.wire.children import FORKS, QUIET, in_child

pytest.importorskip("trustme")


def shake(terms: Terms | None, client: Records) -> ssl.SSLObject:
    """Have a client and a server do a handshake, as far as they come; return the server's side."""
    assert terms is not None
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = terms.context.wrap_bio(incoming, outgoing, server_side=True)
    for _ in range(3):
        incoming.write(client.take())
        with contextlib.suppress(ssl.SSLError):
            server.do_handshake()
        octets = outgoing.read()
        if octets:
            client.feed(octets)
    return server


@pytest.mark.parametrize("name", [*authority.NAMES, "192.0.2.7"])
def test_a_valid_certificate(name: str) -> None:
    """It is for localhost by all its names, for two virtual hosts, and for the server's host."""
    client = Records(name=name)
    server = shake(authority.terms(True, "192.0.2.7"), client)

    assert client.is_ready
    assert server.version() in ("TLSv1.2", "TLSv1.3")


@pytest.mark.parametrize("host", ["localhost", "::1", ""])
def test_a_host_that_needs_no_name_of_its_own(host: str) -> None:
    """It has one already, or none at all; alike terms are the same."""
    assert authority.terms(True, host) is authority.terms("valid", "127.0.0.1")


def test_names_of_ones_own() -> None:
    """They take the place of the usual ones, wildcards among them."""
    terms = authority.terms(TLS(names=["*.example.org"]))
    client, other = Records(name="www.example.org"), Records(name="localhost")
    shake(terms, client)
    shake(terms, other)

    assert client.is_ready
    assert "certificate is not valid for 'localhost'" in f"{other.failure}"


@pytest.mark.parametrize("name", ["b\u00fccher.example", "*.B\u00dcCHER.example"])
def test_names_that_are_not_ascii(name: str) -> None:
    """A client says them in ASCII (RFC 6066, 3), and they are known as that."""
    terms = authority.terms(TLS(names=(name,), server_name="required"))
    client = Records(name=name.replace("*", "www").lower())
    shake(terms, client)

    assert client.is_ready
    assert terms is not None
    assert terms.is_known("xn--bcher-kva.example" if "*" not in name else "a.xn--bcher-kva.example")


@pytest.mark.parametrize(
    ("certificate", "complaint"),
    [
        ("expired", "certificate has expired"),
        ("not-yet-valid", "certificate is not yet valid"),
        ("wrong-name", "certificate is not valid for 'localhost'"),
        ("self-signed", "self-signed certificate"),
        ("unknown-authority", "unable to get local issuer certificate"),
    ],
)
def test_a_certificate_to_be_refused(certificate: str, complaint: str) -> None:
    """Each for a reason of its own, and for no other: it is served to whoever does not look."""
    client, careless = Records(name="localhost"), trusting()
    careless.check_hostname = False
    careless.verify_mode = ssl.CERT_NONE
    shake(authority.terms(certificate), client)
    served = Records(careless, name="localhost")
    shake(authority.terms(certificate), served)

    assert complaint in f"{client.failure}".replace("self signed", "self-signed")
    assert served.is_ready


def test_a_self_signed_certificate_has_the_names() -> None:
    """A client that trusts it itself is served."""
    careless = trusting()
    careless.check_hostname = False
    careless.verify_mode = ssl.CERT_NONE
    client = Records(careless, name="localhost")
    shake(authority.terms("self-signed"), client)
    der = client.tls.getpeercert(binary_form=True)
    assert der is not None
    pinning = ssl.create_default_context(cadata=ssl.DER_cert_to_PEM_cert(der))
    again = Records(pinning, name="a.localhost")
    shake(authority.terms("self-signed"), again)

    assert again.is_ready


@pytest.mark.parametrize(
    ("offered", "chosen"), [(["h2", "http/1.1"], "http/1.1"), (["h2"], None), ([], None)]
)
def test_the_protocol_inside(offered: list[str], chosen: str | None) -> None:
    """Of those that a client would speak, HTTP/1.1 is (RFC 7301, 3.2); none is no matter."""
    context = trusting()
    if offered:
        context.set_alpn_protocols(offered)
    client = Records(context)
    server = shake(authority.terms(True), client)

    assert client.is_ready
    assert (chosen, chosen) == (
        client.tls.selected_alpn_protocol(),
        server.selected_alpn_protocol(),
    )


def test_no_common_version() -> None:
    """A client of today gets `protocol_version` from a server of yesterday."""
    client = Records()
    shake(authority.terms(TLS(version="TLSv1.1")), client)

    assert "ALERT_PROTOCOL_VERSION" in f"{client.failure}"


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_one_version(version: str) -> None:
    """It is the only one that is spoken."""
    client, other = Records(), trusting()
    assert version == shake(authority.terms(TLS(version=version)), client).version()
    name = "TLSv1_2" if version == "TLSv1.3" else "TLSv1_3"
    other.minimum_version = other.maximum_version = ssl.TLSVersion[name]
    left = Records(other)
    shake(authority.terms(TLS(version=version)), left)

    assert client.is_ready
    assert "ALERT_PROTOCOL_VERSION" in f"{left.failure}"


@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
def test_an_old_version_for_who_still_has_it() -> None:
    """The server really speaks it."""
    old = trusting()
    old.minimum_version = ssl.TLSVersion.TLSv1_1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    client = Records(old)
    server = shake(authority.terms(TLS(version="TLSv1.1")), client)

    assert (True, "TLSv1.1") == (client.is_ready, server.version())


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: TLS("stale"), ValueError, "certificate='stale' is none; there are valid, exp"),
        (lambda: TLS(version="TLSv9"), ValueError, "version='TLSv9' is none; there are TLSv1, "),
        (lambda: TLS(client="no"), ValueError, "client='no' is none; there are ignored, requ"),
        (lambda: TLS(server_name="x"), ValueError, "server_name='x' is none; there are any, kn"),
        (lambda: TLS(names="localhost"), ValueError, "names='localhost' are no names; use a tup"),
        (lambda: TLS(names=("",)), ValueError, r"names=\('',\) are no names"),
        (lambda: TLS(names=(b"a",)), ValueError, r"names=\(b'a',\) are no names"),  # type: ignore[arg-type]
        (
            lambda: StatusServer(tls=TLS(names=("a b",))),
            ValueError,
            r"names=\('a b',\) cannot all be in a certificate: .*; use hosts such as 'example.org'",
        ),
        (lambda: StatusServer(tls="stale"), ValueError, "certificate='stale' is none"),
        (lambda: StatusServer(tls=""), ValueError, "certificate='' is none"),
        (
            lambda: StatusServer(tls=ssl.create_default_context()),
            ValueError,
            "tls=<ssl.SSLContext object at .*> is a context for clients; use ssl.SSLContext",
        ),
        (
            lambda: StatusServer(tls=7),  # type: ignore[arg-type]
            TypeError,
            r"tls=7 is none; use True, a TLS\(\), an SSLContext, or the word for a certificate: v",
        ),
        (
            lambda: authority.authority().client_file("stale"),
            ValueError,
            "'stale' is no client's certificate; there are valid, expired, unknown-authority",
        ),
    ],
)
def test_what_there_is_not(make: Callable[[], object], kind: type[Exception], message: str) -> None:
    """It is refused at once, and what there is is named."""
    with pytest.raises(kind, match=f"^{message}"):
        make()


@pytest.mark.parametrize("tls", [None, False])
def test_none_at_all(tls: bool | None) -> None:
    """A server in clear; what to trust is known all the same, for a 426."""
    with StatusServer(tls=tls) as server:
        assert server.url.startswith("http://")
        assert authority.authority().ca_file == server.ca_file


def test_a_context_of_ones_own() -> None:
    """Its authority is one's own, too; a second origin has the same context."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with StatusServer(tls=context) as server:
        assert server.url.startswith("https://")
        for own in (server, server.origin()):
            with pytest.raises(RuntimeError, match="has an SSLContext of its own"):
                assert own.ca_file
            with pytest.raises(RuntimeError, match="has an SSLContext of its own"):
                own.client_file()


def test_a_second_origin_is_alike() -> None:
    """It has the terms of the first."""
    with StatusServer(tls="expired") as server:
        other = server.origin()

        assert other.url.startswith("https://")
        assert server._terms is other._terms
    assert authority.terms(server._terms) is server._terms


def test_one_authority_for_all() -> None:
    """Trusting it once is enough, and making it again takes no time."""
    with StatusServer(tls=True) as one, StatusServer(tls=TLS(client="required")) as two:
        assert one.ca_file == two.ca_file
        assert one.client_file() == two.client_file("valid")
    assert authority.authority() is authority.authority()


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the extra that has it; in clear nothing is missing."""
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(MissingExtra, match=r"install 'pytest-httpcodes\[tls\]'"):
        StatusServer(tls=True)
    with pytest.raises(MissingExtra, match="TLS needs the library trustme"):
        assert StatusServer().ca_file
    StatusServer(tls=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))


def test_files_are_removed_with_it() -> None:
    """All of them; twice is no mistake."""
    made = Authority()
    files = [made.ca_file, made.client_file(), made.client_file("expired")]
    made.terms(TLS(names=("localhost",)))
    directory = Path(files[0]).parent
    assert {Path(file).name for file in files} == {path.name for path in directory.iterdir()}
    made.remove()
    made.remove()

    assert not directory.exists()


@FORKS
@QUIET
def test_a_forked_child_leaves_them() -> None:
    """They are its parent's."""
    made = Authority()
    assert 0 == in_child(made.remove)
    assert os.path.exists(made.ca_file)
    made._process += 1  # as it is to a child
    made.remove()
    assert os.path.exists(made.ca_file)
    made._process -= 1
    made.remove()


def test_files_are_removed_at_the_end_of_the_process() -> None:
    """Whatever it was that asked for them."""
    program = (
        "from pytest_httpcodes import StatusServer\n"
        "with StatusServer(tls=True) as server:\n"
        "    print(server.ca_file)\n"
        "    open(server.ca_file).close()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    directory = Path(ended.stdout.strip()).parent

    assert directory.name.startswith("httpcodes-")
    assert not directory.exists()
