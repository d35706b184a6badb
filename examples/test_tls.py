"""requests and httpx under TLS: whom they trust, what they say of a bad certificate, and what not.

`secure_status_server` has a certificate of an authority that lasts as long as the run; a client
trusts it through `ca_file`. Needs `python -m pip install "pytest-httpcodes[tls]"`.
"""

from __future__ import annotations

import ssl

import httpx
import pytest
import requests

from pytest_httpcodes import TLS, Close, Raw, StatusServer, Steps

pytest.importorskip("trustme")


def client_of(server: StatusServer, certificate: str | None = None) -> httpx.Client:
    """Open an httpx client that trusts a server, with a certificate of its own or without."""
    context = ssl.create_default_context(cafile=server.ca_file)
    if certificate:
        context.load_cert_chain(certificate)
    return httpx.Client(verify=context)


# Whom they trust


def test_requests_trusts_a_file(secure_status_server: StatusServer) -> None:
    """`verify` is the name of one; without it the server is unknown."""
    url = secure_status_server.status(200)
    assert requests.get(url, verify=secure_status_server.ca_file, timeout=5).status_code == 200
    with pytest.raises(requests.exceptions.SSLError, match="unable to get local issuer"):
        requests.get(url, timeout=5)

    assert url.statuses == [200]


def test_httpx_trusts_a_context(secure_status_server: StatusServer) -> None:
    """`verify` is an `ssl.SSLContext`."""
    url = secure_status_server.redirects(301, 302)
    with client_of(secure_status_server) as client:
        assert client.get(url, follow_redirects=True).status_code == 200

    assert url.statuses == [301, 302, 200]


# What they say of a certificate that is not good

REASONS = {
    "expired": "certificate has expired",
    "not-yet-valid": "certificate is not yet valid",
    "wrong-name": "certificate is not valid for",
    "self-signed": "self.signed certificate",
    "unknown-authority": "unable to get local issuer certificate",
}


@pytest.mark.parametrize("certificate", REASONS)
def test_requests_refuses_a_bad_certificate(
    make_status_server: type[StatusServer], certificate: str
) -> None:
    """With an `SSLError` that says why; no request is sent."""
    server = make_status_server(tls=certificate)
    with pytest.raises(requests.exceptions.SSLError, match=REASONS[certificate]):
        requests.get(server.url, verify=server.ca_file, timeout=5)

    assert not server.journal


@pytest.mark.parametrize("certificate", REASONS)
def test_httpx_refuses_a_bad_certificate(
    make_status_server: type[StatusServer], certificate: str
) -> None:
    """With a `ConnectError`, as if nobody was there, that says why."""
    server = make_status_server(tls=certificate)
    with client_of(server) as client, pytest.raises(httpx.ConnectError, match=REASONS[certificate]):
        client.get(server.url)

    assert not server.journal


def test_no_common_version(make_status_server: type[StatusServer]) -> None:
    """The server's alert says so."""
    server = make_status_server(tls=TLS(version="TLSv1.1"))
    with pytest.raises(requests.exceptions.SSLError, match=r"(?i)alert.protocol.version"):
        requests.get(server.url, verify=server.ca_file, timeout=5)


# Certificates of their own


def test_a_certificate_that_the_server_demands(make_status_server: type[StatusServer]) -> None:
    """`client="required"` ends the handshake, `client="nginx"` answers as nginx does."""
    server = make_status_server(tls=TLS(client="required"))
    good = server.client_file()
    answer = requests.get(server.status(200), verify=server.ca_file, cert=good, timeout=5)
    assert answer.status_code == 200
    with client_of(server) as client, pytest.raises(httpx.TransportError):
        client.get(server.url)

    server = make_status_server(tls=TLS(client="nginx"))
    url = server.status(200)
    for cert in (None, server.client_file("expired"), server.client_file()):
        requests.get(url, verify=server.ca_file, cert=cert, timeout=5)
    assert url.statuses == [400, 400, 200]
    assert [exchange.logged for exchange in url.exchanges] == [496, 495, 200]


# What goes wrong later


def test_plain_http_to_the_port(secure_status_server: StatusServer) -> None:
    """A 400 in clear, which nginx logs as 497."""
    url = secure_status_server.status(200).replace("https:", "http:")
    answer = requests.get(url, timeout=5)
    assert answer.status_code == 400
    assert "The plain HTTP request was sent to HTTPS port" in answer.text

    assert secure_status_server.journal[0].logged == 497


CUT = Steps(Raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf of"), Close(alert=False))


def test_content_that_somebody_cut_off(secure_status_server: StatusServer) -> None:
    """Neither notices: it ends with the connection, and that without the closure alert of TLS.

    Such an answer "is complete only if a valid closure alert has been received" (RFC 9112, 9.8).
    """
    url = secure_status_server.script(CUT)
    assert requests.get(url, verify=secure_status_server.ca_file, timeout=5).text == "half of"
    with client_of(secure_status_server) as client:
        assert client.get(url).text == "half of"


def test_another_virtual_host_on_the_connection(secure_status_server: StatusServer) -> None:
    """421: httpx asks for the URL's name in the handshake, whatever `Host` it then sends."""
    url = secure_status_server.scenario(421)
    host = secure_status_server.url.replace("https://127.0.0.1", "a.localhost")
    with client_of(secure_status_server) as client:
        for name in ("b.localhost", "a.localhost"):
            extensions = {"sni_hostname": name}
            client.get(url, headers={"Host": host, "Connection": "close"}, extensions=extensions)

    assert url.statuses == [421, 200]
