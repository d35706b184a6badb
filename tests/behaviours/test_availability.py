"""A server that could answer and does not: 425 500 (RFC 8470, 5; RFC 9110, 15.6.1)."""

from __future__ import annotations

import json
import logging
from typing import Any
from uuid import UUID

import pytest

from pytest_httpcodes import Request, Stage, StatusServer, refuse, rule
from pytest_httpcodes.behaviours.availability import no_early_data
from pytest_httpcodes.resource import Steps
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from tests.asking import ask
from tests.raw import Raw, message
from tests.scenarios import SENDERS, path_of

EARLY = "Early-Data: 1"


class TestTooEarly:
    """425: what may be a replay, and is not safe."""

    @pytest.mark.parametrize(
        ("method", "fields", "status"),
        [
            ("POST", (EARLY,), 425),
            # "Multiple or invalid instances ... MUST be treated as equivalent to a single instance
            # with a value of 1" (RFC 8470, 5.1).
            ("POST", (EARLY, EARLY), 425),
            ("POST", ("Early-Data: 0",), 425),
            ("POST", ("Early-Data:",), 425),
            ("POST", ("early-data: no", EARLY), 425),
            ("PUT", (EARLY,), 425),
            ("DELETE", (EARLY,), 425),
            ("PATCH", (EARLY,), 425),
            ("M-GET", (EARLY,), 510),
            ("GET", (EARLY,), 200),
            ("HEAD", (EARLY,), 200),
            ("OPTIONS", (EARLY,), 200),
            ("TRACE", (EARLY,), 200),
            ("PROPFIND", (EARLY,), 405),
            ("POST", (), 201),
            ("POST", ("X-Early-Data: 1",), 201),
            ("PUT", (), 204),
        ],
    )
    def test_what_may_come_early(
        self, status_server: StatusServer, method: str, fields: tuple[str, ...], status: int
    ) -> None:
        """What is safe may, whatever the field says."""
        assert status == ask(status_server.scenario(425), *fields, method=method).status

    def test_it_says_why(self, status_server: StatusServer) -> None:
        """It is temporary, and can be sent again on the same connection."""
        made = status_server.scenario(425)
        with Raw(made) as raw:
            answer = raw.request("POST", path_of(made), EARLY, content=b"abc")
            again = raw.request("POST", path_of(made), content=b"abc")
        problem = json.loads(answer.content)

        assert [425, 201] == [answer.status, again.status]
        assert ("Too Early", True) == (problem["title"], problem["temporary"])
        assert made.exchanges[0].why.endswith("(RFC 8470, 5.2)")
        page = ask(made, EARLY, "Accept: text/html", method="POST")
        assert b"<h1>425 Too Early</h1>" in page.content

    def test_nothing_is_invited(self, status_server: StatusServer) -> None:
        """The head alone decides."""
        made = status_server.scenario(425)
        with Raw(made) as raw:
            raw.send(
                message("POST", path_of(made), EARLY, "Expect: 100-continue", "Content-Length: 3")
            )
            answer = raw.answer()

        assert (425, [], "close") == (answer.status, answer.interim, answer.header("connection"))

    def test_a_resource_may_be_stricter(self, status_server: StatusServer) -> None:
        """As a scenario, or as a rule; then nothing may come early."""
        made = status_server.scenario(425, safe=0)
        other = status_server.resource("x", no_early_data(safe=False))

        assert [425, 425] == [ask(made, EARLY).status, ask(other, EARLY).status]
        assert [200, 200] == [ask(made).status, ask(other).status]
        assert 425 == ask(status_server.resource("x", no_early_data()), EARLY, method="PUT").status

    def test_by_hand(self, status_server: StatusServer) -> None:
        """A KEY has its own option; a wrong one is named."""
        mine, yours = (status_server.url_for(f"/425/{key}") for key in ("mine", "yours"))

        assert 425 == ask(f"{mine}?safe=0", EARLY).status
        assert [425, 200] == [ask(mine, EARLY).status, ask(yours, EARLY).status]
        assert b"safe='maybe' is no switch" in ask(f"{mine}?safe=maybe").content


