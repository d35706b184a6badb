"""Faults at random: the same seed breaks the same answers, and says which."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from pytest_httpcodes import Endpoint, Fault, StatusServer, flaky
from pytest_httpcodes.behaviours.faults import GARBAGE
from pytest_httpcodes.behaviours.flaky import Flaky
from tests.asking import ask
from tests.raw import Raw, exchange, message

MADE: dict[str, Callable[..., Endpoint]] = {
    "status": lambda server, **given: server.status(503, **given),
    "redirects": lambda server, **given: server.redirects(302, loop=True, **given),
    "script": lambda server, **given: server.script(503, b"busy", **given),
    "scenario": lambda server, **given: server.scenario(200, **given),
    "resource": lambda server, **given: server.resource("content", **given),
}
BY_HAND = ["/", "/journal", "/status/200/k", "/script/200,503/k", "/redirects/302/k", "/200/k"]


def drawn(chance: Flaky, count: int = 40) -> list[str]:
    """Return what happens to the first requests."""
    return [str(chance.pick(number) or "") for number in range(1, count + 1)]


def happened(url: str, path: str, count: int) -> list[str]:
    """Ask so often; return how each connection ended, "" for an answer that was whole."""
    found = []
    for _ in range(count):
        octets, how = exchange(url, message("GET", path, "Connection: close"))
        whole = octets.startswith(b"HTTP/1.1 ") and b"close" in octets
        found.append("" if whole else f"{how} {octets == GARBAGE}")
    return found


def test_a_seed_repeats() -> None:
    """Which answers break and how is the same for ever; another seed breaks others."""
    assert drawn(flaky(0.3, seed=7)) == drawn(flaky(0.3, seed=7))
    assert drawn(flaky(0.3, seed=7)) != drawn(flaky(0.3, seed=8))
    assert drawn(flaky(0.3)) == drawn(flaky(0.3, seed=0))
    assert [
        "reset at start", "", "close at start", "truncate at content", "", "", "close at start",
        "", "truncate at content", "",
    ] == drawn(flaky(0.3, seed=7), 10)  # fmt: skip


def test_a_larger_probability_breaks_more() -> None:
    """And all that a smaller one does; 0 breaks none, 1 breaks all."""
    few, many = drawn(flaky(0.2, "reset", seed=3)), drawn(flaky(0.6, "reset", seed=3))

    assert all(not one or other for one, other in zip(few, many, strict=True))
    assert few.count("") > many.count("") > 0
    assert [""] * 40 == drawn(flaky(0))
    assert "" not in drawn(flaky(1))


def test_it_is_about_as_probable_as_it_says() -> None:
    """Each kind has its share."""
    found = drawn(flaky(0.4, seed=1), 10_000)
    kinds = set(found) - {""}

    assert 3700 < 10_000 - found.count("") < 4300
    assert 4 == len(kinds)
    assert all(800 < found.count(kind) < 1200 for kind in kinds)


def test_faults_of_ones_own() -> None:
    """By their kind, or with a place; as values, two equal ones are one."""
    faults = ("stall", "drip:5", Fault("close", at="content:3"))

    assert {"stall at start", "drip:5 at start", "close at content:3"} == set(
        drawn(flaky(1, *faults))
    )
    assert {flaky(0.5, *faults)} == {flaky(0.5, "stall", Fault("drip:5"), faults[2], seed=0)}
    assert Flaky.parse("flaky:0.5:3") == flaky(0.5, seed=3)
    assert Flaky.parse("flaky:1") == flaky(1)
    assert "flaky 0.5, seed 3" == str(flaky(0.5, seed=3))


@pytest.mark.parametrize(
    ("message", "given", "named"),
    [
        ("probability=1.1 is none; use a number from 0 to 1", (1.1,), {}),
        ("probability=-0.1 is none", (-0.1,), {}),
        ("probability=nan is none", (float("nan"),), {}),
        ("probability=True is none", (True,), {}),
        ("probability='0.3' is none", ("0.3",), {}),
        ("seed=1.5 is none; use a whole number", (0.3,), {"seed": 1.5}),
        ("seed=True is none", (0.3,), {"seed": True}),
        ("fault='boom' is none", (0.3, "boom"), {}),
        (
            "reset at request-line comes before the request, which is what is counted; use req",
            (0.3, Fault("reset", at="request-line")),
            {},
        ),
    ],
)
def test_what_is_not_flaky(message: str, given: tuple[Any, ...], named: dict[str, Any]) -> None:
    """It is told at once."""
    with pytest.raises(ValueError, match="^") as caught:
        flaky(*given, **named)

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("flaky", "fault='flaky' is none; use flaky:0.3:7, with a probability and a seed"),
        ("flaky:", "fault='flaky:' is none"),
        ("flaky:0.3:", "fault='flaky:0.3:' is none"),
        ("flaky:.3", "fault='flaky:.3' is none"),
        ("flaky:0.3:7:9", "fault='flaky:0.3:7:9' is none"),
        ("flaky:0.3:-7", "fault='flaky:0.3:-7' is none"),
        ("flaky:2", "probability=2.0 is none; use a number from 0 to 1"),
    ],
)
def test_what_is_not_flaky_in_a_url(server: StatusServer, text: str, told: str) -> None:
    """Is a 400 that says what would be."""
    answer = ask(f"{server.url}/status/200?fault={text}")

    assert 400 == answer.status
    assert told in answer.content.decode()


@pytest.mark.parametrize("made", MADE)
def test_an_endpoint_is_flaky(server: StatusServer, made: str) -> None:
    """By the order of its requests, and each endpoint by itself."""
    chance = flaky(0.5, "reset", "close", "garbage", seed=5)
    first, second = (MADE[made](server, fault=chance) for _ in range(2))
    path = urlsplit(first).path
    found = happened(server.url, path, 12)
    again = happened(server.url, urlsplit(second).path, 12)
    expected = {"": "", "reset at start": "RST False", "close at start": "FIN False",
                "garbage at start": "FIN True"}  # fmt: skip

    assert [expected[how] for how in drawn(chance, 12)] == found == again
    assert all(
        f"request {number} of flaky 0.5, seed 5" in exchange.why
        for number, exchange in enumerate(first.exchanges, start=1)
    )
    assert ["broken by" in e.why for e in first.exchanges] == [how != "" for how in found]
    assert ["left whole" in e.why for e in first.exchanges] == [how == "" for how in found]


@pytest.mark.parametrize("path", BY_HAND)
def test_by_hand(server: StatusServer, path: str) -> None:
    """The count goes on, though each URL says it anew; DELETE starts again."""
    chance = flaky(0.5, "reset", "close", "truncate", "garbage", seed=4)
    target = f"{path}?fault=flaky:0.5:4"
    breaks = [how != "" for how in drawn(chance, 16)]
    found = [how != "" for how in happened(server.url, target, 8)]
    found += [how != "" for how in happened(server.url, target, 8)]
    ask(f"{server.url}/journal", method="DELETE")

    assert breaks == found
    assert breaks[:8] == [how != "" for how in happened(server.url, target, 8)]


def test_it_is_forgotten_where_it_is_asked_for(server: StatusServer) -> None:
    """A DELETE of one instance starts the count of that one again."""
    first, second = (f"/status/200/{key}?fault=flaky:0.5:4" for key in "ab")
    begun = happened(server.url, first, 5), happened(server.url, second, 5)
    ask(f"{server.url}/journal/status/200/a", method="DELETE")

    assert begun[0] == begun[1] == happened(server.url, first, 5)
    assert begun[0] != happened(server.url, second, 5)


def test_concurrent_requests(server: StatusServer) -> None:
    """However many come at once, the n-th of them has the n-th fault."""
    chance = flaky(0.5, "close", "reset", seed=9)
    url = server.status(200, fault=chance)
    ready = threading.Barrier(16, timeout=5)
    found: list[str] = []

    def client() -> None:
        for _ in range(5):
            ready.wait()
            found.append(happened(server.url, urlsplit(url).path, 1)[0])

    threads = [threading.Thread(target=client) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    expected = drawn(chance, 80)

    assert [expected.count(f"{kind} at start") for kind in ("close", "reset")] == [
        sum(f"broken by {kind}" in e.why for e in url.exchanges) for kind in ("close", "reset")
    ]
    assert expected.count("") == found.count("")
    assert {*range(1, 81)} == {int(e.why.split("request ")[1].split()[0]) for e in url.exchanges}


def test_a_fault_may_come_before_the_content(server: StatusServer) -> None:
    """It is picked when the head is there, in the order in which those come."""
    url = server.status(200, fault=flaky(1, Fault("reset", at="request-head")))
    octets = message("POST", urlsplit(url).path, "Content-Length: 9")

    assert (b"", "RST") == exchange(server.url, octets)


def test_times(server: StatusServer) -> None:
    """Once they are over, nothing breaks."""
    url = server.status(503, times=2, fault=flaky(1, "close"))
    with Raw(server.url) as raw:
        path = urlsplit(url).path
        ends = happened(server.url, path, 2)

        assert 200 == raw.request("GET", path).status
    assert ["FIN False"] * 2 == ends


def test_a_code_without_content_is_flaky_too(server: StatusServer) -> None:
    """What would be cut off is not there; then the connection is, behind the head."""
    url = server.status(204, fault=flaky(1, "truncate"))
    octets, how = exchange(server.url, message("GET", urlsplit(url).path))

    assert octets.startswith(b"HTTP/1.1 204 No Content\r\n")
    assert "FIN" == how


def test_counts_make_room(server: StatusServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest one, where URLs name too many instances."""
    monkeypatch.setattr("pytest_httpcodes.resource.MAX_INSTANCES", 2)
    site = server._app().site

    assert [1, 1, 2, 1, 1, 1, 2] == [site.turn((key,)) for key in "abacabb"]


def test_a_report_names_the_seed_and_the_faults(pytester: pytest.Pytester) -> None:
    """A test that fails shows which of its answers broke, and how to have the same again."""
    pytester.makepyfile(
        """
        import urllib.request
        from pytest_httpcodes import flaky

        def test_it(status_server):
            endpoint = status_server.status(200, fault=flaky(0.4, "close", "reset", seed=3))
            for _ in range(20):
                urllib.request.urlopen(endpoint).close()
        """
    )
    result = pytester.runpytest("-p", "no:randomly")
    result.assert_outcomes(failed=1)
    text = result.stdout.str()
    broken = next(
        number for number in range(1, 20) if flaky(0.4, "close", "reset", seed=3).pick(number)
    )
    picked = flaky(0.4, "close", "reset", seed=3).pick(broken)

    assert f"broken by {picked}, request {broken} of flaky 0.4, seed 3" in text
    assert text.count("left whole, request ") == broken - 1
