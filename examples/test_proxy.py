"""A proxy between client and server: who sees what, and what the proxy answers itself.

`status_server.proxy` is an open one, `proxy_for` opens others; each has a journal of its own.
"""

from __future__ import annotations

import httpx
import pytest
import requests

from pytest_httpcodes import StatusServer

AUTH = ("user", "password")


def through(proxy: str) -> dict[str, str]:
    """Return the setting by which requests uses a proxy for everything."""
    return {"http": proxy, "https": proxy}


def with_credentials(proxy: str) -> str:
    """Return the URL of a proxy with the credentials that it is to be given."""
    return proxy.replace("://", "://user:password@")


def test_requests_goes_through_the_proxy(status_server: StatusServer) -> None:
    """The proxy gets the whole URL; the server gets the path, and Via says how it came."""
    url = status_server.status(404)
    answer = requests.get(url, proxies=through(status_server.proxy.url), timeout=5)

    assert answer.status_code == 404
    assert [exchange.target for exchange in status_server.proxy.journal] == [url]
    assert "pytest-httpcodes" in (url.header("Via")[0] or "")
    assert "Via" in answer.headers


def test_tls_goes_through_a_tunnel(secure_status_server: StatusServer) -> None:
    """All that the proxy sees is CONNECT with a host and a port."""
    server = secure_status_server
    url = server.status(404)
    proxies = through(server.proxy.url)

    answer = requests.get(url, proxies=proxies, verify=server.ca_file, timeout=5)

    assert answer.status_code == 404
    assert "Via" not in answer.headers
    assert [exchange.method for exchange in server.proxy.journal] == ["CONNECT"]


def test_credentials_are_for_the_proxy_alone(status_server: StatusServer) -> None:
    """Without them there is a 407; with them the server sees none."""
    proxy = status_server.proxy_for(auth=AUTH)
    url = status_server.status(200)

    without = requests.get(url, proxies=through(proxy.url), timeout=5)
    found = requests.get(url, proxies=through(with_credentials(proxy.url)), timeout=5)

    assert (without.status_code, found.status_code) == (407, 200)
    assert url.header("Proxy-Authorization") == [None]


def test_httpx_has_a_proxy_with_credentials(status_server: StatusServer) -> None:
    """It keeps them apart from those for the server."""
    proxy = status_server.proxy_for(auth=AUTH)
    url = status_server.scenario(401)
    with httpx.Client(proxy=httpx.Proxy(proxy.url, auth=AUTH)) as client:
        answer = client.get(url, auth=AUTH)

    assert answer.status_code == 200
    assert url.header("Proxy-Authorization") == [None]
    assert None not in url.header("Authorization")


def test_a_tunnel_without_credentials_is_an_error(secure_status_server: StatusServer) -> None:
    """Requests raises, since it is no answer of the server's."""
    server = secure_status_server
    proxies = through(server.proxy_for(auth=AUTH).url)
    with pytest.raises(requests.exceptions.ProxyError, match="407"):
        requests.get(server.url, proxies=proxies, verify=server.ca_file, timeout=5)

    assert len(server.journal) == 0


def test_a_filter_answers_for_others(status_server: StatusServer) -> None:
    """The host need not even be there."""
    proxy = status_server.proxy_for(mode="filter", blocked=["games.example"])
    answer = requests.get("http://www.games.example/", proxies=through(proxy.url), timeout=5)

    assert answer.status_code == 450


def test_a_captive_portal(status_server: StatusServer) -> None:
    """Each request is a 511 until somebody has logged in, and none of them reaches its host."""
    proxy = status_server.proxy_for(mode="captive")
    url = status_server.status(200)
    with requests.Session() as session:
        session.proxies = through(proxy.url)
        before = session.get(url, timeout=5)
        session.post(f"{proxy.url}/login", timeout=5)
        after = session.get(url, timeout=5)

    assert (before.status_code, after.status_code) == (511, 200)
    assert url.statuses == [200]


def test_content_that_was_changed_on_the_way(status_server: StatusServer) -> None:
    """The code and the entity tag say so; a client that minds asks for no transformation."""
    proxy = status_server.proxy_for(mode="transform")
    url = status_server.resource("hello", type="text/plain")
    with requests.Session() as session:
        session.proxies = through(proxy.url)
        changed = session.get(url, timeout=5)
        untouched = session.get(url, headers={"Cache-Control": "no-transform"}, timeout=5)

    assert (changed.status_code, changed.text) == (203, "HELLO")
    assert (untouched.status_code, untouched.text) == (200, "hello")
    assert changed.headers["ETag"] != untouched.headers["ETag"]


def test_a_server_does_not_choose_the_proxy(status_server: StatusServer) -> None:
    """Requests takes 305 for an answer, and does not go where it says."""
    answer = requests.get(status_server.scenario(305), timeout=5)

    assert answer.status_code == 305
    assert answer.headers["Location"] == f"{status_server.proxy.url}/"
    assert len(status_server.proxy.journal) == 0


def test_a_proxy_reaches_this_process_alone(status_server: StatusServer) -> None:
    """Whatever a test asks for; `proxy_for(allow=["HOST:PORT"])` names exceptions."""
    proxies = through(status_server.proxy.url)

    assert requests.get("http://192.0.2.1/", proxies=proxies, timeout=5).status_code == 403
