"""Every scenario: its trigger earns the code, and its relief gets past it, through any client."""

from __future__ import annotations

import json
import re
from itertools import count

import pytest
from lxml import etree

from pytest_httpcodes import StatusServer, scenarios
from pytest_httpcodes.behaviours import SCENARIOS
from pytest_httpcodes.codes import WITHOUT_CONTENT, look_up
from pytest_httpcodes.request import Answer
from tests.raw import Raw
from tests.scenarios import SENDERS, earned, expressible, path_of, play

CODES = scenarios.codes()
# Where nothing gets past the code: it is no refusal, or a probe.
WITHOUT_RELIEF = (200, 204, 306, 410, 444, 450, 451, 500, 503)
_keys = count(1)


@pytest.fixture(params=CODES)
def code(request: pytest.FixtureRequest) -> int:
    """Return each code that has a scenario."""
    assert isinstance(request.param, int)
    return request.param


@pytest.mark.parametrize("client", SENDERS)
def test_trigger_and_relief(status_server: StatusServer, code: int, client: str) -> None:
    """One after the other, on one instance."""
    made = status_server.scenario(code)
    elements = (*made.trigger, *made.relief)
    if client != "raw" and not all(map(expressible, elements)):
        pytest.skip("no client library can send it")
    answers = play(status_server, made.trigger, SENDERS[client])
    assert code in earned(made, answers)
    if made.relief:
        past = play(status_server, made.relief, SENDERS[client])[-1].status
        assert code not in earned(made)
        assert 200 <= past < 400
    assert made.statuses == [exchange.status for exchange in status_server.journal.exchanges]


def test_relief_alone(status_server: StatusServer, code: int) -> None:
    """Nothing has to have been refused before."""
    made = status_server.scenario(code)
    if code in WITHOUT_RELIEF:
        assert () == made.relief
    else:
        past = play(status_server, made.relief)[-1].status
        assert code not in earned(made)
        assert 200 <= past < 400


def test_by_hand(status_server: StatusServer, code: int) -> None:
    """The same from a URL, and again once it is forgotten; another KEY is another instance."""
    kind = scenarios.find(code)
    for key in ("mine", "mine", "yours", f"k{next(_keys)}"):
        url = status_server.url_for(f"/{code}/{key}")
        made = kind(status_server._app().site, (f"{code}", key), {})
        answers = play(status_server, made.trigger(url))
        assert code in earned(status_server.journal, answers)
        with Raw(status_server.url) as raw:
            assert 204 == raw.request("DELETE", f"/journal/{code}/{key}").status


def test_the_shared_one(status_server: StatusServer, code: int) -> None:
    """Is at the bare code."""
    kind = scenarios.find(code)
    url = status_server.url_for(f"/{code}")
    made = kind(status_server._app().site, (f"{code}", "shared"), {})
    answers = play(status_server, made.trigger(url))

    assert code in earned(status_server.journal, answers)


def test_why(status_server: StatusServer, code: int) -> None:
    """The journal has one sentence for each answer, with its section."""
    made = status_server.scenario(code)
    play(status_server, (*made.trigger, *made.relief))

    for exchange in made.exchanges:
        assert re.fullmatch(r"[^.].*[^.] \((RFC \d+, [\d.]+|\D+)\)", exchange.why), exchange.why


def test_the_error_explains_itself(status_server: StatusServer, code: int) -> None:
    """As a problem, with its status and whether it passes; in XML where it is WebDAV's."""
    if code < 400 or code in (418, 444, 450, 494, 511):
        pytest.skip("no error, or one for people, or in nginx's own words")
    made = status_server.scenario(code)
    answer = play(status_server, made.trigger)[-1]
    webdav = code in SCENARIOS["webdav.scenarios"]
    problem = _xml_problem(answer) if webdav else _json_problem(answer)

    assert code == problem["status"]
    assert look_up(code).phrase == problem["title"]
    assert problem["temporary"] in (True, False, None)
    assert problem["detail"]


def _json_problem(answer: Answer) -> dict[str, object]:
    assert "application/problem+json" == answer.headers["Content-Type"]
    problem: dict[str, object] = json.loads(answer.content)
    return problem


def _xml_problem(answer: Answer) -> dict[str, object]:
    assert 'application/xml; charset="utf-8"' == answer.headers["Content-Type"]
    root = etree.fromstring(answer.content)
    assert "{DAV:}error" == root.tag
    texts = {each.tag.rpartition("}")[2]: each.text for each in root[-1]}
    passes = {"true": True, "false": False, None: None}[texts.get("temporary")]
    return {**texts, "status": int(texts["status"] or 0), "temporary": passes}


def test_nothing_follows_a_code_without_content(status_server: StatusServer, code: int) -> None:
    """Nor a HEAD: the next answer on the connection is that of the next request."""
    if code in (101, 407, 444):
        pytest.skip("no answer, one in another protocol, or a proxy's")
    made = status_server.scenario(code)
    play(status_server, made.trigger[:-1])
    last = made.trigger[-1]
    assert not callable(last)
    with Raw(status_server.url) as raw:
        raw.send(last.octets)
        answer = raw.answer(last.method)
        if answer.header("connection") != "close":
            raw.send(last.octets.replace(last.method.encode(), b"HEAD", 1))
            assert b"" == raw.answer("HEAD").content
            assert 204 == raw.request("GET", "/status/204").status
    assert (code in WITHOUT_CONTENT) <= (answer.content == b"")


def test_docstring(code: int) -> None:
    """Whoever greps for a code finds its behaviour, which cites its specification."""
    doc = scenarios.find(code).__doc__ or ""

    assert doc.startswith(f"{code}: ")
    source = look_up(code).source
    assert re.search(r"RFC \d+|nginx|Microsoft|Twitter", doc), source


def test_each_module_has_its_codes() -> None:
    """The table of contents is right: it is how a scenario is found."""
    for name, codes in SCENARIOS.items():
        kinds = {scenarios.find(code) for code in codes}
        assert {f"pytest_httpcodes.behaviours.{name}"} == {kind.__module__ for kind in kinds}
        assert set(codes) == {kind.code for kind in kinds}


def test_paths(status_server: StatusServer, code: int) -> None:
    """A test's own instance is below the code, and its requests are addressed to it."""
    made = status_server.scenario(code)
    assert path_of(made).startswith(f"/{code}/_")
    for element in made.trigger:
        if not callable(element):
            assert element.url.startswith(made)
