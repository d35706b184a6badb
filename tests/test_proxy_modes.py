"""What a proxy demands, blocks, intercepts and transforms: 407, 450, 511 and 203."""

from __future__ import annotations

import base64
import dataclasses
import re

import pytest

from pytest_httpcodes import Generated, Proxy, StatusServer
from pytest_httpcodes.fields import digest
from tests.raw import Answer, Raw, message
from tests.upstreams import answers, upstream

USER, PASSWORD = "user", "password"


def basic(user: str = USER, password: str = PASSWORD) -> str:
    """Return a field line."""
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    return f"Proxy-Authorization: Basic {token}"


def ask(proxy: Proxy, url: str, *fields: str, method: str = "GET", content: bytes = b"") -> Answer:
    """Send a request through a proxy on a connection of its own."""
    with Raw(proxy.url) as raw:
        return raw.request(method, url, *fields, content=content or None)


def authority(url: str) -> str:
    """Return the authority of a URL."""
    return url.split("/")[2]


# 407


@pytest.mark.parametrize(
    ("method", "form"),
    [
        ("GET", "http://{}/status/200"),
        ("POST", "http://{}/201"),
        ("CONNECT", "{}"),
        ("OPTIONS", "http://{}"),
        ("GET", "https://{}/"),
        ("GET", "http://192.0.2.1/"),
        ("TRACE", "http://{}/"),
    ],
)
def test_every_form_needs_credentials(status_server: StatusServer, method: str, form: str) -> None:
    """A challenge, and nothing of it reaches anybody (RFC 9110, 15.5.8)."""
    proxy = status_server.proxy_for(auth=(USER, PASSWORD))
    answer = ask(proxy, form.format(authority(status_server.url)), method=method)

    assert 407 == answer.status
    assert 'Basic realm="pytest-httpcodes proxy", charset="UTF-8"' == (
        answer.header("Proxy-Authenticate")
    )
    assert answer.header("WWW-Authenticate") is None
    assert ("close" if method == "CONNECT" else None) == answer.header("Connection")
    assert [] == [*status_server.journal]
    assert "there are no credentials; send those of Basic (RFC 9110, 15.5.8)" == (
        proxy.journal[-1].why
    )


@pytest.mark.parametrize("scheme", ["Basic", "bASIC"])
def test_right_credentials(status_server: StatusServer, scheme: str) -> None:
    """They are consumed: the origin never sees them, but its own."""
    proxy = status_server.proxy_for(auth=(USER, PASSWORD))
    line = basic().replace("Basic", scheme)
    answer = ask(proxy, status_server.url_for("/status/200"), line, "Authorization: Basic eDp5")

    assert 200 == answer.status
    assert "Proxy-Authorization" not in status_server.journal[-1].headers
    assert "Basic eDp5" == status_server.journal[-1].headers["Authorization"]


@pytest.mark.parametrize(
    "fields",
    [
        [basic(password="wrong")],
        [basic(user="other")],
        ["Proxy-Authorization: Basic ="],
        ["Proxy-Authorization: Bearer token"],
        [basic().removeprefix("Proxy-")],
        [basic(), basic()],
    ],
)
def test_wrong_credentials(status_server: StatusServer, fields: list[str]) -> None:
    """They are a 407 again; those of the origin are none."""
    proxy = status_server.proxy_for(auth=(USER, PASSWORD))
    answer = ask(proxy, status_server.url, *fields)

    assert 407 == answer.status
    assert answer.header("Proxy-Authenticate")
    assert [] == [*status_server.journal]


def test_a_tunnel_with_credentials(status_server: StatusServer) -> None:
    """They are on CONNECT alone; inside is what the client sends."""
    proxy = status_server.proxy_for(auth=(USER, PASSWORD))
    with Raw(proxy.url) as raw:
        opened = raw.request("CONNECT", authority(status_server.url), basic())
        assert (200, 200) == (opened.status, raw.request("GET", "/status/200").status)

    assert "Proxy-Authorization" not in status_server.journal[-1].headers


