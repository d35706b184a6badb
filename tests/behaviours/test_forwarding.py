"""A resource that forwards: what its other rules, and its origin, add to what comes back."""

from __future__ import annotations

import pytest

from pytest_httpcodes import Rule, Stage, StatusServer, with_fields
from pytest_httpcodes.behaviours.forwarding import Target, forward
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Reply
from pytest_httpcodes.wire.upstream import Upstream
from tests.raw import Answer, Raw, message
from tests.upstreams import OK, answers, upstream


def forwarding(authority: str) -> Rule:
    """Return a rule that forwards everything to an upstream, and adds a field to each answer."""
    port = int(authority.rpartition(":")[2])

    def decide(request: Received) -> Reply:
        to = Upstream("127.0.0.1", (("127.0.0.1", port),), timeout=5.0)
        target = Target("http", "127.0.0.1", port, authority, "/")
        return forward(request, to, target, "gateway")

    return Rule(Stage.STORAGE, decide, lambda request, steps: with_fields(steps, (("X", "1"),)))


def ask(server: StatusServer, url: str) -> Answer:
    """Ask from a page of another origin."""
    with Raw(server.url) as raw:
        return raw.request("GET", url.removeprefix(server.url), "Origin: http://a.example")


@pytest.mark.parametrize(("octets", "code"), [(OK, 200), (b"", 502)])
def test_answers_are_amended(server: StatusServer, octets: bytes, code: int) -> None:
    """Those of the upstream, and the one that says that it has none."""
    with upstream(answers(octets)) as authority:
        answer = ask(server, server.resource("x", forwarding(authority)))

    assert (code, "1") == (answer.status, answer.header("X"))
    assert answer.header("Access-Control-Allow-Origin") is None


@pytest.mark.parametrize(("octets", "code"), [(OK, 200), (b"", 502)])
def test_a_page_may_read_them(octets: bytes, code: int) -> None:
    """Where the origin lets it."""
    with StatusServer(cors=True) as server, upstream(answers(octets)) as authority:
        answer = ask(server, server.resource("x", forwarding(authority)))

    assert (code, "1") == (answer.status, answer.header("X"))
    assert "http://a.example" == answer.header("Access-Control-Allow-Origin")


@pytest.mark.parametrize("octets", [OK, b""])
@pytest.mark.parametrize(
    ("fault", "at", "how"),
    [
        ("truncate", None, "FIN"),
        ("reset", "content", "RST"),
        ("close", "head", "FIN"),
        ("two-lengths", None, "FIN"),
    ],
)
def test_faults_break_them(
    server: StatusServer, octets: bytes, fault: str, at: str | None, how: str
) -> None:
    """As any answer, and the journal says so."""
    with upstream(answers(octets)) as authority, Raw(server.url) as raw:
        made = server.resource("x", forwarding(authority), fault=fault, at=at)
        raw.send(message("GET", made.removeprefix(server.url), "Connection: close"))
        found, ended = raw.end()

    assert how == ended
    assert not found.endswith((b"yes", b"}\n")) or found.count(b"Content-Length") == 2
    assert f"broken by {fault}" in made.exchanges[0].why
