"""What holds for every resource, and what is at no resource at all: 400 404 405 413 421 501."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from pytest_httpcodes.behaviours.common import METHODS
from pytest_httpcodes.server import StatusServer
from tests.raw import Answer, Raw, exchange, message

EVERYWHERE = ("/", "/status/200", "/redirects/302", "/script/200", "/journal", "/nowhere")


@pytest.fixture
def small() -> Iterator[StatusServer]:
    """Start a server that takes little content."""
    with StatusServer(max_content=10) as server:
        yield server


def detail(answer: Answer) -> str:
    """Return what a problem says."""
    return str(json.loads(answer.content)["detail"])


def test_an_unknown_method_is_501_everywhere(server: StatusServer) -> None:
    """Whatever is addressed; the connection goes on (RFC 9110, 9.1)."""
    with Raw(server.url) as raw:
        for path in (*EVERYWHERE, "/status/200?speed=1"):
            for method in ("FROBNICATE", "get", "BREWED"):
                answer = raw.request(method, path)

                assert 501 == answer.status
                assert detail(answer).startswith(f"the method {method} is not known here")
                assert None is answer.header("allow")


def test_the_forms_of_mandatory_requests_are_known() -> None:
    """RFC 2774, 5: every method but CONNECT, with a prefix."""
    plain = {method for method in METHODS if not method.startswith("M-")}

    assert {f"M-{method}" for method in plain} - {"M-CONNECT"} == METHODS - plain


def test_options_of_the_whole_server(server: StatusServer) -> None:
    """RFC 9110, 9.3.7: what it knows, and no content."""
    with Raw(server.url) as raw:
        answer = raw.request("OPTIONS", "*")

    assert (204, b"") == (answer.status, answer.content)
    allowed = (answer.header("allow") or "").split(", ")
    plain = {m for m in METHODS if not m.startswith("M-") and m != "CONNECT"}
    assert plain == set(allowed)
    assert "GET" == allowed[0]
    assert "the methods of the server as a whole (RFC 9110, 9.3.7)" == server.journal[0].why


def test_connect_is_no_service_of_an_origin(server: StatusServer) -> None:
    """405, and the end: what follows may already be meant for a tunnel."""
    octets, how = exchange(server.url, b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\nGET / ")
    head = octets.partition(b"\r\n\r\n")[0]

    assert "FIN" == how
    assert head.startswith(b"HTTP/1.1 405 Method Not Allowed\r\n")
    assert b"\r\nAllow: GET, HEAD, POST, " in head
    assert b"CONNECT" not in head
    assert b"\r\nConnection: close" in head
    assert b"no proxy that opens tunnels" in octets


@pytest.mark.parametrize("scheme", ["https", "ftp", "HTTPS"])
def test_another_scheme_is_misdirected(server: StatusServer, scheme: str) -> None:
    """RFC 9110, 7.4: an https resource is not to be had over a connection that is not secured."""
    with Raw(server.url) as raw:
        for path in ("/", "/status/200", "/nowhere"):
            answer = raw.request("GET", f"{scheme}://{raw.host}{path}")

            assert 421 == answer.status
            assert f"the scheme {scheme.lower()}, and this is an origin for http" in detail(answer)


def test_the_own_scheme_is_that_of_the_origin(server: StatusServer) -> None:
    """An absolute target is as good as a path (RFC 9112, 3.2.2), in any spelling."""
    with Raw(server.url) as raw:
        for scheme in ("http", "HTTP"):
            assert 503 == raw.request("GET", f"{scheme}://other:1/status/503").status


@pytest.mark.parametrize("path", ["/status/200", "/status/404", "/script/200"])
def test_content_over_the_limit_is_refused(small: StatusServer, path: str) -> None:
    """Announced, it is refused before it comes, and instead of the invitation."""
    for fields in (["Expect: 100-continue"], []):
        request = message("POST", path, *fields, "Content-Length: 1000000")
        octets, how = exchange(small.url, request)

        assert "FIN" == how
        assert octets.startswith(b"HTTP/1.1 413 Content Too Large\r\n")
        assert b"\r\nConnection: close\r\n" in octets
        assert b"over 10 octets (max_content)" in octets
        assert b'"temporary": false' in octets


def test_content_up_to_the_limit_is_taken(small: StatusServer) -> None:
    """Neither its announcement nor its last octet is too much."""
    with Raw(small.url) as raw:
        assert 200 == raw.request("POST", "/status/200", content=b"x" * 10).status
        assert 413 == raw.request("POST", "/status/200", content=b"x" * 11).status


@pytest.mark.parametrize("path", ["/nowhere", "/status", "//", "/%ff", "/<script>"])
def test_a_path_that_nothing_is_at(server: StatusServer, path: str) -> None:
    """404 for every known method, with what there is; it is not known to be permanent."""
    with Raw(server.url) as raw:
        for method in ("GET", "POST", "OPTIONS", "PROPFIND"):
            answer = raw.request(method, path)

            assert 404 == answer.status
            assert "/status/CODE" in detail(answer)
            assert None is json.loads(answer.content)["temporary"]
        page = raw.request("GET", path, "Accept: text/html").content

        assert b"<script>" not in page


def test_a_mistake_in_a_url_is_permanent(server: StatusServer) -> None:
    """400 for every known method; the connection goes on, content is read past."""
    with Raw(server.url) as raw:
        for method in ("GET", "POST"):
            answer = raw.request(method, "/status/503?speed=1", content=b"abc")

            assert 400 == answer.status
            assert "there is no option 'speed' here" in detail(answer)
            assert False is json.loads(answer.content)["temporary"]
    assert server.journal[0].why.endswith("content, fault, at (RFC 9110, 15.5.1)")
