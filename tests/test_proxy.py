"""The open forward proxy: what it sends on, and what it answers itself (RFC 9110, 7 and 9.3.6)."""

from __future__ import annotations

import re

import pytest

from pytest_httpcodes import Proxy, StatusServer
from pytest_httpcodes.wire.steps import Stall
from tests.raw import Raw, message, until
from tests.upstreams import OK, answers, upstream


def through(proxy: Proxy, url: str, *fields: str, method: str = "GET") -> int:
    """Send a request through a proxy on a connection of its own; return the answer's code."""
    with Raw(proxy.url) as raw:
        return raw.request(method, url, *fields).status


def seen(server: StatusServer) -> dict[str, str]:
    """Return the fields, by lower-case name, that the origin got last."""
    return {name.lower(): value for name, value in server.journal[-1].headers}


def name_of(proxy: Proxy) -> str:
    """Return the name that a proxy has in `Via`."""
    return f"pytest-httpcodes:{proxy.url.rpartition(':')[2]}"


def test_a_request_is_sent_on(status_server: StatusServer) -> None:
    """In origin-form, with a new Host, and Via on both ways; each has it in its journal."""
    proxy = status_server.proxy
    url = status_server.url_for("/status/404?content=none")
    with Raw(proxy.url) as raw:
        raw.send(message("GET", url, "X-A: 1", host="other.example"))
        answer = raw.answer()

    assert 404 == answer.status
    assert f"1.1 {name_of(proxy)}" == answer.header("Via")
    assert b"none" == answer.content
    exchange = status_server.journal[-1]
    assert "/status/404?content=none" == exchange.target
    assert [
        ("Host", raw_authority(url)),
        ("X-A", "1"),
        ("Via", f"1.1 {name_of(proxy)}"),
        ("Connection", "close"),
    ] == list(exchange.headers)
    assert [url] == [exchange.target for exchange in proxy.journal]
    assert f"forwarded to {raw_authority(url)} (RFC 9110, 7.6)" == proxy.journal[-1].why


def raw_authority(url: str) -> str:
    """Return the authority of a URL."""
    return url.split("/")[2]


def test_the_same_proxy_each_time(status_server: StatusServer) -> None:
    """With the clock and the limits of its server, and a journal of its own."""
    proxy = status_server.proxy

    assert proxy is status_server.proxy
    assert proxy in status_server.servers
    assert proxy.clock is status_server.clock
    assert proxy.url != status_server.url
    assert [] == [*proxy.journal]


@pytest.mark.parametrize(
    ("fields", "gone", "kept"),
    [
        (["Connection: x-a, X-B", "X-A: 1", "X-B: 2", "X-C: 3"], ["x-a", "x-b"], ["x-c"]),
        (["Connection: x-a", "Connection: x-b", "X-A: 1", "X-B: 2"], ["x-a", "x-b"], []),
        (["Keep-Alive: timeout=5", "Proxy-Connection: keep-alive"],
         ["keep-alive", "proxy-connection"], []),
        (["TE: trailers", "Trailer: X-T", "Upgrade: echo/1.0"], ["te", "upgrade"], ["trailer"]),
        (["Proxy-Authorization: Basic dXNlcjpw", "Authorization: Basic dXNlcjpw"],
         ["proxy-authorization"], ["authorization"]),
        (["Max-Forwards: 0", "X-Unknown: \xe9", "Cookie: a=b", "Range: bytes=0-"],
         [], ["max-forwards", "x-unknown", "cookie", "range"]),
        (["Connection: host, via, content-length"], [], ["host", "via"]),
    ],
)  # fmt: skip
def test_what_is_for_one_connection_stays_there(
    status_server: StatusServer, fields: list[str], gone: list[str], kept: list[str]
) -> None:
    """What Connection lists and what is known to be so, in any case and on several lines."""
    assert 200 == through(status_server.proxy, status_server.url_for("/status/200"), *fields)

    names = set(seen(status_server))
    assert set() == names & set(gone)
    assert set(kept) <= names


