"""401, 403 and 511 through real clients: what each makes of the challenges."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable

import httpx
import pytest
import requests
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from pytest_httpcodes import StatusServer
from pytest_httpcodes.endpoint import Endpoint

CURL = shutil.which("curl")
needs_curl = pytest.mark.skipif(CURL is None, reason="there is no curl here")
# Asks several times, on one connection where that is possible; returns the last status code of
# each. None is a client without credentials.
Ask = Callable[[str, str, "tuple[str, str] | None", int, bytes], "list[int]"]


def by_requests(
    url: str, scheme: str, user: tuple[str, str] | None, times: int, content: bytes
) -> list[int]:
    """Ask through requests."""
    auth: AuthBase | None = None
    if user is not None:
        auth = HTTPBasicAuth(*user) if scheme == "basic" else HTTPDigestAuth(*user)
    with requests.Session() as session:
        session.trust_env = False
        method = "POST" if content else "GET"
        return [
            session.request(method, url, auth=auth, data=content or None).status_code
            for _ in range(times)
        ]


def by_httpx(
    url: str, scheme: str, user: tuple[str, str] | None, times: int, content: bytes
) -> list[int]:
    """Ask through httpx."""
    auth: httpx.Auth | None = None
    if user is not None:
        auth = httpx.BasicAuth(*user) if scheme == "basic" else httpx.DigestAuth(*user)
    with httpx.Client(trust_env=False, auth=auth) as client:
        method = "POST" if content else "GET"
        return [
            client.request(method, url, content=content or None).status_code for _ in range(times)
        ]


def by_aiohttp(
    url: str, scheme: str, user: tuple[str, str] | None, times: int, content: bytes
) -> list[int]:
    """Ask through aiohttp, which prefers auth-int."""
    aiohttp = pytest.importorskip("aiohttp", minversion="3.14")

    async def ask() -> list[int]:
        middlewares = [aiohttp.DigestAuthMiddleware(*user)] if user and scheme != "basic" else []
        headers = {}
        if user and scheme == "basic":
            headers["Authorization"] = aiohttp.encode_basic_auth(*user)
        method = "POST" if content else "GET"
        found = []
        async with aiohttp.ClientSession(headers=headers, middlewares=middlewares) as session:
            for _ in range(times):
                async with session.request(method, url, data=content or None) as answer:
                    found.append(answer.status)
        return found

    return asyncio.run(ask())


def by_curl(
    url: str, scheme: str, user: tuple[str, str] | None, times: int, content: bytes
) -> list[int]:
    """Ask through curl; the URLs of one command share a connection, but not always a nonce."""
    assert CURL is not None
    arguments = ["-w", "%{http_code}\n", *(["--data-binary", "@-"] if content else [])]
    if user is not None:
        how = {"basic": "--basic", "digest": "--digest", "all": "--anyauth"}[scheme]
        arguments += [how, "-u", ":".join(user)]
    for _ in range(times):
        arguments += ["-o", "/dev/null", url]
    done = subprocess.run(
        [CURL, "-q", "-sS", "--noproxy", "*", *arguments],
        input=content,
        stdout=subprocess.PIPE,
        check=True,
        timeout=30,
    )
    return [int(code) for code in done.stdout.split()]


LIBRARIES = [
    pytest.param(by_requests, id="requests"),
    pytest.param(by_httpx, id="httpx"),
    pytest.param(by_aiohttp, id="aiohttp"),
]
EVERY = [*LIBRARIES, pytest.param(by_curl, id="curl", marks=needs_curl)]
RIGHT, WRONG = ("user", "password"), ("user", "guessed")


def sent(made: Endpoint) -> list[str]:
    """Return how often each exchange of an instance had credentials, by their scheme."""
    return [(value or "none").partition(" ")[0] for value in made.header("authorization")]


@pytest.mark.parametrize("by", EVERY)
def test_basic(server: StatusServer, by: Ask) -> None:
    """The right ones get in, and the wrong ones do not ask for ever."""
    made = server.scenario(401)

    assert [200, 200] == by(made, "basic", RIGHT, 2, b"")
    assert [401] == by(made, "basic", WRONG, 1, b"")
    assert [401] == by(made, "basic", None, 1, b"")
    assert [201] == by(made, "basic", RIGHT, 1, b"content")
    assert 5 == len(made.statuses)


@pytest.mark.parametrize("sess", [False, True])
@pytest.mark.parametrize("scheme", ["digest", "all"])
@pytest.mark.parametrize("by", LIBRARIES)
def test_digest(server: StatusServer, by: Ask, scheme: str, sess: bool) -> None:
    """One challenge for many requests: each client goes on counting."""
    made = server.scenario(401, scheme=scheme, sess=sess)

    assert [200, 200, 200] == by(made, scheme, RIGHT, 3, b"")
    assert [401, 200, 200, 200] == made.statuses
    assert ["none", "Digest", "Digest", "Digest"] == sent(made)
    for number, exchange in enumerate(made.exchanges[1:], 1):
        assert f"nc={number:08x}" in exchange.response_headers["Authentication-Info"]


@pytest.mark.parametrize("by", EVERY)
def test_digest_with_a_wrong_password(server: StatusServer, by: Ask) -> None:
    """It is told once more, and gives up."""
    made = server.scenario(401, scheme="digest")

    assert [401] == by(made, "digest", WRONG, 1, b"")
    assert made.statuses[:2] == [401, 401]
    assert 3 >= len(made.statuses)


@pytest.mark.parametrize("by", EVERY)
def test_digest_with_content(server: StatusServer, by: Ask) -> None:
    """It is sent again with the credentials, and stored once."""
    made = server.scenario(401, scheme="digest")

    assert [201] == by(made, "digest", RIGHT, 1, b"content")
    assert [401, 201] == made.statuses
    assert b"content" == made.exchanges[-1].content


@pytest.mark.parametrize("by", LIBRARIES)
def test_one_time_nonces(server: StatusServer, by: Ask) -> None:
    """A client that knows no nextnonce is told that its nonce is stale, and asks once more."""
    made = server.scenario(401, scheme="digest", once=True)

    assert [200, 200] == by(made, "digest", RIGHT, 2, b"")
    assert [401, 200, 401, 200] == made.statuses
    stale = made.exchanges[2].response_headers["WWW-Authenticate"]
    assert "stale=true" in stale
    assert "nextnonce" in made.exchanges[1].response_headers["Authentication-Info"]


@needs_curl
@pytest.mark.parametrize("once", [False, True])
@pytest.mark.parametrize("sess", [False, True])
@pytest.mark.parametrize("scheme", ["digest", "all"])
def test_curl_and_digest(server: StatusServer, scheme: str, sess: bool, once: bool) -> None:
    """Of all that is offered it takes the strongest, and of its algorithms the first."""
    made = server.scenario(401, scheme=scheme, sess=sess, once=once)
    assert [200, 200] == by_curl(made, scheme, RIGHT, 2, b"")
    used = [value for value in made.header("authorization") if value]

    assert [401, 200] == made.statuses[:2]
    assert 2 <= len(used)
    assert all(value.startswith("Digest ") and "algorithm=SHA-256" in value for value in used)


def test_urllib(server: StatusServer) -> None:
    """Basic; of Digest it may not know the algorithm that comes first."""
    made = server.scenario(401)
    known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    known.add_password(None, made, *RIGHT)
    handlers = (urllib.request.HTTPBasicAuthHandler(known), urllib.request.ProxyHandler({}))
    with urllib.request.build_opener(*handlers).open(str(made)) as answer:
        assert 200 == answer.status
    assert ["none", "Basic"] == sent(made)


@pytest.mark.parametrize("by", EVERY)
def test_403(server: StatusServer, by: Ask) -> None:
    """No client asks again, since there is no challenge."""
    made = server.scenario(403)

    assert [403] == by(made, "basic", None, 1, b"")
    assert [403] == by(made, "basic", RIGHT, 1, b"")
    assert [200] == by(made, "basic", ("admin", "password"), 1, b"")
    assert [403] == by(made, "digest", ("admin", "password"), 1, b"")
    assert [403, 403, 200, 403] == made.statuses


@pytest.mark.parametrize("by", EVERY)
def test_511(server: StatusServer, by: Ask) -> None:
    """The same request succeeds after the login, on the same connection pool or another."""
    made = server.scenario(511)

    assert [511, 511] == by(made, "basic", None, 2, b"")
    assert [200] == by(f"{made}/login", "basic", None, 1, b"anything")
    assert [200] == by(made, "basic", None, 1, b"")


def test_bearer(server: StatusServer) -> None:
    """A field as any other."""
    made = server.scenario(401, scheme="bearer")
    for token, code in (("token", 200), ("expired", 401), ("unscoped", 403)):
        headers = {"Authorization": f"Bearer {token}"}

        assert code == httpx.get(made, headers=headers, trust_env=False).status_code
