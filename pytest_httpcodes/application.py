"""Answers requests: finds the resource, asks it, and owns up to faults. Imported when needed."""

from __future__ import annotations

import itertools
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from pytest_httpcodes import scenarios
from pytest_httpcodes.behaviours import cors, nginx
from pytest_httpcodes.behaviours.options import ContentLike, Options
from pytest_httpcodes.behaviours.redirection import Chain, Course, check_codes
from pytest_httpcodes.behaviours.reply import name_of, read
from pytest_httpcodes.behaviours.script import Script
from pytest_httpcodes.behaviours.status import Status
from pytest_httpcodes.catalogue import MADE, Catalogue, Place
from pytest_httpcodes.codes import look_up
from pytest_httpcodes.exchange import Exchange, Key
from pytest_httpcodes.pages.index import Index
from pytest_httpcodes.problem import TEXT, Body, explain
from pytest_httpcodes.resource import Resource, Site, reply, why
from pytest_httpcodes.wire.head import Refusal, RequestHead
from pytest_httpcodes.wire.received import Foreseen, Received
from pytest_httpcodes.wire.steps import Reply, Step
from pytest_httpcodes.wire.writer import lower

if TYPE_CHECKING:
    from pytest_httpcodes.behaviours.made import Rules
    from pytest_httpcodes.behaviours.representation import Data
    from pytest_httpcodes.behaviours.scenario import Scenario
    from pytest_httpcodes.behaviours.webdav.trees import Branch, Contents
    from pytest_httpcodes.wire.received import Record

_NAMED = 8  # how many replies a script's URL names
_CLOSE = (("Connection", "close"),)


