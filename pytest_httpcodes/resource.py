"""The pipeline: resources made of rules, which a request meets in the order of the stages.

Rule 1: a rule belongs to one stage; the first rule that objects answers.
Rule 2: whoever answered, each rule may then amend the answer: a rate limit says what is left.
Rule 3: what stands above the line of `100 Continue` is decided from the head alone, so that
content which would be refused is never invited (RFC 9110, 10.1.1).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import partial
from typing import Any, Protocol, TypeAlias
from urllib.parse import unquote

from pytest_httpcodes.clock import Clock
from pytest_httpcodes.exchange import Exchange, Key
from pytest_httpcodes.journal import Journal
from pytest_httpcodes.problem import Body, explain
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.limits import Limits
from pytest_httpcodes.wire.received import Foreseen, Received
from pytest_httpcodes.wire.steps import Content, End, Fields, Forward, Head, Reply, Step, Tunnel
from pytest_httpcodes.wire.writer import lower

# How many instances that nobody but a client's URL has named are kept.
MAX_INSTANCES = 10_000


class Stage(IntEnum):
    """The stages of a request, in the order in which their codes win over each other.

    The order is that of RFC 9110 where it has one: 13.2.1 puts conditions behind redirects and
    early failures, 14.2 puts ranges behind conditions, 10.1.1 puts the content's refusal before
    its invitation, 7.8 the change of protocol behind that.
    """

    CONNECTION = 1  # 408 444
    REQUEST_LINE = 2  # 400 414 501 505
    HEAD = 3  # 400 431 494
    FRAMING = 4  # 400 411 501
    AUTHORITY = 5  # 421, proxies 407 511 450
    METHOD = 6  # 501 510
    STATE = 7  # 503 425
    EXPECTATION = 8  # 417
    IDENTITY = 9  # 401 403 451 402
    LIMIT = 10  # 429 420
    RESOURCE = 11  # 300-308 404 410 508
    ALLOWED = 12  # 405
    UPGRADE = 13  # 426
    CONTENT = 14  # 411 413 415
    NEGOTIATION = 15  # 406 300 506
    CONDITION = 16  # 428 412 304
    STORAGE = 17  # 409 423 507
    # Here 100 Continue is sent, if still wanted and the content is not there yet.
    RECEIVING = 18  # 400 408 413
    SWITCH = 19  # 101
    SEMANTICS = 20  # 400 422 409 424 507
    RANGE = 21  # 206 416
    RESULT = 22  # 200-205 207 226 500 502 504


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that may answer a request at its stage: `decide` returns None to let it pass.

    `amend` gets every answer of the resource, whichever rule gave it, and returns it or another
    one; a `Response` comes as steps. `reset` makes the rule forget what has happened.
    """

    stage: Stage
    decide: Callable[[Received], Reply | None]
    amend: Callable[[Received, Iterable[Step]], Iterable[Step]] | None = None
    reset: Callable[[], None] | None = None


def rule(stage: Stage) -> Callable[[Callable[[Received], Reply | None]], Rule]:
    """Make a rule of the function below it."""
    return partial(Rule, stage)


class Resource:
    """What a request is addressed to: rules, in the order of their stages.

    `reset` makes it forget what has happened to it.
    """

    __slots__ = ("_amend", "_early", "_late", "_reset")

    def __init__(self, *rules: Rule) -> None:
        ordered = sorted(rules, key=lambda rule: rule.stage)
        self._amend = tuple(r.amend for r in ordered if r.amend)
        self._reset = tuple(r.reset for r in ordered if r.reset)
        self._early = tuple(r.decide for r in ordered if r.stage < Stage.RECEIVING)
        self._late = tuple(r.decide for r in ordered if r.stage >= Stage.RECEIVING)

    def answer(self, request: Received) -> Reply:
        """Return the answer of the first rule that has one, as the others amend it.

        Raises `LookupError` if none has, which is a mistake in the resource.
        """
        request.resource = self
        found = self._decide(request)
        if self._amend:
            found = lower(found)
            for amend in self._amend:
                found = amend(request, found)
        return found

    def _decide(self, request: Received) -> Reply:
        for early in self._early:
            reply = early(request)
            if reply is not None:
                return reply
        request.receive()
        for late in self._late:
            reply = late(request)
            if reply is not None:
                return reply
        raise LookupError(f"no rule of {self!r} answers {request.head.method}")

    def foresee(self, target: str) -> Foreseen:
        """Say what is known of a request for this resource whose head is not all there yet."""
        return Foreseen()

    def refused(self, steps: Iterable[Step], record: Exchange) -> Iterable[Step]:
        """Return the answer to a request for this resource that was refused for its head."""
        return steps

    def reset(self) -> None:
        """Forget what has happened."""
        for reset in self._reset:
            reset()


class ProxyUrl(Protocol):
    """Where a forward proxy is."""

    def __call__(self, *, demands: bool) -> str:
        """Return the URL of the one that demands credentials, or of the open one."""
        ...


def _no_proxy(*, demands: bool) -> str:
    raise LookupError("there is no proxy beside this origin")


class UpstreamUrl(Protocol):
    """Where the origin behind the gateways is."""

    def __call__(self, *, tls: bool) -> str:
        """Return the URL of the one that speaks TLS, with a bad certificate, or of the other."""
        ...


