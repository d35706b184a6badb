"""Where 301 302 303 307 308 lead, and the rule that makes any resource redirect."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urljoin

import pytest
import requests

from pytest_httpcodes import Request, StatusServer
from pytest_httpcodes.behaviours.moved import moved
from pytest_httpcodes.wire.received import Received
from tests.asking import ask, statuses
from tests.following import location
from tests.scenarios import path_of, play

CODES = (301, 302, 303, 307, 308)


@pytest.mark.parametrize(
    "to", ["/status/204", "../status/204", "http://other.example/?a=b#c", "//x.example", "?", "#a"]
)
@pytest.mark.parametrize("code", CODES)
def test_to(status_server: StatusServer, code: int, to: str) -> None:
    """`to` is where Location leads, as it is written, and where the relief goes."""
    url = status_server.scenario(code, to=to)
    answer = ask(url)
    relief = url.relief[0]

    assert (code, to) == (answer.status, location(answer))
    assert f'<a href="{to}">'.encode() in answer.content
    assert isinstance(relief, Request)
    assert urljoin(url, to) == relief.url


@pytest.mark.parametrize("code", CODES)
def test_to_an_endpoint(status_server: StatusServer, code: int) -> None:
    """The target may be any endpoint, of another origin, too."""
    end = status_server.origin().status(204)
    url = status_server.scenario(code, to=end)
    answers = play(status_server, (*url.trigger, *url.relief))

    assert [code, 204] == [answer.status for answer in answers]
    assert [204] == end.statuses


def test_to_none(status_server: StatusServer) -> None:
    """None is as good as no option, as it is for `redirects`."""
    url = status_server.scenario(302, to=None)

    assert f"{url}/target" == location(ask(url))


def test_by_hand(status_server: StatusServer) -> None:
    """`?to=` sets the instance, and only that; without options it stays as it is."""
    mine, yours = (status_server.url_for(f"/302/{key}") for key in ("mine", "yours"))
    found = [location(ask(url)) for url in (mine, f"{mine}?to=/a%2520b", mine, yours)]

    assert [f"{mine}/target", "/a%20b", "/a%20b", f"{yours}/target"] == found
    assert f"{mine}/target" == location(ask(f"{mine}?delay=0"))


@pytest.mark.parametrize("to", ["", "a b", "caf\xe9", "a\tb", "a\r\nb"])
def test_wrong_to(status_server: StatusServer, to: str) -> None:
    """What is no URI reference is refused, by hand and in Python."""
    query = requests.models.PreparedRequest()
    query.prepare_url(status_server.url_for("/302/mine"), {"to": to} if to else "to=")
    answer = ask(str(query.url), "Accept: text/plain")

    assert 400 == answer.status
    assert b"is no URI reference; percent-encode what is not plain ASCII" in answer.content
    with pytest.raises(ValueError, match=r"to=.* is no URI reference"):
        status_server.scenario(302, to=to)


@pytest.mark.parametrize("code", [*CODES, 306])
def test_other_options(status_server: StatusServer, code: int) -> None:
    """An option that there is not is refused, and the answer says which there are."""
    options = "delay, fault, at" if code == 306 else "to, delay, fault, at"
    answer = ask(status_server.url_for(f"/{code}/mine?speed=1"), "Accept: text/plain")

    assert 400 == answer.status
    assert f"there are {options}".encode() in answer.content
    with pytest.raises(ValueError, match=f"has no option 'speed'; there are {options}"):
        status_server.scenario(code, speed=1)


@pytest.mark.parametrize("code", CODES)
def test_nothing_else_is_below(status_server: StatusServer, code: int) -> None:
    """404: what else is below says where the target is."""
    url = status_server.scenario(code)
    answer = ask(f"{url}/other", "Accept: text/plain")

    assert 404 == answer.status
    assert f"there is {path_of(url)}/target".encode() in answer.content
    assert [200, code] == statuses(f"{url}/target/", f"{url}/")


# The rule


@pytest.mark.parametrize("code", CODES)
def test_rule(status_server: StatusServer, code: int) -> None:
    """Any resource can be redirected: before its methods and conditions, and its members, too."""
    url = status_server.resource(b"content", moved(code, "/status/200"), methods=["GET"])
    found = [
        ask(url),
        ask(url, "If-None-Match: *"),
        ask(url, method="POST", content=b"x"),
        ask(f"{url}/member"),
    ]

    assert [(code, "/status/200")] * 4 == [(a.status, location(a)) for a in found]


def test_rule_with_a_function(status_server: StatusServer) -> None:
    """Where to may depend on the request."""

    def to(request: Received) -> str:
        return f"/status/200/{request.field('accept-language')}"

    url = status_server.resource(None, moved(302, to))

    assert "/status/200/de" == location(ask(url, "Accept-Language: de"))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((300, "/"), "300 is no redirect; use 301, 302, 303, 307, 308"),
        ((304, "/"), "304 is no redirect"),
        (("302", "/"), "'302' is no redirect"),
        ((302, ""), "to='' is no URI reference"),
        ((302, None), "to='' is no URI reference"),
        ((302, "a b"), "to='a b' is no URI reference"),
    ],
)
def test_wrong_rule(given: Sequence[object], message: str) -> None:
    """What is none fails at once."""
    with pytest.raises(ValueError, match=message):
        moved(*given)  # type: ignore[arg-type]
