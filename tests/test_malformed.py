"""Every malformed request of the parser's table, over a raw socket, with its answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from pytest_httpcodes import StatusServer
from pytest_httpcodes.codes import look_up
from pytest_httpcodes.wire.limits import Limits
from tests.raw import Raw
from tests.wire.test_parser import REFUSED, Refused


@pytest.fixture(scope="module")
def server_with() -> Iterator[Callable[[Limits], StatusServer]]:
    """Return a function that gives a server with such limits, one for all rows that share them."""
    servers: dict[Limits, StatusServer] = {}

    def get(limits: Limits) -> StatusServer:
        if limits not in servers:
            options = {f"max_{name}": getattr(limits, name) for name in limits._fields[:-1]}
            servers[limits] = StatusServer(strict=limits.strict, **options).start()
        return servers[limits]

    yield get
    for server in servers.values():
        server.stop()
        server.check()


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in REFUSED])
def test_a_malformed_request_is_answered(
    server_with: Callable[[Limits], StatusServer], row: Refused
) -> None:
    """With its status, what is wrong, `Connection: close` and a FIN; the journal has the octets."""
    server = server_with(row.limits)
    place = server.journal.position
    with Raw(server.url) as raw:
        raw.send(row.octets)
        answer = raw.answer()
        while answer.header("connection") != "close":
            answer = raw.answer()  # a request before the malformed one has its answer first
        rest = raw.end()

    problem = json.loads(answer.content)
    assert row.status == answer.status == problem["status"]
    assert look_up(row.status).phrase == answer.reason
    assert row.detail in problem["detail"]
    assert answer.header("date") is not None
    assert (b"", "FIN") == rest
    found = server.journal.after(place)[-1]
    assert row.status == found.status
    assert str(row.section) in found.why
    assert found.raw_head
    assert found.raw_head in row.octets


def test_framing_is_lost_for_what_comes_behind(
    server_with: Callable[[Limits], StatusServer],
) -> None:
    """No octet behind a malformed request is read as another one (RFC 9112, 11.2)."""
    server = server_with(Limits())
    place = server.journal.position
    with Raw(server.url) as raw:
        raw.send(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 4\r\n\r\n"
            b"GET /status/200 HTTP/1.1\r\nHost: a\r\n\r\n"
        )
        octets, how = raw.end()

    assert 1 == octets.count(b"HTTP/1.1 ")
    assert octets.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert "FIN" == how
    assert 1 == len(server.journal.after(place))
