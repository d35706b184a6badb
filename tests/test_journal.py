"""The journal: exchanges in order of arrival, and the questions a test asks of them."""

from __future__ import annotations

import math
import threading
import time
from datetime import timedelta
from unittest.mock import patch

import pytest

from pytest_httpcodes import (
    Close,
    Content,
    Exchange,
    Head,
    NotKept,
    Pause,
    Stall,
    StatusServer,
    Steps,
    journal,
)
from tests.raw import Raw, message


def test_a_fresh_journal_is_empty(server: StatusServer) -> None:
    """Nothing has happened before the first request."""
    assert [] == list(server.journal)
    assert 0 == len(server.journal)
    assert [] == server.journal.gaps
    assert [] == server.journal.early


def test_an_exchange_has_the_request_as_received(server: StatusServer) -> None:
    """Method, target, version, fields in their spelling, content and the head's octets."""
    octets = message("POST", "/status/201?times=1", "X-Why: a  b", "x-why: c", content=b"hello")
    with Raw(server.url) as raw:
        raw.send(octets)
        raw.answer()

    found = server.journal[0]
    assert ("POST", "/status/201?times=1", "HTTP/1.1") == (
        found.method,
        found.target,
        found.version,
    )
    assert ["a  b", "c"] == found.headers.getlist("X-WHY")
    assert [("X-Why", "a  b"), ("x-why", "c")] == [
        pair for pair in found.headers if pair[0].lower() == "x-why"
    ]
    assert b"hello" == found.content
    assert octets.removesuffix(b"hello") == found.raw_head


def test_an_exchange_has_the_answer_as_sent(server: StatusServer) -> None:
    """Interim codes, final status, fields, all octets and the reason."""
    with Raw(server.url) as raw:
        answer = raw.request("GET", "/status/103")

    found = server.journal[0]
    assert [103] == found.interim
    assert 200 == found.status == found.logged
    assert answer.header("etag") == found.response_headers["ETag"]
    assert answer.interim[0].octets + answer.octets == found.sent
    assert "103 was asked for (RFC 8297, 2)" == found.why
    assert found.failure is None


def test_connection_and_number_tell_reuse(server: StatusServer) -> None:
    """Exchanges are numbered on their connection, and connections in order."""
    with Raw(server.url) as first:
        first.request("GET", "/status/200")
        first.request("GET", "/status/200")
        with Raw(server.url) as second:
            second.request("GET", "/status/200")

    assert [(1, 1), (1, 2), (2, 1)] == [(e.connection, e.number) for e in server.journal]


def test_an_exchange_is_complete_before_the_client_has_the_answer(server: StatusServer) -> None:
    """A test that has the last octet never sees an unfinished exchange."""
    endpoint = server.status(200)
    with Raw(server.url) as raw:
        for count in range(1, 201):
            raw.request("GET", endpoint[len(server.url) :])
            # Not through the endpoint, which would wait.
            found = server.journal.after(0)

            assert count == len(found)
            assert found[-1].finished is not None


def test_a_reader_waits_for_an_answer_that_is_being_made(server: StatusServer) -> None:
    """An open exchange is finished, if that happens within a second."""
    entered, leave = threading.Event(), threading.Event()

    def slow(request: object) -> int:
        entered.set()
        leave.wait(5)
        return 204

    endpoint = server.script(slow)
    with Raw(server.url) as raw:
        raw.send(message("GET", endpoint[len(server.url) :]))
        assert entered.wait(5)
        threading.Timer(0.05, leave.set).start()

        assert [204] == endpoint.statuses


def test_a_reader_does_not_wait_for_ever(server: StatusServer) -> None:
    """An exchange that stays open is shown as it is, after the reader's patience."""
    entered, leave = threading.Event(), threading.Event()

    def stuck(request: object) -> int:
        entered.set()
        leave.wait(5)
        return 204

    endpoint = server.script(stuck)
    with Raw(server.url) as raw, patch.object(journal, "PATIENCE", 0.01):
        raw.send(message("GET", endpoint[len(server.url) :]))
        assert entered.wait(5)

        assert [None] == endpoint.statuses
        assert endpoint.exchanges[0].finished is None
        leave.set()
        raw.answer()


