"""305 and 407: what names a proxy, and what came through it."""

from __future__ import annotations

import pytest

from pytest_httpcodes import Request, StatusServer
from pytest_httpcodes.behaviours.proxied import RELATION
from pytest_httpcodes.resource import Site
from pytest_httpcodes.wsgi.host import Host
from tests.raw import Raw, message
from tests.scenarios import play
from tests.wsgi.asking import ROOT, ask


def test_use_proxy(status_server: StatusServer) -> None:
    """A direct request is told of the proxy; that proxy's journal shows who went there."""
    made = status_server.scenario(305)
    proxy = status_server.proxy
    with Raw(made) as raw:
        direct = raw.request("GET", made.removeprefix(status_server.url))
    assert [] == [*proxy.journal]
    with Raw(proxy.url) as raw:
        through = raw.request("GET", made)

    assert (305, f"{proxy.url}/") == (direct.status, direct.header("Location"))
    assert f'<a href="{proxy.url}/">the proxy</a>'.encode() in direct.content
    assert (200, b"this came through the proxy\n") == (through.status, through.content)
    assert [305, 200] == made.statuses
    assert [200] == proxy.journal.statuses


def test_another_proxy_is_another(status_server: StatusServer) -> None:
    """What came through one that was not named did not come as it was told to."""
    made = status_server.scenario(305)
    with Raw(status_server.proxy_for().url) as raw:
        assert 305 == raw.request("GET", made).status


@pytest.mark.parametrize("code", [305, 407])
@pytest.mark.parametrize("host", ["localhost", "a.example:1", "[::1]:80"])
def test_the_proxy_is_named_under_the_host_that_the_client_knows(
    status_server: StatusServer, code: int, host: str
) -> None:
    """Its port is its own."""
    proxy = status_server.proxy if code == 305 else status_server.asking_proxy
    url = f"http://{host.removesuffix(':1').removesuffix(':80')}:{proxy.url.rpartition(':')[2]}"
    with Raw(status_server.url) as raw:
        raw.send(message("GET", f"/{code}", host=host))
        answer = raw.answer()

    assert (f"{url}/" if code == 305 else f'<{url}>; rel="{RELATION}"') == (
        answer.header("Location" if code == 305 else "Link")
    )


def test_a_client_without_a_host(status_server: StatusServer) -> None:
    """Is told of the address."""
    with Raw(status_server.url) as raw:
        raw.send(b"GET /305 HTTP/1.0\r\n\r\n")
        assert f"{status_server.proxy.url}/" == raw.answer().header("Location")


def test_the_proxy_that_demands_credentials(status_server: StatusServer) -> None:
    """The origin says where it is; through it, that it was found."""
    made = status_server.scenario(407)
    answers = play(status_server, (*made.trigger, *made.relief))
    proxy = status_server.asking_proxy

    assert [200, 407, 200, 200] == [answer.status for answer in answers]
    assert f"the proxy at {proxy.url} demands credentials: user, password\n".encode() == (
        answers[0].content
    )
    assert b"this came through the proxy\n" == answers[-1].content
    assert [407, 200] == proxy.journal.statuses
    assert [200, 200, 200] == made.statuses
    assert [None] * 3 == made.header("Proxy-Authorization")


def test_what_the_signpost_is(status_server: StatusServer) -> None:
    """A document that can be read, with validators, and nothing else."""
    made = status_server.scenario(407).removeprefix(status_server.url)
    with Raw(status_server.url) as raw:
        first = raw.request("GET", made)
        again = raw.request("GET", made, f"If-None-Match: {first.header('ETag')}")
        head = raw.request("HEAD", made)
        posted = raw.request("POST", made, content=b"")

    assert (200, 304, 405) == (first.status, again.status, posted.status)
    assert first.header("Link") == head.header("Link")


def test_without_an_answer_that_names_it(status_server: StatusServer) -> None:
    """There is nothing to go through."""
    made = status_server.scenario(407)
    (_, second) = made.trigger
    assert callable(second)
    (answer,) = play(status_server, [Request("GET", status_server.status(200))])

    assert Request("GET", made) == second(answer)


def test_the_code_alone(status_server: StatusServer) -> None:
    """`/status/305` names the same proxy, and is what it is through that, too."""
    made = status_server.status(305)
    proxy = status_server.proxy
    with Raw(proxy.url) as raw:
        assert f"{proxy.url}/" == raw.request("GET", made).header("Location")


def test_under_wsgi() -> None:
    """There is no proxy, and the origin is named instead."""
    answer = ask(Host(False, 2**20, 2**20).answer, Request("GET", f"{ROOT}/status/305"))

    assert (305, f"{ROOT}/") == (answer.status, answer.headers["Location"])


def test_a_site_without_proxies(status_server: StatusServer) -> None:
    """Says so; WSGI has none."""
    site = Site(status_server.clock, status_server.journal, status_server.limits)

    with pytest.raises(LookupError, match="there is no proxy beside this origin"):
        site.proxy_url(demands=False)