def test_lines_keep_their_order(status_server: StatusServer) -> None:
    """Those of one name, above all; a Via that is there is not touched."""
    url = status_server.url_for("/status/200")
    through(status_server.proxy, url, "X: 1", "Via: 1.0 fred (a, b)", "Y: 2", "X: 3")

    assert [
        ("X", "1"), ("Via", "1.0 fred (a, b)"), ("Y", "2"), ("X", "3"),
        ("Via", f"1.1 {name_of(status_server.proxy)}"),
    ] == list(status_server.journal[-1].headers)[1:-1]  # fmt: skip


def test_via_has_the_version_received(status_server: StatusServer) -> None:
    """The proxy itself speaks HTTP/1.1 to the origin."""
    with Raw(status_server.proxy.url) as raw:
        raw.send(message("GET", status_server.url_for("/status/200"), version="HTTP/1.0"))
        assert 200 == raw.answer().status

    assert f"1.0 {name_of(status_server.proxy)}" == seen(status_server)["via"]
    assert "HTTP/1.1" == status_server.journal[-1].version


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("http://{}", "/"),
        ("http://{}/", "/"),
        ("http://{}?a=b", "/?a=b"),
        ("http://{}/a//b/../c;d?e=%41&f", "/a//b/../c;d?e=%41&f"),
        ("HTTP://{}/status/200", "/status/200"),
    ],
)
def test_path_and_query_stay_as_they_are(
    status_server: StatusServer, sent: str, expected: str
) -> None:
    """But for an empty path (RFC 9110, 7.7)."""
    through(status_server.proxy, sent.format(raw_authority(status_server.url)))

    assert expected == status_server.journal[-1].target


def test_421_is_an_origins_to_say(status_server: StatusServer) -> None:
    """A wrong Host is replaced before it is met, and the proxy itself answers with other codes.

    "A proxy MUST NOT generate a 421 response" (RFC 9110, 15.5.20).
    """
    proxy, misdirected = status_server.proxy, status_server.scenario(421)
    with Raw(proxy.url) as raw:
        raw.send(message("GET", misdirected, host="other.example"))
        assert 200 == raw.answer().status
        raw.send(message("GET", status_server.status(421), host="other.example"))
        answer = raw.answer()
        assert (421, f"1.1 {name_of(proxy)}") == (answer.status, answer.header("Via"))
    for target, code in (("http://other.example/", 403), ("/", 400)):
        with Raw(proxy.url) as raw:
            raw.send(message("GET", target, host="other.example"))
            assert code == raw.answer().status

    assert [200, 421] == [exchange.status for exchange in status_server.journal]


@pytest.mark.parametrize(
    ("sent", "expected"), [("http://{}", "*"), ("http://{}/", "/"), ("http://{}?", "/?")]
)
def test_options_of_a_whole_server(status_server: StatusServer, sent: str, expected: str) -> None:
    """Without a path and a query it is `*` (RFC 9112, 3.2.4)."""
    url = sent.format(raw_authority(status_server.url))
    assert through(status_server.proxy, url, method="OPTIONS") in (200, 204, 405)

    assert expected == status_server.journal[-1].target


@pytest.mark.parametrize("method", ["FROBNICATE", "BREW", "PROPFIND", "QUERY"])
def test_unknown_methods_are_sent_on(status_server: StatusServer, method: str) -> None:
    """Whatever they mean, somebody behind the proxy may know it (RFC 9110, 7.6)."""
    through(status_server.proxy, status_server.url_for("/status/200"), method=method)

    assert method == status_server.journal[-1].method


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS"])
@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", "0"), ("007", "6"), ("2147483648", "2147483647"), ("9" * 50, "2147483647")],
)
def test_max_forwards_is_counted(
    status_server: StatusServer, method: str, value: str, expected: str
) -> None:
    """Down by one, or to the most that is supported (RFC 9110, 7.6.2)."""
    url = status_server.url_for("/200")
    assert 200 == through(status_server.proxy, url, f"Max-Forwards: {value}", method=method)

    assert expected == seen(status_server)["max-forwards"]


def test_the_last_forward(status_server: StatusServer) -> None:
    """At zero the proxy answers itself: a TRACE shows what it got, without credentials."""
    url = status_server.url_for("/200")
    fields = ("Max-Forwards: 0", "X: 1", "Proxy-Authorization: Basic dXNlcjpw")
    with Raw(status_server.proxy.url) as raw:
        trace = raw.request("TRACE", url, *fields)
        options = raw.request("OPTIONS", url, *fields)

    assert (200, 204) == (trace.status, options.status)
    assert trace.content.startswith(f"TRACE {url} HTTP/1.1\r\n".encode())
    assert b"X: 1\r\n" in trace.content
    assert b"Authorization" not in trace.content
    assert [] == [*status_server.journal]