@pytest.mark.parametrize("step", [Stall(), Steps(Pause(30), Close())])
def test_a_reader_does_not_wait_for_what_itself_waits(server: StatusServer, step: object) -> None:
    """A stalled or pausing exchange is shown at once, as unfinished."""
    endpoint = server.script(step)
    with Raw(server.url) as raw, patch.object(journal, "PATIENCE", 60.0):
        raw.send(message("GET", endpoint[len(server.url) :]))
        while not endpoint.exchanges:
            pass

        assert [None] == endpoint.statuses
        assert endpoint.exchanges[0].finished is None
        assert "no answer yet" in repr(endpoint.exchanges[0])


def test_gaps_are_between_an_answer_and_the_next_request(server: StatusServer) -> None:
    """One fewer than exchanges, in real seconds, and at least as long as the client waited."""
    endpoint = server.status(503)
    with Raw(server.url) as raw:
        raw.request("GET", endpoint[len(server.url) :])
        time.sleep(0.05)
        raw.request("GET", endpoint[len(server.url) :])

    assert 1 == len(endpoint.gaps)
    assert endpoint.gaps[0] >= 0.05


def test_a_gap_after_an_unfinished_answer_is_no_number(server: StatusServer) -> None:
    """Nobody can say how long the client waited after an answer that never came."""
    endpoint = server.script(Stall(), 200)
    with Raw(server.url) as first, Raw(server.url) as second:
        first.send(message("GET", endpoint[len(server.url) :]))
        while not endpoint.exchanges:
            pass
        second.request("GET", endpoint[len(server.url) :])

        (gap,) = endpoint.gaps
        assert math.isnan(gap)


@pytest.mark.parametrize(
    ("retry_after", "advance", "early"),
    [
        (None, 0, 0),
        (0, 0, 0),
        (60, 0, 1),
        (60, 59, 1),
        (60, 60, 0),
        (timedelta(seconds=60), 0, 1),
        (timedelta(seconds=60), 58, 1),
        (timedelta(seconds=60), 61, 0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0, 0),
    ],
)
def test_early_is_what_came_before_retry_after_allowed(
    server: StatusServer, retry_after: object, advance: float, early: int
) -> None:
    """Judged by the server's clock, in seconds and as a date (RFC 9110, 10.2.3)."""
    endpoint = server.script(503, 200, retry_after=retry_after)  # type: ignore[arg-type]
    with Raw(server.url) as raw:
        raw.request("GET", endpoint[len(server.url) :])
        server.clock.advance(advance)
        raw.request("GET", endpoint[len(server.url) :])

    assert endpoint.exchanges[1:][: len(endpoint.early)] == endpoint.early
    assert early == len(endpoint.early)


def test_junk_in_retry_after_makes_nothing_early(server: StatusServer) -> None:
    """A value that is neither seconds nor a date is none."""
    endpoint = server.script((503, {"Retry-After": "soon"}), 200)
    with Raw(server.url) as raw:
        raw.request("GET", endpoint[len(server.url) :])
        raw.request("GET", endpoint[len(server.url) :])

    assert [] == endpoint.early


def test_an_absurd_retry_after_is_never_over(server: StatusServer) -> None:
    """However many digits it has, nothing breaks."""
    endpoint = server.script((503, {"Retry-After": "9" * 5000}), 200)
    with Raw(server.url) as raw:
        raw.request("GET", endpoint[len(server.url) :])
        raw.request("GET", endpoint[len(server.url) :])

    assert 1 == len(endpoint.early)


def test_header_is_the_request_fields_value_in_each_exchange(server: StatusServer) -> None:
    """None where the field was absent; the name in any case."""
    endpoint = server.status(200)
    with Raw(server.url) as raw:
        raw.request("GET", endpoint[len(server.url) :], "Authorization: Basic eA==")
        raw.request("GET", endpoint[len(server.url) :])

    assert ["Basic eA==", None] == endpoint.header("authorization")


def test_wait_returns_the_finished_ones(server: StatusServer) -> None:
    """It blocks until there are so many."""
    endpoint = server.status(200)

    def client() -> None:
        with Raw(server.url) as raw:
            for _ in range(3):
                raw.request("GET", endpoint[len(server.url) :])

    thread = threading.Thread(target=client)
    thread.start()
    found = endpoint.wait(3)
    thread.join()

    assert [200, 200, 200] == [exchange.status for exchange in found]


