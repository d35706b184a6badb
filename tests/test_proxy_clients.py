"""Real clients through a proxy: in clear and in a tunnel, with credentials and without."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import aiohttp
import httpx
import pytest
import requests
import urllib3

from pytest_httpcodes import Proxy, StatusServer

pytest.importorskip("trustme")

CURL = shutil.which("curl") or ""
USER, PASSWORD = "user", "password"
# A client asks for a URL through a proxy, with the file that it trusts, and maybe with
# credentials. It returns the status that it was told, of the proxy or of the origin.
Client = Callable[[str, str, str, bool], int]


def _with_user(proxy: str, auth: bool) -> str:
    return proxy.replace("://", f"://{USER}:{PASSWORD}@") if auth else proxy


def by_requests(url: str, proxy: str, ca_file: str, auth: bool) -> int:
    """Ask through requests, which raises where there is no tunnel."""
    with requests.Session() as session:
        session.trust_env = False
        proxies = dict.fromkeys(("http", "https"), _with_user(proxy, auth))
        try:
            return session.get(url, proxies=proxies, verify=ca_file).status_code
        except requests.exceptions.ProxyError as error:
            return _code_in(error)


def by_urllib3(url: str, proxy: str, ca_file: str, auth: bool) -> int:
    """Ask through urllib3."""
    fields = urllib3.make_headers(proxy_basic_auth=f"{USER}:{PASSWORD}") if auth else None
    with urllib3.ProxyManager(proxy, proxy_headers=fields, ca_certs=ca_file) as pool:
        try:
            return pool.request("GET", url, retries=False).status
        except urllib3.exceptions.ProxyError as error:
            return _code_in(error)


def by_httpx(url: str, proxy: str, ca_file: str, auth: bool) -> int:
    """Ask through httpx."""
    credentials = (USER, PASSWORD) if auth else None
    context = ssl.create_default_context(cafile=ca_file)
    with httpx.Client(
        proxy=httpx.Proxy(proxy, auth=credentials), verify=context, trust_env=False
    ) as client:
        try:
            return client.get(url).status_code
        except httpx.ProxyError as error:
            return _code_in(error)


def by_aiohttp(url: str, proxy: str, ca_file: str, auth: bool) -> int:
    """Ask through aiohttp."""
    context = ssl.create_default_context(cafile=ca_file)

    async def ask() -> int:
        async with aiohttp.ClientSession() as session:
            try:
                async with session.get(url, proxy=_with_user(proxy, auth), ssl=context) as answer:
                    return answer.status
            except aiohttp.ClientHttpProxyError as error:
                return error.status

    return asyncio.run(ask())


def by_curl(url: str, proxy: str, ca_file: str, auth: bool) -> int:
    """Ask through curl."""
    return _curl(url, proxy, ca_file, *(["-U", f"{USER}:{PASSWORD}"] if auth else []))


def _curl(url: str, proxy: str, ca_file: str, *options: str) -> int:
    # Prints both codes; that of CONNECT is 0 where there was none.
    written = "%{http_code} %{http_connect}"
    command = [CURL, "-s", "-o", "-", "-w", written, "--cacert", ca_file, "--noproxy", ""]
    done = subprocess.run(
        [*command, "-x", proxy, *options, url], capture_output=True, timeout=30, check=False
    )
    code, connect = done.stdout.decode().rpartition("\n")[2].split(" ")
    return int(code) or int(connect)


def _code_in(error: Exception) -> int:
    # These tell the code of CONNECT in words alone.
    return 407 if "407" in str(error) else 0


CLIENTS = {
    "requests": by_requests,
    "urllib3": by_urllib3,
    "httpx": by_httpx,
    "aiohttp": by_aiohttp,
    "curl": by_curl,
}


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> Client:
    """Return each client."""
    if request.param == "curl" and not CURL:
        pytest.skip("there is no curl")
    return CLIENTS[request.param]


@pytest.fixture(params=["http", "https"])
def origin(request: pytest.FixtureRequest) -> Iterator[StatusServer]:
    """Start an origin in clear, and one under TLS."""
    with StatusServer(tls=request.param == "https") as started:
        yield started


@pytest.fixture
def ca_file() -> str:
    """Return what clients have to trust."""
    return StatusServer().ca_file


def asked(proxy: Proxy) -> set[str]:
    """Return the methods of a proxy's exchanges."""
    return {exchange.method for exchange in proxy.journal}


