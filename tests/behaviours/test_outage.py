"""503: a service that is down or has too much to do (RFC 9110, 15.6.4)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.http import parse_date

from pytest_httpcodes import Generated, Request, Stage, StatusServer, refuse, rule
from pytest_httpcodes.behaviours.outage import unavailable
from pytest_httpcodes.endpoint import Endpoint
from pytest_httpcodes.resource import Steps
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from tests.asking import ask
from tests.raw import Raw, message, until
from tests.scenarios import SENDERS, path_of

LONG = 60  # seconds that nobody waits for
MIB = 2**20


def test_it_is_down(status_server: StatusServer) -> None:
    """Whatever is asked, until the test ends; the connection goes on."""
    made = status_server.scenario(503)
    with Raw(made) as raw:
        answers = [raw.request(method, path_of(made)) for method in ("GET", "HEAD", "POST")]
        answers.append(raw.request("GET", f"{path_of(made)}/nothing"))
        again = raw.request("GET", "/status/204")
    problem = json.loads(answers[0].content)

    assert [503] * 4 == [answer.status for answer in answers] == made.statuses
    assert ["1"] * 4 == [answer.header("retry-after") for answer in answers]
    assert b"" == answers[1].content
    assert 204 == again.status
    assert ("Service Unavailable", True) == (problem["title"], problem["temporary"])
    assert "about:blank" == problem["type"]
    assert made.exchanges[0].why.endswith("(RFC 9110, 15.6.4)")
    assert b"<h1>503 Service Unavailable</h1>" in ask(made, "Accept: text/html").content


def test_nothing_is_invited(status_server: StatusServer) -> None:
    """The head alone decides."""
    made = status_server.scenario(503)
    with Raw(made) as raw:
        raw.send(message("POST", path_of(made), "Expect: 100-continue", "Content-Length: 3"))
        answer = raw.answer()

    assert (503, [], "close") == (answer.status, answer.interim, answer.header("connection"))


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
def test_either_version_is_told(status_server: StatusServer, version: str) -> None:
    """And HTTP/1.0 is left with a close."""
    made = status_server.scenario(503)
    with Raw(made) as raw:
        answer = raw.request("GET", path_of(made), version=version)

    assert (503, "1") == (answer.status, answer.header("retry-after"))
    assert (version == "HTTP/1.0") is (answer.header("connection") == "close")


@pytest.mark.parametrize("client", SENDERS)
def test_through_clients(status_server: StatusServer, client: str) -> None:
    """First down, then up."""
    made = status_server.scenario(503, times=1, retry_after=7)
    answers = [SENDERS[client](Request("GET", made)) for _ in "ab"]

    assert [503, 200] == [answer.status for answer in answers]
    assert "7" == answers[0].headers["Retry-After"]


class TestRetryAfter:
    """How long it will take, in all forms that a recipient may get."""

    @pytest.mark.parametrize("seconds", ["0", "1", "007", "120", "999999999999999"])
    def test_seconds(self, status_server: StatusServer, seconds: str) -> None:
        """As they are given."""
        made = status_server.scenario(503, retry_after=seconds)

        assert seconds == ask(made).header("retry-after")

    @pytest.mark.parametrize(
        ("form", "pattern"),
        [
            ("date", "%a, %d %b %Y %H:%M:%S GMT"),
            ("rfc850", "%A, %d-%b-%y %H:%M:%S GMT"),
            ("asctime", "%a %b {day:2} %H:%M:%S %Y"),
        ],
    )
    def test_dates(self, status_server: StatusServer, form: str, pattern: str) -> None:
        """In the three forms that there are, on the server's clock: a second ahead, rounded up."""
        made = status_server.scenario(503, retry_after=form)
        status_server.clock.advance(86_400)
        before = status_server.clock.now()
        told = ask(made).header("retry-after") or ""
        date = parse_date(told)

        assert date is not None
        assert before + 1 <= date.timestamp() <= status_server.clock.now() + 2
        assert date.strftime(pattern.replace("{day:2}", f"{date.day:2}")) == told

    def test_a_date_that_is_past(self, status_server: StatusServer) -> None:
        """By an hour."""
        told = ask(status_server.scenario(503, retry_after="past")).header("retry-after")
        date = parse_date(told)

        assert date is not None
        assert 3599 <= status_server.clock.now() - date.timestamp() <= 3660

    def test_junk(self, status_server: StatusServer) -> None:
        """Which a client ignores."""
        answer = ask(status_server.scenario(503, retry_after="junk"))

        assert "soon" == answer.header("retry-after")

    def test_it_applies_to_a_client_that_knows_it(self, status_server: StatusServer) -> None:
        """The journal tells who did not wait."""
        made = status_server.scenario(503, retry_after=100)
        ask(made)
        ask(made)
        status_server.clock.advance(100)
        ask(made)

        assert made.exchanges[1:2] == made.early