@pytest.mark.parametrize("fields", [["Max-Forwards: -1"], ["Max-Forwards: 1", "Max-Forwards: 1"]])
def test_a_malformed_max_forwards(status_server: StatusServer, fields: list[str]) -> None:
    """It has to be updated, and cannot be."""
    assert 400 == through(status_server.proxy, status_server.url, *fields, method="OPTIONS")
    assert 200 == through(status_server.proxy, status_server.url_for("/status/200"), *fields)


def test_trace_with_content(status_server: StatusServer) -> None:
    """A client must not send any (RFC 9110, 9.3.8)."""
    with Raw(status_server.proxy.url) as raw:
        assert 400 == raw.request("TRACE", status_server.url_for("/200"), content=b"x").status


def test_too_much_content(status_server: StatusServer) -> None:
    """The proxy has a limit of its own, and says so before the content is invited."""
    with (
        StatusServer(max_content=10) as server,
        Raw(server.proxy.url) as raw,
    ):
        raw.send(message("POST", status_server.url, "Expect: 100-continue", "Content-Length: 11"))
        answer = raw.answer()

    assert (413, []) == (answer.status, answer.interim)


def test_the_proxy_itself(status_server: StatusServer) -> None:
    """A path is a request for the proxy: it has one page, and says so elsewhere."""
    proxy = status_server.proxy
    with Raw(proxy.url) as raw:
        page = raw.request("GET", "/")
        head = raw.request("HEAD", "/")
        options = raw.request("OPTIONS", "*")
        elsewhere = raw.request("GET", "/status/200")
        posted = raw.request("POST", "/", content=b"")

    assert (200, b"", 204) == (page.status, head.content, options.status)
    assert proxy.url.encode() in page.content
    assert (400, 400) == (elsewhere.status, posted.status)
    assert b"this is a proxy; the target of a request to it is an absolute URI" in elsewhere.content


def test_a_path_with_another_host(status_server: StatusServer) -> None:
    """It was meant for somebody else, who would have to be guessed; nor is no Host a guess."""
    with Raw(status_server.proxy.url) as raw:
        raw.send(message("GET", "/", host="a.example"))
        assert 400 == raw.answer().status
        raw.send(b"GET / HTTP/1.0\r\n\r\n")
        assert 400 == raw.answer().status


@pytest.mark.parametrize(
    ("target", "code", "words"),
    [
        ("https://{}/", 501, "the scheme https is not forwarded; CONNECT opens a tunnel"),
        ("ftp://{}/", 501, "the scheme ftp is not forwarded"),
        ("http://127.0.0.1:0/", 400, "the port of 127.0.0.1:0 is 0, which is none"),
        ("http://127.0.0.1:70000/", 400, "neither a path"),
        ("http://user@{}/", 400, "has userinfo"),
        ("http:///path", 400, "neither a path"),
        ("http:path", 400, "neither a path"),
    ],
)
def test_targets_that_are_refused(
    status_server: StatusServer, target: str, code: int, words: str
) -> None:
    """Each says why."""
    with Raw(status_server.proxy.url) as raw:
        answer = raw.request("GET", target.format(raw_authority(status_server.url)))

    assert code == answer.status
    assert words in answer.content.decode()
    assert [] == [*status_server.journal]


def test_what_is_no_request(status_server: StatusServer) -> None:
    """It is refused as by any server, and is in the proxy's journal."""
    with Raw(status_server.proxy.url) as raw:
        raw.send(b"no request\r\n\r\n")
        answer = raw.answer()

    assert 400 == answer.status
    assert [400] == status_server.proxy.journal.statuses


def test_a_head_that_takes_too_long() -> None:
    """As at any server."""
    with StatusServer(head_timeout=0.05) as server, Raw(server.proxy.url) as raw:
        raw.send(b"GET http://a.example/404 HTTP/1.1\r\nHost: a\r\n")
        assert 408 == raw.answer().status


