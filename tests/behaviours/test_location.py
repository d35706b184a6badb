"""Where a link of a chain leads: the ten forms of `Location`, other origins, the black hole."""

from __future__ import annotations

from itertools import pairwise
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
import pytest

from pytest_httpcodes.behaviours import redirection
from pytest_httpcodes.behaviours.location import FORMS
from pytest_httpcodes.server import StatusServer
from tests import memory
from tests.asking import ask
from tests.following import location, walk
from tests.raw import Answer, Raw, exchange, message


@pytest.mark.parametrize(
    ("codes", "expected"), [((302,), [302] * 7), ((301, 302, 308), [301, 302, 308] * 2 + [301])]
)
def test_loop(server: StatusServer, codes: tuple[int, ...], expected: list[int]) -> None:
    """A loop leads from A to A, or from A to B to C to A, for ever."""
    url = server.redirects(*codes, loop=True)
    hops = walk(url, limit=7)

    assert expected == [code for code, _ in hops] == url.statuses
    assert len(codes) == len({address for _, address in hops})
    assert "a link of a chain without end" in url.exchanges[0].why


@pytest.mark.parametrize("query", ["loop=1", "loop=true", "loop=1&form=path"])
def test_loop_by_hand(server: StatusServer, query: str) -> None:
    """`loop=1` rotates the list, and rides along."""
    hops = walk(f"{server.url}/redirects/301,302/k?{query}", limit=5)

    assert [301, 302, 301, 302, 301] == [code for code, _ in hops]
    assert hops[0] == hops[2] == hops[4]


def test_to_another_origin(server: StatusServer) -> None:
    """A chain may end at any URL, such as another server's endpoint."""
    other = server.origin()
    end = other.status(204)
    hops = walk(server.redirects(307, 308, to=end))

    assert [307, 308, 204] == [code for code, _ in hops]
    assert str(end) == hops[-1][1]
    assert [204] == end.statuses


def test_chain_through_two_origins(server: StatusServer) -> None:
    """A chain may end at another chain, and come back."""
    other = server.origin()
    here = server.status(200)
    there = other.redirects(302, to=here)
    hops = walk(server.redirects(301, to=there))

    assert [301, 302, 200] == [code for code, _ in hops]
    assert ([302], [200]) == (there.statuses, here.statuses)


@pytest.mark.parametrize("form", ["absolute", "path", "relative", "scheme-relative"])
def test_to_a_relative_reference(server: StatusServer, form: str) -> None:
    """What `to` is, is what `Location` says, whatever the form; a relative one stays so."""
    answer = ask(server.redirects(302, to="/status/200?x=http://y", form=form))

    assert "/status/200?x=http://y" == location(answer)


def test_to_by_hand(server: StatusServer) -> None:
    """`to` rides along to the last link, percent-encoded."""
    end = f"{server.localhost}/status/200?header=X-A:%20b"
    hops = walk(f"{server.url}/redirects/302,303?to={end.replace('%', '%25')}")

    assert [302, 303, 200] == [code for code, _ in hops]
    assert end == hops[-1][1]


def test_host_of_the_client(server: StatusServer) -> None:
    """An absolute `Location` has the host that the client named, another origin to it."""
    url = server.redirects(302)
    answer = ask(server.localhost + urlsplit(url).path)

    assert location(answer).startswith(f"{server.localhost}/redirects/end/")
    assert ask(location(answer)).status == 200


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("http://example.org:81/redirects/302/k", "http://example.org:81/redirects/end/k"),
        ("http://example.org/redirects/302/k?form=relative", "../end/k"),
    ],
)
def test_absolute_target(server: StatusServer, target: str, expected: str) -> None:
    """The authority of an absolute target wins over `Host`, and its path is the same."""
    with Raw(server.url) as raw:
        answer = raw.request("GET", target)

    assert (302, expected) == (answer.status, location(answer))


def test_scheme_of_the_origin() -> None:
    """An absolute `Location` has the scheme that is spoken here."""
    chain = redirection.place(memory.site(), ["302", "k"], "", None)
    asked = memory.request(target="/redirects/302/k", base="https://127.0.0.1:8443")
    head = memory.head(memory.steps(chain.answer(asked)))

    assert "https://example.org/redirects/end/k" == dict(head.headers)["Location"]


def test_http_1_0_without_host(server: StatusServer) -> None:
    """A client that names no host is sent to the server's own address."""
    octets, how = exchange(server.url, b"GET /redirects/302/k HTTP/1.0\r\n\r\n")

    assert f"Location: {server.url}/redirects/end/k\r\n".encode() in octets
    assert "FIN" == how


@pytest.mark.parametrize("made", [True, False])
def test_black_hole(made: bool) -> None:
    """Each address has the whole last one in its query, until it is too long for the server."""
    with StatusServer(max_target=700) as server:
        url = str(
            server.redirects(301, 302, grow=True)
            if made
            else f"{server.url}/redirects/301,302/k?grow=1"
        )
        hops = walk(url)
        endpoint = server.journal

    addresses = [address for _, address in hops]
    assert 414 == hops[-1][0]
    assert 3 < len(hops)
    assert ([301, 302] * 9)[: len(hops) - 1] == [code for code, _ in hops[:-1]]
    for before, after in pairwise(addresses):
        assert [before] == [v for n, v in parse_qsl(urlsplit(after).query) if n == "last"]
    assert endpoint[0].key == endpoint[-1].key


