"""Interim responses: 100 under each policy, 102 and 103 in any number."""

from __future__ import annotations

import httpx
import pytest
import requests

from pytest_httpcodes import Endpoint, StatusServer
from pytest_httpcodes.behaviours.informational import POLICIES
from tests.raw import Answer, Raw, message, until
from tests.scenarios import path_of

CONTENT = b"content"


def post(made: Endpoint, *fields: str, version: str = "HTTP/1.1") -> bytes:
    """Return the head of a POST whose content is still to come."""
    lines = (*fields, f"Content-Length: {len(CONTENT)}")
    return message("POST", path_of(made), *lines, version=version)


def invited(made: Endpoint, server: StatusServer, silent: float = 0.05) -> tuple[bool, Answer]:
    """Send a head, wait, and send the content; tell whether nothing came first."""
    with Raw(server.url) as raw:
        raw.send(post(made, "Expect: 100-continue"))
        nothing = raw.is_silent(silent)
        raw.send(CONTENT)
        return nothing, raw.answer("POST")


def test_exactly_one_invitation(status_server: StatusServer) -> None:
    """It comes while the client waits, and the final answer behind the content."""
    made = status_server.scenario(100)
    nothing, answer = invited(made, status_server, 5)

    assert not nothing
    assert [100] == [interim.status for interim in answer.interim]
    assert b"HTTP/1.1 100 Continue\r\n\r\n" == answer.interim[0].octets
    assert 201 == answer.status
    assert [[100]] == [exchange.interim for exchange in made.exchanges]
    assert CONTENT == made.exchanges[0].content


@pytest.mark.parametrize("expect", ["100-Continue", "100-CONTINUE"])
def test_the_expectation_has_no_case(status_server: StatusServer, expect: str) -> None:
    """Its value is compared without regard to it (RFC 9110, 10.1.1)."""
    made = status_server.scenario(100)
    with Raw(status_server.url) as raw:
        raw.send(post(made, f"Expect: {expect}"))
        assert not raw.is_silent(5)
        raw.send(CONTENT)
        assert [100] == [interim.status for interim in raw.answer("POST").interim]


def test_content_that_is_there_needs_no_invitation(status_server: StatusServer) -> None:
    """Nor does a request without any."""
    made = status_server.scenario(100)
    with Raw(status_server.url) as raw:
        raw.send(post(made, "Expect: 100-continue") + CONTENT)
        assert [] == raw.answer("POST").interim
        assert [] == raw.request("GET", path_of(made), "Expect: 100-continue").interim

    assert [[], []] == [exchange.interim for exchange in made.exchanges]


def test_http_1_0_is_never_invited(status_server: StatusServer) -> None:
    """Its expectation is ignored (RFC 9110, 10.1.1)."""
    made = status_server.scenario(100)
    with Raw(status_server.url) as raw:
        raw.send(post(made, "Expect: 100-continue", version="HTTP/1.0"))
        assert raw.is_silent()
        raw.send(CONTENT)
        answer = raw.answer("POST")

    assert (201, []) == (answer.status, answer.interim)


@pytest.mark.parametrize(
    ("policy", "silent", "interim"),
    [("obey", False, [100]), ("silent", True, []), ("late", True, [100])],
)
def test_policies(
    status_server: StatusServer, policy: str, silent: bool, interim: list[int]
) -> None:
    """A client that is never invited sends its content all the same; a late 100 is discarded."""
    made = status_server.scenario(100, policy=policy)
    nothing, answer = invited(made, status_server, 0.05 if silent else 5)

    assert (silent, interim) == (nothing, [one.status for one in answer.interim])
    assert 201 == answer.status