def test_loops(status_server: StatusServer) -> None:
    """To itself, by any of its names, and what it has forwarded already."""
    proxy = status_server.proxy
    port = proxy.url.rpartition(":")[2]
    with Raw(proxy.url) as raw:
        first = raw.request("GET", f"{proxy.url}/")
        found = [
            raw.request("GET", f"http://localhost:{port}/status/200").status,
            raw.request("GET", status_server.url, f"Via: 1.1 {name_of(proxy)}").status,
            raw.request("GET", status_server.url, f"Via: 1.0 a, 1.1\t{name_of(proxy)} (b)").status,
            raw.request("CONNECT", f"127.0.0.1:{port}").status,
        ]

    assert 508 == first.status
    assert [508, 508, 508, 508] == found
    assert (first.header("Proxy-Status") or "").startswith(
        f"{name_of(proxy)}; error=proxy_loop_detected;"
    )
    assert [] == [*status_server.journal]


def test_what_is_no_loop(status_server: StatusServer) -> None:
    """Another one's name, one in a comment, and a chain of two proxies."""
    first, second = status_server.proxy, status_server.proxy_for()
    url = status_server.url_for("/status/200")
    for via in (f"1.1 x{name_of(first)}", f"1.1 a (({name_of(first)} \\) ) )", "1.1 a )"):
        assert 200 == through(first, url, f"Via: {via}")
    assert 200 == through(first, url, f"Via: 1.1 {name_of(second)}")


def test_connect(status_server: StatusServer) -> None:
    """After 200 the octets are the origin's: the head has no framing (RFC 9110, 9.3.6)."""
    proxy = status_server.proxy
    authority = raw_authority(status_server.url)
    with Raw(proxy.url) as raw:
        answer = raw.request("CONNECT", authority)
        inside = raw.request("GET", "/status/404")
        again = raw.request("GET", "/status/200", "Connection: close")
        raw.end()

    assert (200, "Connection established") == (answer.status, answer.reason)
    assert not re.search(r"(?im)^(content-length|transfer-encoding)", answer.octets.decode())
    assert (404, 200) == (inside.status, again.status)
    assert again.header("Via") is None
    exchange = proxy.journal.wait(1)[0]
    assert (authority, 200) == (exchange.target, exchange.status)
    assert f"a tunnel to {authority} (RFC 9110, 9.3.6)" == exchange.why
    assert exchange.content.startswith(b"GET /status/404 HTTP/1.1\r\n")
    assert answer.octets + inside.octets + again.octets == exchange.sent


def test_connect_with_octets_behind_its_head(status_server: StatusServer) -> None:
    """They go to the origin first."""
    with Raw(status_server.proxy.url) as raw:
        raw.send(
            message("CONNECT", raw_authority(status_server.url)) + message("GET", "/status/404")
        )
        assert 200 == raw.answer("CONNECT").status
        assert 404 == raw.answer().status


def test_connect_that_is_refused(status_server: StatusServer) -> None:
    """The connection closes: what follows may be meant for the tunnel."""
    with Raw(status_server.proxy.url) as raw:
        answer = raw.request("CONNECT", "127.0.0.1:1")
        assert (b"", "FIN") == raw.end()

    assert (403, "close") == (answer.status, answer.header("Connection"))


@pytest.mark.parametrize("target", ["127.0.0.1:0", "127.0.0.1:", "127.0.0.1:70000", "/", "a", "*"])
def test_connect_to_what_is_none(status_server: StatusServer, target: str) -> None:
    """A bad port is a 400 (RFC 9110, 9.3.6)."""
    assert 400 == through(status_server.proxy, target, method="CONNECT")


def test_a_stop_ends_a_tunnel() -> None:
    """At once, though nobody has closed; the origin sees the end, too."""
    with StatusServer() as origin, StatusServer() as server, Raw(server.proxy.url) as raw:
        assert 200 == raw.request("CONNECT", raw_authority(origin.url)).status
        server.stop()
        assert b"" == raw.end()[0]
        assert 1 == len(server.proxy.journal.wait(1))


def test_a_stop_ends_what_is_forwarded() -> None:
    """Though the origin says nothing."""
    with StatusServer() as origin, StatusServer() as server, Raw(server.proxy.url) as raw:
        raw.send(message("GET", origin.script(Stall())))
        until(lambda: origin.journal.position)
        server.stop()
        assert b"" == raw.end()[0]
        assert "the server was stopped in the midst of the answer" == (
            server.proxy.journal[-1].failure
        )