def test_content_is_not_invited_without_credentials(status_server: StatusServer) -> None:
    """The 407 comes in place of a 100."""
    proxy = status_server.proxy_for(auth=(USER, PASSWORD))
    with Raw(proxy.url) as raw:
        raw.send(message("POST", status_server.url, "Expect: 100-continue", "Content-Length: 5"))
        answer = raw.answer()

    assert (407, []) == (answer.status, answer.interim)


_PARAMETER = re.compile(r'(\w+)="?([^",]*)"?')


def digest_of(answer: Answer, method: str, uri: str, content: bytes | None = None) -> str:
    """Return a field line that answers the first challenge; for content too, where it is given."""
    (challenge, *_) = [v for name, v in answer.fields if name == "Proxy-Authenticate"]
    found = dict(_PARAMETER.findall(challenge))
    nonce, algorithm = found["nonce"], found["algorithm"]
    qop = "auth" if content is None else "auth-int"
    claim = digest.Claim(
        USER.encode(), False, found["realm"], nonce, uri, "", algorithm, qop, "00000001", "c",
        found["opaque"],
    )  # fmt: skip
    key = digest.key(algorithm, USER, found["realm"], PASSWORD, (nonce, "c"))
    entity = "" if content is None else digest.digested(algorithm, content)
    right = digest.response(claim, key, method, entity)
    claim = dataclasses.replace(claim, response=right)
    return f"Proxy-Authorization: {digest.authorization(claim)}"


@pytest.mark.parametrize(
    ("method", "form"),
    [("GET", "http://{}/status/200"), ("GET", "/status/200"), ("CONNECT", "{}")],
)
def test_digest(status_server: StatusServer, method: str, form: str) -> None:
    """The uri may be the target or its path; that of CONNECT is an authority (RFC 7616, 3.8)."""
    proxy = status_server.proxy_for(auth=(USER, PASSWORD), scheme="digest")
    host = authority(status_server.url)
    target = host if method == "CONNECT" else f"http://{host}/status/200"
    first = ask(proxy, target, method=method)
    line = digest_of(first, method, form.format(host))
    answer = ask(proxy, target, line, method=method)

    assert (407, 200) == (first.status, answer.status)
    assert (answer.header("Proxy-Authentication-Info") or "").startswith("qop=auth, rspauth=")
    assert answer.header("Authentication-Info") is None


def test_digest_of_content(status_server: StatusServer) -> None:
    """With auth-int the content is looked at before it is sent on; all of it is, then."""
    proxy = status_server.proxy_for(auth=(USER, PASSWORD), scheme="digest")
    made = status_server.scenario(201)
    first = ask(proxy, made, method="POST", content=b"hello")
    right = ask(proxy, made, digest_of(first, "POST", made, b"hello"), method="POST",
                content=b"hello")  # fmt: skip
    second = ask(proxy, made, method="POST", content=b"hello")
    wrong = ask(proxy, made, digest_of(second, "POST", made, b"hello"), method="POST",
                content=b"other")  # fmt: skip

    assert (201, 407) == (right.status, wrong.status)
    assert [b"hello"] == [exchange.content for exchange in made.exchanges]
    assert [b"hello", b"hello"] == [e.content for e in proxy.journal][:2]


def test_content_that_was_invited_already(status_server: StatusServer) -> None:
    """It is here, and so the origin is not asked to invite it; the client gets one 100."""
    proxy = status_server.proxy_for(auth=(USER, PASSWORD), scheme="digest")
    made = status_server.scenario(201)
    with Raw(proxy.url) as raw:
        line = digest_of(raw.request("POST", made, content=b""), "POST", made, b"hello")
        raw.send(message("POST", made, line, "Expect: 100-continue", "Content-Length: 5"))
        assert not raw.is_silent(5)
        raw.send(b"hello")
        answer = raw.answer()

    assert (201, [100]) == (answer.status, [interim.status for interim in answer.interim])
    assert [None] == made.header("Expect")


