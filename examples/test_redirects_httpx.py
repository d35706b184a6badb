"""How httpx follows redirects: what arrives at the end, what is sent along, where it stops.

Every hop goes over a real socket, and the server's journal says what came. To test a client of
your own, put it into the fixture.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from httpx import Client

from pytest_httpcodes import Endpoint, StatusServer

BASIC = "Basic dXNlcjpwYXNzd29yZA=="  # user:password


@pytest.fixture
def client() -> Iterator[Client]:
    """Open the client under test; httpx follows no redirect unless told to."""
    with Client(follow_redirects=True) as client:
        yield client


# Which method and content arrive

CODES = (301, 302, 303, 307, 308)
# fmt: off
ARRIVES = [
    # sent           301          302     303     307           308
    ("GET",        ["GET",       "GET",  "GET",  "GET",        "GET"]),
    ("HEAD",       ["HEAD",      "HEAD", "HEAD", "HEAD",       "HEAD"]),
    ("POST order", ["GET",       "GET",  "GET",  "POST order", "POST order"]),
    ("PUT order",  ["PUT order", "GET",  "GET",  "PUT order",  "PUT order"]),
    ("DELETE",     ["DELETE",    "GET",  "GET",  "DELETE",     "DELETE"]),
]
# fmt: on


def arrived(chain: Endpoint) -> str:
    last = chain.exchanges[-1]
    return f"{last.method} {last.content.decode()}".strip()


@pytest.mark.parametrize(("sent", "arrives"), ARRIVES)
def test_what_arrives(
    status_server: StatusServer, client: Client, sent: str, arrives: list[str]
) -> None:
    """Only 307 and 308 keep a POST; a PUT goes through a 301 whole, and becomes a GET at a 302."""
    method, _, content = sent.partition(" ")
    chains = [status_server.redirects(code) for code in CODES]
    for chain in chains:
        client.request(method, chain, content=content)

    assert [arrived(chain) for chain in chains] == arrives


def test_a_get_never_becomes_a_post_again(status_server: StatusServer, client: Client) -> None:
    """The 308 repeats the GET that came to it, and not the POST from before the 303."""
    chain = status_server.redirects(307, 303, 308)
    client.post(chain, content="order")

    assert [exchange.method for exchange in chain.exchanges] == ["POST", "POST", "GET", "GET"]


def test_a_generator_cannot_be_sent_again(status_server: StatusServer, client: Client) -> None:
    """A 307 wants the content once more: an error says that it is gone."""

    def content() -> Iterator[bytes]:
        yield b"read "
        yield b"once"

    chain = status_server.redirects(307)
    with pytest.raises(httpx.StreamConsumed):
        client.post(chain, content=content())

    assert chain.exchanges[0].content == b"read once"
    assert 200 not in chain.statuses


# Where it stops


def test_nothing_is_followed_unasked(status_server: StatusServer) -> None:
    """By default, a redirect is the answer, which knows what the next request would be."""
    chain = status_server.redirects(302)
    response = httpx.get(chain)

    assert response.next_request is not None
    assert chain.statuses == [302]


def test_the_hops_are_in_the_history(status_server: StatusServer, client: Client) -> None:
    """The answer at the end knows those that led to it."""
    response = client.get(status_server.redirects(301, 302, 307))

    assert response.status_code == 200
    assert [hop.status_code for hop in response.history] == [301, 302, 307]


@pytest.mark.parametrize("codes", [(302,), (301, 302, 307)], ids=["A-A", "A-B-C-A"])
def test_a_loop_ends(status_server: StatusServer, client: Client, codes: tuple[int, ...]) -> None:
    """A loop is not recognised as one: it ends at the limit, after 1 request and 20 redirects."""
    loop = status_server.redirects(*codes, loop=True)
    with pytest.raises(httpx.TooManyRedirects):
        client.get(loop)

    assert len(loop.exchanges) == 21


def test_the_limit_can_be_reached_but_not_passed(status_server: StatusServer) -> None:
    """With a limit of 3, a chain of three redirects is followed to its end, one of four is not."""
    three = status_server.redirects(302, 302, 302)
    four = status_server.redirects(302, 302, 302, 302)
    with Client(follow_redirects=True, max_redirects=3) as client:
        client.get(three)
        with pytest.raises(httpx.TooManyRedirects):
            client.get(four)

    assert three.statuses == [302, 302, 302, 200]
    assert four.statuses == [302, 302, 302, 302]


def test_the_black_hole_ends(make_status_server: type[StatusServer], client: Client) -> None:
    """Where each address contains the whole last one, the server's limit ends it: a 414."""
    server = make_status_server(max_target=1000)
    response = client.get(server.redirects(302, grow=True))

    assert response.status_code == 414


