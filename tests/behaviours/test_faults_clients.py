"""What clients make of answers that break: http.client, urllib3, requests, httpx, aiohttp, curl.

A row says what each of them does. Where one tries again by itself, it gets the 204 that comes next.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable
from http.client import (
    BadStatusLine,
    HTTPConnection,
    HTTPException,
    IncompleteRead,
    LineTooLong,
    RemoteDisconnected,
)
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest
import requests
import urllib3
from requests import exceptions as wrong
from urllib3 import exceptions as faulty

from pytest_httpcodes import Fault, StatusServer

CONTENT = b"0123456789"
CURL = shutil.which("curl")


class Exit(NamedTuple):
    """The exit status of a program that failed."""

    status: int


class FailedError(Exception):
    """A program ended with an exit status."""


def by_http_client(urls: list[str], timeout: float) -> tuple[int, bytes]:
    """Ask for each URL on one connection; return the last answer, or raise what is wrong."""
    connection = HTTPConnection(urlsplit(urls[0]).netloc, timeout=timeout)
    try:
        for url in urls:
            connection.request("GET", urlsplit(url).path)
            response = connection.getresponse()
            found = response.status, response.read()
        return found
    finally:
        connection.close()


def by_urllib3(urls: list[str], timeout: float) -> tuple[int, bytes]:
    """Likewise, without urllib3's retries."""
    with urllib3.PoolManager(retries=False, timeout=timeout) as pool:
        responses = [pool.request("GET", url) for url in urls]
        return responses[-1].status, responses[-1].data


def by_requests(urls: list[str], timeout: float) -> tuple[int, bytes]:
    """Likewise, in one session."""
    with requests.Session() as session:
        session.trust_env = False
        responses = [session.get(url, timeout=timeout) for url in urls]
        return responses[-1].status_code, responses[-1].content


def by_httpx(urls: list[str], timeout: float) -> tuple[int, bytes]:
    """Likewise, with one client."""
    with httpx.Client(trust_env=False, timeout=timeout) as client:
        responses = [client.get(url) for url in urls]
        return responses[-1].status_code, responses[-1].content


def by_aiohttp(urls: list[str], timeout: float) -> tuple[int, bytes]:
    """Likewise, in one session."""
    aiohttp: Any = pytest.importorskip("aiohttp")

    async def ask() -> tuple[int, bytes]:
        patience = aiohttp.ClientTimeout(total=timeout)
        async with aiohttp.ClientSession(timeout=patience) as session:
            for url in urls:
                async with session.get(url) as response:
                    found = response.status, await response.read()
            return found

    return asyncio.run(ask())


def by_curl(urls: list[str], timeout: float) -> tuple[int, bytes]:
    """Likewise, in one run."""
    if CURL is None:
        pytest.skip("there is no curl")
    options = ["-sS", "--noproxy", "*", "--max-time", f"{timeout}", "-w", "%{http_code}"]
    for url in urls[:-1]:
        options += ["-o", os.devnull, url]
    done = subprocess.run([CURL, *options, urls[-1]], capture_output=True, check=False)
    if done.returncode:
        raise FailedError(Exit(done.returncode))
    others = 3 * (len(urls) - 1)  # of those, the status alone
    return int(done.stdout[-3:]), done.stdout[others:-3]


CLIENTS: dict[str, Callable[[list[str], float], tuple[int, bytes]]] = {
    "http.client": by_http_client,
    "urllib3": by_urllib3,
    "requests": by_requests,
    "httpx": by_httpx,
    "aiohttp": by_aiohttp,
    "curl": by_curl,
}

