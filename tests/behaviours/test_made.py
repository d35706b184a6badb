"""What a test makes of content and rules: `status_server.resource(content, *rules)`."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from pytest_httpcodes import Generated, Received, Rule, Section, Stage, StatusServer, refuse, rule
from pytest_httpcodes.behaviours.made import Made
from pytest_httpcodes.behaviours.moved import moved
from pytest_httpcodes.behaviours.options import options
from pytest_httpcodes.wire.steps import Pause, Reply
from tests import memory
from tests.asking import ask, statuses
from tests.raw import Raw, exchange, message
from tests.scenarios import path_of


def refusing(code: int, stage: Stage, field: str) -> Rule:
    """Return a rule that refuses requests which have a field."""

    @rule(stage)
    def check(request: Received) -> Reply | None:
        if not request.field(field):
            return None
        return refuse(request, code, f"there is {field}", Section(9110, "15"))

    return check


def counting() -> Rule:
    """Return a rule that says on each answer which one it is, and can forget it."""
    numbers: list[int] = []
    lock = threading.Lock()

    def amend(request: Received, steps: Any) -> Any:
        from pytest_httpcodes import with_fields

        with lock:
            numbers.append(1)
            return with_fields(steps, (("X-Number", f"{len(numbers)}"),))

    return Rule(Stage.LIMIT, lambda request: None, amend, numbers.clear)


@pytest.mark.parametrize(
    ("content", "kind", "octets"),
    [
        (b"x", "application/octet-stream", b"x"),
        ("caf\xe9", "text/plain; charset=utf-8", b"caf\xc3\xa9"),
        ({"a": 1}, "application/json", b'{"a": 1}'),
        ([1], "application/json", b"[1]"),
        (b"", "application/octet-stream", b""),
        (Generated(40), "text/plain; charset=utf-8", b"block 00000000.\noctet 00000010.\noctet 00"),
    ],
)
def test_content(status_server: StatusServer, content: Any, kind: str, octets: bytes) -> None:
    """Octets, text, JSON and generated content each have a type, which may be another."""
    answer = ask(status_server.resource(content))
    typed = ask(status_server.resource(content, type="x/y; z=1"))

    assert (kind, octets) == (answer.header("Content-Type"), answer.content)
    assert ("x/y; z=1", octets) == (typed.header("Content-Type"), typed.content)


def test_large_content(status_server: StatusServer) -> None:
    """Content that is never held is announced, and can be had in parts."""
    url = status_server.resource(Generated(3_000_000))
    whole = ask(url)
    part = ask(url, "Range: bytes=1048560-1048591")

    assert (3_000_000, "3000000") == (len(whole.content), whole.header("Content-Length"))
    assert whole.content[1_048_560:1_048_592] == part.content


def test_conditions_and_ranges(status_server: StatusServer) -> None:
    """A resource is real: its validators hold, and its parts are to be had."""
    url = status_server.resource(b"0123456789", etag='"v1"')
    found = [
        ask(url, *fields).status
        for fields in (
            ('If-None-Match: "v1"',),
            ('If-Match: "v2"',),
            ("Range: bytes=0-1", 'If-Range: "v1"'),
            ("Range: bytes=99-",),
        )
    ]

    assert [304, 412, 206, 416] == found


@pytest.mark.parametrize("etag", ['"v1"', 'W/"v1"', '""', '"a,b"', '"\xe9"', '"a\\"'])
def test_etag(status_server: StatusServer, etag: str) -> None:
    """The entity tag may be any, weak ones, too."""
    assert etag == ask(status_server.resource(b"x", etag=etag)).header("ETag")


@pytest.mark.parametrize(
    "etag", ["v1", "", '"', "'v1'", 'w/"v1"', '"a b"', '"a\nb"', '"a"b"', '"\u2603"', b'"v1"', 1]
)
def test_what_is_no_etag(status_server: StatusServer, etag: Any) -> None:
    """What is no entity tag says how one looks."""
    with pytest.raises(ValueError, match=r"etag=.* is no entity tag; use one such as '\"v1\"'"):
        status_server.resource(b"x", etag=etag)


def test_methods(status_server: StatusServer) -> None:
    """Only the methods that are given are allowed."""
    url = status_server.resource(b"x", methods=["GET", "OPTIONS"])
    found = [ask(url, method=method).status for method in ("GET", "HEAD", "PUT", "OPTIONS")]

    assert [200, 405, 405, 200] == found
    assert "GET, OPTIONS" == ask(url, method="PUT").header("Allow")
    assert (405, "") == (
        (answer := ask(status_server.resource(b"x", methods=()))).status,
        answer.header("Allow"),
    )


@pytest.mark.parametrize("methods", ["GET", ["get"], ["PATCH"], ["GET", "BREW"]])
def test_methods_that_are_none(status_server: StatusServer, methods: Any) -> None:
    """A document has no other methods than those of RFC 9110, 9.3."""
    with pytest.raises(
        ValueError, match=r"is none of GET, HEAD, POST, PUT, DELETE, OPTIONS, TRACE"
    ):
        status_server.resource(b"x", methods=methods)


def test_headers(status_server: StatusServer) -> None:
    """More fields of the 200, and of what else has them; a field that is given wins."""
    url = status_server.resource(
        b"0123", headers=[("Cache-Control", "max-age=9"), ("X-A", "1"), ("X-A", "2")]
    )
    answer = ask(url)

    assert ("max-age=9", "1, 2") == (answer.header("Cache-Control"), answer.header("X-A"))
    assert "max-age=9" == ask(url, "Range: bytes=0-0").header("Cache-Control")
    assert "max-age=9" == ask(url, "If-None-Match: *").header("Cache-Control")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"headers": {"Content-Type": "x/y"}}, "headers: Content-Type is to be given as type="),
        ({"headers": {"etag": '"v1"'}}, "headers: etag is to be given as etag="),
        ({"headers": {"Last-Modified": "x"}}, "headers: Last-Modified is the server's time"),
        ({"headers": {"Accept-Ranges": "none"}}, "headers: Accept-Ranges is what the resource"),
        ({"headers": {"Content-Length": "1"}}, "headers: Content-Length is the server's own"),
        ({"headers": {"A": "b\r\nc"}}, "headers: the value of A"),
        ({"type": "a/b\r\nc"}, "the value of Content-Type is 'a/b"),
        ({"delay": -1}, "delay=-1 is out of range"),
        ({"fault": "odd"}, "odd"),
        ({"at": "head"}, "say which with fault="),
    ],
)
def test_wrong_options(status_server: StatusServer, options: dict[str, Any], message: str) -> None:
    """What is impossible fails at once, in the caller's line."""
    with pytest.raises(ValueError, match=message):
        status_server.resource(b"x", **options)