class Application:
    """The resources of one origin."""

    def __init__(self, site: Site, *, cors: bool = False) -> None:
        self.site = site
        self.catalogue = Catalogue(site, partial(Index, site))
        self.faults: list[tuple[Exchange, BaseException]] = []
        self.scripts: list[Script] = []
        self._cors = cors
        self._numbers = itertools.count(1)

    def respond(self, request: Received) -> Reply:
        """Return the answer to a request."""
        place = self.catalogue.find(request.head)
        request.record.key = place.key
        if self._cors:
            return self._with_cors(request, place.resource)
        return place.resource.answer(request)

    def foresee(self, method: str, target: str, version: str) -> Foreseen:
        """Say what is known of a request whose head is not all there yet."""
        place = self._named(method, target, version)
        if place is None:
            return Foreseen()  # it is refused anyway, once its head is there
        return place.resource.foresee(target)._replace(key=place.key)

    def refuse(self, refusal: Refusal, head: RequestHead | None, record: Record) -> Reply:
        """Return the answer to what is no request, or breaks off being one."""
        assert isinstance(record, Exchange)  # noqa: S101 - the journal's own
        record.why = why(refusal.detail, refusal.section)
        if record.target and not record.key:
            record.key = self.catalogue.key_at(record.target)
        fields: tuple[tuple[str, str], ...] = _CLOSE
        code = refusal.status
        if code == 431 and record.key[:1] == ("494",):
            code = 494
        if code in nginx.PAGES:
            return self._opened(self._as_asked(nginx.as_nginx(record, code), head, record), record)
        if code == 431:
            # "Responses with the 431 status code MUST NOT be stored by a cache" (RFC 6585, 5).
            fields = (*fields, ("Cache-Control", "no-store"))
        accept = head.known.get("accept", "") if head else ""
        body = explain(code, refusal.detail, accept)
        return self._opened(self._as_asked(reply(code, body, fields), head, record), record)

    def _as_asked(
        self, steps: Iterable[Step], head: RequestHead | None, record: Exchange
    ) -> Iterable[Step]:
        # What is refused for its head has an address all the same, where answers may break.
        resource = None
        if head is None:
            resource = self.site.instances.get(record.key)
            if record.version:  # all of the target is there
                place = self._named(record.method, record.target, record.version)
                resource = place.resource if place else None
        return steps if resource is None else resource.refused(steps, record)

    def _named(self, method: str, target: str, version: str) -> Place | None:
        # What a request line names, None for one that is refused itself.
        head = RequestHead(method, target, version, [("Host", "httpcodes")], b"")
        try:
            head.interpret(self.site.limits)
        except Refusal:
            return None
        return self.catalogue.find(head)

    def fault(self, error: BaseException, record: Record) -> Reply:
        """Note a fault of ours, and return an answer that nobody takes for another's."""
        assert isinstance(record, Exchange)  # noqa: S101 - likewise
        self.faults.append((record, error))
        record.why = why("this test server failed, not the client", look_up(590).source)
        record.failure = f"{type(error).__name__}: {error}"
        text = "".join(traceback.format_exception(error))
        sys.stderr.write(f"httpcodes: a fault while answering {record.target}\n{text}")
        octets = f"590 Httpcodes Fault\n{record.failure}\n".encode(errors="replace")
        return self._opened(reply(590, Body(TEXT, octets), _CLOSE), record)

    def take_faults(self) -> list[tuple[Exchange, BaseException]]:
        """Return the faults so far, and forget them."""
        taken, self.faults = self.faults, []
        return taken

    def take_misuse(self) -> list[str]:
        """Return what is wrong with the exact scripts made so far, and forget those."""
        taken, self.scripts = self.scripts, []
        return [script.complaint for script in taken if script.complaint]

    def add_status(self, code: int, options: Options) -> tuple[str, Key]:
        """Add an instance of `/status/CODE`; return its path and its key."""
        made = Status(self.site, code, options)
        return self._add(("status", f"{int(code)}", self._word()), made)

    def add_chain(self, codes: Sequence[int], course: Course, options: Options) -> tuple[str, Key]:
        """Add a chain of redirects; return the path of its first link, and its key."""
        name = ",".join(map(str, check_codes(codes)))
        word = self._word()
        self.catalogue.add(("redirects", word), Chain(self.site, word, course, options))
        return f"/redirects/{name}/{word}", ("redirects", word)

    def add_script(
        self, replies: Sequence[Any], options: Options, *, everywhere: bool, exact: bool
    ) -> tuple[str, Key]:
        """Add a script; return its path, "" for one that is everywhere, and its key."""
        if not replies:
            raise ValueError("a script has at least one reply")
        answers = [read(self.site, answer, options) for answer in replies]
        name = ",".join(map(name_of, replies[:_NAMED])) + ",..." * (len(replies) > _NAMED)
        key = ("script", name, self._word())
        path = "/" + "/".join(key)
        made = Script(self.site, answers, options.times, exact=exact, name=path)
        if everywhere:
            self.catalogue.add_everywhere(key, made)
        else:
            self.catalogue.add(key, made)
        if exact:
            self.scripts.append(made)
        return ("" if everywhere else path), key

    def add_scenario(self, code: int, given: Mapping[str, Any]) -> tuple[str, Key, Scenario]:
        """Add an instance of the scenario of a code; return its path, its key and itself.

        Raises `LookupError` for a code that has none, and `ValueError` for an impossible option.
        """
        from pytest_httpcodes.behaviours.scenario import read_options

        kind = scenarios.find(code)
        own, common = read_options(kind, given)
        key = (f"{int(code)}", self._word())
        made = kind(self.site, key, own, common)
        return *self._add(key, made), made

    def add_resource(
        self, content: ContentLike | Data | None, rules: Sequence[Rules], **given: Any
    ) -> tuple[str, Key]:
        """Add a resource of content and rules; return its path and its key."""
        from pytest_httpcodes.behaviours.made import Made

        key = (MADE, self._word())
        return self._add(key, Made(self.site, key, content, rules, **given))

    def add_tree(self, contents: Contents, **given: Any) -> tuple[str, Key, Branch]:
        """Add a WebDAV tree; return the path of its root, its key and what is in it."""
        from pytest_httpcodes.behaviours.webdav.trees import Branch, Planted

        key = (MADE, self._word())
        made = Planted(self.site, key, contents, **given)
        path, _ = self._add(key, made)
        return f"{path}/", key, Branch(lambda: made.tree)

    def _add(self, key: Key, resource: Resource) -> tuple[str, Key]:
        self.catalogue.add(key, resource)
        return "/" + "/".join(key), key

    def _word(self) -> str:
        return f"_{next(self._numbers)}"

    def _with_cors(self, request: Received, resource: Resource) -> Reply:
        preflight = cors.preflight(request)
        if preflight is not None:
            return preflight
        return cors.allow(lower(resource.answer(request)), request.field("origin"))

    def _opened(self, steps: Iterable[Step], record: Exchange) -> Reply:
        # What is refused, or fails, a page may read too.
        return cors.allow(steps, record.headers.get("Origin", "")) if self._cors else steps


class Sole(Application):
    """An application that answers all requests in one way, whatever their target."""

    def __init__(self, site: Site, answer: Callable[[Received], Reply]) -> None:
        super().__init__(site)
        self._answer = answer

    def respond(self, request: Received) -> Reply:
        """Return the answer to a request."""
        return self._answer(request)

    def foresee(self, method: str, target: str, version: str) -> Foreseen:
        """Say nothing: only a whole head tells what is asked for."""
        return Foreseen()

    def _as_asked(
        self, steps: Iterable[Step], head: RequestHead | None, record: Exchange
    ) -> Iterable[Step]:
        return steps
