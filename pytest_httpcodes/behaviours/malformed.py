"""Answers that are malformed as a whole, each in the way of a server that somebody has met."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple

from pytest_httpcodes.behaviours.sequence import is_whole
from pytest_httpcodes.codes import WITHOUT_CONTENT
from pytest_httpcodes.resource import on_its_way
from pytest_httpcodes.wire.lines import FRAMING, own_length
from pytest_httpcodes.wire.steps import At, Close, Fields, Forward, Head, Pause, Raw, Step
from pytest_httpcodes.wire.writer import announced

STRAY = b"stray octets"
SURPLUS = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nsurplus\n"
FOLD = b"X-Folded: one\r\n two\r\n"
BAD_SIZE = b"xyz\r\n"


class _Setting(NamedTuple):
    """The number behind the kind, the content's length if known, and what the request was."""

    number: float
    length: int | None
    method: str
    http10: bool


# What a head becomes: itself or another one, and what happens around it.
_Change = Callable[[Head, _Setting], tuple[Step, ...]]


def malformed(
    kind: str, number: float, steps: Iterable[Step], method: str = "GET", *, http10: bool = False
) -> Iterable[Step]:
    """Return the steps of an answer that is malformed; one that streams goes on doing so."""
    change, setting = MALFORMED[kind], _Setting(number, announced(steps), method, http10)
    changed = _each(steps, change, setting)
    # To an HTTP/1.0 client no length may be announced beside the coding that it does not have.
    streams = not is_whole(steps) or (kind in FRAMED and http10)
    return changed if streams else tuple(changed)


def _each(steps: Iterable[Step], change: _Change, setting: _Setting) -> Iterator[Step]:
    for step in steps:
        if isinstance(step, Head):
            yield from change(step, setting)
        elif isinstance(step, Forward):
            yield on_its_way(step, partial(_each, change=change, setting=setting))
        else:
            yield step


def _with(head: Head, headers: Fields) -> Head:
    return Head(head.status, headers, head.reason)


def _two_lengths(head: Head, setting: _Setting) -> tuple[Step, ...]:
    # "If a message is received without Transfer-Encoding and with an invalid Content-Length header
    # field, then the message framing is invalid and the recipient MUST treat it as an unrecoverable
    # error", and so it is with two that differ (RFC 9112, 6.3).
    own = own_length(head.headers)
    length = own if own is not None else setting.length or 0
    kept = tuple(line for line in head.headers if line[0].lower() not in FRAMING)
    both = (("Content-Length", f"{length}"), ("Content-Length", f"{length + 1}"))
    return (_with(head, kept + both),)


def _bad_chunk(head: Head, setting: _Setting) -> tuple[Step, ...]:
    # "chunk-size = 1*HEXDIG" (RFC 9112, 7.1), and here is a line that has none.
    if head.status in WITHOUT_CONTENT or setting.method == "HEAD":
        return (head,)
    bad = (At("head", Raw(BAD_SIZE)), At("end", Close()))
    return (*bad, *_coded(head, "chunked", setting))


def _unknown_coding(head: Head, setting: _Setting) -> tuple[Step, ...]:
    # "If any transfer coding other than chunked is applied to a response's content, the sender MUST
    # either apply chunked as the final transfer coding or terminate the message by closing the
    # connection" (RFC 9112, 6.1), and this one nobody can decode.
    return _coded(head, "x-unknown", setting)


def _coded(head: Head, coding: str, setting: _Setting) -> tuple[Step, ...]:
    kept = tuple(line for line in head.headers if line[0].lower() not in FRAMING)
    if setting.http10:
        # The writer would not send it to a client that cannot know it.
        line = Raw(f"Transfer-Encoding: {coding}\r\n".encode())
        return (At("field-line", line), _with(head, kept))
    return (_with(head, (*kept, ("Transfer-Encoding", coding))),)


def _stray(head: Head, setting: _Setting) -> tuple[Step, ...]:
    # "Any response to a HEAD request and any response with a 1xx (Informational), 204 (No Content),
    # or 304 (Not Modified) status code is always terminated by the first empty line after the
    # header fields" (RFC 9112, 6.3): what follows it, or the end of any other, belongs to nothing.
    return (At("end", Raw(STRAY)), head)


def _surplus(head: Head, setting: _Setting) -> tuple[Step, ...]:
    # "If a client receives data on a connection that doesn't have outstanding requests, the client
    # MUST NOT consider that data to be a valid response" (RFC 9112, 9.2).
    pause = (Pause(setting.number),) if setting.number else ()
    return (At("end", *pause, Raw(SURPLUS)), head)


def _fold(head: Head, setting: _Setting) -> tuple[Step, ...]:
    # "A user agent that receives an obs-fold in a response message that is not within a
    # "message/http" container MUST replace each received obs-fold with one or more SP octets prior
    # to interpreting the field value" (RFC 9112, 5.2).
    return (At("field-line", Raw(FOLD)), head)


def _no_reason(head: Head, setting: _Setting) -> tuple[Step, ...]:
    # "A client SHOULD ignore the reason-phrase content" (RFC 9112, 4), which may be empty.
    return (Head(head.status, head.headers, ""),)


def _many_fields(head: Head, setting: _Setting) -> tuple[Step, ...]:
    lines = (b"X-Field-%d: x\r\n" % number for number in range(1, int(setting.number) + 1))
    return (At("field-line", Raw(b"".join(lines))), head)


def _large_field(head: Head, setting: _Setting) -> tuple[Step, ...]:
    return (At("field-line", Raw(b"X-Large: %b\r\n" % (b"x" * int(setting.number)))), head)


MALFORMED: dict[str, _Change] = {
    "two-lengths": _two_lengths,
    "bad-chunk": _bad_chunk,
    "stray": _stray,
    "surplus": _surplus,
    "fold": _fold,
    "no-reason": _no_reason,
    "many-fields": _many_fields,
    "large-field": _large_field,
    "unknown-coding": _unknown_coding,
}
# Those that are about how content is framed.
FRAMED = ("bad-chunk", "unknown-coding")
