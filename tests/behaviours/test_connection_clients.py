"""The codes that live on the connection, through real clients: what each of them makes of it."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest
import requests
import urllib3

from pytest_httpcodes import StatusServer

CURL = shutil.which("curl")
# The clients that take an interim response other than 100 for the final one, which they must not
# (RFC 9110, 15.2).
HASTY = ("http.client", "urllib3", "requests")


class Told(NamedTuple):
    """What a client made of it: a status, or an error."""

    status: int = 0
    error: str = ""


Fields = Mapping[str, str]
Client = Callable[[str, str, Fields, "bytes | None"], Told]


def by_http_client(method: str, url: str, fields: Fields, content: bytes | None) -> Told:
    """Ask through http.client."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, target, content, dict(fields))
        answer = connection.getresponse()
        answer.read()
        return Told(answer.status)
    except (http.client.HTTPException, OSError) as error:
        return Told(error=repr(error))
    finally:
        connection.close()


def by_urllib3(method: str, url: str, fields: Fields, content: bytes | None) -> Told:
    """Ask through urllib3."""
    with urllib3.PoolManager(retries=False, timeout=5) as pool:
        try:
            return Told(pool.request(method, url, headers=fields, body=content).status)
        except urllib3.exceptions.HTTPError as error:
            return Told(error=repr(error))