def _no_upstream(*, tls: bool) -> str:
    raise LookupError("there is no upstream beside this origin")


class Site:
    """What the resources of one origin share: time, journal, limits, and the instances so far.

    `made` are the keys of those that a test made: they stay, and their query is the client's.
    `proxy_url` returns the URL of a forward proxy beside the origin, which `demands` credentials or
    does not; `upstream_url` that of the origin behind the gateways, under `tls` or not.
    """

    def __init__(self, clock: Clock, journal: Journal, limits: Limits) -> None:
        self.clock = clock
        self.journal = journal
        self.limits = limits
        self.born = clock.now()
        self.instances: dict[Key, Resource] = {}
        self.made: set[Key] = set()
        self.proxy_url: ProxyUrl = _no_proxy
        self.upstream_url: UpstreamUrl = _no_upstream
        self._turns: dict[Key, int] = {}
        self._lock = threading.Lock()

    def keep(self, key: Key, resource: Resource) -> None:
        """Keep an instance that a client's URL named; the oldest such one makes room for it."""
        if len(self.instances) - len(self.made) >= MAX_INSTANCES:
            oldest = next(key for key in self.instances if key not in self.made)
            del self.instances[oldest]
        self.instances[key] = resource

    def turn(self, key: Key) -> int:
        """Count a request for an instance whose faults are chance; return how many came so far.

        The oldest count makes room where there are too many.
        """
        with self._lock:
            if key not in self._turns and len(self._turns) >= MAX_INSTANCES:
                del self._turns[next(iter(self._turns))]
            self._turns[key] = number = self._turns.get(key, 0) + 1
        return number

    def forget(self, belongs: Callable[[Exchange], bool], key: Key | None) -> None:
        """Forget some exchanges, and the state of the instances whose key starts with `key`.

        With the empty key everything is forgotten, even that the journal once was full.
        """
        self.journal.forget(belongs)
        if key is None:
            return
        if not key:
            self.journal.dropped = 0
        with self._lock:
            self._turns = {k: n for k, n in self._turns.items() if k[: len(key)] != key}
        for known, resource in list(self.instances.items()):
            if known[: len(key)] == key:
                resource.reset()


def segments(target: str) -> list[str]:
    """Return the segments of a target's path, percent-decoded.

    They are UTF-8; an octet that is none stays what it is, so that two paths never become one.
    """
    path = target.partition("?")[0]
    if not path.startswith("/"):
        path = "/" + path.partition("://")[2].partition("/")[2]
    words = path.split("/")[1:]
    return [unquote(word, errors="surrogateescape") for word in words] if "%" in path else words


Steps: TypeAlias = "tuple[Head, Content, End]"


def reply(code: int, body: Body, fields: Fields = ()) -> Steps:
    """Return an answer with content; `fields` win over what the content says of itself."""
    varies = (("Vary", "Accept"),) if body.negotiated else ()
    own = (("Content-Type", body.type), *varies)
    return (Head(code, override(own, fields)), Content(body.data), End())


def refuse(
    request: Received,
    code: int,
    detail: str,
    section: Section,
    fields: Fields = (),
    *,
    link: tuple[str, str] | None = None,
    alternates: Sequence[tuple[str, str]] = (),
    **more: Any,
) -> Steps:
    """Answer with a redirect or an error that explains itself, and note why.

    `detail` is one sentence without a full stop. `link`, `alternates` and `more` are those of
    `problem.explain`: an address to follow, addresses to choose from, more members of the problem.
    """
    request.record.why = why(detail, section)
    # A resource may have a form of its own for what it has to say.
    describe: Callable[..., Body] = getattr(request.resource, "explain", explain)
    body = describe(
        code,
        detail,
        request.field("accept"),
        html_first=code < 400 or code in (450, 511),
        link=link,
        alternates=alternates,
        **more,
    )
    return reply(code, body, fields)


def override(fields: Fields, given: Fields) -> Fields:
    """Return field lines, those of `given` in place of others with their names."""
    names = {name.lower() for name, _ in given}
    return tuple(line for line in fields if line[0].lower() not in names) + given


def with_fields(steps: Iterable[Step], lines: Fields) -> Iterable[Step]:
    """Return the steps of an answer with more field lines in the head of its final response.

    An answer that streams goes on doing so.
    """
    added = (_added(step, lines) for step in steps)
    return tuple(added) if isinstance(steps, (tuple, list)) else added


def _added(step: Step, lines: Fields) -> Step:
    if isinstance(step, Head):
        return _headed(step, lines)
    if isinstance(step, Forward):
        return on_its_way(step, lambda steps: with_fields(steps, lines))
    if isinstance(step, Tunnel):
        return replace(step, head=_headed(step.head, lines))
    return step


def on_its_way(step: Forward, change: Callable[[Iterable[Step]], Iterable[Step]]) -> Forward:
    """Return a step that forwards a request, with a change to its answer, whoever gives that."""
    amend, failed = step.amend, step.failed
    return replace(
        step,
        amend=lambda steps: change(amend(steps)),
        failed=lambda error: change(lower(failed(error))),
    )


def _headed(head: Head, lines: Fields) -> Head:
    return Head(head.status, head.headers + lines, head.reason)


def why(sentence: str, section: Section | str) -> str:
    """Return the sentence that the journal has for an answer."""
    return f"{sentence} ({section})"
