"""How often a resource may be asked, 429 and 420, and what every answer says of it."""

from __future__ import annotations

import json
import re
from typing import Any

import http_sf
import pytest
from werkzeug.http import parse_date

from pytest_httpcodes import Received, Request, Stage, StatusServer, refuse, rule
from pytest_httpcodes.behaviours.document import Document
from pytest_httpcodes.behaviours.limits import max_octets
from pytest_httpcodes.behaviours.rate import rate_limit
from pytest_httpcodes.behaviours.representation import represent
from pytest_httpcodes.endpoint import Endpoint
from pytest_httpcodes.resource import Steps
from pytest_httpcodes.section import Section
from tests import memory
from tests.asking import ask
from tests.raw import Answer, Raw, message
from tests.scenarios import SENDERS, path_of

HOUR = 3600


def limit(answer: Answer) -> dict[str, Any]:
    """Return the parameters of the one policy's `RateLimit`, with `name`."""
    ((name, parameters),) = parsed(answer, "ratelimit")
    return {"name": name, **parameters}


def parsed(answer: Answer, name: str) -> Any:
    """Return the members of a field, as another implementation of RFC 9651 reads them."""
    return http_sf.parse((answer.header(name) or "").encode(), tltype="list")


def wait_of(answer: Answer) -> int:
    """Return the seconds that `Retry-After` has."""
    return int(answer.header("retry-after") or "")


@pytest.mark.parametrize("code", [420, 429])
def test_one_request_a_second_is_served(status_server: StatusServer, code: int) -> None:
    """If nothing else is said; the 200 says so."""
    answer = ask(status_server.scenario(code))

    assert (200, "no-cache") == (answer.status, answer.header("cache-control"))
    assert '"default";q=1;w=1' == answer.header("ratelimit-policy")
    assert '"default";r=0;t=1' == answer.header("ratelimit")
    assert answer.header("retry-after") is None


@pytest.mark.parametrize("code", [420, 429])
def test_a_request_too_many_is_refused(status_server: StatusServer, code: int) -> None:
    """With all that the fields can say; after the wait there is a 200 again."""
    made = status_server.scenario(code, per=HOUR)
    ask(made)
    answer = ask(made)
    status_server.clock.advance(wait_of(answer))
    ask(made)

    assert [200, code, 200] == made.statuses
    assert f'"default";q=1;w={HOUR}' == answer.header("ratelimit-policy")
    assert 0 == limit(answer)["r"]
    assert HOUR - 60 < limit(answer)["t"] <= wait_of(answer) <= HOUR
    assert "no-store" == answer.header("cache-control")
    assert made.exchanges[1].why.endswith("(RFC 6585, 4)")
    assert [] == made.early


@pytest.mark.parametrize("code", [420, 429])
def test_the_problem_names_the_policy(status_server: StatusServer, code: int) -> None:
    """By the type that the draft registers; it is a temporary one."""
    made = status_server.scenario(code, per=HOUR)
    ask(made)
    answer = ask(made)
    problem = json.loads(answer.content)

    assert "application/problem+json" == answer.header("content-type")
    assert "https://iana.org/assignments/http-problem-types#quota-exceeded" == problem["type"]
    assert ["default"] == problem["violated-policies"]
    assert (code, answer.reason, True) == (
        problem["status"], problem["title"], problem["temporary"],
    )  # fmt: skip
    assert "there were more requests than 1 in 3600 s" == problem["detail"]
    page = ask(made, "Accept: text/html")
    assert f"<h1>{code} {answer.reason}</h1>".encode() in page.content


def test_every_answer_says_what_is_left(status_server: StatusServer) -> None:
    """Whatever its code and method; and none counts that was refused."""
    made = status_server.scenario(429, requests=5, per=HOUR)
    served = [("GET", ""), ("HEAD", ""), ("PATCH", ""), ("GET", "/nothing"), ("OPTIONS", "")]
    asked = [*served, ("GET", ""), ("HEAD", ""), ("GET", "/nothing")]
    with Raw(made) as raw:
        answers = [raw.request(method, path_of(made) + below) for method, below in asked]

    assert [200, 200, 405, 404, 200, 429, 429, 429] == [answer.status for answer in answers]
    assert [4, 3, 2, 1, 0, 0, 0, 0] == [limit(answer)["r"] for answer in answers]
    for answer in answers:
        assert f'"default";q=5;w={HOUR}' == answer.header("ratelimit-policy")
        assert HOUR - 60 < limit(answer)["t"] <= HOUR
    assert all(wait_of(answer) >= limit(answer)["t"] for answer in answers[5:])
    assert b"" == answers[6].content


