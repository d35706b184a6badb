"""What a gateway hands on, and in whose journal it is (RFC 9110, 7.6)."""

from __future__ import annotations

import socket

import pytest

from pytest_httpcodes import StatusServer
from pytest_httpcodes.resource import Site
from tests.behaviours.test_gateway import ask
from tests.raw import Raw, message


def test_both_journals(status_server: StatusServer) -> None:
    """The gateway's has the client's request, the upstream's what became of it."""
    made = status_server.scenario(502, upstream="ok")
    ask(made, "X-A: 1", "X-B: 2", "Connection: x-b", "TE: trailers")
    ask(f"{made}?upstream=reset")
    upstream = status_server.upstream
    authority = status_server.url.partition("://")[2]

    assert [200, 502] == made.statuses == status_server.journal.statuses
    assert [("GET", 200), ("GET", None)] == [(e.method, e.status) for e in upstream.journal]
    assert [
        ("Host", authority),
        ("X-A", "1"),
        ("Via", "1.1 pytest-httpcodes"),
        ("Connection", "close"),
    ] == list(upstream.journal[0].headers)
    assert made.exchanges[0].key == upstream.journal[0].key
    own = upstream.url.partition("://")[2]
    assert f"forwarded to the upstream, {own} (RFC 9110, 7.6)" == made.exchanges[0].why
    assert upstream in status_server.servers
    assert upstream.clock is status_server.clock
    assert upstream is status_server.upstream


def test_content_is_stored_upstream(status_server: StatusServer) -> None:
    """A POST makes a member there, whose address is one of the gateway's."""
    made = status_server.scenario(502, upstream="ok")
    answer = ask(made, "Content-Type: text/plain", method="POST", content=b"hello")

    assert (201, f"{made}/1") == (answer.status, answer.header("Location"))
    assert b"hello" == status_server.upstream.journal[0].content
    assert b"hello" == ask(f"{made}/1").content
    assert 404 == ask(f"{made}/2").status
    assert 201 == ask(f"{made}/2", method="PUT", content=b"two").status
    assert 204 == ask(f"{made}/2", method="DELETE").status


@pytest.mark.parametrize(("upstream", "code"), [("ok", 201), ("garbage", 502), ("reset", 502)])
def test_content_arrives_before_it_breaks(
    status_server: StatusServer, upstream: str, code: int
) -> None:
    """So a POST that gets a 502 may have been done all the same."""
    made = status_server.scenario(502, upstream=upstream)
    answer = ask(made, method="POST", content=b"x" * 100)

    assert code == answer.status
    assert b"x" * 100 == status_server.upstream.journal[0].content


def test_chunks(status_server: StatusServer) -> None:
    """Content of an unknown length is handed on in chunks."""
    made = status_server.scenario(504, upstream="ok")
    with Raw(made) as raw:
        raw.send(message("POST", made, "Transfer-Encoding: chunked") + b"2\r\nhi\r\n0\r\n\r\n")
        assert 201 == raw.answer("POST").status
    assert b"hi" == status_server.upstream.journal[0].content


def test_malformed_content(status_server: StatusServer) -> None:
    """It is the client's fault, and a 400."""
    made = status_server.scenario(502, upstream="ok")
    with Raw(made) as raw:
        raw.send(message("POST", made, "Transfer-Encoding: chunked") + b"xyz\r\n")
        answer = raw.answer("POST")

    assert (400, "close") == (answer.status, answer.header("Connection"))


@pytest.mark.parametrize(
    ("upstream", "invited", "code"), [("ok", [100], 201), ("refused", [], 502)]
)
def test_expect(status_server: StatusServer, upstream: str, invited: list[int], code: int) -> None:
    """The invitation is the upstream's; where there is none, the content is not asked for."""
    made = status_server.scenario(502, upstream=upstream)
    with Raw(made) as raw:
        head = message("POST", made, "Expect: 100-continue", content=b"later", host=raw.host)
        raw.send(head.removesuffix(b"later"))
        if not raw.is_silent(1.0) and raw.is_interim():
            raw.send(b"later")
        answer = raw.answer("POST")

    assert code == answer.status
    assert invited == [interim.status for interim in answer.interim]


def test_conditions_and_ranges(status_server: StatusServer) -> None:
    """They are the upstream's to decide, and its answers come as they are."""
    made = status_server.scenario(502, upstream="ok")
    etag = ask(made).header("ETag")

    assert 304 == ask(made, f"If-None-Match: {etag}").status
    assert 412 == ask(made, 'If-Match: "other"').status
    part = ask(made, "Range: bytes=0-3")
    assert (206, b"what") == (part.status, part.content)
    assert 416 == ask(made, "Range: bytes=1000-").status


