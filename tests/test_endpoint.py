"""An endpoint is a URL, as a str, that knows what happened to it."""

from __future__ import annotations

import copy
import json
import pickle
from urllib.parse import urlsplit

from pytest_httpcodes import Endpoint, StatusServer
from tests.raw import Raw


def test_an_endpoint_is_a_str(server: StatusServer) -> None:
    """Any client takes it as it takes any URL."""
    endpoint = server.status(404)

    assert isinstance(endpoint, str)
    assert f"{server.url}/status/404/_1" == endpoint
    assert "/status/404/_1" == urlsplit(endpoint).path
    assert f'"{server.url}/status/404/_1"' == json.dumps(endpoint)


def test_what_is_made_of_an_endpoint_is_a_plain_str(server: StatusServer) -> None:
    """Copies, pickles, strings and sums."""
    endpoint = server.status(404)

    assert Endpoint is type(endpoint)
    assert str is type(str(endpoint))
    assert str is type(endpoint + "?a=1")
    assert str is type(copy.copy(endpoint))
    assert str is type(copy.deepcopy(endpoint))
    assert str is type(pickle.loads(pickle.dumps(endpoint)))  # noqa: S301 - our own
    assert endpoint == pickle.loads(pickle.dumps(endpoint))  # noqa: S301 - likewise


def test_two_endpoints_share_nothing(server: StatusServer) -> None:
    """Each call makes an instance of its own."""
    first, second = server.status(503, times=1), server.status(503, times=1)
    with Raw(server.url) as raw:
        raw.request("GET", urlsplit(first).path)
        raw.request("GET", urlsplit(first).path)
        raw.request("GET", urlsplit(second).path)

    assert first != second
    assert [503, 200] == first.statuses
    assert [503] == second.statuses


def test_paths_below_belong_to_it(server: StatusServer) -> None:
    """A client may append what it likes, a query too."""
    endpoint = server.status(404)
    with Raw(server.url) as raw:
        raw.request("GET", urlsplit(endpoint).path + "/v1/things?times=7")

    assert [404] == endpoint.statuses


def test_all_hops_of_a_chain_belong_to_it(server: StatusServer) -> None:
    """From its first link to its end."""
    endpoint = server.redirects(302, 301)
    target = urlsplit(endpoint).path
    with Raw(server.url) as raw:
        while True:
            answer = raw.request("GET", target)
            if answer.status == 200:
                break
            target = urlsplit(answer.header("location") or "").path

    assert [302, 301, 200] == endpoint.statuses