class TestInternalServerError:
    """500: a handler that raises."""

    def test_the_client_gets_an_id_and_the_log_the_traceback(
        self, status_server: StatusServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        """By which whoever runs the server finds it; nothing else gets out."""
        made = status_server.scenario(500)
        answer = ask(made)
        problem = json.loads(answer.content)
        (record,) = caplog.records

        assert (500, "Internal Server Error") == (answer.status, answer.reason)
        assert problem["id"] == str(UUID(problem["id"]))
        assert problem["temporary"] is False
        assert b"Traceback" not in answer.content
        assert b"ZeroDivision" not in answer.content
        assert (logging.ERROR, "pytest_httpcodes") == (record.levelno, record.name.split(".")[0])
        assert f"GET {path_of(made)} failed; the client knows it as {problem['id']}" == (
            record.getMessage()
        )
        assert "ZeroDivisionError: division by zero" in caplog.text
        assert made.exchanges[0].why.endswith("(RFC 9110, 15.6.1)")
        assert problem["id"] in made.exchanges[0].why

    def test_it_is_no_fault_of_the_test_server(self, server: StatusServer) -> None:
        """That would be a 590, and fail the test."""
        made = server.scenario(500)
        ask(made)

        assert [] == server.complaints()
        assert made.exchanges[0].failure is None

    def test_each_failure_has_an_id_of_its_own(self, status_server: StatusServer) -> None:
        """On one connection, which goes on."""
        made = status_server.scenario(500)
        with Raw(made) as raw:
            answers = [raw.request("GET", path_of(made)) for _ in range(3)]

        assert 3 == len({json.loads(answer.content)["id"] for answer in answers})

    @pytest.mark.parametrize("accept", ["text/html", "text/plain"])
    def test_people_get_the_id_too(self, status_server: StatusServer, accept: str) -> None:
        """In whatever form."""
        answer = ask(status_server.scenario(500), f"Accept: {accept}")

        assert f"{accept}; charset=utf-8" == answer.header("content-type")
        assert b"the handler failed; the server" in answer.content
        assert b"Traceback" not in answer.content

    @pytest.mark.parametrize(
        "fields",
        [
            ("If-None-Match: *",),
            ('If-Match: "x"',),
            ("If-Modified-Since: Fri, 31 Dec 2999 23:59:59 GMT",),
            ("Range: bytes=0-0",),
            ("Range: bytes=999999-",),
        ],
    )
    @pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
    def test_neither_conditions_nor_ranges_count(
        self, status_server: StatusServer, method: str, fields: tuple[str, ...]
    ) -> None:
        """Those of what would be no 2xx are ignored (RFC 9110, 13.2.1 and 14.2)."""
        made = status_server.scenario(500)
        assert 500 == ask(made, *fields, method=method).status

    def test_the_content_is_read_before_the_handler_fails(
        self, status_server: StatusServer
    ) -> None:
        """So it is invited."""
        made = status_server.scenario(500)
        with Raw(made) as raw:
            raw.send(message("POST", path_of(made), "Expect: 100-continue", "Content-Length: 3"))
            assert 100 == raw._head().status
            raw.send(b"abc")
            assert 500 == raw.answer().status
        assert b"abc" == made.exchanges[0].content

    def test_it_may_get_better(self, status_server: StatusServer) -> None:
        """After so many failures; until then it is said to be temporary."""
        made = status_server.scenario(500, times=2)
        answers = [ask(made), ask(made, method="POST"), ask(made), ask(made, method="POST")]

        assert [500, 500, 200, 201] == made.statuses
        assert json.loads(answers[0].content)["temporary"] is True
        assert 404 == ask(f"{made}/nothing").status

    def test_it_forgets(self, status_server: StatusServer) -> None:
        """With a DELETE of the journal; and two KEYs fail apart."""
        mine, yours = (status_server.url_for(f"/500/{key}?times=1") for key in ("mine", "yours"))
        assert [500, 200, 500] == [ask(url).status for url in (mine, mine, yours)]
        assert 204 == ask(status_server.url_for("/journal/500/mine"), method="DELETE").status

        assert [500, 200] == [ask(url).status for url in (mine, yours)]

    def test_one_that_waits_while_another_fails(self, status_server: StatusServer) -> None:
        """The failure is counted when it happens, and there are no more than were asked for."""
        made = status_server.scenario(500, times=1)
        with Raw(made) as raw:
            raw.send(message("POST", path_of(made), "Expect: 100-continue", "Content-Length: 3"))
            assert 100 == raw._head().status
            assert 500 == ask(made).status
            raw.send(b"abc")
            assert 201 == raw.answer().status

    @pytest.mark.parametrize("client", SENDERS)
    def test_through_clients(self, status_server: StatusServer, client: str) -> None:
        """They get the id."""
        answer = SENDERS[client](Request("GET", status_server.scenario(500)))

        assert 500 == answer.status
        assert UUID(json.loads(answer.content)["id"])

    @pytest.mark.parametrize("wrong", [0, -1, "often", 1.5])
    def test_a_wrong_count(self, status_server: StatusServer, wrong: Any) -> None:
        """Is refused in Python and by hand."""
        complaint = f"times='{wrong}' is no whole number from 1 to 1000000"
        with pytest.raises(ValueError, match=complaint):
            status_server.scenario(500, times=wrong)
        answer = ask(status_server.url_for(f"/500?times={wrong}"))
        assert 400 == answer.status
        assert complaint in json.loads(answer.content)["detail"]

    def test_trigger_and_relief_know_the_options(self, status_server: StatusServer) -> None:
        """Where nothing gets past, there is no relief."""
        made = status_server.scenario(500, times=2)

        assert () == status_server.scenario(500).relief
        assert (Request("GET", made),) * 3 == made.relief


def test_early_data_is_refused_before_anyone_is_known(status_server: StatusServer) -> None:
    """The server's state comes before the client's identity, in whatever order rules are given."""

    @rule(Stage.IDENTITY)
    def nobody(request: Received) -> Steps | None:
        return refuse(request, 403, "nobody may", Section(9110, "15.5.4"))

    made = status_server.resource("x", nobody, no_early_data())

    assert 425 == ask(made, EARLY, method="POST").status
    assert 403 == ask(made, method="POST").status
