"""The first four tests: put your own code in the place of `fetch`."""

from __future__ import annotations

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from pytest_httpcodes import StatusServer


def fetch(url: str) -> str:
    """Get a text, and try again while the server is busy: the code under test."""
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=Retry(3, status_forcelist=[503])))
        response = session.get(url)
        response.raise_for_status()
        return response.text


def test_a_busy_server_is_asked_again(status_server: StatusServer) -> None:
    """It waits for as long as `Retry-After` says, then gets the text."""
    url = status_server.script(503, "the text", retry_after=1)

    assert fetch(url) == "the text"
    assert url.statuses == [503, 200]
    assert url.early == []


def test_redirects_are_followed(status_server: StatusServer) -> None:
    """A chain is followed to its end, one request for each link."""
    url = status_server.redirects(301, 302, 307)
    fetch(url)

    assert url.statuses == [301, 302, 307, 200]


def test_a_loop_is_left(status_server: StatusServer) -> None:
    """A chain without an end is an error, and not for ever."""
    url = status_server.redirects(301, 302, loop=True)

    with pytest.raises(requests.TooManyRedirects):
        fetch(url)


def test_what_is_missing_is_not_asked_for_again(status_server: StatusServer) -> None:
    """A 404 is an error at once: half a second later, there still was one request."""
    url = status_server.status(404)
    with pytest.raises(requests.HTTPError, match="404"):
        fetch(url)

    assert len(url.settle(quiet=0.5)) == 1