def test_wait_says_what_came_when_time_is_up(server: StatusServer) -> None:
    """The error names the exchanges that there were."""
    endpoint = server.status(404)
    with Raw(server.url) as raw:
        raw.request("GET", endpoint[len(server.url) :])

    with pytest.raises(
        TimeoutError, match=r"2 exchanges were to finish within 0.01 s; .*GET /status/404.*-> 404"
    ):
        endpoint.wait(2, timeout=0.01)


def test_wait_says_that_nothing_came(server: StatusServer) -> None:
    """Without a proxy setting there is no more to say."""
    with (
        patch.dict("os.environ", {}, clear=True),
        pytest.raises(TimeoutError, match="; nothing came$"),
    ):
        server.journal.wait(1, timeout=0.01)


def test_wait_names_a_proxy_that_catches_the_requests(server: StatusServer) -> None:
    """A proxy setting of the environment is the likeliest reason why nothing came."""
    settings = {"http_proxy": "http://proxy.example:3128"}
    with (
        patch.dict("os.environ", settings, clear=True),
        pytest.raises(TimeoutError, match="to the proxy http://proxy.example:3128.*NO_PROXY"),
    ):
        server.status(200).wait(1, timeout=0.01)


def test_wait_knows_what_no_proxy_keeps(server: StatusServer) -> None:
    """A proxy that is not used for this address is not named."""
    settings = {"http_proxy": "http://proxy.example:3128", "no_proxy": "127.0.0.1"}
    with (
        patch.dict("os.environ", settings, clear=True),
        pytest.raises(TimeoutError, match="; nothing came$"),
    ):
        server.status(200).wait(1, timeout=0.01)


def test_settle_returns_when_nothing_more_comes(server: StatusServer) -> None:
    """That is how a test says: it did not retry."""
    endpoint = server.status(503)
    with Raw(server.url) as raw:
        raw.request("POST", endpoint[len(server.url) :], content=b"x")

    before = time.monotonic()
    assert [503] == [exchange.status for exchange in endpoint.settle(quiet=0.05)]
    assert time.monotonic() - endpoint.exchanges[0].started >= 0.05
    assert before <= time.monotonic()


def test_settle_without_any_request_waits_for_one(server: StatusServer) -> None:
    """Silence counts from the call if nothing has ever come."""
    before = time.monotonic()

    assert [] == server.journal.settle(quiet=0.05)
    assert time.monotonic() - before >= 0.05


def test_settle_fails_when_it_never_gets_quiet(server: StatusServer) -> None:
    """A client that goes on is told of."""
    endpoint = server.status(503)
    stop = threading.Event()

    def client() -> None:
        with Raw(server.url) as raw:
            while not stop.is_set():
                raw.request("GET", endpoint[len(server.url) :])

    thread = threading.Thread(target=client)
    thread.start()
    with pytest.raises(TimeoutError, match=r"nothing was to come for 5 s, within 0.1 s; what came"):
        endpoint.settle(quiet=5, timeout=0.1)
    stop.set()
    thread.join()


def test_content_beyond_keep_octets_is_not_kept() -> None:
    """Reading it names the option that would keep it."""
    with StatusServer(keep_octets=10) as server:
        with Raw(server.url) as raw:
            raw.request("POST", "/status/200", content=b"x" * 11)

        with pytest.raises(NotKept, match=r"content .* has 11 octets .*keep_octets=11"):
            _ = server.journal[0].content


def test_an_answer_beyond_keep_octets_is_not_kept() -> None:
    """Its head is: the fields of the answer can still be read."""
    with StatusServer(keep_octets=1000) as server:
        endpoint = server.status(200, content=b"x" * 100_000)
        with Raw(server.url) as raw:
            raw.request("GET", endpoint[len(server.url) :])

        with pytest.raises(NotKept, match="answer has .* octets and was not kept"):
            _ = endpoint.exchanges[0].sent
        assert "100000" == endpoint.exchanges[0].response_headers["Content-Length"]


