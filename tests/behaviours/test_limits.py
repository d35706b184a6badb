"""Content that is too long, or of unknown length: 411 413 (RFC 9110, 15.5.12 and 15.5.14)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import httpx
import pytest
import requests

from pytest_httpcodes import Stage, StatusServer, refuse, rule
from pytest_httpcodes.behaviours.limits import length_required, max_octets
from pytest_httpcodes.resource import Steps
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from tests.asking import ask
from tests.raw import Answer, Raw, message
from tests.scenarios import path_of

CHUNKED = "Transfer-Encoding: chunked"
EXPECT = "Expect: 100-continue"


def chunk(size: int) -> bytes:
    """Return a chunk of so many octets."""
    return b"%x\r\n%b\r\n" % (size, bytes(size))


def by_head(url: str, *fields: str, method: str = "POST", version: str = "HTTP/1.1") -> Answer:
    """Send a head alone, whose content nobody waits for; read the answer and the close."""
    with Raw(url) as raw:
        raw.send(message(method, path_of(url), *fields, version=version, host=raw.host))
        answer = raw.answer(method)
        assert (b"", "FIN") == raw.end()
    return answer


@pytest.fixture(params=["requests", "httpx"])
def post(request: pytest.FixtureRequest) -> Callable[[str, bytes | Iterator[bytes]], int]:
    """Return what posts content through a client, in chunks if it is an iterator."""

    def by_requests(url: str, content: bytes | Iterator[bytes]) -> int:
        with requests.Session() as session:
            session.trust_env = False
            return session.post(url, data=content).status_code

    def by_httpx(url: str, content: bytes | Iterator[bytes]) -> int:
        with httpx.Client(trust_env=False) as client:
            return client.post(url, content=content).status_code

    return by_requests if request.param == "requests" else by_httpx


class TestLengthRequired:
    """411: the length is to be known beforehand."""

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "GET"])
    @pytest.mark.parametrize("expect", [(), (EXPECT,)])
    def test_chunks_are_refused(
        self, status_server: StatusServer, method: str, expect: tuple[str, ...]
    ) -> None:
        """From the head alone, without an invitation, and the connection closes."""
        made = status_server.scenario(411)
        answer = by_head(made, CHUNKED, *expect, method=method)
        problem = json.loads(answer.content)

        assert (411, "close") == (answer.status, answer.header("connection"))
        assert [] == answer.interim
        assert (411, False) == (problem["status"], problem["temporary"])
        assert "Content-Length" in problem["detail"]
        assert made.exchanges[0].why.endswith("(RFC 9110, 15.5.12)")

    def test_a_length_beside_chunks_is_none(self, status_server: StatusServer) -> None:
        """The chunks count: "Transfer-Encoding overrides the Content-Length" (RFC 9112, 6.3)."""
        assert 411 == by_head(status_server.scenario(411), CHUNKED, "Content-Length: 3").status

    def test_content_of_known_length_is_stored(self, status_server: StatusServer) -> None:
        """It is invited, if the client waits for that."""
        made = status_server.scenario(411)
        with Raw(made) as raw:
            raw.send(message("POST", path_of(made), EXPECT, "Content-Length: 3", host=raw.host))
            assert 100 == raw._head().status
            raw.send(b"abc")
            answer = raw.answer()

        assert 201 == answer.status
        assert b"abc" == ask(answer.header("location") or "").content

    @pytest.mark.parametrize(
        ("strict", "method", "fields", "status"),
        [
            (False, "POST", (), 201),
            (False, "PUT", (), 204),
            (True, "POST", (), 411),
            (True, "PUT", (), 411),
            (True, "PATCH", (), 405),
            (True, "POST", ("Content-Length: 0",), 201),
            (True, "PUT", ("Content-Length: 0",), 204),
            (True, "GET", (), 200),
            (True, "DELETE", (), 204),
        ],
    )
    def test_no_content_at_all(
        self,
        status_server: StatusServer,
        strict: bool,
        method: str,
        fields: tuple[str, ...],
        status: int,
    ) -> None:
        """Its length is zero (RFC 9112, 6.3), which only a strict server wants to be told."""
        made = status_server.scenario(411, strict=strict)
        with Raw(made) as raw:
            raw.send(message(method, path_of(made), *fields, host=raw.host))
            answer = raw.answer()

        assert status == answer.status
        assert (status == 411) is (answer.header("connection") == "close")

    def test_http_1_0_has_no_chunks(self, status_server: StatusServer) -> None:
        """And what it does not announce is not there."""
        assert 201 == by_head(status_server.scenario(411), version="HTTP/1.0").status

    def test_the_members_have_the_rule_too(self, status_server: StatusServer) -> None:
        """A PUT in chunks creates none."""
        member = f"{status_server.scenario(411)}/member"

        assert 411 == by_head(member, CHUNKED, method="PUT").status
        assert 404 == ask(member).status

    def test_what_was_sent_is_not_the_next_request(self, status_server: StatusServer) -> None:
        """The content that nobody read could be one."""
        made = status_server.scenario(411)
        inner = message("GET", path_of(made))
        with Raw(made) as raw:
            raw.send(message("POST", path_of(made), CHUNKED))
            raw.send(b"%x\r\n%b\r\n0\r\n\r\n" % (len(inner), inner) + inner)
            assert 411 == raw.answer().status
            assert (b"", "FIN") == raw.end()

        assert [411] == made.statuses

    def test_people_can_read_it(self, status_server: StatusServer) -> None:
        """Whoever prefers HTML gets a page."""
        answer = by_head(status_server.scenario(411), CHUNKED, "Accept: text/html")

        assert "text/html; charset=utf-8" == answer.header("content-type")
        assert b"<h1>411 Length Required</h1>" in answer.content

    def test_through_clients(
        self,
        status_server: StatusServer,
        post: Callable[[str, bytes | Iterator[bytes]], int],
    ) -> None:
        """In chunks and with a length, as they send it themselves."""
        made = status_server.scenario(411)

        assert 411 == post(made, iter([b"a", b"bc"]))
        assert 201 == post(made, b"abc")
        assert [411, 201] == made.statuses

    def test_by_hand(self, status_server: StatusServer) -> None:
        """A KEY has its own options; one that is wrong is named."""
        url = status_server.url_for("/411/mine")
        with Raw(url) as raw:
            raw.send(message("POST", "/411/mine?strict=1", host=raw.host))
            assert 411 == raw.answer().status
        assert 201 == ask(status_server.url_for("/411/yours"), method="POST").status
        wrong = ask(f"{url}?strict=yes")
        assert 400 == wrong.status
        assert b"strict='yes' is no switch; use 1 or 0" in wrong.content
        with pytest.raises(ValueError, match="strict='2' is no switch"):
            status_server.scenario(411, strict=2)

    def test_as_a_rule(self, status_server: StatusServer) -> None:
        """Of any resource."""
        made = status_server.resource("x", length_required(strict=True))

        assert 411 == by_head(made, method="POST").status
        assert 201 == ask(made, method="POST", content=b"").status


class TestContentTooLarge:
    """413: no more than so many octets."""

    @pytest.mark.parametrize("length", ["1025", "2000000"])
    @pytest.mark.parametrize("expect", [(), (EXPECT,)])
    def test_what_is_announced_is_refused_at_once(
        self, status_server: StatusServer, length: str, expect: tuple[str, ...]
    ) -> None:
        """From the head alone, without an invitation, and the connection closes."""
        made = status_server.scenario(413)
        answer = by_head(made, f"Content-Length: {length}", *expect)
        problem = json.loads(answer.content)

        assert (413, "Content Too Large") == (answer.status, answer.reason)
        assert "close" == answer.header("connection")
        assert [] == answer.interim
        assert answer.header("retry-after") is None
        assert (413, False) == (problem["status"], problem["temporary"])
        assert "and 1024 are taken here" in problem["detail"]
        assert made.exchanges[0].why.endswith("(RFC 9110, 15.5.14)")

    def test_what_no_server_takes_is_refused_too(self, status_server: StatusServer) -> None:
        """However many digits its length has; the limit is the server's own then."""
        answer = by_head(status_server.scenario(413), f"Content-Length: {'9' * 40}", EXPECT)

        assert (413, []) == (answer.status, answer.interim)

    def test_up_to_the_limit_it_is_stored(self, status_server: StatusServer) -> None:
        """Announced or in chunks, and the connection goes on."""
        made = status_server.scenario(413)
        with Raw(made) as raw:
            first = raw.request("POST", path_of(made), content=bytes(1024))
            raw.send(message("POST", path_of(made), CHUNKED, host=raw.host))
            raw.send(chunk(1000) + chunk(24) + b"0\r\n\r\n")
            second = raw.answer()
            third = raw.request("GET", path_of(second.header("location") or ""))

        assert [201, 201, 200] == [a.status for a in (first, second, third)]
        assert bytes(1024) == third.content

    @pytest.mark.parametrize(
        "sent",
        [
            chunk(1000) + chunk(25),
            chunk(1024) + b"1\r\nx",
            b"ffffff\r\n" + bytes(1025),
            chunk(2000) + b"0\r\n\r\n",
            chunk(2000) + b"this is no chunk",
        ],
    )
    @pytest.mark.parametrize("expect", [(), (EXPECT,)])
    def test_in_chunks_it_is_refused_as_soon_as_there_is_too_much(
        self, status_server: StatusServer, sent: bytes, expect: tuple[str, ...]
    ) -> None:
        """In the middle of the content, of which more may come or not."""
        made = status_server.scenario(413)
        with Raw(made) as raw:
            raw.send(message("POST", path_of(made), CHUNKED, *expect, host=raw.host))
            if expect:
                assert 100 == raw._head().status
            raw.send(sent)
            answer = raw.answer()
            assert (b"", "FIN") == raw.end()

        assert (413, "close") == (answer.status, answer.header("connection"))
        assert "over 1024 octets" in json.loads(answer.content)["detail"]
        assert made.exchanges[0].why.endswith("(RFC 9110, 15.5.14)")
        assert [100] * len(expect) == made.exchanges[0].interim

    @pytest.mark.parametrize("chunked", [False, True])
    def test_a_client_that_goes_on_sending_gets_to_read_it(
        self, status_server: StatusServer, chunked: bool
    ) -> None:
        """Each of 60: a close at once would reset most of them (RFC 9112, 9.6)."""
        made = status_server.scenario(413)
        size = 10_000
        field = CHUNKED if chunked else f"Content-Length: {4 * size}"
        piece = chunk(size) if chunked else bytes(size)
        for _ in range(60):
            with Raw(made) as raw:
                raw.send(message("POST", path_of(made), field, host=raw.host))
                for _ in range(4):
                    raw.send(piece)
                assert 413 == raw.answer().status
                assert (b"", "FIN") == raw.end()

        assert [413] * 60 == made.statuses

    def test_nothing_at_all_may_be_taken(self, status_server: StatusServer) -> None:
        """Then no content is what is left."""
        made = status_server.scenario(413, max_octets=0)

        assert 413 == by_head(made, "Content-Length: 1").status
        assert 201 == ask(made, method="POST", content=b"").status
        assert 200 == ask(made).status

    @pytest.mark.parametrize("chunked", [False, True])
    def test_a_shortage_may_pass(self, status_server: StatusServer, chunked: bool) -> None:
        """It begins with the first refusal, ends when that said, and is said to be temporary."""
        made = status_server.scenario(413, max_octets=3, retry_after=100)

        def post() -> Answer:
            with Raw(made) as raw:
                field = CHUNKED if chunked else "Content-Length: 4"
                raw.send(message("POST", path_of(made), field, host=raw.host))
                raw.send(chunk(4) + b"0\r\n\r\n" if chunked else bytes(4))
                return raw.answer()

        first = post()
        status_server.clock.advance(60)
        second = post()
        status_server.clock.advance(40)
        third = post()

        assert [413, 413, 201] == [a.status for a in (first, second, third)]
        assert "100" == first.header("retry-after")
        assert 30 < int(second.header("retry-after") or "") <= 40
        assert json.loads(first.content)["temporary"] is True

    def test_a_shortage_that_is_forgotten_begins_anew(self, status_server: StatusServer) -> None:
        """With a DELETE of the journal; for a resource of rules, too."""
        made = status_server.resource("x", max_octets(3, retry_after=100))
        assert 413 == ask(made, method="POST", content=b"abcd").status
        status_server.clock.advance(100)
        assert 201 == ask(made, method="POST", content=b"abcd").status
        journal = status_server.url_for(f"/journal{path_of(made)}")
        assert 204 == ask(journal, method="DELETE").status

        assert "100" == ask(made, method="POST", content=b"abcd").header("retry-after")

    def test_two_limits(self, status_server: StatusServer) -> None:
        """The smaller one is met first."""
        made = status_server.resource("x", max_octets(1000), max_octets(3))
        with Raw(made) as raw:
            raw.send(message("POST", path_of(made), CHUNKED, host=raw.host) + chunk(4))
            assert b"over 3 octets" in raw.answer().content

    def test_who_one_is_comes_first(self, status_server: StatusServer) -> None:
        """An earlier stage's refusal wins, and nothing is invited by either."""

        @rule(Stage.IDENTITY)
        def nobody(request: Received) -> Steps | None:
            return refuse(request, 403, "nobody may", Section(9110, "15.5.4"))

        made = status_server.resource("x", max_octets(3), length_required(), nobody)
        for field in (CHUNKED, "Content-Length: 4"):
            answer = by_head(made, field, EXPECT)
            assert (403, []) == (answer.status, answer.interim)

    def test_chunks_that_are_not_taken_are_not_counted(self, status_server: StatusServer) -> None:
        """Where a length is required, that is what the client is told."""
        made = status_server.resource("x", max_octets(3), length_required())

        assert 411 == by_head(made, CHUNKED).status

    def test_through_clients(
        self,
        status_server: StatusServer,
        post: Callable[[str, bytes | Iterator[bytes]], int],
    ) -> None:
        """With a length; and in chunks, as a generator is sent."""
        made = status_server.scenario(413)

        assert 413 == post(made, bytes(1025))
        assert 413 == post(made, iter([bytes(1000), bytes(25)]))
        assert 201 == post(made, iter([bytes(1000), bytes(24)]))

    @pytest.mark.parametrize("wrong", [-1, 1.5, "many", 2**41])
    def test_a_wrong_limit(self, status_server: StatusServer, wrong: object) -> None:
        """Is refused in Python, as a rule or an option, and by hand."""
        complaint = r"max_octets='.*' is no whole number from 0 to 1099511627776"
        with pytest.raises(ValueError, match=complaint):
            max_octets(wrong)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match=complaint):
            status_server.scenario(413, max_octets=wrong)
        assert 400 == ask(status_server.url_for(f"/413?max_octets={wrong}")).status

    def test_a_wrong_shortage(self, status_server: StatusServer) -> None:
        """Likewise."""
        with pytest.raises(ValueError, match="retry_after='0' is no whole number from 1 to"):
            max_octets(1, retry_after=0)
        assert 400 == ask(status_server.url_for("/413?retry_after=soon")).status

    def test_by_hand(self, status_server: StatusServer) -> None:
        """Each KEY has a limit of its own, which may change."""
        mine, yours = (status_server.url_for(f"/413/{key}") for key in ("mine", "yours"))

        assert 413 == ask(f"{mine}?max_octets=3", method="POST", content=b"abcd").status
        assert 413 == ask(mine, method="POST", content=b"abcd").status
        assert 201 == ask(yours, method="POST", content=b"abcd").status
        assert 201 == ask(f"{mine}?max_octets=4", method="POST", content=b"abcd").status


def test_content_that_goes_wrong_is_answered_by_the_resource() -> None:
    """A malformed chunk, too many trailer fields, a stall: each closes, as it does anywhere."""
    with StatusServer(head_timeout=0.05, max_fields=3) as server:
        made = server.resource("x")
        for sent, status, why, stored in (
            (b"this is no chunk", 400, "RFC 9112, 7.1", None),
            (b"0\r\n" + b"a: b\r\n" * 4, 431, "RFC 6585, 5", "no-store"),
            (b"3\r\na", 408, "RFC 9110, 15.5.9", None),
        ):
            with Raw(made) as raw:
                raw.send(message("POST", path_of(made), CHUNKED, host=raw.host) + sent)
                answer = raw.answer()
                assert (b"", "FIN") == raw.end()
            assert (status, "close") == (answer.status, answer.header("connection"))
            assert stored == answer.header("cache-control")
            assert made.exchanges[-1].why.endswith(f"({why})")