@pytest.mark.parametrize("content", [1, {1}, object(), {"a": {1}}])
def test_what_is_no_content(status_server: StatusServer, content: Any) -> None:
    """What has no form as octets fails at once."""
    with pytest.raises(ValueError, match=r"content=.*use bytes"):
        status_server.resource(content)


# Rules


def test_rules_combine(status_server: StatusServer) -> None:
    """Each rule does its own, in the order of the stages, however they are given."""
    rules = (
        refusing(415, Stage.CONTENT, "b"),
        refusing(401, Stage.IDENTITY, "a"),
        counting(),
    )
    url = status_server.resource(b"x", *rules)
    answers = [ask(url, *fields) for fields in (("A: 1", "B: 1"), ("B: 1",), ())]

    assert [401, 415, 200] == [answer.status for answer in answers]
    assert ["1", "2", "3"] == [answer.header("X-Number") for answer in answers]


def test_rules_of_rules(status_server: StatusServer) -> None:
    """Rules that belong together may be in tuples and lists, of which nothing is left over."""
    first, second = refusing(401, Stage.IDENTITY, "a"), refusing(415, Stage.CONTENT, "b")
    nested: Any = ((first, ()), [[second]])
    url = status_server.resource(b"x", *nested, iter([moved(302, "/")]))

    assert 302 == ask(url).status
    assert [401, 302] == [ask(url, field).status for field in ("A: 1", "B: 1")]