@pytest.mark.parametrize("code", [300, 305, 306])
def test_not_every_3xx_is_followed(status_server: StatusServer, client: Client, code: int) -> None:
    """A 300 leaves the choice to the caller, and nobody is sent to a proxy by a 305 or 306."""
    elsewhere = status_server.origin()
    response = client.get(status_server.redirects(code, to=elsewhere.url))

    assert response.status_code == code
    assert elsewhere.journal.statuses == []


# What is sent along


def test_the_same_origin_gets_the_credentials(status_server: StatusServer, client: Client) -> None:
    """Within an origin, `Authorization` is sent with every hop."""
    chain = status_server.redirects(302)
    client.get(chain, auth=("user", "password"))

    assert chain.header("Authorization") == [BASIC, BASIC]


def test_another_port_gets_no_credentials(status_server: StatusServer, client: Client) -> None:
    """A second server on the same host is another origin."""
    there = status_server.origin().status(200)
    here = status_server.redirects(302, to=there)
    client.get(here, auth=("user", "password"))

    assert here.header("Authorization") == [BASIC]
    assert there.header("Authorization") == [None]


def test_another_host_gets_no_credentials(status_server: StatusServer, client: Client) -> None:
    """The same server under another name is another origin, for a header of one's own too."""
    client.headers["Authorization"] = "Bearer secret"
    client.get(status_server.redirects(302, to=status_server.localhost))

    assert status_server.journal.header("Authorization") == ["Bearer secret", None]


def test_an_api_key_goes_everywhere(status_server: StatusServer, client: Client) -> None:
    """Only `Authorization` is known to be secret; a key in any other header is sent along."""
    there = status_server.origin().status(200)
    client.get(status_server.redirects(302, to=there), headers={"X-API-Key": "secret"})

    assert there.header("X-API-Key") == ["secret"]


def test_a_cookie_goes_to_the_next_hop(status_server: StatusServer, client: Client) -> None:
    """What a redirect sets is there where it leads, as after a login."""
    chain = status_server.redirects(302, headers={"Set-Cookie": "id=7; Path=/"})
    client.get(chain)

    assert chain.header("Cookie") == [None, "id=7"]


def test_another_port_gets_the_cookies(status_server: StatusServer, client: Client) -> None:
    """It gets them too: "Cookies do not provide isolation by port" (RFC 6265, 8.5)."""
    there = status_server.origin().status(200)
    client.get(status_server.redirects(302, to=there, headers={"Set-Cookie": "id=7; Path=/"}))

    assert there.header("Cookie") == ["id=7"]


def test_another_host_gets_no_cookies(status_server: StatusServer, client: Client) -> None:
    """A cookie is for the host that set it."""
    cookie = {"Set-Cookie": "id=7; Path=/"}
    client.get(status_server.redirects(302, to=status_server.localhost, headers=cookie))

    assert status_server.journal.header("Cookie") == [None, None]


# What a Location may look like


@pytest.mark.parametrize("form", ["absolute", "scheme-relative", "path", "relative"])
def test_a_location_is_resolved(status_server: StatusServer, client: Client, form: str) -> None:
    """http://host/a/b, //host/a/b, /a/b and ../b lead to the same place."""
    chain = status_server.redirects(302, form=form)
    client.get(chain)

    assert chain.statuses == [302, 200]


@pytest.mark.parametrize(("form", "ends"), [("absolute", "#sent"), ("fragment", "#fragment")])
def test_a_fragment_stays_with_the_client(
    status_server: StatusServer, client: Client, form: str, ends: str
) -> None:
    """It is kept, unless `Location` has one of its own, and is never sent."""
    chain = status_server.redirects(302, form=form)
    response = client.get(chain + "#sent")

    assert str(response.url).endswith(ends)
    assert not any("#" in exchange.target for exchange in chain.exchanges)


def test_octets_beyond_ascii_are_encoded(status_server: StatusServer, client: Client) -> None:
    """A snowman in `Location`, which should not be there, arrives percent-encoded."""
    chain = status_server.redirects(302, form="utf-8")
    client.get(chain)

    assert chain.exchanges[-1].target.endswith("?q=%E2%98%83")


def test_without_a_location_the_answer_is_handed_over(
    status_server: StatusServer, client: Client
) -> None:
    """A redirect to nowhere is the final answer."""
    chain = status_server.redirects(302, form="missing")
    response = client.get(chain)

    assert response.status_code == 302
    assert chain.statuses == [302]


def test_an_empty_location_is_a_loop(status_server: StatusServer, client: Client) -> None:
    """An empty reference means the same address again."""
    chain = status_server.redirects(302, form="empty")
    with pytest.raises(httpx.TooManyRedirects):
        client.get(chain)

    assert len(chain.exchanges) == 21


def test_an_invalid_location_is_an_error(status_server: StatusServer, client: Client) -> None:
    """It is the server's error, and nothing more is sent."""
    chain = status_server.redirects(302, form="invalid")
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(chain)

    assert chain.statuses == [302]