class TestNarrowed:
    """By count, by clock, or both."""

    def test_by_count(self, status_server: StatusServer) -> None:
        """The first so many requests; another KEY counts for itself, and a DELETE forgets."""
        mine, yours = (status_server.url_for(f"/503/{key}?times=2") for key in ("mine", "yours"))
        asked = [ask(url).status for url in (mine, mine, mine, yours)]
        assert 204 == ask(status_server.url_for("/journal/503/mine"), method="DELETE").status

        assert [503, 503, 200, 503] == asked
        assert [503, 503, 200] == [ask(mine).status for _ in range(3)]

    def test_by_clock(self, status_server: StatusServer) -> None:
        """From the first request on; each refusal says what is left of it."""
        made = status_server.scenario(503, until=1000)
        status_server.clock.advance(5000)
        first = ask(made)
        status_server.clock.advance(600)
        second = ask(made)
        status_server.clock.advance(int(second.header("retry-after") or ""))
        third = ask(made)

        assert [503, 503, 200] == [answer.status for answer in (first, second, third)]
        assert "1000" == first.header("retry-after")
        assert 340 < int(second.header("retry-after") or "") <= 400

    def test_by_clock_with_a_date(self, status_server: StatusServer) -> None:
        """The date is the end, rounded up."""
        made = status_server.scenario(503, until=1000, retry_after="date")
        before = status_server.clock.now()
        date = parse_date(ask(made).header("retry-after"))

        assert date is not None
        assert before + 1000 <= date.timestamp() <= status_server.clock.now() + 1001
        status_server.clock.advance(date.timestamp() - status_server.clock.now())
        assert 200 == ask(made).status

    def test_an_end_that_is_set_anew(self, status_server: StatusServer) -> None:
        """It counts from then; one that is merely said again does not."""
        url = status_server.url_for("/503/mine")
        assert 503 == ask(url).status
        status_server.clock.advance(1000)
        assert 503 == ask(f"{url}?until=100").status
        status_server.clock.advance(100)

        assert 200 == ask(f"{url}?until=100").status
        assert 503 == ask(f"{url}?until=200").status
        assert 503 == ask(url).status

    def test_by_both(self, status_server: StatusServer) -> None:
        """Whichever is over first."""
        one = status_server.scenario(503, times=1, until=1000)
        other = status_server.scenario(503, times=5, until=1000)
        assert [503, 200, 503] == [ask(url).status for url in (one, one, other)]
        status_server.clock.advance(1000)

        assert 200 == ask(other).status

    def test_trigger_and_relief_know_the_options(self, status_server: StatusServer) -> None:
        """Where nothing gets past, there is no relief."""

        def both(**options: Any) -> tuple[Endpoint, tuple[Any, ...], tuple[Any, ...]]:
            made = status_server.scenario(503, **options)
            return made, made.trigger, made.relief

        url, trigger, relief = both()
        assert ((Request("GET", url),), ()) == (trigger, relief)
        url, trigger, relief = both(times=2)
        assert ((Request("GET", url),), (Request("GET", url),) * 3) == (trigger, relief)
        url, trigger, relief = both(until=5)
        assert (Request("GET", url), Request("GET", url, pause=5.0)) == relief
        url, trigger, relief = both(at_once=2)
        assert ((Request("GET", url),) * 3, (Request("GET", url),)) == (trigger, relief)
        url, trigger, relief = both(at_once=0)
        assert ((Request("GET", url),), ()) == (trigger, relief)