@pytest.mark.parametrize(
    ("method", "field", "code", "arrived"),
    [
        ("OPTIONS", "X-A: 1", 200, 1),
        ("OPTIONS", "Max-Forwards: 0", 204, 0),
        ("OPTIONS", "Max-Forwards: 1", 200, 1),
        ("OPTIONS", "Max-Forwards: x", 400, 0),
        ("TRACE", "Max-Forwards: 0", 200, 0),
        ("TRACE", "Max-Forwards: 1", 200, 1),
        ("FROBNICATE", "X-A: 1", 501, 0),
    ],
)
def test_max_forwards(
    status_server: StatusServer, method: str, field: str, code: int, arrived: int
) -> None:
    """Who is the last recipient of a TRACE or OPTIONS (RFC 9110, 7.6.2)."""
    made = status_server.scenario(502, upstream="ok")

    assert code == ask(made, field, method=method).status
    assert arrived == len(status_server.upstream.journal)


@pytest.mark.parametrize(
    ("target", "version", "host"),
    [
        ("{url}", "1.1\r\nHost: other.example", "{server}"),
        ("http://other.example{path}", "1.1\r\nHost: other.example", "other.example"),
        ("{path}", "1.0", "{upstream}"),
    ],
)
def test_other_forms_of_a_request(
    status_server: StatusServer, target: str, version: str, host: str
) -> None:
    """Whatever host it names, it goes to the upstream, which is asked for the path there."""
    made = status_server.scenario(502, upstream="ok")
    path = made.removeprefix(status_server.url)
    with Raw(made) as raw:
        line = f"GET {target.format(url=made, path=path)} HTTP/{version}\r\n\r\n"
        raw.send(line.encode())
        assert 200 == raw.answer().status
    (exchange,) = status_server.upstream.journal
    names = {"server": status_server.url, "upstream": status_server.upstream.url}
    names = {name: url.partition("://")[2] for name, url in names.items()}

    assert path == exchange.target
    assert host.format(**names) == exchange.headers["Host"]


def test_two_keys(status_server: StatusServer) -> None:
    """Have an upstream's resource each, and so have two codes with one KEY."""
    for place in ("/502/a", "/502/b", "/504/a", "/502/%C3%BC%2F"):
        url = status_server.url_for(place)
        assert 200 == ask(f"{url}?upstream=ok").status
        assert 404 == ask(f"{url}/x").status
        assert 201 == ask(f"{url}/x", method="PUT", content=b"x").status
        assert b"x" == ask(f"{url}/x").content


def test_reset(status_server: StatusServer) -> None:
    """What was stored is forgotten, the upstream's journal is not."""
    url = status_server.url_for("/502/a")
    ask(f"{url}?upstream=ok")
    ask(f"{url}/x", method="PUT", content=b"x")
    with Raw(status_server.url) as raw:
        raw.request("DELETE", "/journal/502/a")

    assert 404 == ask(f"{url}/x?upstream=ok").status
    assert 3 == len(status_server.upstream.journal)


def test_the_shared_one(status_server: StatusServer) -> None:
    """It is at the bare code, and so is what is behind it."""
    url = status_server.url_for("/502")

    assert 502 == ask(url).status
    assert 200 == ask(f"{url}?upstream=ok").status
    answer = ask(url, method="POST", content=b"x")
    assert status_server.url_for("/502/shared/1") == answer.header("Location")


def test_what_is_behind_no_gateway(status_server: StatusServer) -> None:
    """The upstream has nothing else, and refuses what is malformed, as any origin does."""
    upstream = status_server.upstream
    with Raw(upstream.url) as raw:
        assert 404 == raw.request("GET", "/502/nobody").status
        assert 404 == raw.request("GET", "/").status
        raw.send(b"GET / HTTP/1.1\r\nX: ")
        raw.sock.shutdown(socket.SHUT_WR)
        assert 400 == raw.answer().status
    assert [404, 404, 400] == upstream.journal.statuses


def test_an_origin_without_upstreams(status_server: StatusServer) -> None:
    """Says so; WSGI has none."""
    site = Site(status_server.clock, status_server.journal, status_server.limits)

    with pytest.raises(LookupError, match="there is no upstream beside this origin"):
        site.upstream_url(tls=False)


def test_under_tls(secure_status_server: StatusServer) -> None:
    """The gateway is, and its upstream is not."""
    made = secure_status_server.scenario(502, upstream="ok")
    with Raw(secure_status_server.url) as raw:
        raw.secure(secure_status_server.ca_file)
        raw.send(message("GET", made, host=raw.host))
        assert 200 == raw.answer().status
    assert secure_status_server.upstream.url.startswith("http://")