@pytest.mark.parametrize("wrong", [1, None, refusing, print, (1,), "x", b"x", [[None]]])
def test_what_is_no_rule(status_server: StatusServer, wrong: Any) -> None:
    """What is no rule says what is."""
    with pytest.raises(TypeError, match=r"is no rule; use those of pytest_httpcodes\.rules"):
        status_server.resource(b"x", wrong)


def test_two_calls_share_nothing(status_server: StatusServer) -> None:
    """Each call is a resource of its own."""
    first, second = status_server.resource(b"1"), status_server.resource(b"2")
    ask(first, method="DELETE")

    assert [404, 200] == statuses(first, second)
    assert ([204, 404], [200]) == (first.statuses, second.statuses)


def test_reset(status_server: StatusServer) -> None:
    """What has happened to it is forgotten by `DELETE /journal/...`, also by its rules."""
    url = status_server.resource(b"x", counting())
    ask(url, method="PUT", content=b"other")
    ask(f"{url}/new", method="PUT", content=b"x")
    journal = status_server.url_for(f"/journal{path_of(url)}")

    assert 204 == ask(journal, method="DELETE").status
    answer = ask(url)
    assert (b"x", "1") == (answer.content, answer.header("X-Number"))
    assert 404 == ask(f"{url}/new").status


def test_none(status_server: StatusServer) -> None:
    """Without content it is a 404 until a PUT creates it; the rules are there all the time."""
    url = status_server.resource(None, refusing(401, Stage.IDENTITY, "a"))
    found = [
        ask(url, *fields, method=method, content=b"x" if method == "PUT" else None).status
        for method, fields in (("GET", ()), ("PUT", ("A: 1",)), ("PUT", ()), ("GET", ()))
    ]

    assert [404, 401, 201, 200] == found


def test_the_query_is_the_clients(status_server: StatusServer) -> None:
    """No query sets anything."""
    assert b"x" == ask(f"{status_server.resource(b'x')}?delay=9&odd=1").content


# Answers that are late, or break


def test_delay() -> None:
    """An answer may be late, whatever it is."""
    made = Made(memory.site(), ("resource", "k"), b"x", (), common=options(delay=0.5))
    found = [made.answer(memory.request(target=f"/resource/k{below}")) for below in ("", "/x")]

    assert [Pause(0.5)] * 2 == [memory.steps(answer)[0] for answer in found]


def test_fault(status_server: StatusServer) -> None:
    """An answer may break, whatever it is; members break likewise."""
    url = status_server.resource(b"0123456789", fault="reset", at="content:3")
    broken = exchange(url, message("GET", path_of(url)))
    below = exchange(url, message("GET", f"{path_of(url)}/x"))

    assert broken[0].endswith(b"\r\n\r\n012") or b"" == broken[0]
    assert ("RST", "RST") == (broken[1], below[1])


def test_fault_while_it_streams(status_server: StatusServer) -> None:
    """Content that is never held breaks, too."""
    url = status_server.resource(Generated(3_000_000), fault="close", at="content:2000000")
    octets, how = exchange(url, message("GET", path_of(url)))

    assert 2_000_000 == len(octets.partition(b"\r\n\r\n")[2])
    assert "FIN" == how


def test_errors_explain_themselves(status_server: StatusServer) -> None:
    """As a problem, or as a page."""
    url = status_server.resource(None)
    problem = json.loads(ask(url).content)
    page = ask(url, "Accept: text/html")
    with Raw(url) as raw:
        head = raw.request("HEAD", path_of(url))

    assert (404, None) == (problem["status"], problem["temporary"])
    assert "text/html; charset=utf-8" == page.header("Content-Type")
    assert (404, b"") == (head.status, head.content)