def test_a_late_one_is_for_those_who_asked(status_server: StatusServer) -> None:
    """Another client has not expected it."""
    made = status_server.scenario(100, policy="late")
    with Raw(status_server.url) as raw:
        assert [] == raw.request("POST", path_of(made), content=CONTENT).interim


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        ("GET", ()),
        ("POST", ("Content-Length: 0",)),
        ("PATCH", ("Content-Length: 7",)),
        ("POST", (f"Content-Length: {2**40}",)),
    ],
)
def test_a_late_one_is_for_content_that_came(
    status_server: StatusServer, method: str, fields: tuple[str, ...]
) -> None:
    """Where there is none, or it was refused beforehand, none is invited behind it."""
    made = status_server.scenario(100, policy="late")
    with Raw(status_server.url) as raw:
        raw.send(message(method, path_of(made), "Expect: 100-continue", *fields))

        assert [] == raw.answer(method).interim


@pytest.mark.parametrize("policy", POLICIES)
def test_http_1_0_has_no_policy(status_server: StatusServer, policy: str) -> None:
    """Whatever it is, no interim response is sent, and no expectation refused."""
    made = status_server.scenario(100, policy=policy)
    lines = ("Expect: 100-continue",)
    with Raw(status_server.url) as raw:
        answer = raw.request("POST", path_of(made), *lines, content=CONTENT, version="HTTP/1.0")

    assert (201, []) == (answer.status, answer.interim)


@pytest.mark.parametrize(
    ("policy", "silent", "interim"),
    [
        ("obey", False, [100]),
        ("silent", True, []),
        ("late", True, [100]),
        ("twice", False, [100, 100]),
        ("with-fields", False, [100]),
    ],
)
def test_content_in_chunks(
    status_server: StatusServer, policy: str, silent: bool, interim: list[int]
) -> None:
    """It is invited as any other."""
    made = status_server.scenario(100, policy=policy)
    lines = ("Expect: 100-continue", "Transfer-Encoding: chunked")
    with Raw(status_server.url) as raw:
        raw.send(message("POST", path_of(made), *lines))
        assert silent == raw.is_silent(0.02 if silent else 5)
        raw.send(b"3\r\nabc\r\n0\r\n\r\n")
        answer = raw.answer("POST")

    assert (201, interim) == (answer.status, [one.status for one in answer.interim])
    assert b"abc" == made.exchanges[0].content


def test_another_expectation(status_server: StatusServer) -> None:
    """It is nothing to wait for, and a server may ignore it (RFC 9110, 10.1.1)."""
    made = status_server.scenario(100)
    with Raw(status_server.url) as raw:
        answer = raw.request("POST", path_of(made), "Expect: 200-maybe", content=CONTENT)

    assert (201, []) == (answer.status, answer.interim)


def test_content_around_an_early_refusal(status_server: StatusServer) -> None:
    """The journal has what came before the answer, and how many octets came after it."""
    made = status_server.scenario(100, policy="refuse")
    with Raw(status_server.url) as raw:
        raw.send(post(made, "Expect: 100-continue") + CONTENT[:3])
        assert 417 == raw.answer("POST").status
        raw.send(CONTENT[3:])
        raw.sock.shutdown(1)
        assert (b"", "FIN") == raw.end()
    status_server.stop()
    (found,) = made.exchanges

    assert (CONTENT[:3], len(CONTENT) - 3) == (found.content, found.octets_after)


def test_twice(status_server: StatusServer) -> None:
    """Two of them come at once, and both are in the journal."""
    made = status_server.scenario(100, policy="twice")
    nothing, answer = invited(made, status_server, 5)

    assert (False, [100, 100]) == (nothing, [one.status for one in answer.interim])
    assert [100, 100] == made.exchanges[0].interim


def test_with_fields(status_server: StatusServer) -> None:
    """They are those of the 100 alone."""
    made = status_server.scenario(100, policy="with-fields")
    _, answer = invited(made, status_server, 5)

    assert "1" == answer.interim[0].header("X-Interim")
    assert "text/x-interim" == answer.interim[0].header("Content-Type")
    assert answer.header("X-Interim") is None
    assert "text/plain; charset=utf-8" == answer.header("Content-Type")