def test_an_open_proxy(client: Client, origin: StatusServer, ca_file: str) -> None:
    """It forwards what is in clear, and opens a tunnel for what is under TLS."""
    found = client(origin.url_for("/status/299"), origin.proxy.url, ca_file, False)

    assert 299 == found
    assert {"CONNECT" if origin.url.startswith("https") else "GET"} == asked(origin.proxy)
    assert [299] == origin.journal.statuses


def test_without_credentials(client: Client, origin: StatusServer, ca_file: str) -> None:
    """The client is told, and the origin never hears of it."""
    proxy = origin.proxy_for(auth=(USER, PASSWORD))

    assert 407 == client(origin.url_for("/status/299"), proxy.url, ca_file, False)
    assert [] == [*origin.journal]
    assert {407} == set(proxy.journal.statuses)


def test_with_credentials(client: Client, origin: StatusServer, ca_file: str) -> None:
    """They are for the proxy alone."""
    proxy = origin.proxy_for(auth=(USER, PASSWORD))

    assert 299 == client(origin.url_for("/status/299"), proxy.url, ca_file, True)
    assert [None] == origin.journal.header("Proxy-Authorization")
    assert [None] == origin.journal.header("Authorization")


@pytest.mark.skipif(not CURL, reason="there is no curl")
def test_digest_by_curl(origin: StatusServer, ca_file: str) -> None:
    """The only one of them that knows it for a proxy."""
    proxy = origin.proxy_for(auth=(USER, PASSWORD), scheme="digest")
    url = origin.url_for("/status/299")
    found = _curl(url, proxy.url, ca_file, "-U", f"{USER}:{PASSWORD}", "--proxy-digest")

    assert 299 == found
    assert [None] == origin.journal.header("Proxy-Authorization")


def test_a_refusal(client: Client, status_server: StatusServer, ca_file: str) -> None:
    """A target that is not forwarded is told as it is."""
    found = client("http://127.0.0.1:1/", status_server.proxy.url, ca_file, False)

    assert 403 == found


@pytest.mark.parametrize("secure", [False, True])
def test_many_at_once_lose_nothing(secure: bool, ca_file: str) -> None:
    """200 requests with content each get their own answer, and are in both journals."""
    with StatusServer(tls=secure) as server:
        url, proxy = server.url_for("/redirects/end"), server.proxy
        manager = urllib3.ProxyManager(proxy.url, ca_certs=ca_file, num_pools=1, maxsize=40)

        def ask(number: int) -> bool:
            content = f"<{number}>" * 200
            answer = manager.request("POST", url, body=content, retries=False)
            return answer.status == 200 and content.encode() in answer.data

        with ThreadPoolExecutor(40) as pool:
            told = list(pool.map(ask, range(200)))
        manager.clear()

        assert [True] * 200 == told
        assert {200} == set(server.journal.statuses)
        assert 200 == len({exchange.content for exchange in server.journal})
        if not secure:
            assert [200] * 200 == proxy.journal.statuses


def test_redirects_are_followed_by_the_client(status_server: StatusServer) -> None:
    """Each hop is a request of its own to the proxy."""
    proxy = status_server.proxy
    made = status_server.redirects(301, 302)
    with requests.Session() as session:
        session.trust_env = False
        assert 200 == session.get(made, proxies={"http": proxy.url}).status_code

    assert [301, 302, 200] == proxy.journal.statuses
    assert urlsplit(made).path == urlsplit(proxy.journal[0].target).path