def test_a_journal_keeps_so_many_exchanges(server: StatusServer) -> None:
    """Beyond that the oldest go, and asking for them says so."""
    with patch.object(journal, "KEEP_EXCHANGES", 2), Raw(server.url) as raw:
        for _ in range(3):
            raw.request("GET", "/status/200")

        assert 1 == server.journal.dropped
        assert 3 == server.journal.position
        with pytest.raises(NotKept, match="keeps 2 exchanges; 1 more came"):
            _ = server.journal.exchanges


def test_a_journal_keeps_so_many_octets_in_all(server: StatusServer) -> None:
    """Beyond that the older exchanges let go of theirs, and reading them says so."""
    with patch.object(journal, "KEEP_ALL", 20_000), Raw(server.url) as raw:
        for _ in range(4):
            raw.request("POST", "/status/200", content=b"x" * 6000)

    with pytest.raises(NotKept, match="6000 octets and was not kept; a journal lets go of the old"):
        _ = server.journal[0].content
    assert "7" == server.journal[0].response_headers["Content-Length"]
    assert b"x" * 6000 == server.journal[3].content


def test_what_is_sent_in_pieces_is_kept_up_to_a_limit() -> None:
    """The head, and then nothing of what is too much."""
    with StatusServer(keep_octets=100_000) as server:
        endpoint = server.script(Steps(Head(200), *[Content(b"x" * 70_000)] * 3))
        with Raw(server.url) as raw:
            raw.request("GET", endpoint[len(server.url) :])

        with pytest.raises(NotKept, match="keep_octets=2101"):
            _ = endpoint.exchanges[0].sent
        assert "210000" == endpoint.exchanges[0].response_headers["Content-Length"]


def test_after_is_what_came_since_a_position(server: StatusServer) -> None:
    """A position is a count of all that came, whatever was forgotten since."""
    with Raw(server.url) as raw:
        raw.request("GET", "/status/200")
        position = server.journal.position
        raw.request("GET", "/status/201")
        server.journal.forget(lambda exchange: exchange.status == 200)

        assert [201] == [exchange.status for exchange in server.journal.after(position)]
        assert [201] == server.journal.statuses


def test_a_client_that_leaves_is_logged_as_499(server: StatusServer) -> None:
    """As nginx does: no status was sent, and the failure says why."""
    endpoint = server.script(Stall())
    with Raw(server.url) as raw:
        raw.send(message("GET", endpoint[len(server.url) :]))
        while not endpoint.exchanges:
            pass
    (found,) = endpoint.wait(1)

    assert (None, 499) == (found.status, found.logged)
    assert found.failure is not None
    assert "the client closed the connection" in found.failure


def test_a_slice_of_the_journal_is_a_list(server: StatusServer) -> None:
    """The journal is a sequence."""
    with Raw(server.url) as raw:
        for code in (200, 201, 202):
            raw.request("GET", f"/status/{code}")

    assert [201, 202] == [exchange.status for exchange in server.journal[1:]]


def test_the_log_gets_each_finished_exchange(server: StatusServer) -> None:
    """Once each, when it is complete."""
    logged: list[int | None] = []
    server.journal.log = lambda exchange: logged.append(exchange.status)
    with Raw(server.url) as raw:
        raw.request("GET", "/status/200")
        raw.request("GET", "/status/404")

    assert [200, 404] == logged


@pytest.mark.parametrize("target", ["/journal", "/%6Aournal", "http://example.org/journal/x"])
def test_the_journal_is_not_in_itself(server: StatusServer, target: str) -> None:
    """However its path is written."""
    with Raw(server.url) as raw:
        assert 200 == raw.request("GET", target).status

    assert [] == list(server.journal)


def test_what_only_looks_like_the_journal_is_in_it(server: StatusServer) -> None:
    """A path with the word in it is as any other."""
    with Raw(server.url) as raw:
        raw.request("GET", "/status/200/journal")

    assert [200] == server.journal.statuses


def test_an_exchange_finishes_once(server: StatusServer) -> None:
    """What is noted of it afterwards neither reopens nor logs it again."""
    logged: list[Exchange] = []
    server.journal.log = logged.append
    found = server.journal.record(1, 1, time.monotonic())
    found.finish()
    finished = found.finished
    found.waiting(False)
    found.gone()

    assert not found.is_open
    assert finished == found.finished
    assert [found] == logged