def test_refuse(status_server: StatusServer) -> None:
    """417 instead of the 100, and the connection closes; the journal has what came all the same."""
    made = status_server.scenario(100, policy="refuse")
    with Raw(status_server.url) as raw:
        raw.send(post(made, "Expect: 100-continue"))
        answer = raw.answer("POST")
        assert (417, []) == (answer.status, answer.interim)
        assert "close" == answer.header("Connection")
        raw.send(CONTENT)
        raw.sock.shutdown(1)
        assert (b"", "FIN") == raw.end()
    status_server.stop()
    exchange = made.exchanges[0]

    assert (b"", len(CONTENT), None) == (exchange.content, exchange.octets_after, exchange.waited)


def test_refuse_and_keep(status_server: StatusServer) -> None:
    """What comes next on the connection is a request."""
    made = status_server.scenario(100, policy="refuse-keep")
    with Raw(status_server.url) as raw:
        raw.send(post(made, "Expect: 100-continue"))
        answer = raw.answer("POST")
        assert (417, None) == (answer.status, answer.header("Connection"))
        assert 201 == raw.request("POST", path_of(made), content=CONTENT).status
    assert [1, 2] == [exchange.number for exchange in made.exchanges]


def test_refuse_and_keep_what_is_there(status_server: StatusServer) -> None:
    """Content that was sent without waiting is not taken for the next request."""
    made = status_server.scenario(100, policy="refuse-keep")
    with Raw(status_server.url) as raw:
        raw.send(post(made, "Expect: 100-continue") + CONTENT)
        assert 417 == raw.answer("POST").status
        assert 201 == raw.request("POST", path_of(made), content=CONTENT).status


def test_how_long_the_client_waited(status_server: StatusServer) -> None:
    """From its head to the first octet of its content; None for one that does not wait."""
    made = status_server.scenario(100, policy="silent")
    with Raw(status_server.url) as raw:
        raw.send(post(made, "Expect: 100-continue"))
        until(lambda: made.exchanges)  # the head has come
        assert raw.is_silent(0.05)
        raw.send(CONTENT)
        raw.answer("POST")
    with Raw(status_server.url) as raw:
        raw.request("POST", path_of(made), content=CONTENT)
        raw.send(post(made, "Expect: 100-continue") + CONTENT)
        raw.answer("POST")
    patient, plain, hasty = made.exchanges

    assert patient.waited is not None
    assert 0.05 <= patient.waited
    assert plain.waited is None
    assert hasty.waited is not None
    assert hasty.waited < patient.waited


@pytest.mark.parametrize(("options", "count"), [({}, 3), ({"count": 0}, 0), ({"count": 500}, 500)])
def test_processing(status_server: StatusServer, options: dict[str, int], count: int) -> None:
    """Any number of 102, also hundreds; none has a field of the final answer, or the reverse."""
    made = status_server.scenario(102, every=0, **options)
    with Raw(status_server.url) as raw:
        answer = raw.request("GET", path_of(made))

    assert [102] * count == [interim.status for interim in answer.interim]
    assert {b"HTTP/1.1 102 Processing\r\n\r\n"} >= {one.octets for one in answer.interim}
    assert (200, b"what came behind the 102\n") == (answer.status, answer.content)
    assert [102] * count == made.exchanges[0].interim


def test_early_hints(status_server: StatusServer) -> None:
    """The final answer is what it would have been without them."""
    made = status_server.scenario(103, count=2)
    with Raw(status_server.url) as raw:
        answer = raw.request("GET", path_of(made))
        old = raw.request("GET", path_of(made), version="HTTP/1.0")
    links = [interim.header("Link") for interim in answer.interim]

    assert ["</style.css>; rel=preload; as=style"] * 2 == links
    assert answer.header("Link") is None
    assert [] == old.interim
    assert old.content == answer.content


