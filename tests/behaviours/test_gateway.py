"""Gateways whose upstream breaks: 502 504, and the codes that others have for it (RFC 9110, 15.6).

The upstreams are real: what a table says of one was seen on a socket.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import http_sf
import pytest
import requests

from pytest_httpcodes import StatusServer
from pytest_httpcodes.behaviours.gateway import PERSONALITIES, status_of
from pytest_httpcodes.behaviours.upstreams import KINDS, TEXT
from tests.raw import Answer, Raw, message, until
from tests.scenarios import SENDERS, play

VIA = "1.1 pytest-httpcodes"
# What is behind it, the error of RFC 9209, 2.3, and what each personality answers.
ERRORS = [
    ("unroutable", "destination_ip_unroutable", 502, 523, 502),
    ("refused", "connection_refused", 502, 521, 502),
    ("unanswered", "connection_timeout", 504, 522, 504),
    ("bad-tls", "tls_protocol_error", 502, 525, 502),
    ("bad-certificate", "tls_certificate_error", 502, 526, 502),
    ("close", "connection_terminated", 502, 520, 502),
    ("reset", "connection_terminated", 502, 520, 502),
    ("stall", "http_response_timeout", 504, 524, 504),
    ("garbage", "http_protocol_error", 502, 520, 502),
    ("cut-head", "http_response_incomplete", 502, 520, 502),
    ("fold", "http_protocol_error", 502, 520, 502),
    ("large-field", "http_response_header_section_size", 502, 520, 502),
    ("two-lengths", "http_protocol_error", 502, 520, 502),
    ("unknown-coding", "http_response_transfer_coding", 502, 520, 502),
    ("bad-chunk", "http_response_transfer_coding", 502, 520, 502),
]
# Other systems have other errors for these.
LINUX = ("unroutable", "unanswered")
SILENT = ("unanswered", "stall", "stall-inside")
BROKEN_OFF = ("truncate", "stall-inside")


def ask(url: str, *fields: str, method: str = "GET", content: bytes | None = None) -> Answer:
    """Send a request on a connection of its own."""
    with Raw(url) as raw:
        raw.send(message(method, url, *fields, content=content, host=raw.host))
        return raw.answer(method)


@pytest.mark.parametrize("personality", PERSONALITIES)
@pytest.mark.parametrize("row", ERRORS, ids=lambda row: row[0])
def test_each_error_gets_its_code(
    status_server: StatusServer, row: tuple[str, str, int, int, int], personality: str
) -> None:
    """With Via, and Proxy-Status, which names the error (RFC 9209, 2.1)."""
    upstream, kind, *codes = row
    if upstream in LINUX and sys.platform != "linux":
        pytest.skip("this system has another error for it")
    timeout = 0.1 if upstream in SILENT else 5
    made = status_server.scenario(502, upstream=upstream, timeout=timeout, personality=personality)
    answer = ask(made)
    code = codes[PERSONALITIES.index(personality)]

    assert (code, VIA) == (answer.status, answer.header("Via"))
    parsed: Any = http_sf.parse((answer.header("Proxy-Status") or "").encode(), tltype="list")
    ((name, members),) = parsed
    assert ("pytest-httpcodes", kind) == (name, members["error"])
    assert members["details"] == json.loads(answer.content)["detail"]
    assert code == json.loads(answer.content)["status"]
    section = "15.6.5" if codes[0] == 504 else "15.6.3"
    assert made.exchanges[0].why.endswith(f" (RFC 9110, {section})")
    assert 200 == ask(f"{made}?upstream=ok").status


@pytest.mark.parametrize("upstream", BROKEN_OFF)
@pytest.mark.parametrize("personality", PERSONALITIES)
def test_what_was_begun_is_broken_off(
    status_server: StatusServer, upstream: str, personality: str
) -> None:
    """Half of the content is there, and no code can say any more that the rest is not to come.

    "A client that receives an incomplete response message ... MUST record the message as
    incomplete" (RFC 9112, 8).
    """
    made = status_server.scenario(502, upstream=upstream, timeout=0.5, personality=personality)
    with Raw(made) as raw:
        raw.send(message("GET", made))
        octets, how = raw.end()
    head, _, content = octets.partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Via: 1.1 pytest-httpcodes" in head
    assert b"Content-Length: %d" % len(TEXT) in head
    assert ("FIN", TEXT.encode()[: len(TEXT) // 2]) == (how, content)
    assert (made.exchanges[0].failure or "").startswith("the answer broke off: 127.0.0.1")


@pytest.mark.parametrize("upstream", ["bad-chunk", *BROKEN_OFF])
def test_a_head_alone_is_whole(status_server: StatusServer, upstream: str) -> None:
    """After HEAD, there is no content that could break."""
    made = status_server.scenario(502, upstream=upstream)

    assert 200 == ask(made, method="HEAD").status


def test_a_head_that_breaks(status_server: StatusServer) -> None:
    """It is a 502 without content, on a connection that goes on."""
    made = status_server.scenario(502)
    with Raw(made) as raw:
        first, second = raw.request("HEAD", made), raw.request("GET", made)

    assert (502, 502) == (first.status, second.status)
    assert str(len(second.content)) == first.header("Content-Length")


def test_every_kind_is_tested() -> None:
    """A new one belongs in a table."""
    assert ["ok", *(row[0] for row in ERRORS), *BROKEN_OFF] == list(KINDS)


@pytest.mark.parametrize("upstream", ["ok", "garbage", "reset", "stall", "bad-chunk"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT"])
def test_nothing_is_sent_twice(status_server: StatusServer, upstream: str, method: str) -> None:
    """No gateway tries again: "A proxy MUST NOT" what is not idempotent (RFC 9110, 9.2.2)."""
    made = status_server.scenario(502, upstream=upstream, timeout=0.05 if upstream in SILENT else 5)
    ask(f"{made}/a", method=method, content=b"once" if method[0] == "P" else None)

    assert [method] == [exchange.method for exchange in status_server.upstream.journal]


@pytest.mark.parametrize("client", SENDERS)
@pytest.mark.parametrize("upstream", ["garbage", "close", "refused", "bad-tls"])
def test_through_clients(status_server: StatusServer, upstream: str, client: str) -> None:
    """It is an honest 502, whatever has happened behind it; then a 200."""
    made = status_server.scenario(502, upstream=upstream)
    answers = play(status_server, (*made.trigger, *made.relief, *made.trigger), SENDERS[client])

    assert [502, 200, 200] == [answer.status for answer in answers]
    assert [VIA] * 3 == [answer.headers["Via"] for answer in answers]


@pytest.mark.parametrize("client", ["raw", "httpx"])
def test_broken_off_for_clients(status_server: StatusServer, client: str) -> None:
    """None of them takes half of the content for all of it."""
    made = status_server.scenario(504, upstream="truncate")

    assert 0 == play(status_server, made.trigger, SENDERS[client])[0].status


def test_broken_off_for_requests(status_server: StatusServer) -> None:
    """It has another error of its own for it."""
    made = status_server.scenario(504, upstream="truncate")

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        play(status_server, made.trigger, SENDERS["requests"])


@pytest.mark.parametrize("upstream", ["garbage", "refused", "bad-tls"])
def test_it_heals_by_itself(status_server: StatusServer, upstream: str) -> None:
    """After `times` requests, each of which it broke for; a reset begins again."""
    made = status_server.scenario(502, upstream=upstream, times=2)

    assert [502, 502, 200, 200] == [ask(made).status for _ in range(4)]
    with Raw(status_server.url) as raw:
        raw.request("DELETE", "/journal" + made.removeprefix(status_server.url))
    assert 502 == ask(made).status


def test_the_upstream_heals(status_server: StatusServer) -> None:
    """For good, until it is asked to break again, or reset; so it is by hand."""
    made = status_server.scenario(502)
    path = status_server.url_for("/502/mine")
    for url in (made, path):
        assert 502 == ask(url).status
        assert 502 == ask(f"{url}?upstream=reset").status
        assert 200 == ask(f"{url}?upstream=ok").status
        assert 200 == ask(url).status
    with Raw(status_server.url) as raw:
        assert 204 == raw.request("DELETE", "/journal").status
    assert 502 == ask(made).status


@pytest.mark.parametrize(
    "query", ["upstream=", "upstream=gone", "timeout=0", "personality=nginx", "times=0", "x=1"]
)
def test_wrong_options(status_server: StatusServer, query: str) -> None:
    """They are a 400 that says what there is, and a ValueError in Python."""
    answer = ask(status_server.url_for(f"/502/a?{query}"))
    name, _, value = query.partition("=")

    assert 400 == answer.status
    assert name in answer.content.decode()
    with pytest.raises(ValueError, match=name):
        status_server.scenario(502, **{name: value})


def test_the_query_of_an_instance_that_a_test_made(status_server: StatusServer) -> None:
    """It is the client's, but for what becomes of the upstream."""
    made = status_server.scenario(502, upstream="ok")

    assert 400 == ask(f"{made}?upstream=gone").status
    assert 200 == ask(f"{made}?personality=x&timeout=x").status


