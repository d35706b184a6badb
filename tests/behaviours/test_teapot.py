"""A teapot that is asked for coffee: 418."""

from __future__ import annotations

import json

import pytest

from pytest_httpcodes import Request, StatusServer
from tests.asking import ask, ask_json, statuses
from tests.raw import Raw
from tests.scenarios import SENDERS, path_of

COMMAND = "application/coffee-pot-command"


@pytest.mark.parametrize("client", SENDERS)
@pytest.mark.parametrize("method", ["BREW", "POST"])
def test_coffee(status_server: StatusServer, client: str, method: str) -> None:
    """418: "A coffee pot server MUST accept both the BREW and POST method equivalently"."""
    url = status_server.scenario(418)
    answer = SENDERS[client](Request(method, url, {"Content-Type": COMMAND}, b"start"))
    said = json.loads(answer.content)

    assert (418, False) == (answer.status, said["temporary"])
    assert "short and stout" in said["detail"]
    assert "RFC 2324, 2.3.2" in url.exchanges[0].why


@pytest.mark.parametrize("kind", ["text/html", "text/plain"])
def test_short_and_stout(status_server: StatusServer, kind: str) -> None:
    """418: in every form, "The resulting entity body MAY be short and stout"."""
    answer = ask(status_server.scenario(418), f"Accept: {kind}", method="BREW")

    assert (418, f"{kind}; charset=utf-8") == (answer.status, answer.header("Content-Type"))
    assert b"short and stout" in answer.content


@pytest.mark.parametrize("fields", [(), ("Content-Type: message/coffeepot",)])
def test_brew_alone(status_server: StatusServer, fields: tuple[str, ...]) -> None:
    """418: a BREW is a command whatever it encloses, and if it encloses nothing."""
    url = status_server.scenario(418)

    assert 418 == ask(url, *fields, method="BREW").status
    assert 418 == ask(url, *fields, method="BREW", content=b"start").status


def test_type_in_other_letters(status_server: StatusServer) -> None:
    """418: a media type has no case, and may have parameters."""
    field = "Content-Type: Application/Coffee-Pot-Command; boundary=x"
    answer = ask(status_server.scenario(418), field, method="POST", content=b"start")

    assert 418 == answer.status


@pytest.mark.parametrize("field", ["Content-Type: text/plain", "X-Type: none"])
def test_other_posts(status_server: StatusServer, field: str) -> None:
    """415: what is posted to a pot is a command."""
    answer = ask(status_server.scenario(418), field, method="POST", content=b"tea")

    assert (415, COMMAND) == (answer.status, answer.header("Accept-Post"))


@pytest.mark.parametrize(
    ("additions", "status"),
    [
        ("Whisky", 406),
        ("Cream, Vanilla;q=0.5", 406),
        ("*;q=0.1, Rum", 406),
        ("*", 418),
        ("Whisky;q=0", 418),
        ("", 418),
    ],
)
def test_additions(status_server: StatusServer, additions: str, status: int) -> None:
    """406: "most automated coffee pots cannot currently provide additions", nor can this one."""
    url = status_server.scenario(418)
    answer = ask(url, f"Accept-Additions: {additions}", method="BREW")

    assert status == answer.status
    assert ([] if status == 406 else None) == json.loads(answer.content).get("additions")
    assert ("Accept-Additions" in (answer.header("Vary") or "")) is (status == 406)
    assert 200 == ask(url, f"Accept-Additions: {additions}").status


def test_methods(status_server: StatusServer) -> None:
    """405: there is no milk, so nobody says WHEN; what there is, OPTIONS says."""
    url = status_server.scenario(418)
    when = ask(url, method="WHEN")
    allowed = "GET, HEAD, POST, BREW, OPTIONS, TRACE"

    assert (405, allowed) == (when.status, when.header("Allow"))
    assert (200, allowed) == (ask(url, method="OPTIONS").status, when.header("Allow"))
    assert [200, 200, 405] == [ask(url, method=m).status for m in ("GET", "HEAD", "PUT")]


@pytest.mark.parametrize("method", ["BREW", "POST"])
def test_not_invited(status_server: StatusServer, method: str) -> None:
    """418 comes before the content, which would be refused whatever it is."""
    url = status_server.scenario(418)
    with Raw(url) as raw:
        fields = (f"Content-Type: {COMMAND}", "Expect: 100-continue", "Content-Length: 5")
        answer = raw.request(method, path_of(url), *fields)

    assert (418, []) == (answer.status, answer.interim)


def test_before_conditions(status_server: StatusServer) -> None:
    """A condition is for what would succeed (RFC 9110, 13.2.1)."""
    answer = ask(status_server.scenario(418), 'If-Match: "none"', method="BREW")

    assert 418 == answer.status


@pytest.mark.parametrize("method", ["BREW", "WHEN"])
@pytest.mark.parametrize("path", ["/", "/200", "/405", "/422/k", "/402/k/payment", "/journal"])
def test_other_things(status_server: StatusServer, method: str, path: str) -> None:
    """405: no other resource is a pot, and it says so in `Allow`."""
    answer = ask(status_server.url_for(path), method=method)

    assert 405 == answer.status
    assert method not in (answer.header("Allow") or "")


@pytest.mark.parametrize("path", ["/none", "/404", "/418/k/cup"])
def test_nothing_there(status_server: StatusServer, path: str) -> None:
    """404: where there is nothing, there is no pot either."""
    assert 404 == ask(status_server.url_for(path), method="BREW").status


def test_other_resources(status_server: StatusServer) -> None:
    """405: nor is a document of a test's own."""
    answer = ask(status_server.resource(b"a cup"), method="BREW")

    assert 405 == answer.status


def test_wrong_option(status_server: StatusServer) -> None:
    """A wrong option is refused: by hand with a 400 that names it, in Python at once."""
    said = ask_json(status_server.url_for("/418/key?sugar=1"))

    assert 400 == said["status"]
    assert "there is no option 'sugar' here" in said["detail"]
    with pytest.raises(ValueError, match="the scenario of 418 .* has no option 'sugar'"):
        status_server.scenario(418, sugar=1)


def test_by_hand(status_server: StatusServer) -> None:
    """The shared teapot is like any other."""
    url = status_server.url_for("/418")

    assert 418 == ask(url, method="BREW").status
    assert [200] == statuses(url)