def test_digest_of_content_in_chunks(status_server: StatusServer) -> None:
    """That is there already, with its trailer fields."""
    proxy = status_server.proxy_for(auth=(USER, PASSWORD), scheme="digest")
    made = status_server.scenario(201)
    with Raw(proxy.url) as raw:
        first = raw.request("POST", made, content=b"")
        line = digest_of(first, "POST", made, b"hello")
        raw.send(
            message("POST", made, line, "Transfer-Encoding: chunked")
            + b"5\r\nhello\r\n0\r\nX: 1\r\n\r\n"
        )
        assert 201 == raw.answer().status

    assert [b"hello"] == [exchange.content for exchange in made.exchanges]


def test_a_nonce_ages_with_the_servers_clock(status_server: StatusServer) -> None:
    """Which the proxy shares."""
    proxy = status_server.proxy_for(auth=(USER, PASSWORD), scheme="digest")
    url = status_server.url_for("/status/200")
    line = digest_of(ask(proxy, url), "GET", url)
    status_server.clock.advance(100_000)
    answer = ask(proxy, url, line)

    assert 407 == answer.status
    assert "stale=true" in (answer.header("Proxy-Authenticate") or "")


# 450


@pytest.mark.parametrize(
    "url",
    ["http://blocked.example/", "http://A.BLOCKED.example.:81/x", "http://blocked.example:0/"],
)
def test_a_filter_blocks(status_server: StatusServer, url: str) -> None:
    """A host and all below it, without looking it up; what people see is a page."""
    proxy = status_server.proxy_for(mode="filter")
    answer = ask(proxy, url)

    assert (450, "text/html; charset=utf-8") == (answer.status, answer.header("Content-Type"))


def test_a_filter_lets_pass(status_server: StatusServer) -> None:
    """All others, and those of its own list alone are blocked; CONNECT is no way past it."""
    proxy = status_server.proxy_for(mode="filter", blocked=["localhost", "[::1]"])
    port = authority(status_server.url).partition(":")[2]

    assert 450 == ask(proxy, f"http://localhost:{port}/").status
    assert 450 == ask(proxy, f"http://[::1]:{port}/").status
    assert 450 == ask(proxy, f"localhost:{port}", method="CONNECT").status
    assert 200 == ask(proxy, f"http://127.0.0.1:{port}/").status
    assert 403 == ask(proxy, "http://notlocalhost/").status


# 511


def test_a_captive_portal(status_server: StatusServer) -> None:
    """Every request is intercepted, whatever the host, until somebody logs in (RFC 6585, 6)."""
    proxy = status_server.proxy_for(mode="captive")
    url = status_server.url_for("/status/200")
    before = [
        ask(proxy, url),
        ask(proxy, "http://captive.example/"),
        ask(proxy, authority(url), method="CONNECT"),
    ]
    page = ask(proxy, f"{proxy.url}/login")
    with Raw(proxy.url) as raw:
        raw.send(message("GET", "/status/200", host="captive.example"))
        before.append(raw.answer())
        form = raw.request("GET", "/login")
        head = raw.request("HEAD", "/login")
        wrong = raw.request("DELETE", "/login")
        done = raw.request("POST", "/login", content=b"")
    after = ask(proxy, url)

    assert [511, 511, 511, 511] == [answer.status for answer in before]
    assert (200, page.content) == (page.status, form.content)
    for answer in before:
        assert "no-store" == answer.header("Cache-Control")
        assert f'<a href="{proxy.url}/login">'.encode() in answer.content
    assert (200, 200, 405, 200, 200) == (
        form.status, head.status, wrong.status, done.status, after.status,
    )  # fmt: skip
    assert "GET, HEAD, POST" == wrong.header("Allow")
    assert ["/status/200"] == [exchange.target for exchange in status_server.journal]


