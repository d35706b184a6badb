"""A space that Digest protects: what real clients compute is right, and all else is wrong."""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from requests.auth import HTTPDigestAuth
from requests.utils import parse_dict_header

from pytest_httpcodes.fields import digest
from pytest_httpcodes.fields.protection import Admitted, Refused
from tests.digests import parameters_of
from tests.fields.test_protection import NOW, STALE, WRONG, ask, client, protection

FIELDS = ("username", "realm", "uri", "nonce", "nc", "cnonce", "qop", "response", "opaque")
PRINTABLE = st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='"\\,')


@settings(deadline=None)
@given(
    st.sampled_from(FIELDS),
    st.integers(0, 63),
    PRINTABLE,
    st.booleans(),
    st.sampled_from([0, 1]),
    st.sampled_from(["auth", "auth-int"]),
)
def test_any_other_character_is_refused(
    name: str, place: int, character: str, sess: bool, algorithm: int, qop: str
) -> None:
    """Whichever it is and wherever it stands; and then the right ones get in."""
    space = protection(sess=sess)
    sent = client(space, algorithm).parameters("POST", "/path?query", qop=qop, content=b"x")
    place %= len(sent[name])
    changed = sent[name][:place] + character + sent[name][place + 1 :]
    assume(changed != sent[name])
    try:
        refused = ask(space, sent | {name: changed}, "POST", b"x")
    except ValueError:
        refused = WRONG

    assert isinstance(refused, Refused)
    # A nonce is stale only where the response was right; none is for what was changed.
    assert not refused.stale
    assert isinstance(ask(space, sent, "POST", b"x"), Admitted)


@settings(deadline=None)
@given(st.text("GETPOSUHADLpost", min_size=1), st.sampled_from([0, 1]), st.booleans())
def test_any_other_method_is_refused(method: str, algorithm: int, sess: bool) -> None:
    """The method is part of what is digested."""
    assume(method != "POST")
    space = protection(sess=sess)
    sent = client(space, algorithm).parameters("POST")

    assert WRONG == ask(space, sent, method)
    assert isinstance(ask(space, sent, "POST"), Admitted)


def by_requests(challenges: list[str], method: str, url: str) -> str:
    """Return what requests sends; it takes all challenges for one."""
    auth: Any = HTTPDigestAuth("user", "password")
    auth.init_per_thread_state()
    line = ", ".join(challenges).removeprefix("Digest ")
    auth._thread_local.chal = parse_dict_header(line)  # type: ignore[no-untyped-call]
    return str(auth.build_digest_header(method, url))


def by_httpx(challenges: list[str], method: str, url: str) -> str:
    """Return what httpx sends, which takes the first challenge."""
    flow = httpx.DigestAuth("user", "password").auth_flow(httpx.Request(method, url))
    request = next(flow)
    lines = [("WWW-Authenticate", value) for value in challenges]
    return str(
        flow.send(httpx.Response(401, headers=lines, request=request)).headers["Authorization"]
    )


def by_aiohttp(challenges: list[str], method: str, url: str) -> str:
    """Return what aiohttp sends, which takes the first challenge, and prefers auth-int."""
    aiohttp = pytest.importorskip("aiohttp", minversion="3.14")
    auth = aiohttp.DigestAuthMiddleware("user", "password")
    auth._challenge = parameters_of(challenges[0])
    return str(asyncio.run(auth._encode(method, url, b"")))


def by_urllib(challenges: list[str], method: str, url: str) -> str:
    """Return what urllib sends; of the algorithms it knows MD5 on every version of Python."""
    known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    known.add_password(None, url, "user", "password")
    handler = urllib.request.AbstractDigestAuthHandler(known)
    request = urllib.request.Request(url, method=method)  # noqa: S310 - nothing is opened
    return f"Digest {handler.get_authorization(request, parameters_of(challenges[1]))}"


# No ";": requests leaves it and what follows out of its `uri`, which then is false.
PATHS = st.lists(st.sampled_from(["a", "b.c", "%20", "%C3%A4", "~", "!"])).map("/".join)
QUERIES = st.sampled_from(["", "?a=b&c", "?x=%22,%5C", "?a=1,b=2"])


@pytest.mark.parametrize("by", [by_requests, by_httpx, by_aiohttp, by_urllib])
@settings(deadline=None)
@given(st.sampled_from(["GET", "PUT", "DELETE", "OPTIONS"]), PATHS, QUERIES)
def test_what_real_clients_compute_is_accepted(
    by: Callable[[list[str], str, str], str], method: str, path: str, query: str
) -> None:
    """Each by its own choice of algorithm and qop, its own quotes and its own cnonce."""
    space = protection()
    target = f"/{path}{query}"
    value = by(space.challenges(NOW), method, f"http://example.org{target}")
    found = ask(space, value, method)

    assert isinstance(found, Admitted)
    assert digest.designates(found.claim.uri, target, "http://example.org")
    assert STALE == ask(space, value, method)


@pytest.mark.parametrize("by", [by_requests, by_httpx, by_aiohttp])
def test_what_real_clients_compute_for_a_session(
    by: Callable[[list[str], str, str], str],
) -> None:
    """Each with a new key for each request."""
    space = protection(sess=True)
    challenges = space.challenges(NOW)
    found = ask(space, by(challenges, "GET", "http://example.org/a"))

    assert isinstance(found, Admitted)
    assert found.claim.algorithm.endswith("-sess")
    assert STALE == ask(space, by(challenges, "GET", "http://example.org/b"))