def test_a_bad_certificate_needs_an_extra(
    status_server: StatusServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it, this one cannot be had, which is said at once; the others can."""
    monkeypatch.setitem(sys.modules, "trustme", None)

    status_server.scenario(502, upstream="bad-tls")
    with pytest.raises(ImportError, match=r"pytest-httpcodes\[tls\]"):
        status_server.scenario(502, upstream="bad-certificate")


@pytest.mark.parametrize(
    ("personality", "kind", "code"),
    [
        ("rfc", "dns_error", 502),
        ("aws", "dns_timeout", 504),
        ("cloudflare", "dns_error", 523),
        ("cloudflare", "tls_alert_received", 525),
        ("cloudflare", "connection_read_timeout", 524),
        ("cloudflare", "http_upgrade_failed", 520),
    ],
)
def test_the_code_of_other_errors(personality: str, kind: str, code: int) -> None:
    """Each error of RFC 9209 has one, also those that no upstream here gives."""
    assert code == status_of(kind, personality)


def test_too_many_addresses(status_server: StatusServer) -> None:
    """AWS has a 463 for more than 30 in X-Forwarded-For, which then go to nobody."""
    made = status_server.scenario(502, upstream="ok", personality="aws")
    lines = ["X-Forwarded-For: " + ", ".join(["192.0.2.1"] * count) for count in (30, 31)]
    answers = [ask(made, line) for line in lines]

    assert [200, 463] == [answer.status for answer in answers]
    assert VIA == answers[1].header("Via")
    assert [200] == status_server.upstream.journal.statuses
    assert 200 == ask(status_server.scenario(502, upstream="ok"), lines[1]).status


@pytest.mark.parametrize(("personality", "logged"), [("rfc", 499), ("aws", 460)])
def test_a_client_that_leaves(status_server: StatusServer, personality: str, logged: int) -> None:
    """A log of AWS has 460, and nothing is on the wire."""
    made = status_server.scenario(504, timeout=60, personality=personality)
    with Raw(made) as raw:
        raw.send(message("GET", made))
        until(lambda: status_server.upstream.journal.exchanges)
    until(lambda: made.exchanges[0].finished)

    assert [None] == made.statuses
    assert logged == made.exchanges[0].logged


@pytest.mark.parametrize("code", [502, 504])
def test_html(status_server: StatusServer, code: int) -> None:
    """An error explains itself as anywhere."""
    answer = ask(status_server.scenario(code, timeout=0.05), "Accept: text/html")

    assert code == answer.status
    assert (answer.header("Content-Type") or "").startswith("text/html")
