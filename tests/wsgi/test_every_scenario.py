"""Every scenario through WSGI alone: its trigger earns the code, its relief gets past it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from werkzeug.test import Client

from pytest_httpcodes import Answer, Request, StatusServer, scenarios
from pytest_httpcodes.request import Element
from pytest_httpcodes.wsgi.host import Host
from tests.scenarios import by_raw
from tests.wsgi.asking import ROOT, ask, joined
from tests.wsgi.differences import told

Send = Callable[[Host, Request], Answer]


def by_validator(host: Host, request: Request) -> Answer:
    """Send a request through the validator of the standard library."""
    return ask(host.answer, request)


def by_werkzeug(host: Host, request: Request) -> Answer:
    """Send a request through Werkzeug's test client."""
    client = Client(host.answer)
    with client.open(
        request.url.removeprefix(ROOT),
        base_url=ROOT,
        method=request.method,
        headers=list(request.headers),
        data=request.content,
        environ_overrides={"wsgi.input_terminated": True, "SERVER_PROTOCOL": request.version},
    ) as found:
        return Answer(found.status_code, joined(found.headers.items()), found.get_data())


SENDERS = {"validator": by_validator, "werkzeug": by_werkzeug}


@pytest.fixture(params=scenarios.codes())
def code(request: pytest.FixtureRequest) -> int:
    """Return each code that has a scenario."""
    assert isinstance(request.param, int)
    return request.param


@pytest.fixture
def host() -> Host:
    """Return what a process has."""
    return Host(False, 2**20, 2**20)


def instance(
    host: Host, code: int, root: str = ROOT
) -> tuple[tuple[Element, ...], tuple[Element, ...]]:
    """Return trigger and relief of an instance that a URL names."""
    kind = scenarios.find(code)
    made = kind(host._application.site, (str(code), "mine"), {})
    url = f"{root}/{code}/mine"
    return made.trigger(url), made.relief(url)


def play(host: Host, elements: tuple[Element, ...], send: Send) -> list[Answer]:
    """Send requests one after the other."""
    answers: list[Answer] = []
    for element in elements:
        request = element(answers[-1]) if callable(element) else element
        host._application.site.clock.advance(request.pause or 0)
        answers.append(send(host, request))
    return answers


@pytest.mark.filterwarnings("ignore:Unknown REQUEST_METHOD::wsgiref.validate")
@pytest.mark.parametrize("client", SENDERS)
def test_trigger_and_relief(host: Host, code: int, client: str) -> None:
    """One after the other; a scenario that needs more than WSGI can carry says so."""
    trigger, relief = instance(host, code)
    needed = scenarios.find(code).on_wire
    answer = play(host, trigger, SENDERS[client])[-1]
    if needed:
        assert 501 == answer.status
        assert needed in answer.content.decode()
        return
    inside = b"<D:status>HTTP/1.1 %d " % code in answer.content
    assert code == answer.status or (answer.status == 207 and inside)
    if relief:
        assert 200 <= play(host, relief, SENDERS[client])[-1].status < 400


@pytest.mark.filterwarnings("ignore:Unknown REQUEST_METHOD::wsgiref.validate")
def test_the_answers_are_those_of_the_wire(
    host: Host, status_server: StatusServer, code: int
) -> None:
    """Status, fields and content are the same, but for what is declared."""
    if scenarios.find(code).on_wire:
        pytest.skip("WSGI has no way for it")
    for ours in instance(host, code, status_server.url):
        heard: list[Answer] = []
        carried: list[Answer] = []
        for element in ours:
            request = element(heard[-1]) if callable(element) else element
            again = element(carried[-1]) if callable(element) else element
            status_server.clock.advance(request.pause or 0)
            host._application.site.clock.advance(request.pause or 0)
            heard.append(by_raw(request))
            carried.append(by_validator(host, again))
            assert told(heard[-1], status_server.url) == told(carried[-1], status_server.url)