def by_requests(method: str, url: str, fields: Fields, content: bytes | None) -> Told:
    """Ask through requests."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.request(method, url, headers=fields, data=content, timeout=5)
            return Told(answer.status_code)
        except requests.RequestException as error:
            return Told(error=repr(error))


def by_httpx(method: str, url: str, fields: Fields, content: bytes | None) -> Told:
    """Ask through httpx."""
    with httpx.Client(trust_env=False) as client:
        try:
            return Told(client.request(method, url, headers=fields, content=content).status_code)
        except httpx.HTTPError as error:
            return Told(error=repr(error))


def by_aiohttp(method: str, url: str, fields: Fields, content: bytes | None) -> Told:
    """Ask through aiohttp."""
    aiohttp = pytest.importorskip("aiohttp")
    waits = fields.get("Expect") == "100-continue"

    async def ask() -> Told:
        async with aiohttp.ClientSession() as session:
            try:
                async with session.request(
                    method, url, headers=fields, data=content, expect100=waits
                ) as answer:
                    await answer.read()
                    return Told(answer.status)
            except (aiohttp.ClientError, OSError) as error:
                return Told(error=repr(error))

    return asyncio.run(ask())


def by_curl(method: str, url: str, fields: Fields, content: bytes | None) -> Told:
    """Ask through curl."""
    if CURL is None:
        pytest.skip("there is no curl here")
    command = [CURL, "-sS", "--noproxy", "*", "-o", "-", "-w", "%{stderr}%{http_code}"]
    command += ["-X", method, "--path-as-is", "-m", "5", url]
    for name, value in fields.items():
        command += ["-H", f"{name}: {value}"]
    command += ["--data-binary", "@-"] if content is not None else []
    done = subprocess.run(command, input=content, capture_output=True, timeout=30, check=False)
    said = done.stderr.decode()
    return Told(error=said) if done.returncode else Told(int(said))


CLIENTS: dict[str, Client] = {
    "http.client": by_http_client,
    "urllib3": by_urllib3,
    "requests": by_requests,
    "httpx": by_httpx,
    "aiohttp": by_aiohttp,
    "curl": by_curl,
}


@pytest.fixture(params=CLIENTS)
def name(request: pytest.FixtureRequest) -> str:
    """Return the name of each client."""
    return str(request.param)


@pytest.fixture
def client(name: str) -> Client:
    """Return that client."""
    return CLIENTS[name]


def ask(client: Client, url: str, fields: Fields | None = None) -> Told:
    """Ask with GET."""
    return client("GET", url, fields or {}, None)


def test_100(client: Client, name: str, status_server: StatusServer) -> None:
    """Two of them wait for the invitation; the others send what they announced to wait with."""
    made = status_server.scenario(100)
    told = client("POST", made, {"Expect": "100-continue"}, b"content")
    (found,) = made.exchanges

    assert (Told(201), b"content") == (told, found.content)
    if name in ("aiohttp", "curl"):
        assert [100] == found.interim
    assert found.waited is not None


def test_100_that_never_comes(status_server: StatusServer) -> None:
    """A client that would wait for ever, and is refused at once; the answer is final."""
    made = status_server.scenario(100, policy="refuse")
    told = by_aiohttp("POST", made, {"Expect": "100-continue"}, b"content")

    assert Told(417) == told
    assert b"" == made.exchanges[0].content


@pytest.mark.parametrize("code", [102, 103])
def test_interim_responses(
    client: Client, name: str, status_server: StatusServer, code: int
) -> None:
    """Any number of them come before the final one, which is the answer."""
    made = status_server.scenario(code, count=300, every=0)

    assert Told(code if name in HASTY else 200) == ask(client, made)
    assert ask(client, status_server.status(200)).status == 200


def _by_http_client(url: str, content: Iterable[bytes]) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    connection.request("POST", parts.path, content)
    with contextlib.closing(connection), connection.getresponse() as answer:
        return answer.status


def _by_urllib3(url: str, content: Iterable[bytes]) -> int:
    with urllib3.PoolManager(retries=False, timeout=5) as pool:
        return pool.request("POST", url, body=content).status


@pytest.mark.parametrize(
    "post",
    [
        _by_http_client,
        _by_urllib3,
        lambda url, content: requests.post(url, data=content, timeout=5).status_code,
        lambda url, content: httpx.post(url, content=content).status_code,
    ],
)
def test_408(status_server: StatusServer, post: Callable[[str, Iterable[bytes]], int]) -> None:
    """Content that stalls: the answer is there when the client looks for it."""
    made = status_server.scenario(408, timeout=0.02)

    def late() -> Iterator[bytes]:
        yield b"first"
        made.wait(1)
        yield b"second"

    assert 408 == post(made, late())
    assert [408] == made.statuses


def test_414(client: Client, status_server: StatusServer) -> None:
    """Each of them sends a target of 8,000 octets, and of more."""
    made = status_server.scenario(414)
    target = f"{urlsplit(made).path}?"
    query = "x" * (8000 - len(target))

    assert [Told(200), Told(414)] == [ask(client, f"{made}?{query}{more}") for more in ("", "x")]


@pytest.mark.parametrize("expect", ["200-maybe", "100-continue"])
def test_417(client: Client, status_server: StatusServer, expect: str) -> None:
    """The answer is read, though the connection closes before the content was."""
    made = status_server.scenario(417)
    told = client("POST", made, {"Expect": expect}, b"content")

    assert Told(417) == told
    assert [417] == made.statuses


def test_421(client: Client, status_server: StatusServer) -> None:
    """None of them asks again by itself."""
    made = status_server.scenario(421)

    assert [Told(421), Told(200)] == [
        ask(client, made, {"Host": "other.example"}),
        ask(client, made),
    ]
    assert [421, 200] == made.statuses


def test_421_on_a_connection_in_use(status_server: StatusServer) -> None:
    """A session uses its connection again, and is served when it opens another one."""
    made = status_server.scenario(421, mode="connection")
    with requests.Session() as session:
        session.trust_env = False
        told = [session.get(made, timeout=5).status_code for _ in range(2)]
        session.close()  # its connections; it is good for more
        told.append(session.get(made, timeout=5).status_code)

    assert [200, 421, 200] == told
    assert [(1, 1), (1, 2), (2, 1)] == [(one.connection, one.number) for one in made.exchanges]


def test_426(client: Client, status_server: StatusServer) -> None:
    """None of them upgrades by itself, and all see the answer."""
    pytest.importorskip("trustme")
    made = status_server.scenario(426)

    assert Told(426) == ask(client, made)
    assert [426] == made.statuses


@pytest.mark.parametrize(("code", "status"), [(431, 431), (494, 400)])
def test_431_and_494(client: Client, status_server: StatusServer, code: int, status: int) -> None:
    """A cookie that is too large; smaller, it is served."""
    made = status_server.scenario(code)
    told = [ask(client, made, {"Cookie": "a=" + "x" * size}) for size in (20_000, 10)]

    assert [Told(status), Told(200)] == told
    assert [code, 200] == [found.logged for found in made.exchanges]


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("octets", [0, 5])
def test_444(client: Client, status_server: StatusServer, how: str, octets: int) -> None:
    """An error, and no status; a POST is not sent again."""
    made = status_server.scenario(444, how=how, octets=octets)
    told = client("POST", made, {}, b"content")

    assert 0 == told.status
    assert told.error
    assert [(None, 444)] == [(found.status, found.logged) for found in made.exchanges]


def test_501(client: Client, status_server: StatusServer) -> None:
    """All of them send a method that nobody knows."""
    made = status_server.scenario(501)

    assert [Told(501), Told(200)] == [
        client("FROBNICATE", made, {}, None),
        ask(client, made),
    ]


class _Later(http.client.HTTPConnection):
    _http_vsn_str = "HTTP/2.0"


def test_505(status_server: StatusServer) -> None:
    """A client that claims HTTP/2.0 in a request line gets an answer that it can read."""
    made = status_server.scenario(505)
    parts = urlsplit(made)
    connection = _Later(parts.netloc, timeout=5)
    connection.request("GET", parts.path)
    answer = connection.getresponse()
    answer.read()
    connection.close()

    assert (505, 11, [505]) == (answer.status, answer.version, made.statuses)


@pytest.mark.skipif(CURL is None, reason="curl is not installed")
def test_the_preface_of_http_2(status_server: StatusServer) -> None:
    """Curl begins with it when it is told that HTTP/2 is spoken, and sees that it is not."""
    command = [CURL or "", "-sS", "--noproxy", "*", "--http2-prior-knowledge", "-m", "5"]
    url = status_server.url_for("/505")
    done = subprocess.run([*command, url], capture_output=True, timeout=30, check=False)

    assert done.returncode
    assert [("PRI", "*", 505)] == [
        (found.method, found.target, found.status) for found in status_server.journal
    ]
