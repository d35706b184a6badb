"""What the methods of RFC 9110, 9.3 do when all is well: 200 201 202 204 205."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count as numbers
from typing import Any

from pytest_httpcodes.behaviours.common import ALLOW, everywhere
from pytest_httpcodes.behaviours.document import Document
from pytest_httpcodes.behaviours.option import Option, count
from pytest_httpcodes.behaviours.preconditions import precondition
from pytest_httpcodes.behaviours.redirection import arrived, redirect, what_arrived
from pytest_httpcodes.behaviours.representation import Octets, Representation, represent
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.problem import HTML, JSON
from pytest_httpcodes.request import Answer, Element, Request
from pytest_httpcodes.resource import Resource, Rule, Stage, rule, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Content, End, Head, Reply

POLLS = Option("polls", 2, count(0, 1000), "how often the monitor answers before the job is done")
_TEXT = (("Content-Type", "text/plain"),)
_TAKES = ("GET", "HEAD", "POST", "OPTIONS", "TRACE")
_READ_ONLY = ("GET", "HEAD", "OPTIONS")
_WAIT = ("Retry-After", "1")


class _Taker(Document):
    # A document that a POST neither changes nor adds to.
    __slots__ = ()

    def post(self, request: Received) -> Reply:
        """Answer with "the status of, or results obtained from, the action" (RFC 9110, 15.3.1)."""
        return arrived(request, "what the POST has brought", Section(9110, "9.3.3"))


class Plain(Scenario):
    """200: every method of a resource that has content succeeds (RFC 9110, 15.3.1)."""

    code = 200

    def begin(self) -> Resource:
        """Return a document."""
        return _Taker(self.site, self.path, self.represent("200 OK\n"), methods=_TAKES)

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask without a condition."""
        return (Request("GET", url),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Return nothing, since there is nothing to get past."""
        return ()


class Created(Scenario):
    """201: a `POST` stores its content at an address of its own (RFC 9110, 15.3.2).

    So does a `PUT` of a name below, which is 204 from the second time on.
    """

    code = 201

    def begin(self) -> Resource:
        """Return a document that takes members."""
        return self.document(f"POST here, or PUT below {self.path}/, what is to be stored\n")

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Store something."""
        return (Request("POST", url, _TEXT, b"stored by POST\n"),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Create a member, and replace it."""
        put = Request("PUT", f"{url}/member", _TEXT, b"stored by PUT\n")
        return (put, put)


class Accepted(Scenario):
    """202: a `POST` is accepted, and acted upon later (RFC 9110, 15.3.3).

    The monitor in `Location` answers 200 `polls` times, and then 303 to the result.
    """

    code = 202
    options = (POLLS,)

    def begin(self) -> Resource:
        """Return a resource that takes jobs."""
        return _Jobs(self, lambda: self.option(POLLS))

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Hand in a job."""
        return (_job(url),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Hand in a job, ask its monitor until it is done, and get the result."""
        asks = [_next] * (self.option(POLLS) + 1)
        return (_job(url), *asks, lambda answer: Request("GET", answer.headers["Location"]))


def _job(url: str) -> Request:
    return Request("POST", url, _TEXT, b"to be worked on\n")


def _next(answer: Answer) -> Request:
    # The 202 and the monitor's 200 both name the monitor.
    wait = float(answer.headers["Retry-After"])
    return Request("GET", json.loads(answer.content)["monitor"], pause=wait)


class _Jobs(Document):
    # Takes a job with each POST; the monitors and the results are members.
    __slots__ = ("_numbers", "polls")

    def __init__(self, scenario: Scenario, polls: Callable[[], int]) -> None:
        current = scenario.represent("POST here what is to be worked on\n")
        super().__init__(scenario.site, scenario.path, current, methods=_TAKES)
        self.polls = polls
        self._numbers = numbers(1)

    def post(self, request: Received) -> Reply:
        number = next(self._numbers)
        where = f"{self.path}/job-{number}"
        self.add(f"job-{number}", _Monitor(self, where, number, what_arrived(request)))
        request.record.why = why("the job is accepted, and not done yet", Section(9110, "15.3.3"))
        # "The representation sent with this response ought to describe the request's current
        # status and point to (or embed) a status monitor" (RFC 9110, 15.3.3).
        monitor = request.root + where
        fields = (("Location", monitor), _WAIT, ("Content-Type", JSON))
        return (Head(202, fields), Content(_state("accepted", monitor)), End())


class _Monitor(Document):
    # Tells whether one job is done. Its work takes some polls, not a time, so that no test has to
    # wait for it.
    __slots__ = ("_done", "_jobs", "_number", "_polled", "_work")

    def __init__(self, jobs: _Jobs, path: str, number: int, work: dict[str, Any]) -> None:
        look = Rule(Stage.RESOURCE, self._look)
        super().__init__(jobs.site, path, None, look, methods=_READ_ONLY)
        self._jobs = jobs
        self._number = number
        self._work = work
        self._polled = 0
        self._done = False

    def _look(self, request: Received) -> Reply | None:
        data = _state("running", request.root + self.path)
        fields = (("Cache-Control", "no-store"), _WAIT)
        request.selected = Representation(Octets(data), JSON, fields=fields)
        if request.head.method not in ("GET", "HEAD"):
            return None
        name = f"result-{self._number}"
        with self.lock:
            if self._polled < self._jobs.polls():
                self._polled += 1
                return None
            if not self._done:
                self._done = True
                self._jobs.add(name, self._result(f"{self._jobs.path}/{name}"))
        uri = f"{request.root}{self._jobs.path}/{name}"
        return redirect(request, 303, uri, "the job is done", Section(9110, "15.4.4"))

    def _result(self, path: str) -> Document:
        made = represent({"state": "done", **self._work}, self.site.clock.now())
        return Document(self.site, path, made, methods=_READ_ONLY)

    def get(self, request: Received) -> Reply:
        reply = super().get(request)
        request.record.why = why("the job is not done yet", Section(9110, "15.3.3"))
        return reply


def _state(state: str, monitor: str) -> bytes:
    return json.dumps({"state": state, "monitor": monitor}, indent=1).encode() + b"\n"


class NoContent(Scenario):
    """204: every method succeeds, and there is nothing to say about it (RFC 9110, 15.3.5)."""

    code = 204

    def begin(self) -> Resource:
        """Return a resource that takes any method, those of other specifications too."""
        conditions = Rule(Stage.CONDITION, self._precondition)
        return Resource(*everywhere(self.site), conditions, _nothing)

    def _precondition(self, request: Received) -> Reply | None:
        return precondition(request, _EMPTY, self.site.clock.now())

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask for something."""
        return (Request("GET", url),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Return nothing, since there is nothing to get past."""
        return ()


# What there is, and of which nothing is known: `If-Match: *` is true of it, any other one false.
_EMPTY = Representation(Octets(b""))


@rule(Stage.RESULT)
def _nothing(request: Received) -> Reply:
    request.record.why = why("done, and there is nothing to say", Section(9110, "15.3.5"))
    fields = (("Allow", ALLOW),) if request.head.method == "OPTIONS" else ()
    return (Head(204, fields), End())


_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>205 Reset Content</title></head>
<body>
<h1>205 Reset Content</h1>
<form method="post">
<p><label>Text <input name="text"></label> <button>Send</button></p>
</form>
</body>
</html>
"""


class ResetContent(Scenario):
    """205: a form is taken, and its client is to empty it again (RFC 9110, 15.3.6)."""

    code = 205

    def begin(self) -> Resource:
        """Return a form."""
        page = self.represent(_PAGE, HTML)
        return _Form(self.site, self.path, page, methods=_TAKES)

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Send the form."""
        fields = (("Content-Type", "application/x-www-form-urlencoded"),)
        return (Request("POST", url, fields, b"text=something"),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Get the form."""
        return (Request("GET", url),)


class _Form(Document):
    # A form that takes whatever it is sent.
    __slots__ = ()

    def post(self, request: Received) -> Reply:
        # "... a server MUST NOT generate content in a 205 response" (RFC 9110, 15.3.6).
        request.record.why = why("the form is taken, and to be reset", Section(9110, "15.3.6"))
        return (Head(205), End())
