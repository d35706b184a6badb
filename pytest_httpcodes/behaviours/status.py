"""Any code at will, 100 to 999: `/status/CODE` answers it, earned or not."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from pytest_httpcodes.behaviours.applied import foreseen, replied
from pytest_httpcodes.behaviours.common import everywhere
from pytest_httpcodes.behaviours.options import Options, check, from_query
from pytest_httpcodes.behaviours.required import INTERIM, NAMING, REQUIRED, Extra, use_proxy
from pytest_httpcodes.clock import imf_fixdate
from pytest_httpcodes.codes import EITHER, WITHOUT_CONTENT, look_up
from pytest_httpcodes.exchange import Exchange, Key
from pytest_httpcodes.problem import TEXT, Body, explain
from pytest_httpcodes.resource import Resource, Rule, Site, Stage, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.grammar import TOKEN
from pytest_httpcodes.wire.received import Foreseen, Received
from pytest_httpcodes.wire.steps import Close, Content, End, Fields, Head, Interim, Reply, Step

_PLAIN = Options()
# An answer differs by these alone, so that it is made once for each.
_CACHED = 64
# RFC 9110, 7.8: protocol = protocol-name [ "/" protocol-version ]; the first one of a list.
_PROTOCOL = re.compile(rf"[ \t,]*({TOKEN}(?:/{TOKEN})?)[ \t]*(?:,|\Z)")


class CodeReply:
    """The answer with one code, by the options given; delay and fault are for who asks for it."""

    __slots__ = ("_code", "_made", "_sentence", "_site", "given", "refuses")

    def __init__(self, site: Site, code: int, options: Options = _PLAIN) -> None:
        row = look_up(code)
        check(code, options)
        self._site = site
        self._code = code
        # A refusal, and a redirect, comes instead of the invitation to send the content.
        self.refuses = code >= 300
        self.given = options
        self._made: dict[object, tuple[Step, ...]] = {}
        self._sentence = why(f"{code} was asked for", row.source)

    def __call__(self, request: Received) -> tuple[Step, ...]:
        """Return the steps of the answer."""
        record = request.record
        record.why = self._sentence
        if self._code == 444:
            record.logged = 444
        if isinstance(self.given.retry_after, timedelta):
            return self._steps(request)
        head = request.head
        known = head.known
        key = (
            head.method,
            head.http10,
            head.authority,
            known.get("accept"),
            known.get("upgrade"),
            known.get("content-encoding"),
            head.target if self._code in NAMING else None,
            _invited(request) if self._code == 100 else None,
        )
        made = self._made.get(key)
        if made is None:
            if len(self._made) >= _CACHED:
                self._made.clear()
            made = self._made[key] = self._steps(request)
        return made

    def _steps(self, request: Received) -> tuple[Step, ...]:
        code = self._code
        if code == 444:
            return (Close(),)
        if code >= 200:
            return self._final(request, code)
        if code == 101:
            return self._switch(request)
        final = self._final(request, 200)
        if code == 100 and _invited(request):
            return final
        return (Interim(code, INTERIM.get(code, ())), *final)

    def _switch(self, request: Received) -> tuple[Step, ...]:
        # "A server MUST NOT switch to a protocol that was not indicated by the client in the
        # corresponding request's Upgrade header field", and "MUST ignore an Upgrade header field
        # that is received in an HTTP/1.0 request" (RFC 9110, 7.8).
        offered = _PROTOCOL.match(request.field("upgrade"))
        if not offered or request.head.http10:
            lines = (("Upgrade", "echo/1.0"), ("Connection", "Upgrade"))
            return self._final(request, 426, Extra(lines, "offer a protocol with Upgrade"))
        fields = (("Upgrade", offered[1]), ("Connection", "Upgrade"))
        return (Interim(101, fields), *self._final(request, 200, Extra((("Connection", "close"),))))

    def _final(self, request: Received, code: int, extra: Extra | None = None) -> tuple[Step, ...]:
        if extra is None and code == 305:
            extra = use_proxy(request, self._site)
        elif extra is None:
            extra = REQUIRED[code](request) if code in REQUIRED else Extra()
        body = self._body(request, code, extra)
        fields = [*extra.fields, *self._retry_after(code)]
        if body is not None:
            fields.append(("Content-Type", body.type))
            if body.negotiated and not any(name == "Vary" for name, _ in fields):
                fields.append(("Vary", "Accept"))
            if code == 200 and request.head.method in ("GET", "HEAD"):
                fields += self._validators(body.data)
            if code == 206 and not self._is_multipart():
                # Of a representation that is twice as long.
                size = len(body.data)
                fields.append(("Content-Range", f"bytes 0-{size - 1}/{2 * size}"))
        given = {name.lower() for name, _ in self.given.headers}
        lines = tuple(f for f in fields if f[0].lower() not in given) + self.given.headers
        return (Head(code, lines), Content(body.data if body else b""), End())

    def _body(self, request: Received, code: int, extra: Extra) -> Body | None:
        if code in WITHOUT_CONTENT:
            return None
        if self.given.body is not None:
            return self.given.body
        if extra.body is not None:
            return extra.body
        row = look_up(code)
        if not 300 <= code <= 599:
            return Body(TEXT, f"{code} {row.phrase}".rstrip().encode() + b"\n")
        more = {}
        if self.given.retry_after is not None and (code in EITHER or row.temporary is None):
            # Whoever says when to come again says that it will pass.
            more["temporary"] = True
        return explain(
            code,
            extra.detail or row.summary,
            request.field("accept"),
            html_first=code < 400 or code in (450, 511),
            link=extra.link,
            alternates=extra.alternates,
            **more,
        )

    def _is_multipart(self) -> bool:
        # "a server MUST NOT generate a Content-Range header field in the HTTP header section of a
        # multiple part response" (RFC 9110, 15.3.7.2).
        types = [v.lower() for name, v in self.given.headers if name.lower() == "content-type"]
        return any(kind.startswith("multipart/byteranges") for kind in types)

    def _validators(self, data: bytes) -> Fields:
        # "SHOULD send ... a Last-Modified" and a strong entity tag (RFC 9110, 8.8.2.1, 8.8.3).
        tag = sha256(data).hexdigest()[:16]
        return (
            ("ETag", f'"{tag}"'),
            ("Last-Modified", imf_fixdate(self._site.born)),
        )

    def _retry_after(self, code: int) -> Fields:
        value = self.given.waiting_time(self._site.clock)
        if value is None:
            return ()
        if code not in (420, 429) or not value.isdigit():
            return (("Retry-After", value),)
        # draft-ietf-httpapi-ratelimit-headers: `t` is the time until the quota is there again.
        seconds = int(value)
        return (
            ("Retry-After", value),
            ("RateLimit-Policy", f'"default";q=1;w={max(seconds, 1)}'),
            ("RateLimit", f'"default";r=0;t={seconds}'),
        )


class Status(Resource):
    """`/status/CODE`: one code, to every known method; with `times`, 200 after so many."""

    __slots__ = ("_code", "_lock", "_seen", "_site", "_then", "_turn")

    def __init__(self, site: Site, code: int, options: Options = _PLAIN) -> None:
        super().__init__(*everywhere(site), Rule(Stage.CONTENT, self._answer))
        self._site = site
        self._code = code
        self._lock = threading.Lock()
        self._then = CodeReply(site, 200)
        self.configure(options)
        self.reset()

    def configure(self, options: Options) -> None:
        """Change the options; what was counted goes on."""
        reply = CodeReply(self._site, self._code, replace(options, times=None))
        self._turn = (options.times, reply)

    def reset(self) -> None:
        """Count from the start again."""
        self._seen = 0

    def foresee(self, target: str) -> Foreseen:
        """Say whether it breaks before the fields are read."""
        times, reply = self._turn
        found = foreseen(reply.given)
        if found.reply is None or times is None or not self._is_over(times):
            return found
        return Foreseen()

    def _is_over(self, times: int) -> bool:
        # Counts one more request.
        with self._lock:
            self._seen += 1
            return self._seen > times

    def _answer(self, request: Received) -> Reply:
        # Above the line of the invitation, which a refusal comes instead of (RFC 9110, 10.1.1).
        times, reply = self._turn
        if times is None or not self._is_over(times):
            return replied(request, self._site, reply)
        steps = replied(request, self._site, self._then)
        sentence = f"the first {times} requests are over"
        request.record.why = why(sentence, Section(9110, "15.3.1"))
        return steps


def _invited(request: Received) -> bool:
    record = request.record
    return isinstance(record, Exchange) and 100 in record.interim


def key(words: Sequence[str]) -> Key | None:
    """Return the key of the instance at /status/CODE[/KEY[/...]]."""
    if not words or not re.fullmatch("[1-9][0-9]{2}", words[0]):
        return None
    return ("status", words[0], words[1] if len(words) > 1 else "")


def place(site: Site, words: Sequence[str], query: str, known: Resource | None) -> Resource:
    """Return the instance that a URL names, with its options set; raises `ValueError`."""
    if known is None:
        return Status(site, int(words[0]), from_query(query))
    if query.strip("&"):
        assert isinstance(known, Status)  # noqa: S101 - its key says so
        known.configure(from_query(query))
    return known
