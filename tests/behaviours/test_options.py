"""What can be asked of an answer, in Python and in a URL."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import pytest

from pytest_httpcodes.behaviours.options import applicable, options
from pytest_httpcodes.server import StatusServer
from tests.raw import Answer, Raw

UTC = timezone.utc
DATES = (
    "Fri, 31 Dec 1999 23:59:59 GMT",
    "Friday, 31-Dec-99 23:59:59 GMT",
    "Fri Dec 31 23:59:59 1999",
)


def ask(server: StatusServer, url: str, method: str = "GET", *fields: str) -> Answer:
    """Send one request to an endpoint, or to a path of the server."""
    with Raw(server.url) as raw:
        return raw.request(method, url.removeprefix(server.url), *fields)


@pytest.mark.parametrize(
    ("kind", "octets", "content"),
    [
        ("application/octet-stream", b"\x00\xff", b"\x00\xff"),
        ("application/octet-stream", b"", b""),
        ("text/plain; charset=utf-8", "\u00fc".encode(), "\u00fc"),
        ("application/json", b'{"id": "c_1"}', {"id": "c_1"}),
        ("application/json", b"[]", []),
    ],
)
def test_content_has_the_type_of_what_was_given(
    server: StatusServer, kind: str, octets: bytes, content: Any
) -> None:
    """Octets, text, or JSON; the code's own explanation is not sent then."""
    answer = ask(server, server.status(404, content=content))

    assert (kind, octets) == (answer.header("content-type"), answer.content)
    assert None is answer.header("vary")


