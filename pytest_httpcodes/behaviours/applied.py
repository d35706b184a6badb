"""What can be asked of every answer, whatever gives it: `delay`, and `fault` with `at`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from pytest_httpcodes.behaviours.faults import Fault
from pytest_httpcodes.behaviours.flaky import Flaky
from pytest_httpcodes.behaviours.options import Options
from pytest_httpcodes.behaviours.sequence import joined
from pytest_httpcodes.exchange import Exchange
from pytest_httpcodes.resource import Site
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import Refusal
from pytest_httpcodes.wire.received import Foreseen, Received, Record
from pytest_httpcodes.wire.steps import Forward, Pause, Reply, Step
from pytest_httpcodes.wire.writer import lower

if TYPE_CHECKING:
    from pytest_httpcodes.wire.upstream import UpstreamError

EVERY = ("delay", "fault", "at")


class Answer(Protocol):
    """A reply that is given beforehand.

    `refuses` is whether it comes instead of the invitation to send the content; what makes its
    answer then has the client invited by asking for the content. `given` is what is asked of it.
    """

    refuses: bool
    given: Options

    def __call__(self, request: Received) -> Iterable[Step]:
        """Return the steps of the answer."""
        ...


class _Reached(Refusal):
    """So much of the request's content has come as was waited for."""

    def __init__(self) -> None:
        super().__init__(400, "the content is not read any further", Section(9112, "8"))


def asked(
    request: Received, given: Options, site: Site, answer: Callable[[Received], Reply]
) -> Reply:
    """Return an answer as it was asked for: later, or broken; the journal says how it broke.

    Where it breaks before the request is read, nobody is asked for an answer. One that streams
    goes on doing so.
    """
    record, head = request.record, request.head
    fault, told = _pick(given.fault, site, record)
    if fault is None:
        steps = lower(answer(request))
    elif fault.early:
        _reach(request, fault)
        steps = fault.effect
    else:
        made = _telling(lower(answer(request)), record, told)
        steps = fault.apply(made, head.method, http10=head.http10)
    note(record, told)
    return joined(_pause(given), steps) if given.delay else steps


def _telling(steps: Iterable[Step], record: Record, told: str) -> Iterable[Step]:
    # Where an upstream has no answer, the one that says so has a sentence of its own.
    if not isinstance(steps, (tuple, list)):
        return steps
    return tuple(_forwarded(step, record, told) for step in steps)


def _forwarded(step: Step, record: Record, told: str) -> Step:
    if not isinstance(step, Forward):
        return step
    failed = step.failed

    def broken(error: UpstreamError | Refusal) -> Reply:
        reply = failed(error)
        note(record, told)
        return reply

    return replace(step, failed=broken)


def refused(steps: Iterable[Step], given: Options, site: Site, record: Exchange) -> Iterable[Step]:
    """Return the answer to a request that was refused for its head, as it was asked for."""
    fault, told = _pick(given.fault, site, record)
    if fault is not None:
        http10 = record.version == "HTTP/1.0"
        steps = fault.effect if fault.early else fault.apply(steps, record.method, http10=http10)
    note(record, told)
    return joined(_pause(given), steps)


def replied(request: Received, site: Site, answer: Answer) -> Reply:
    """Return the answer of a reply that was given beforehand, with what is asked of it."""
    given = answer.given
    if given.fault is None and not given.delay:
        return _made(answer, request)
    return asked(request, given, site, partial(_made, answer))


def _made(answer: Answer, request: Received) -> Iterable[Step]:
    # A client that sends its content unasked has it read first, so that the journal has it and the
    # connection goes on.
    if not (request.waits and answer.refuses):
        request.receive()
    return answer(request)


def foreseen(given: Options) -> Foreseen:
    """Say what is known of a request whose fields are not all there yet."""
    fault = given.fault
    if not isinstance(fault, Fault) or fault.place != "request-line":
        return Foreseen()
    return Foreseen(reply=(*_pause(given), *fault.effect), why=f"broken by {fault}")


def note(record: Record, sentence: str) -> None:
    """Add to the sentence that the journal has for an answer, in front of its section."""
    told, bracket, section = record.why.rpartition(" (")
    if not bracket:
        told, section = record.why, ""
    if sentence:
        record.why = f"{told}, {sentence}{bracket}{section}" if told else sentence


def _pick(fault: Fault | Flaky | None, site: Site, record: Record) -> tuple[Fault | None, str]:
    # The fault of this answer, and what the journal says of it.
    if not isinstance(fault, Flaky):
        return fault, f"broken by {fault}" if fault else ""
    number = site.turn(record.key)
    picked = fault.pick(number)
    how = f"broken by {picked}" if picked else "left whole"
    return picked, f"{how}, request {number} of {fault}"


def _pause(given: Options) -> tuple[Step, ...]:
    return (Pause(given.delay),) if given.delay else ()


def _reach(request: Received, fault: Fault) -> None:
    # Reads as much of the content as comes before the fault; raises `Refusal` if it is malformed.
    if fault.place != "request-content":
        return
    count = fault.octets
    if count is None:
        # Half of it; of content whose length is not known, the first piece.
        length = request.head.length
        count = 1 if length is None else length // 2
    if not count:
        return

    def check(request: Received) -> None:
        if request.octets >= count:
            raise _Reached

    request.watch(check)
    with suppress(_Reached):
        request.receive()
