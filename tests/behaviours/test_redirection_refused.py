"""Chains that could not be: what is wrong is named."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from pytest_httpcodes.server import StatusServer
from tests.asking import ask


@pytest.mark.parametrize(
    ("path", "code", "expected"),
    [
        ("/redirects/404", 404, "'404' redirects nowhere; 300, 301, 302, 303, 305"),
        ("/redirects/304", 404, "'304' redirects nowhere"),
        ("/redirects/301,,302", 404, "'' redirects nowhere"),
        ("/redirects/301,end", 404, "'end' redirects nowhere"),
        ("/redirects/0301", 404, "'0301' redirects nowhere"),
        ("/redirects", 404, "nothing is at '/redirects'"),
        ("/redirects/", 404, "nothing is at '/redirects/'"),
        ("/redirects/301/k/below", 404, "nothing is at"),
        ("/redirects/301/..", 404, "nothing is at"),
        ("/redirects/301?loop=2", 400, "loop='2' is no switch; use 1 or 0"),
        ("/redirects/301?grow=yes", 400, "grow='yes' is no switch"),
        ("/redirects/301?form=odd", 400, "form='odd' is no form of Location; there are absolute,"),
        ("/redirects/301?to=%E2%98%83", 400, "percent-encode what is not plain ASCII"),
        ("/redirects/301?to=", 400, "to='' is no URI reference"),
        ("/redirects/301?to=/&loop=1", 400, "a loop has no end"),
        ("/redirects/301?to=/&grow=1", 400, "a loop has no end"),
        ("/redirects/301?times=1", 400, "there is no option 'times' here; there are loop, to,"),
        ("/redirects/301?loop=1&loop=0", 400, "the option 'loop' is given twice"),
        ("/redirects/301?delay=61", 400, "delay=61.0 is out of range"),
        ("/redirects/end?form=path", 400, "there is no option 'form' here; there are delay,"),
    ],
)
def test_wrong_url(server: StatusServer, path: str, code: int, expected: str) -> None:
    """A URL that is wrong is answered with what would be right."""
    answer = ask(server.url + path)

    assert code == answer.status
    assert expected in json.loads(answer.content)["detail"]


def test_wrong_link_of_a_chain(server: StatusServer) -> None:
    """An address that no link of a test's chain has is not found; it is no fault of ours."""
    url = server.redirects(301)
    answer = ask(url.replace("/301/", "/304/"))

    assert 404 == answer.status
    assert "'304' redirects nowhere" in json.loads(answer.content)["detail"]
    assert [] == server.complaints()


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda s: s.redirects(), "a chain has at least one code; 300, 301, 302, 303, 305"),
        (lambda s: s.redirects(304), "304 redirects nowhere; 300, 301"),
        (lambda s: s.redirects(302.0), "302.0 redirects nowhere"),
        (lambda s: s.redirects("302"), "'302' redirects nowhere"),
        (lambda s: s.redirects(302, form="odd"), "form='odd' is no form of Location"),
        (lambda s: s.redirects(302, to="http://x/a b"), "percent-encode"),
        (lambda s: s.redirects(302, to="/", loop=True), "a loop has no end"),
        (lambda s: s.redirects(302, to="/", grow=True), "a loop has no end"),
    ],
)
def test_wrong_call(
    server: StatusServer, call: Callable[[StatusServer], object], expected: str
) -> None:
    """A chain that could not be is refused in the caller's line."""
    with pytest.raises(ValueError, match=expected):
        call(server)