class TestAtOnce:
    """Real concurrency: only what comes while others are served."""

    def test_only_more_are_refused(self, status_server: StatusServer) -> None:
        """Of two at once, a third; when one of them leaves, there is a place again."""
        url = status_server.url_for("/503/mine")
        target = f"/503/mine?at_once=2&hold={LONG}"
        with Raw(url) as first:
            first.send(message("GET", target))
            with Raw(url) as second:
                second.send(message("GET", target))
                held(status_server, 2)
                refused = ask(url)
                problem = json.loads(refused.content)
                assert (503, "1") == (refused.status, refused.header("retry-after"))
            until(lambda: 200 == ask(f"{url}?at_once=2&hold=0").status)
            assert first.is_silent(0.01)

        assert '"at-once";q=2;qu="concurrent-requests"' == refused.header("ratelimit-policy")
        assert ["at-once"] == problem["violated-policies"]
        assert problem["type"].endswith("http-problem-types#temporary-reduced-capacity")
        assert "2 requests are being served, and no more at once" == problem["detail"]

    def test_who_is_served_is_served_after_a_while(self, status_server: StatusServer) -> None:
        """The answer is that of the resource, with its length."""
        made = status_server.scenario(503, at_once=1, hold=0.05)
        answer = ask(made)

        assert (200, b"the service is up\n") == (answer.status, answer.content)
        assert f"{len(answer.content)}" == answer.header("content-length")
        assert answer.header("transfer-encoding") is None
        assert [200] == made.statuses

    @pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT"])
    def test_who_has_the_answer_finds_the_place_free(
        self, status_server: StatusServer, version: str, method: str
    ) -> None:
        """At once, on another connection, while the first one is still open."""
        made = status_server.scenario(503, at_once=1, hold=0)
        open_ones = [Raw(made) for _ in range(20)]
        for raw in open_ones:
            raw.send(message(method, path_of(made), version=version, host=raw.host))
            assert raw.answer(method).status in (200, 204)
        for raw in open_ones:
            raw.sock.close()

        assert 503 not in made.statuses

    def test_a_large_answer_holds_its_place(self, status_server: StatusServer) -> None:
        """While it is sent, since its client may be slow; when it leaves, the place is free."""
        made = status_server.resource(Generated(64 * MIB), unavailable(at_once=1, hold=0))
        with Raw(made) as slow:
            slow.send(message("GET", path_of(made), host=slow.host))
            head = slow._head()
            assert 503 == ask(made).status
            assert f"{64 * MIB}" == head.header("content-length")
        until(lambda: 200 == ask(made, method="HEAD").status)

    def test_a_large_answer_is_whole(self, status_server: StatusServer) -> None:
        """And its place is free when its client has all of it."""
        made = status_server.resource(Generated(2 * MIB + 7), unavailable(at_once=1, hold=0))
        answers = [ask(made), ask(made)]

        assert [200, 200] == [answer.status for answer in answers]
        whole = b"".join(Generated(2 * MIB + 7).read(0, 2 * MIB + 7))
        assert [True, True] == [whole == answer.content for answer in answers]

    def test_a_client_that_leaves_in_its_content_frees_its_place(
        self, status_server: StatusServer
    ) -> None:
        """No answer was made for it yet."""
        made = status_server.scenario(503, at_once=1, hold=0)
        with Raw(made) as raw:
            fields = ("Expect: 100-continue", "Content-Length: 3")
            raw.send(message("POST", path_of(made), *fields, host=raw.host))
            assert 100 == raw._head().status
            assert 503 == ask(made).status

        until(lambda: 200 == ask(made).status)

    def test_malformed_content_frees_its_place(self, status_server: StatusServer) -> None:
        """Its answer is a 400, which is held as any other."""
        made = status_server.scenario(503, at_once=1, hold=0)
        with Raw(made) as raw:
            raw.send(message("POST", path_of(made), "Transfer-Encoding: chunked") + b"junk")
            assert 400 == raw.answer().status
            assert 200 == ask(made).status

    def test_a_fault_of_a_rule_frees_its_place(self, server: StatusServer) -> None:
        """Which the test is told of, and which is no reason to be down for ever."""

        @rule(Stage.RESULT)
        def broken(request: Received) -> None:
            if request.head.method == "POST":
                raise RuntimeError("no")

        made = server.resource("x", unavailable(at_once=1, hold=0), broken)

        assert 590 == ask(made, method="POST").status
        until(lambda: 200 == ask(made).status)

    def test_nobody_may_be_served_at_all(self, status_server: StatusServer) -> None:
        """Then it is down."""
        made = status_server.scenario(503, at_once=0)

        assert [503, 503] == [ask(made).status, ask(made).status]

    def test_it_may_be_over(self, status_server: StatusServer) -> None:
        """By count, even while others are held."""
        url = status_server.url_for("/503/mine")
        with Raw(url) as raw:
            raw.send(message("GET", f"/503/mine?at_once=1&hold={LONG}"))
            held(status_server, 1)

            assert [503, 200] == [ask(f"{url}?at_once=1&hold=0&times=1").status for _ in "ab"]

    def test_an_outage_comes_before_who_one_is(self, status_server: StatusServer) -> None:
        """And a refusal by another rule holds its place, too."""

        @rule(Stage.IDENTITY)
        def nobody(request: Received) -> Steps | None:
            return refuse(request, 403, "nobody may", Section(9110, "15.5.4"))

        made = status_server.resource("x", nobody, unavailable(at_once=1, hold=LONG))
        with Raw(made) as raw:
            raw.send(message("GET", path_of(made), host=raw.host))
            held(status_server, 1)

            assert 503 == ask(made).status