def test_a_stop_ends_the_proxies() -> None:
    """Those that a test has opened, and those that a scenario has."""
    with StatusServer() as server:
        proxies = [server.proxy_for(), server.proxy]
        with Raw(server.url) as raw:
            assert 200 == raw.request("GET", "/407").status
        proxies.append(server.asking_proxy)

    for proxy in proxies:
        with pytest.raises(ConnectionError):
            Raw(proxy.url)


def test_a_server_that_is_not_there(server: StatusServer) -> None:
    """It is a 502, to CONNECT as well, behind which the connection closes."""
    with upstream() as authority:
        pass
    proxy = server.proxy_for(allow=[authority])
    with Raw(proxy.url) as raw:
        got = raw.request("GET", f"http://{authority}/")
        put = raw.request("PUT", f"http://{authority}/", content=b"")
        connected = raw.request("CONNECT", authority)
        assert (b"", "FIN") == raw.end()

    assert [502, 502, 502] == [got.status, put.status, connected.status]
    for answer in (got, connected):
        assert "; error=connection_refused; " in (answer.header("Proxy-Status") or "")
    assert (None, "close") == (got.header("Connection"), connected.header("Connection"))


def test_a_server_that_is_allowed(server: StatusServer) -> None:
    """By its address, or by its name with each address of that; another spelling is another."""
    with upstream(answers(OK), answers(OK), answers(OK)) as authority:
        port = authority.rpartition(":")[2]
        by_address = server.proxy_for(allow=[authority])
        by_name = server.proxy_for(allow=[f"LOCALHOST.:{port}"])

        assert 200 == through(by_address, f"http://{authority}/")
        assert 200 == through(by_address, f"http://localhost:{port}/")
        assert 200 == through(by_name, f"http://localhost:{port}/")
        assert 403 == through(by_name, f"http://{authority}/")


@pytest.mark.parametrize(
    ("options", "message_"),
    [
        ({"mode": "open"}, "mode='open' is none of a proxy; there are filter, captive, transform"),
        ({"auth": "user"}, "auth='user' is none; use (user, password)"),
        ({"auth": ("a:b", "c")}, "user='a:b' has a colon"),
        ({"auth": ("a", "b"), "scheme": "ntlm"}, "scheme='ntlm' is none of a proxy"),
        ({"allow": "a.example:80"}, "allow='a.example:80' is one name; use a list of such"),
        ({"allow": ["a.example"]}, "allow='a.example' is no server; use HOST:PORT"),
        ({"allow": [":80"]}, "allow=':80' is no server"),
        ({"allow": ["a.example:0"]}, "allow='a.example:0' is no server"),
        ({"allow": ["a.example:99999"]}, "allow='a.example:99999' is no server"),
        ({"allow": [80]}, "allow=80 is no server"),
        ({"blocked": "a.example"}, "blocked='a.example' is one name"),
        ({"timeout": 0}, "timeout=0 is out of range; use seconds above 0"),
    ],
)
def test_wrong_options(
    status_server: StatusServer, options: dict[str, object], message_: str
) -> None:
    """They fail at once, and say what would be right."""
    with pytest.raises(ValueError, match=re.escape(message_)):
        status_server.proxy_for(**options)  # type: ignore[arg-type]


def test_faults_of_ours_are_said(server: StatusServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the proxy as by any origin: 590, and the test that holds the server fails."""

    def fails(*_: object) -> None:
        raise KeyError("oops")

    monkeypatch.setattr("pytest_httpcodes.behaviours.proxying.target_of", fails)

    assert 590 == through(server.proxy, server.url)
    (complaint,) = server.complaints()
    assert "failed: KeyError: 'oops'" in str(complaint)


def test_the_head_goes_in_one_piece(server: StatusServer) -> None:
    """With what was said to nobody else."""
    heard: list[bytes] = []
    with upstream(answers(OK, heard=heard)) as authority:
        proxy = server.proxy_for(allow=[authority])
        through(proxy, f"http://{authority}/x")

    assert [
        f"GET /x HTTP/1.1\r\nHost: {authority}\r\nVia: 1.1 {name_of(proxy)}\r\n"
        f"Connection: close\r\n\r\n".encode()
    ] == heard