def test_headers_override_those_of_the_code(server: StatusServer) -> None:
    """In any spelling; several lines of one name stay several, in their order."""
    given = [("www-authenticate", "Bearer"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    more = [("content-TYPE", "text/x"), ("Date", "never"), ("Server", "mine"), ("Vary", "*")]
    answer = ask(server, server.status(401, headers=[*given, *more]))

    assert [*given, *more] == [f for f in answer.fields if f[0] != "Content-Length"]


def test_headers_are_a_mapping_or_pairs(server: StatusServer) -> None:
    """Pairs may come from anywhere; a URL has `header` as often as need be."""
    for given in ({"X-A": "1", "X-B": "2"}, (pair for pair in [("X-A", "1"), ("X-B", "2")])):
        answer = ask(server, server.status(200, headers=given))
        assert ["1", "2"] == [answer.header("x-a"), answer.header("x-b")]
    by_url = ask(server, "/status/200?header=X-A:1&header=X-B%20:%20%C3%BC%C2%A0%09")

    assert ["1", "\u00fc\u00a0"] == [by_url.header("x-a"), by_url.header("x-b")]


def test_close_given_as_a_header_closes(server: StatusServer) -> None:
    """`Connection` is the test's to set, and means what it says; without it, nothing closes."""
    with Raw(server.url) as raw:
        raw.request("GET", server.status(408, headers={"Connection": "x"})[len(server.url) :])
        raw.request("GET", server.status(200, headers={"Connection": "close"})[len(server.url) :])

        assert (b"", "FIN") == raw.end()


@pytest.mark.parametrize("value", [0, 7, 10**15 - 1, "0", "007", *DATES])
def test_retry_after_is_sent_as_given(server: StatusServer, value: int | str) -> None:
    """Seconds, or a date in any of the three forms that a client has to know."""
    in_python = ask(server, server.status(503, retry_after=value))
    in_a_url = ask(server, f"/status/503?retry_after={quote(str(value))}")

    assert str(value) == in_python.header("retry-after") == in_a_url.header("retry-after")


def test_a_datetime_is_a_date(server: StatusServer) -> None:
    """In UTC whatever its zone is, and never sooner than asked for."""
    zone = timezone(timedelta(hours=2))
    for expected, moment in (
        ("Fri, 31 Dec 1999 23:59:59 GMT", datetime(2000, 1, 1, 1, 59, 59, tzinfo=zone)),
        ("Sat, 01 Jan 2000 00:00:00 GMT", datetime(1999, 12, 31, 23, 59, 59, 1, tzinfo=UTC)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", datetime.max.replace(tzinfo=timezone.min)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", datetime.min.replace(tzinfo=timezone.max)),
    ):
        assert expected == ask(server, server.status(503, retry_after=moment)).header("retry-after")


def test_a_timedelta_is_a_date_on_the_clock_of_the_server(server: StatusServer) -> None:
    """So far ahead of each answer's own `Date`, also after the clock was moved."""
    hour = timedelta(hours=1)
    url = server.status(503, retry_after=hour)
    for _ in range(3):
        answer = ask(server, url)
        ahead = date(answer, "retry-after") - date(answer, "date")

        assert hour <= ahead <= hour + timedelta(seconds=1)
        server.clock.advance(86_400)


@pytest.mark.parametrize(
    ("expected", "wait"),
    [
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta.max),
        ("Thu, 01 Jan 1970 00:00:00 GMT", timedelta.min),
    ],
)
def test_no_timedelta_is_too_long(server: StatusServer, expected: str, wait: timedelta) -> None:
    """Dates end with the year 9999, and a wait for ever does."""
    assert expected == ask(server, server.status(503, retry_after=wait)).header("retry-after")


def date(answer: Answer, name: str) -> datetime:
    """Return the date in a field."""
    return parsedate_to_datetime(answer.header(name) or "")


@pytest.mark.parametrize("code", [420, 429])
def test_a_rate_limit_says_when_it_ends(server: StatusServer, code: int) -> None:
    """The fields of the draft go with seconds, as structured fields; a date has none."""
    answer = ask(server, server.status(code, retry_after="007"))
    none = ask(server, server.status(code, retry_after=0))
    dated = ask(server, server.status(code, retry_after=DATES[0]))

    assert '"default";q=1;w=7' == answer.header("ratelimit-policy")
    assert '"default";r=0;t=7' == answer.header("ratelimit")
    assert '"default";q=1;w=1' == none.header("ratelimit-policy")
    assert None is dated.header("ratelimit")
    assert None is ask(server, server.status(503, retry_after=7)).header("ratelimit")


@pytest.mark.parametrize(
    ("temporary", "code"), [(True, 402), (True, 413), (True, 500), (True, 404), (False, 410)]
)
def test_retry_after_says_that_it_passes(server: StatusServer, temporary: bool, code: int) -> None:
    """Where the code leaves it open; what is permanent by nature stays so."""
    answer = ask(server, server.status(code, retry_after=1))
    without = ask(server, server.status(code))

    assert temporary is json.loads(answer.content)["temporary"]
    assert True is not json.loads(without.content)["temporary"]


def test_a_delay_comes_before_the_answer(server: StatusServer) -> None:
    """In seconds, before its first octet; nothing of it is in the 200 that follows `times`."""
    url = server.status(102, delay=0.2, times=1)
    with Raw(server.url) as raw:
        started = time.monotonic()
        raw.send(f"GET {url[len(server.url) :]} HTTP/1.1\r\nHost: a\r\n\r\n".encode())

        assert raw.is_silent(0.1)
        assert [102] == [a.status for a in raw.answer().interim]
        assert time.monotonic() - started >= 0.2


def test_a_url_has_every_option(server: StatusServer) -> None:
    """All at once; a blank line of the query is none."""
    query = "times=1&retry_after=2&delay=.0&header=X-Why:%20test&content=busy&&fault=close&at=head"
    with Raw(server.url) as raw:
        raw.send(f"GET /status/503?{query} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        octets, how = raw.end()

    assert "FIN" == how
    assert octets.endswith(b"\r\n\r\n")
    for line in (
        b"503 Service",
        b"Retry-After: 2\r\n",
        b"X-Why: test\r\n",
        b"Content-Length: 4\r\n",
    ):
        assert line in octets
    assert 200 == ask(server, "/status/503").status


def test_a_request_without_a_query_leaves_the_options(server: StatusServer) -> None:
    """What a query set holds for all who use the instance, until another one sets it anew."""
    assert b"a" == ask(server, "/status/503?content=a&retry_after=9").content
    for target in ("/status/503", "/status/503?", "/status/503?&", "/status/503/"):
        assert b"a" == ask(server, target).content
    changed = ask(server, "/status/503?content=b")

    assert (b"b", None) == (changed.content, changed.header("retry-after"))


def test_a_mistake_leaves_the_options(server: StatusServer) -> None:
    """A query that is refused sets nothing."""
    ask(server, "/status/503?content=a")
    assert 400 == ask(server, "/status/503?content=b&delay=never").status

    assert b"a" == ask(server, "/status/503").content


def test_a_key_is_private(server: StatusServer) -> None:
    """Each KEY has options and a count of its own, as has the shared one; what is below is it."""
    for key, content in (("", "shared"), ("/a", "a"), ("/b", "b")):
        ask(server, f"/status/503{key}?content={content}&times=2")

    assert [503, 200] == [ask(server, "/status/503/a/below").status for _ in range(2)]
    assert b"b" == ask(server, "/status/503/b").content
    assert b"shared" == ask(server, "/status/503").content


def test_options_do_not_reset_the_count(server: StatusServer) -> None:
    """The same URL again and again counts on, and so does another number."""
    same = [ask(server, "/status/503/a?times=2").status for _ in range(4)]
    more = [ask(server, "/status/503/a?times=6").status for _ in range(3)]

    assert [503, 503, 200, 200] == same
    assert [503, 503, 200] == more


def test_the_query_of_an_endpoint_made_in_python_is_the_clients(server: StatusServer) -> None:
    """A client may append whatever it likes; the options stay those of the test."""
    url = server.status(503, content=b"mine", times=2)

    assert b"mine" == ask(server, f"{url}?content=theirs&times=9&speed=1").content
    assert b"mine" == ask(server, f"{url}/below?fault=close").content
    assert 200 == ask(server, f"{url}?times=9").status
    assert 3 == len(url.exchanges)


def test_two_endpoints_share_nothing(server: StatusServer) -> None:
    """Not even with the shared instance of the same code."""
    one, two = server.status(503, content=b"1", times=1), server.status(503, content=b"2")

    assert [b"1", b"2"] == [ask(server, one).content, ask(server, two).content]
    assert [200, 503, 503] == [ask(server, url).status for url in (one, two, "/status/503")]


def test_a_script_gives_its_replies_what_is_for_them() -> None:
    """No content and no fault in it where there is none; a wait from 300 on."""
    given = options(times=2, retry_after=3, content="x", fault="truncate", headers={"X": "y"})
    none, some, wait = (applicable(code, given) for code in (204, 200, 503))

    assert (None, None, None) == (none.body, none.fault, none.retry_after)
    assert (given.body, given.fault, None) == (some.body, some.fault, some.retry_after)
    assert 3 == wait.retry_after
    assert {(None, given.headers)} == {(o.times, o.headers) for o in (none, some, wait)}
