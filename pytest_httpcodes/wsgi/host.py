"""What a process has behind WSGI: the resources of one origin, a clock and a journal."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl

from pytest_httpcodes import scenarios
from pytest_httpcodes.application import Application
from pytest_httpcodes.catalogue import key_of
from pytest_httpcodes.clock import Clock
from pytest_httpcodes.journal import Journal
from pytest_httpcodes.resource import Site, Steps, refuse, segments
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import Refusal, RequestHead
from pytest_httpcodes.wire.limits import Limits
from pytest_httpcodes.wire.received import Received, Record
from pytest_httpcodes.wire.steps import Reply
from pytest_httpcodes.wire.writer import lower
from pytest_httpcodes.wsgi.answer import Answer, Uncarried
from pytest_httpcodes.wsgi.environment import Input, base_of, head_of


class Host:
    """Answers the requests of one process."""

    def __init__(self, cors: bool, max_content: int, keep_octets: int) -> None:
        clock = Clock()
        self._limits = Limits(content=max_content)
        self._journal = Journal(clock, keep_octets)
        self._application = Application(Site(clock, self._journal, self._limits), cors=cors)
        # WSGI does not tell which requests share a connection: each counts as one of its own.
        self._numbers = itertools.count(1)

    def answer(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer one request, as PEP 3333 has it."""
        started = time.monotonic()
        head = head_of(environ)
        listed = not self._application.catalogue.is_journal(head.target)
        record = self._journal.record(next(self._numbers), 1, started, listed=listed)
        record.open(head.method, head.target, head.version, head.fields, b"")
        try:
            head.interpret(self._limits)
        except Refusal as refusal:
            request = None
            reply = self._application.refuse(refusal, None, record)
        else:
            source = Input(environ, self._limits.content)
            peer = environ.get("REMOTE_ADDR", "")
            request = Received(head, record, base_of(environ), peer, source)
            # "Servers and gateways ... must provide transparent support for HTTP 1.1's
            # "expect/continue" mechanism" (PEP 3333): that was not ours to do.
            request.waits = False
            reply = self._reply(request, environ)
        done = request.discard if request else _nothing
        answer = self._carried(reply, head, request, record)
        try:
            start_response(answer.status, answer.fields)
        except BaseException:  # what the server refuses is its own to tell
            answer.close()
            done()
            raise
        return answer.content(lambda error: self._fault(error, record), done)

    def _reply(self, request: Received, environ: dict[str, Any]) -> Reply:
        try:
            mount = environ.get("SCRIPT_NAME", "").rstrip("/")
            if mount:
                return _refuse(request, f"it has to be at the root of an origin, not at {mount!r}")
            needed = _on_wire(request.head)
            return _uncarried(request, needed) if needed else self._application.respond(request)
        except Refusal as refusal:
            return self._application.refuse(refusal, request.head, request.record)
        except Exception as error:  # noqa: BLE001 - whatever a rule raises is a fault of ours
            return self._fault(error, request.record)

    def _carried(
        self, reply: Reply, head: RequestHead, request: Received | None, record: Record
    ) -> Answer:
        try:
            return Answer(lower(reply), head, record)
        except Uncarried as needed:
            assert request is not None  # noqa: S101 - a refusal of ours is carried
            reply = _uncarried(request, str(needed))
        except Exception as error:  # noqa: BLE001 - likewise, before any of it is sent
            reply = self._fault(error, record)
        record.logged = None
        return Answer(lower(reply), head, record)

    def _fault(self, error: Exception, record: Record) -> Reply:
        reply = self._application.fault(error, record)
        self._application.take_faults()  # they were told; here is no test that would take them
        return reply


def _on_wire(head: RequestHead) -> str:
    # What a request's URL asks for that WSGI has no way for; an instance is not even made.
    if any(name == "fault" for name, _ in parse_qsl(head.query, keep_blank_values=True)):
        return "it takes an answer that breaks (fault)"
    key = key_of(segments(head.target)) if head.path else None
    if key and key[0].isdecimal():
        return scenarios.find(int(key[0])).on_wire
    return ""


def _uncarried(request: Received, needed: str) -> Steps:
    # `needed` is a clause, such as "it takes an interim response".
    return _refuse(request, f"WSGI cannot carry this: {needed}; httpcodes serve can")


def _refuse(request: Received, detail: str) -> Steps:
    # "the server does not support the functionality required to fulfill the request"
    return refuse(request, 501, detail, Section(9110, "15.6.2"))


def _nothing() -> None:
    pass