def test_black_hole_is_one_endpoint() -> None:
    """The 414 that ends it belongs to the chain too."""
    with StatusServer(max_target=300) as server:
        url = server.redirects(302, grow=True)
        walk(url)

        assert 414 == url.statuses[-1]


def test_black_hole_of_odd_octets(server: StatusServer) -> None:
    """The last address is carried as it was asked for, absolute targets too."""
    with Raw(server.url) as raw:
        first = raw.request("GET", "/redirects/302/k?grow=1&q=%e2%98%83")
        second = raw.request("GET", "http://example.org/redirects/302/k?grow=1")

    assert f"{server.url}/redirects/302/k?grow=1&q=%e2%98%83" == _last(first)
    assert "http://example.org/redirects/302/k?grow=1" == _last(second)


def _last(answer: Answer) -> str:
    return dict(parse_qsl(urlsplit(location(answer)).query))["last"]


# The ten forms of Location

# Where each leads, for the link at {root}/redirects/302{key}?form=...; None is nowhere.
LEADS = {
    "absolute": "{root}/redirects/end{key}",
    "path": "{root}/redirects/end{key}",
    "relative": "{root}/redirects/end{key}",
    "scheme-relative": "{root}/redirects/end{key}",
    "fragment": "{root}/redirects/end{key}#fragment",
    "utf-8": "{root}/redirects/end{key}?q=\xe2\x98\x83",
    "empty": "{root}/redirects/302{key}?form=empty",
}


def test_forms_are_ten() -> None:
    """There are ten forms, three of which lead nowhere."""
    assert [*LEADS, "missing", "invalid", "two"] == list(FORMS)


@pytest.mark.parametrize("key", ["", "/", "/k", "/a%2Fb"])
@pytest.mark.parametrize("form", LEADS)
def test_form(server: StatusServer, form: str, key: str) -> None:
    """Each form of `Location`, resolved against the request's URL, leads to the next link."""
    url = f"{server.url}/redirects/302{key}?form={form}"
    value = location(ask(url))
    kept = key if form == "empty" else key.rstrip("/")

    assert LEADS[form].format(root=server.url, key=kept) == urljoin(url, value)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("path", "/redirects/301/k?form=path"),
        ("relative", "../301/k?form=relative"),
        ("scheme-relative", "//{host}/redirects/301/k?form=scheme-relative"),
        ("fragment", "http://{host}/redirects/301/k?form=fragment#fragment"),
        ("utf-8", "http://{host}/redirects/301/k?form=utf-8&q=\xe2\x98\x83"),
        ("empty", ""),
        ("invalid", "http://[::1"),
    ],
)
def test_form_as_written(server: StatusServer, form: str, expected: str) -> None:
    """`Location` is written as the form says, here by a link in the midst of a chain."""
    answer = ask(f"{server.url}/redirects/302,301/k?form={form}")

    assert expected.format(host=urlsplit(server.url).netloc) == location(answer)


@pytest.mark.parametrize("form", [form for form in LEADS if form != "empty"])
def test_chain_of_a_form(server: StatusServer, form: str) -> None:
    """A chain of each form that leads anywhere comes to its end."""
    with httpx.Client(trust_env=False, follow_redirects=True) as client:
        url = server.redirects(302, 307, 303, form=form)
        answer = client.get(url)

    assert ([302, 307, 303, 200], 200) == (url.statuses, answer.status_code)
    assert ("fragment" if form == "fragment" else "") == answer.url.fragment


def test_missing(server: StatusServer) -> None:
    """Without a `Location` there is still the note."""
    answer = ask(server.redirects(301, form="missing"))

    assert (301, None) == (answer.status, answer.header("Location"))
    assert b"<a href=" in answer.content


def test_two(server: StatusServer) -> None:
    """Two lines lead to two places, which is invalid."""
    url = server.redirects(301, form="two")
    answer = ask(url)
    values = [value for name, value in answer.fields if name == "Location"]

    assert [url.replace("/301/", "/end/"), f"{server.url}/status/200"] == values


def test_forms_of_a_fragment(server: StatusServer) -> None:
    """A target with a fragment has one still, behind the query."""
    plain = ask(server.redirects(302, to="http://x.example/#a", form="fragment"))
    odd = ask(server.redirects(302, to="http://x.example/?b#a", form="utf-8"))

    assert "http://x.example/#a" == location(plain)
    assert "http://x.example/?b&q=\xe2\x98\x83#a" == location(odd)


def test_utf_8_on_the_wire(server: StatusServer) -> None:
    """The octets of the snowman are sent raw; a client has to percent-encode them."""
    url = f"{server.url}/redirects/302/k?form=utf-8"
    octets, _ = exchange(url, message("GET", "/redirects/302/k?form=utf-8", "Connection: close"))
    with Raw(server.url) as raw:
        encoded = raw.request("GET", "/redirects/end/k?q=%E2%98%83")
        plain = raw.request("GET", "/redirects/end/k?q=\xe2\x98\x83")

    assert b"/redirects/end/k?q=\xe2\x98\x83\r\n" in octets
    assert (200, 400) == (encoded.status, plain.status)