def test_a_token_is_back_a_window_after_it_was_taken(status_server: StatusServer) -> None:
    """So no hour has more than so many, wherever it starts."""
    made = status_server.scenario(429, requests=2, per=HOUR)
    ask(made)
    status_server.clock.advance(HOUR // 2)
    ask(made)
    refused = ask(made)
    assert HOUR // 2 - 60 < wait_of(refused) <= HOUR // 2
    status_server.clock.advance(wait_of(refused))
    ask(made)
    again = ask(made)

    assert [200, 200, 429, 200, 429] == made.statuses
    assert HOUR // 2 - 60 < wait_of(again) <= HOUR // 2


def test_credentials_are_counted_apart(status_server: StatusServer) -> None:
    """Each on its own, and those who have none by their address; an empty field is none."""
    made = status_server.scenario(429, per=HOUR)
    alice, bob = "Authorization: Bearer alice", "Authorization: Bearer bob"
    fields = [(alice,), (), (bob,), (alice,), (), (bob,), ("Authorization:",)]

    assert [200, 200, 200, 429, 429, 429, 429] == [ask(made, *each).status for each in fields]


def test_addresses_are_counted_apart() -> None:
    """As the connection tells them, with or without another one's port."""
    site = memory.site()
    document = Document(site, "/x", represent("x", 0), rate_limit(1, HOUR))

    def status(peer: str) -> int:
        request = memory.request("GET", "/x")
        request.peer = peer
        return memory.status(document.answer(request))

    assert [200, 200, 429, 429] == [status(f"192.0.2.{n}") for n in (1, 2, 1, 2)]


def test_two_instances_count_apart(status_server: StatusServer) -> None:
    """As do two KEYs by hand; a DELETE of the journal makes one forget."""
    mine, yours = (status_server.url_for(f"/429/{key}?per={HOUR}") for key in ("mine", "yours"))
    assert [200, 429, 200] == [ask(url).status for url in (mine, mine, yours)]
    assert 204 == ask(status_server.url_for("/journal/429/mine"), method="DELETE").status

    assert [200, 429] == [ask(url).status for url in (mine, yours)]


def test_options_may_change(status_server: StatusServer) -> None:
    """What was counted stays counted."""
    url = status_server.url_for("/429/mine")
    asked = [ask(f"{url}?requests={n}&per={HOUR}").status for n in (1, 1, 2, 2, 1)]

    assert [200, 429, 200, 429, 429] == asked


def test_a_resource_of_rules_forgets_too(status_server: StatusServer) -> None:
    """With a DELETE of the journal."""
    made = status_server.resource("x", rate_limit(1, HOUR))
    assert [200, 429] == [ask(made).status, ask(made).status]
    journal = status_server.url_for(f"/journal{path_of(made)}")
    assert 204 == ask(journal, method="DELETE").status

    assert [200, 429] == [ask(made).status, ask(made).status]


@pytest.mark.parametrize("as_rule", [False, True])
def test_retry_after_may_be_a_date(status_server: StatusServer, as_rule: bool) -> None:
    """On the server's clock, and not before the reset."""
    if as_rule:
        made = status_server.resource("x", rate_limit(1, HOUR, retry_after="date"))
    else:
        made = status_server.scenario(429, per=HOUR, retry_after="date")
    status_server.clock.advance(86_400)
    ask(made)
    before = status_server.clock.now()
    answer = ask(made)
    date = parse_date(answer.header("retry-after"))
    assert date is not None
    assert before + limit(answer)["t"] <= date.timestamp() <= status_server.clock.now() + HOUR + 2
    status_server.clock.advance(date.timestamp() - status_server.clock.now())

    assert 200 == ask(made).status


def test_whoever_is_refused_earlier_takes_nothing(status_server: StatusServer) -> None:
    """A bucket that is full has no reset; the fields come all the same."""

    @rule(Stage.IDENTITY)
    def nobody(request: Received) -> Steps | None:
        if request.field("authorization"):
            return None
        return refuse(request, 403, "nobody may", Section(9110, "15.5.4"))

    made = status_server.resource("x", rate_limit(1, HOUR), nobody)
    answers = [ask(made), ask(made)]

    assert [(403, {"name": "default", "r": 1})] * 2 == [(a.status, limit(a)) for a in answers]
    assert [200, 429] == [ask(made, "Authorization: x").status for _ in "ab"]


def test_two_policies_on_one_resource(status_server: StatusServer) -> None:
    """Each on a line of its own, and the one that is exceeded refuses."""
    made = status_server.resource(
        "x", rate_limit(2, HOUR, name="burst"), rate_limit(3, 24 * HOUR, name="daily")
    )
    answers = [ask(made) for _ in range(3)]
    status_server.clock.advance(HOUR)
    answers += [ask(made) for _ in range(2)]

    assert [200, 200, 429, 200, 429] == made.statuses
    policies = [("burst", {"q": 2, "w": HOUR}), ("daily", {"q": 3, "w": 24 * HOUR})]
    assert policies == parsed(answers[0], "ratelimit-policy")
    assert ["burst"] == json.loads(answers[2].content)["violated-policies"]
    assert ["daily"] == json.loads(answers[4].content)["violated-policies"]


def test_too_often_comes_before_too_large(status_server: StatusServer) -> None:
    """And nothing is invited that would be refused."""
    made = status_server.resource("x", max_octets(3), rate_limit(1, HOUR))
    ask(made)
    with Raw(made) as raw:
        raw.send(message("POST", path_of(made), "Expect: 100-continue", "Content-Length: 4"))
        answer = raw.answer()

    assert (429, []) == (answer.status, answer.interim)


@pytest.mark.parametrize(
    ("sent", "status"),
    [(b"1\r\nab", 400), (b"4\r\nabcd\r\n", 413), (b"3\r\nabc\r\n0\r\n\r\n", 201)],
)
def test_an_answer_in_the_midst_of_the_content_says_it_too(
    status_server: StatusServer, sent: bytes, status: int
) -> None:
    """Malformed, too large or as it should be."""
    made = status_server.resource("x", max_octets(3), rate_limit(2, HOUR))
    with Raw(made) as raw:
        raw.send(message("POST", path_of(made), "Transfer-Encoding: chunked") + sent)
        answer = raw.answer()

    assert (status, 1) == (answer.status, limit(answer)["r"])


def test_http_1_0(status_server: StatusServer) -> None:
    """Is served and refused alike."""
    made = status_server.scenario(429, per=HOUR)
    answers = []
    for _ in range(2):
        with Raw(made) as raw:
            answers.append(raw.request("GET", path_of(made), version="HTTP/1.0"))
            assert (b"", "FIN") == raw.end()

    assert [200, 429] == [answer.status for answer in answers]
    assert ["close"] * 2 == [answer.header("connection") for answer in answers]


@pytest.mark.parametrize("client", SENDERS)
def test_through_clients(status_server: StatusServer, client: str) -> None:
    """What they are told is what the fields say."""
    made = status_server.scenario(429, per=HOUR)
    first, second = (SENDERS[client](Request("GET", made)) for _ in "ab")

    assert [200, 429] == [first.status, second.status]
    assert re.fullmatch(r'"default";r=0;t=3[56][0-9]{2}', first.headers["RateLimit"])
    assert int(second.headers["Retry-After"]) <= HOUR


def test_another_code(status_server: StatusServer) -> None:
    """Some servers have a 503 for it, or a 403."""
    made = status_server.resource("x", rate_limit(1, HOUR, code=503))

    assert [200, 503] == [ask(made).status, ask(made).status]


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"requests": 0}, "requests='0' is no whole number from 1 to 1000000"),
        ({"requests": 1.5}, "requests='1.5' is no whole number"),
        ({"per": 0}, "per='0' is no whole number from 1 to 31536000"),
        ({"per": 0.5}, "per='0.5' is no whole number"),
        ({"retry_after": 5}, "retry_after='5' is none of seconds, date"),
    ],
)
def test_a_wrong_option(status_server: StatusServer, given: dict[str, Any], complaint: str) -> None:
    """Is refused in Python, as a rule or an option, and by hand."""
    with pytest.raises(ValueError, match=complaint):
        rate_limit(**{"requests": 1} | given)
    with pytest.raises(ValueError, match=complaint):
        status_server.scenario(429, **given)
    ((name, value),) = given.items()
    answer = ask(status_server.url_for(f"/429?{name}={value}"))
    assert 400 == answer.status
    assert complaint in json.loads(answer.content)["detail"]


@pytest.mark.parametrize("code", [200, 399, 600, "429", True])
def test_a_wrong_code(code: Any) -> None:
    """A limit refuses."""
    with pytest.raises(ValueError, match="refuses no request; use 400 to 599, such as 429"):
        rate_limit(1, code=code)


def test_a_wrong_name() -> None:
    """It is to be told in a field."""
    with pytest.raises(ValueError, match="use printable ASCII characters"):
        rate_limit(1, name="täglich")


def test_trigger_and_relief_know_the_options(status_server: StatusServer) -> None:
    """One request more than are served, and then the wait."""
    made: Endpoint = status_server.scenario(420, requests=2, per=7)

    assert (Request("GET", made),) * 3 == made.trigger
    assert (Request("GET", made, pause=7.0),) == made.relief
