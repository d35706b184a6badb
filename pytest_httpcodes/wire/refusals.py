"""Finds the octet that is wrong, and names what is wrong: 400 413 414 431 501 505 (RFC 9112).

Only what is not all there yet, what could not be read, and what is large comes here. A scan stops
where the octets end and goes on when there are more, so that each is looked at once.

Rule 1: the first octet that is wrong decides, however many are there behind it.
Rule 2: CR is judged together with the octet that follows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NoReturn, TypeAlias

from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.grammar import (
    CHUNK_LINE,
    MAX_METHOD,
    SIZE_OCTETS,
    TARGET_OCTETS,
    TOKEN_OCTETS,
    VALUE_OCTETS,
    VERSION_OCTETS,
)
from pytest_httpcodes.wire.head import Refusal, shown
from pytest_httpcodes.wire.limits import Limits

Octets: TypeAlias = bytes | bytearray
# A stretch of a line: it goes through what it may have, and tells whether the next one is on.
_Step: TypeAlias = Callable[[Any, Octets], bool]

_VERSION = len("HTTP/1.1")
_TOO_LARGE = Section(6585, "5")


class Scan:
    """Goes through the octets of a part of a message, and refuses the first that is wrong.

    `pos` is how many were found right.
    """

    __slots__ = ("_began", "_limits", "_step", "pos")

    def __init__(self, limits: Limits, first: _Step) -> None:
        self.pos = 0
        self._limits = limits
        self._began = 0  # where the stretch that `pos` is in starts, or for a field its line
        self._step = first

    def over(self, data: Octets) -> None:
        """Go on to the end of the octets; raises `Refusal`. They start as they did before."""
        while self._step(self, data):
            pass

    def _run(self, octets: re.Pattern[bytes], data: Octets) -> int:
        # Moves over as many octets as match; returns how many there are since the start.
        self.pos = _end(octets, data, self.pos)
        return self.pos - self._began

    def _next(self, data: Octets) -> str:
        # The octet behind those that are right, or a whole CRLF; "" if it is not there yet.
        octets = data[self.pos : self.pos + 2].decode("latin-1")
        if octets[:1] == "\n":
            raise _bad("there is a bare LF; lines end in CRLF", "2.2")
        if octets[:1] != "\r":
            return octets[:1]
        if octets == "\r":
            return ""
        if octets != "\r\n":
            # "A recipient of such a bare CR MUST consider that element to be invalid or replace
            # each bare CR with SP" (RFC 9112, 2.2).
            raise _bad("there is a bare CR; lines end in CRLF", "2.2")
        return octets

    def _on(self, step: _Step, octet: str) -> bool:
        # Moves over the octet to the next stretch.
        self.pos += len(octet)
        self._began = self.pos
        self._step = step
        return True

    def _shown(self, data: Octets) -> str:
        # The stretch up to the octet that is wrong, with it.
        return shown(data[self._began : self.pos + 1].decode("latin-1"))


class FieldScan(Scan):
    """Goes through field lines and the empty line behind them (RFC 9112, 5)."""

    __slots__ = ("_fields", "_section")

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits, FieldScan._line)
        self._fields = 0  # field lines so far
        self._section = 0  # where they start

    def _line(self, data: Octets) -> bool:
        octet = self._next(data)
        if not octet or octet == "\r\n":
            return False
        if octet in " \t":
            self._refuse_fold()
        limit = self._limits.fields
        if self._fields == limit:
            raise Refusal(431, f"there are over {limit} field lines (max_fields)", _TOO_LARGE)
        self._fields += 1
        return self._on(FieldScan._name, "")

    def _name(self, data: Octets) -> bool:
        length = self._run(TOKEN_OCTETS, data)
        self._check_size(data)
        octet = self._next(data)
        if not octet:
            return False
        if octet == ":" and length:
            self.pos += 1
            self._step = FieldScan._value
            return True
        if octet in " \t" and length:
            # "A server MUST reject, with a response status code of 400 (Bad Request), any
            # received request message that contains whitespace between a header field name and
            # colon" (RFC 9112, 5.1).
            name = self._shown(data)
            detail = f"there is white space in the field name {name}, or between it and its colon"
            raise _bad(detail, "5.1")
        raise _bad(f"{self._shown(data)} starts no field line, NAME: VALUE", "5")

    def _value(self, data: Octets) -> bool:
        self._run(VALUE_OCTETS, data)
        self._check_size(data)
        octet = self._next(data)
        if not octet:
            return False
        if octet == "\r\n":
            self._check_section(self.pos + 2)
            return self._on(FieldScan._line, octet)
        # "a recipient of CR, LF, or NUL within a field value MUST either reject the message or
        # replace each of those characters with SP", and other CTL "are also invalid"
        # (RFC 9110, 5.5).
        name = self._field(data)
        detail = f"the value of the field {name!r} has the control character {octet!r}"
        raise Refusal(400, detail, Section(9110, "5.5"))

    def _check_size(self, data: Octets) -> None:
        # "A server that receives a request header field line, field value, or set of fields
        # larger than it wishes to process MUST respond with an appropriate 4xx" (RFC 9110, 5.4).
        limit = self._limits.field
        if self._section + self._limits.head < self._began + limit:
            self._check_section(self.pos)
        elif self.pos - self._began > limit:
            # "the response representation SHOULD specify which header field was too large"
            # (RFC 6585, 5).
            detail = f"the field {self._field(data)!r} has over {limit} octets (max_field)"
            raise Refusal(431, detail, _TOO_LARGE)

    def _check_section(self, end: int) -> None:
        limit = self._limits.head
        if end - self._section > limit:
            detail = f"the field lines have over {limit} octets in all (max_head)"
            raise Refusal(431, detail, _TOO_LARGE)

    def _field(self, data: Octets) -> str:
        # The name of the field that the scan is in, or the start of it.
        end = self._began + min(self._limits.field, 80)
        return data[self._began : end].decode("latin-1").partition(":")[0]

    def _refuse_fold(self) -> NoReturn:
        if not self._fields:
            # "A recipient that receives whitespace between the start-line and the first header
            # field MUST either reject the message as invalid or consume each
            # whitespace-preceded line" (RFC 9112, 2.2).
            raise _bad("there is white space between the request line and the first field", "2.2")
        # "A server that receives an obs-fold in a request message ... MUST either reject the
        # message by sending a 400 (Bad Request), preferably with a representation explaining
        # that obsolete line folding is unacceptable" (RFC 9112, 5.2).
        raise _bad("a line starts with white space; line folding is not accepted", "5.2")


class HeadScan(FieldScan):
    """Goes through a request line and the field lines behind it (RFC 9112, 3)."""

    __slots__ = ()

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self._step = HeadScan._method

    def partial(self, data: Octets) -> tuple[str, str, str]:
        """Return what is known of the request line: method, target and version."""
        line = data[: self._section - 2 if self._section else self.pos].decode("latin-1")
        method, _, rest = line.partition(" ")
        target, _, version = rest.partition(" ")
        return method, target, version if len(version) == _VERSION else ""

    def _method(self, data: Octets) -> bool:
        length = self._run(TOKEN_OCTETS, data)
        if length > MAX_METHOD:
            # "A server that receives a method longer than any that it implements SHOULD respond
            # with a 501 (Not Implemented) status code" (RFC 9112, 3).
            detail = f"the method has over {MAX_METHOD} octets"
            raise Refusal(501, detail, Section(9112, "3"))
        octet = self._next(data)
        if octet == " " and length:
            return self._on(HeadScan._target, octet)
        if octet == "\x16" and not length:
            raise _bad("this is a TLS handshake, and plain HTTP is spoken here", "3")
        if octet:
            raise _bad(f"the request line starts with {self._shown(data)}, no method", "3.1")
        return False

    def _target(self, data: Octets) -> bool:
        length, limit = self._run(TARGET_OCTETS, data), self._limits.target
        if length > limit:
            # "A server that receives a request-target longer than any URI it wishes to parse
            # MUST respond with a 414 (URI Too Long) status code" (RFC 9112, 3).
            detail = f"the request target has over {limit} octets (max_target)"
            raise Refusal(414, detail, Section(9112, "3"))
        octet = self._next(data)
        if octet == " " and length:
            return self._on(HeadScan._version, octet)
        if octet == "\r\n" and length:
            raise _bad("the request line has no version; HTTP/0.9 is not spoken here", "3")
        if octet:
            where = "in" if length else "in place of"
            raise _bad(f"there is {octet!r} {where} the request target", "3.2")
        return False

    def _version(self, data: Octets) -> bool:
        # Matched from its start each time: it is short.
        self.pos = _end(VERSION_OCTETS, data, self._began)
        octet = self._next(data)
        if not octet:
            return False
        if octet != "\r\n" or self.pos - self._began < _VERSION:
            raise _bad(f"{self._shown(data)} behind the request target is no HTTP version", "2.3")
        if data[self._began + 5] != ord("1"):
            version = data[self._began : self.pos].decode()
            detail = f"{version} is not spoken here; HTTP/1.1 and HTTP/1.0 are"
            raise Refusal(505, detail, Section(9110, "15.6.6"))
        self._on(HeadScan._line, octet)
        self._section = self.pos
        return True


class ChunkScan(Scan):
    """Goes through the line with a chunk's size and its extensions (RFC 9112, 7.1).

    An extension is judged when it is all there; what no extension has, at once.
    """

    __slots__ = ()

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits, ChunkScan._size)

    def _size(self, data: Octets) -> bool:
        length = self._run(SIZE_OCTETS, data)
        self._check_size()
        octet = self._next(data)
        if octet and length and octet in " \t;\r\n":
            self._step = ChunkScan._extension
            return True
        if octet:
            raise _bad(f"{self._shown(data)} is no chunk size, a hexadecimal number", "7.1")
        return False

    def _extension(self, data: Octets) -> bool:
        self._run(VALUE_OCTETS, data)
        self._check_size()
        octet = self._next(data)
        line = data.decode("latin-1") if octet else ""
        if octet and not CHUNK_LINE.match(line):
            raise _bad(f"{shown(line[: self.pos])} is no chunk size with extensions", "7.1.1")
        return False

    def _check_size(self) -> None:
        # "A server ought to limit the total length of chunk extensions received in a request ...
        # and generate an appropriate 4xx (Client Error) response if that amount is exceeded"
        # (RFC 9112, 7.1.1).
        limit = self._limits.field
        if self.pos > limit:
            detail = f"a chunk's line has over {limit} octets (max_field)"
            raise Refusal(413, detail, Section(9112, "7.1.1"))


def _bad(detail: str, part: str) -> Refusal:
    return Refusal(400, detail, Section(9112, part))


def _end(octets: re.Pattern[bytes], data: Octets, start: int) -> int:
    found = octets.match(data, start)
    return found.end() if found else start