# What a client makes of a fault: an answer with all of the content, the next answer, an exception,
# an exit status; or, where its versions differ, one of several.
WHOLE = (200, CONTENT)
EMPTY = (200, b"")
NEXT = (204, b"")
# aiohttp's exceptions are its ClientError or, where it does not wait any longer, a TimeoutError.
CLIENT = "ClientError"
TIMEOUT = "TimeoutError"
AGAIN = [NEXT, CLIENT]
Row = tuple[object, object, object, object, object, object]
ROWS: dict[Fault, Row] = {
    # Nothing that is HTTP
    Fault("reset"): (
        ConnectionResetError, faulty.ProtocolError, wrong.ConnectionError, httpx.ReadError, AGAIN,
        Exit(56),
    ),
    Fault("close"): (
        RemoteDisconnected, faulty.ProtocolError, wrong.ConnectionError,
        httpx.RemoteProtocolError, AGAIN, Exit(52),
    ),
    Fault("garbage"): (
        BadStatusLine, faulty.ProtocolError, wrong.ConnectionError, httpx.RemoteProtocolError,
        CLIENT, Exit(1),
    ),
    Fault("stall"): (
        TimeoutError, faulty.ReadTimeoutError, wrong.ReadTimeout, httpx.ReadTimeout, TIMEOUT,
        Exit(28),
    ),
    # A head that is cut off: some take it for a whole one.
    Fault("close", at="status-line"): (
        BadStatusLine, faulty.ProtocolError, wrong.ConnectionError, httpx.RemoteProtocolError,
        AGAIN, Exit(52),
    ),
    Fault("close", at="field"): (
        EMPTY, EMPTY, EMPTY, httpx.RemoteProtocolError, AGAIN, [EMPTY, Exit(8), Exit(56)],
    ),
    Fault("reset", at="field-line"): (
        ConnectionResetError, faulty.ProtocolError, wrong.ConnectionError, httpx.ReadError, AGAIN,
        Exit(56),
    ),
    # Content that is cut off
    Fault("close", at="head"): (
        IncompleteRead, faulty.ProtocolError, wrong.ChunkedEncodingError,
        httpx.RemoteProtocolError, CLIENT, Exit(18),
    ),
    Fault("truncate", at="content:5"): (
        IncompleteRead, faulty.ProtocolError, wrong.ChunkedEncodingError,
        httpx.RemoteProtocolError, CLIENT, Exit(18),
    ),
    Fault("reset", at="content:5"): (
        ConnectionResetError, faulty.ProtocolError, wrong.ChunkedEncodingError, httpx.ReadError,
        CLIENT, Exit(56),
    ),
    Fault("stall", at="content:5"): (
        TimeoutError, faulty.ReadTimeoutError, wrong.ConnectionError, httpx.ReadTimeout, TIMEOUT,
        Exit(28),
    ),
    Fault("close", at="chunk"): (
        IncompleteRead, faulty.ProtocolError, wrong.ChunkedEncodingError,
        httpx.RemoteProtocolError, CLIENT, Exit(18),
    ),
    Fault("close", at="last-chunk"): (
        IncompleteRead, faulty.ProtocolError, wrong.ChunkedEncodingError,
        httpx.RemoteProtocolError, CLIENT, Exit(18),
    ),
    Fault("garbage", at="last-chunk"): (
        IncompleteRead, faulty.ProtocolError, wrong.ChunkedEncodingError,
        httpx.RemoteProtocolError, CLIENT, Exit(56),
    ),
    # An answer that is whole
    Fault("drip:2000"): (WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE),
    Fault("drip:20", at="content:2"): (WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE),
    Fault("close", at="end"): (WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE),
    Fault("stall", at="end"): (WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE),
    Fault("surplus"): (WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE),
    Fault("surplus:0.01"): (WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE),
    Fault("stray"): (WHOLE, WHOLE, WHOLE, WHOLE, [WHOLE, CLIENT], WHOLE),
    Fault("fold"): (WHOLE, WHOLE, WHOLE, WHOLE, [WHOLE, CLIENT], WHOLE),
    Fault("no-reason"): (WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE),
    # One that is too much, or is framed in no way
    Fault("many-fields"): (
        HTTPException, faulty.ProtocolError, wrong.ConnectionError, WHOLE, [WHOLE, CLIENT], WHOLE,
    ),
    Fault("large-field"): (
        LineTooLong, faulty.ProtocolError, wrong.ConnectionError, httpx.RemoteProtocolError, CLIENT,
        [Exit(27), Exit(56), Exit(100)],
    ),
    Fault("two-lengths"): (
        WHOLE, faulty.InvalidHeader, wrong.InvalidHeader, httpx.RemoteProtocolError, CLIENT,
        [Exit(18), Exit(8)],
    ),
    Fault("bad-chunk"): (
        IncompleteRead, faulty.ProtocolError, wrong.ChunkedEncodingError,
        httpx.RemoteProtocolError, CLIENT, Exit(56),
    ),
    Fault("unknown-coding"): (
        WHOLE, WHOLE, WHOLE, httpx.RemoteProtocolError, [WHOLE, CLIENT], Exit(61),
    ),
}  # fmt: skip