def held(server: StatusServer, count: int) -> None:
    """Block until so many requests are held."""
    until(lambda: count == len(server.journal.exchanges))
    # Those that are being decided are waited for; those that pause are not.
    assert [None] * count == [exchange.finished for exchange in server.journal.exchanges]


def test_as_a_rule(status_server: StatusServer) -> None:
    """With the same options; all of them may be left out."""
    made = status_server.resource("x", unavailable())
    later = status_server.resource("x", unavailable(until=1000, retry_after=5))
    twice = status_server.resource("x", unavailable(times=2, retry_after="junk"))

    assert (503, "1") == (ask(made).status, ask(made).header("retry-after"))
    assert "5" == ask(later).header("retry-after")
    assert ["soon", "soon", None] == [ask(twice).header("retry-after") for _ in range(3)]
    journal = status_server.url_for(f"/journal{path_of(twice)}")
    assert 204 == ask(journal, method="DELETE").status
    assert 503 == ask(twice).status
    status_server.clock.advance(1000)
    assert [503, 200] == [ask(made).status, ask(later).status]


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"times": 0}, "times='0' is no whole number from 1 to 1000000"),
        ({"until": -1}, "until='-1' is no number of seconds from 0 to"),
        ({"until": "noon"}, "until='noon' is no number of seconds"),
        ({"at_once": -1}, "at_once='-1' is no whole number from 0 to 10000"),
        ({"hold": 61}, "hold='61' is no number of seconds from 0 to 60"),
        ({"retry_after": "soon"}, "retry_after='soon' is neither a number of seconds nor one of "),
        ({"retry_after": -1}, "retry_after='-1' is neither"),
        ({"retry_after": 1.5}, "retry_after='1.5' is neither"),
        ({"retry_after": 10**15}, "is neither a number of seconds nor one of date, rfc850, "),
        ({"retry_after": "²"}, "is neither a number"),
    ],
)
def test_a_wrong_option(status_server: StatusServer, given: dict[str, Any], complaint: str) -> None:
    """Is refused in Python, as a rule or an option, and by hand."""
    with pytest.raises(ValueError, match=complaint):
        unavailable(**given)
    with pytest.raises(ValueError, match=complaint):
        status_server.scenario(503, **given)
    ((name, value),) = given.items()
    answer = ask(status_server.url_for(f"/503?{name}={value}".replace("²", "%C2%B2")))
    assert 400 == answer.status
    assert complaint in json.loads(answer.content)["detail"]