def test_a_portal_goes_on_intercepting(status_server: StatusServer) -> None:
    """After the login a path is sent to the server that Host names."""
    proxy = status_server.proxy_for(mode="captive")
    with Raw(proxy.url) as raw:
        raw.request("POST", "/login", content=b"")
        raw.send(message("GET", "/status/404", host=authority(status_server.url)))
        found = raw.answer()
        page = raw.request("GET", "/")
        raw.send(b"GET /x HTTP/1.0\r\n\r\n")
        nobody = raw.answer()

    assert (404, 200, 400) == (found.status, page.status, nobody.status)
    assert found.header("Via")


# 203


def test_a_transforming_proxy(status_server: StatusServer) -> None:
    """Text is in capitals, with another entity tag; and the code says so (RFC 9110, 15.3.4)."""
    proxy = status_server.proxy_for(mode="transform")
    made = status_server.resource("hello\n", type="text/plain")
    with Raw(proxy.url) as raw:
        direct, changed = ask_direct(made), raw.request("GET", made)
        head = raw.request("HEAD", made)

    assert (203, b"HELLO\n", "text/plain") == (
        changed.status, changed.content, changed.header("Content-Type"),
    )  # fmt: skip
    assert (direct.header("ETag") or "")[:-1] + '-in-capitals"' == changed.header("ETag")
    assert changed.header("Via")
    assert direct.header("Accept-Ranges") == "bytes"
    assert changed.header("Accept-Ranges") is None
    assert (203, changed.header("ETag"), "6") == (
        head.status, head.header("ETag"), head.header("Content-Length"),
    )  # fmt: skip


def ask_direct(url: str) -> Answer:
    """Ask without a proxy."""
    with Raw(url) as raw:
        return raw.request("GET", url)


@pytest.mark.parametrize(
    ("fields", "octets"),
    [
        (["Cache-Control: max-age=0, No-Transform"], b"Content-Type: text/plain\r\n"),
        ([], b"Content-Type: text/plain\r\nCache-Control: a\r\nCache-Control: no-transform\r\n"),
        ([], b"Content-Type: text/plain\r\nContent-Encoding: x\r\n"),
        ([], b"Content-Type: text/html\r\n"),
        ([], b""),
    ],
)
def test_what_is_not_transformed(server: StatusServer, fields: list[str], octets: bytes) -> None:
    """What either side forbids (RFC 9111, 5.2), and what is no plain text."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
    with upstream(answers(head + octets + b"\r\nhello")) as at:
        proxy = server.proxy_for(mode="transform", allow=[at])
        answer = ask(proxy, f"http://{at}/", *fields)

    assert (200, b"hello") == (answer.status, answer.content)


def test_other_codes_are_not_transformed(status_server: StatusServer) -> None:
    """A part, say, which may be put together with others."""
    proxy = status_server.proxy_for(mode="transform")
    made = status_server.resource(b"hello\n", type="text/plain; charset=utf-8")
    part = ask(proxy, made, "Range: bytes=0-1")

    assert (206, b"he") == (part.status, part.content)


def test_large_content_is_transformed_as_it_comes(status_server: StatusServer) -> None:
    """In pieces, of which some are of the same text."""
    proxy = status_server.proxy_for(mode="transform")
    made = status_server.resource(Generated(300_000), type="text/plain")
    direct, changed = ask_direct(made), ask(proxy, made)

    assert direct.content.upper() == changed.content


def test_transcripts_have_the_proxy_too(pytester: pytest.Pytester) -> None:
    """What went through it is in the report of a test that fails."""
    pytester.makepyfile(
        """
        import requests

        def test_it(status_server):
            proxy = status_server.proxy.url
            url = status_server.status(404)
            assert requests.get(url, proxies={"http": proxy}).ok
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:xdist")

    result.stdout.fnmatch_lines(["*GET /status/404/_1 -> 404*", "*GET http://127.0.0.1:* -> 404*"])