@pytest.mark.parametrize("code", [102, 103])
def test_head_has_interim_responses_too(status_server: StatusServer, code: int) -> None:
    """And the length that GET has, which is known beforehand."""
    made = status_server.scenario(code, every=0)
    with Raw(status_server.url) as raw:
        got, head = (raw.request(method, path_of(made)) for method in ("GET", "HEAD"))

    assert f"{len(got.content)}" == got.header("Content-Length") == head.header("Content-Length")
    assert len(got.interim) == len(head.interim)
    assert b"" == head.content


@pytest.mark.parametrize("code", [102, 103])
def test_spaced(status_server: StatusServer, code: int) -> None:
    """Each is sent at once, not with the final answer."""
    made = status_server.scenario(code, every=30)
    with Raw(status_server.url) as raw:
        raw.send(message("GET", path_of(made)))
        assert not raw.is_silent(5)
        assert raw.is_interim()
        assert raw._until(b"\r\n\r\n").startswith(b"HTTP/1.1 %d " % code)
        assert raw.is_silent(0.02)


def test_hundreds_spaced(status_server: StatusServer) -> None:
    """Each has its time, though there are many."""
    made = status_server.scenario(102, count=300, every=0.0001)
    with Raw(status_server.url) as raw:
        answer = raw.request("GET", path_of(made))

    assert (300, 200) == (len(answer.interim), answer.status)
    assert made.exchanges[0].sent.startswith(answer.interim[0].octets * 300 + b"HTTP/1.1 200 ")


@pytest.mark.parametrize("code", [102, 103])
def test_no_field_leaks(status_server: StatusServer, code: int) -> None:
    """The final answer has those that HTTP/1.0 gets, and no others."""
    made = status_server.scenario(code, every=0)
    with Raw(status_server.url) as raw:
        new = raw.request("GET", path_of(made))
        old = raw.request("GET", path_of(made), version="HTTP/1.0")
    names = [[name for name, _ in one.fields if name != "Connection"] for one in (new, old)]

    assert names[0] == names[1]
    assert (True, []) == (bool(new.interim), old.interim)
    assert not {name for one in new.interim for name, _ in one.fields} & set(names[0])


@pytest.mark.parametrize("code", [102, 103])
def test_what_is_not_a_representation(status_server: StatusServer, code: int) -> None:
    """A condition is met before anything is worked on: 304, with nothing before it."""
    made = status_server.scenario(code, every=0)
    with Raw(status_server.url) as raw:
        tag = raw.request("GET", path_of(made)).header("etag")
        answer = raw.request("GET", path_of(made), f"If-None-Match: {tag}")

    assert (304, []) == (answer.status, answer.interim)


@pytest.mark.parametrize("code", [102, 103])
def test_a_client_that_leaves(status_server: StatusServer, code: int) -> None:
    """Nobody works on for it."""
    made = status_server.scenario(code, every=30)
    with Raw(status_server.url) as raw:
        raw.send(message("GET", path_of(made)))
        assert not raw.is_silent(5)

    assert [499] == [found.logged for found in made.wait(1)]


@pytest.mark.parametrize("code", [102, 103])
def test_what_clients_make_of_it(status_server: StatusServer, code: int) -> None:
    """One of them waits for the final answer; the other takes the interim response for it."""
    made = status_server.scenario(code, every=0)

    assert 200 == httpx.get(made).status_code
    assert code == requests.get(made, timeout=5).status_code


@pytest.mark.parametrize(
    ("code", "options", "message"),
    [
        (100, {"policy": "rude"}, "policy='rude' is none of obey, silent, refuse"),
        (102, {"count": -1}, "count='-1' is no whole number from 0 to 10000"),
        (103, {"every": 61}, "every='61' is no number of seconds from 0 to 60"),
    ],
)
def test_wrong_options(
    status_server: StatusServer, code: int, options: dict[str, object], message: str
) -> None:
    """Fail in the caller's line, and are a 400 by hand."""
    with pytest.raises(ValueError, match=message):
        status_server.scenario(code, **options)
    ((name, value),) = options.items()
    answer = requests.get(status_server.url_for(f"/{code}?{name}={value}"), timeout=5)

    assert 400 == answer.status_code
    assert message in answer.json()["detail"]
