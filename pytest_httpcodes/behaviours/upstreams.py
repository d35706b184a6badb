"""What stands behind a gateway: an origin whose answers break, or an address without a server.

Rule 1: what breaks does so on the wire, by the faults of any other answer; a gateway knows no more
of it than it sees.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from pytest_httpcodes.behaviours.applied import asked
from pytest_httpcodes.behaviours.document import Document
from pytest_httpcodes.behaviours.faults import Fault
from pytest_httpcodes.behaviours.instance import Instance
from pytest_httpcodes.behaviours.options import Options
from pytest_httpcodes.behaviours.representation import represent
from pytest_httpcodes.exchange import Key
from pytest_httpcodes.resource import Resource, Site, with_fields
from pytest_httpcodes.wire import nowhere
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Fields, Reply
from pytest_httpcodes.wire.upstream import Address
from pytest_httpcodes.wire.writer import lower

TEXT = "what the origin has\n"


class Kind(NamedTuple):
    """How an upstream is broken: its answers, where it is, or what it shows under TLS."""

    fault: Fault | None = None
    address: Callable[[], Address] | None = None
    speaks_tls: bool = False
    asked_in_tls: bool = False


# The words for upstreams, in the order in which a gateway would notice.
KINDS: dict[str, Kind] = {
    "ok": Kind(),
    "unroutable": Kind(address=lambda: nowhere.UNROUTABLE),
    "refused": Kind(address=nowhere.refusing),
    "unanswered": Kind(address=nowhere.unanswering),
    # It is spoken to under TLS, and answers in clear.
    "bad-tls": Kind(asked_in_tls=True),
    "bad-certificate": Kind(speaks_tls=True, asked_in_tls=True),
    "close": Kind(Fault("close")),
    "reset": Kind(Fault("reset")),
    "stall": Kind(Fault("stall")),
    "garbage": Kind(Fault("garbage")),
    "cut-head": Kind(Fault("close", at="field-line")),
    "fold": Kind(Fault("fold")),
    "large-field": Kind(Fault("large-field:70000")),
    "two-lengths": Kind(Fault("two-lengths")),
    "unknown-coding": Kind(Fault("unknown-coding")),
    "bad-chunk": Kind(Fault("bad-chunk")),
    # What was handed on already can be no other answer any more.
    "truncate": Kind(Fault("truncate")),
    "stall-inside": Kind(Fault("stall", at="content")),
}


class Turns:
    """Counts the requests that find an upstream broken; it heals after some of them, if ever."""

    def __init__(self, times: Callable[[], int | None]) -> None:
        self._times = times
        self._lock = threading.Lock()
        self._count = 0

    def breaks(self) -> bool:
        """Count a request; tell whether the upstream is broken for it."""
        with self._lock:
            times = self._times()
            if times is not None and self._count >= times:
                return False
            self._count += 1
            return True


class Behind(Instance):
    """The origin's own resource behind a gateway, at the same path.

    `fault` says how its next answer breaks, `fields` has more fields for each.
    """

    def __init__(
        self, site: Site, key: Key, fault: Callable[[], Fault | None], fields: Callable[[], Fields]
    ) -> None:
        self._fault = fault
        self._fields = fields
        super().__init__(site, key, Options())

    def begin(self) -> Resource:
        """Return a document."""
        return Document(self.site, self.path, represent(TEXT, self.site.born))

    def answer(self, request: Received) -> Reply:
        """Return the answer of the document, which may break."""
        given = replace(self.common, fault=self._fault())
        return asked(request, given, self.site, self._found)

    def _found(self, request: Received) -> Reply:
        return with_fields(lower(self._addressed(request)), self._fields())