def made_of(client: str, urls: list[str], timeout: float) -> object:
    """Return what a client makes of the last URL: its answer, or the exception's class."""
    try:
        return CLIENTS[client](urls, timeout)
    except FailedError as failed:
        return failed.args[0]
    except Exception as error:  # noqa: BLE001 - each has its own
        return type(error)


def is_like(found: object, expected: object) -> bool:
    """Tell whether a client made what the table says."""
    if isinstance(expected, list):
        return any(is_like(found, one) for one in expected)
    if isinstance(found, type) and isinstance(expected, type):
        return issubclass(found, expected)
    if isinstance(found, type) and isinstance(expected, str):
        return expected in [base.__name__ for base in found.__mro__]
    return found == expected


CASES = [
    pytest.param(fault, client, outcome, id=f"{fault} {client}")
    for fault, row in ROWS.items()
    for client, outcome in zip(CLIENTS, row, strict=True)
]


@pytest.mark.parametrize(("fault", "client", "expected"), CASES)
def test_what_a_client_makes_of_it(
    server: StatusServer, fault: Fault, client: str, expected: object
) -> None:
    """Each in its own words, or in none."""
    url = server.script(fault, 204, content=CONTENT)
    patience = 0.3 if fault.kind == "stall" and fault.place != "end" else 10
    found = made_of(client, [url], patience)

    assert is_like(found, expected), found
    assert str(fault) in url.exchanges[0].why


# Another connection after the one that broke, or what comes next of that which is asked twice.
REUSED: dict[str, object] = {
    "http.client": ConnectionResetError,
    "urllib3": faulty.ProtocolError,
    "requests": wrong.ConnectionError,
    "httpx": httpx.ReadError,
    "aiohttp": AGAIN,
    # "Connection died, retrying a fresh connect"
    "curl": NEXT,
}


@pytest.mark.parametrize("client", CLIENTS)
def test_a_connection_that_is_reused_breaks_too(server: StatusServer, client: str) -> None:
    """The fault is met there; who tries again does so on a connection of its own."""
    first, second = server.status(200), server.script(Fault("reset"), 204)
    found = made_of(client, [first, second], 10)

    assert is_like(found, REUSED[client]), found
    (before,) = first.exchanges
    broken, *after = second.exchanges
    assert (before.connection, 2) == (broken.connection, broken.number)
    assert all((before.connection + 1, 1) == (e.connection, e.number) for e in after)


# What came with the first answer is not the next one, unless the client takes it for that.
NOT_FOUND = (404, b"404")
SURPLUS = (200, b"surplus\n")
BEHIND: dict[str, object] = {
    "http.client": NOT_FOUND,
    "urllib3": NOT_FOUND,
    "requests": NOT_FOUND,
    "httpx": [SURPLUS, NOT_FOUND],
    "aiohttp": [NOT_FOUND, CLIENT],
    "curl": NOT_FOUND,
}


@pytest.mark.parametrize("client", CLIENTS)
def test_a_surplus_answer_and_the_next_request(server: StatusServer, client: str) -> None:
    """A client that follows RFC 9112, 9.2 is not taken in."""
    first = server.status(200, content=CONTENT, fault="surplus")
    second = server.status(404, content=b"404")
    found = made_of(client, [first, second], 10)

    assert is_like(found, BEHIND[client]), found
