"""What a test holds: a server of its own, with the resources it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_httpcodes.endpoint import Endpoint
from pytest_httpcodes.origin import Origin

if TYPE_CHECKING:
    from pytest_httpcodes.behaviours.options import ContentLike, Options, RetryAfter
    from pytest_httpcodes.wire.steps import FieldsLike


class StatusServer(Origin):
    """A real HTTP server for one test: an origin with a port, a clock and a journal of its own.

    It is a context manager; `start` and `stop` do the same by hand. Sizes are in octets, times in
    seconds. `max_target`, `max_field`, `max_head`, `max_fields` and `max_content` bound what a
    request may have, each with its own answer beyond; `head_timeout` is how long a head may take
    and content may stall, `idle_timeout` how long a connection may rest between two requests.
    `keep_octets` is how much of one request's content, and of one answer, the journal keeps.
    `strict` refuses what RFC 9112 lets a server put up with. Raises `ValueError` for a limit
    that is out of range.
    """

    @property
    def localhost(self) -> str:
        """The same port under the name "localhost": another origin to a client."""
        scheme, _, rest = self.url.partition("://")
        return f"{scheme}://localhost:{rest.rpartition(':')[2]}"

    def url_for(self, path: str) -> str:
        """Return the URL of a path; raises `ValueError` if it does not start with a slash."""
        if not path.startswith("/"):
            raise ValueError(f"{path!r} is no path; it has to start with /")
        return self.url + path

    def status(
        self,
        code: int,
        *,
        times: int | None = None,
        retry_after: RetryAfter | None = None,
        delay: float = 0.0,
        headers: FieldsLike = (),
        content: ContentLike | None = None,
        fault: str | None = None,
        at: str | None = None,
    ) -> Endpoint:
        """Make a resource that always answers `code`, with the fields that the code requires.

        With `times`, only the first so many requests get it, then 200. `retry_after` is seconds,
        an HTTP-date, a `datetime`, or a `timedelta` for a date so far ahead on the server's
        clock (rounded up, since a date has no fractions of a second); `delay` is how long the
        answer takes, in seconds; `content` is octets, text, or what JSON has a form for; `fault`
        breaks the answer at the place `at`. Raises `ValueError` for an impossible code or option.
        """
        made = self._app().add_status(
            code,
            _options(times, retry_after, delay, headers, content, fault, at),
        )
        return self._endpoint(made)

    def redirects(
        self,
        *codes: int,
        loop: bool = False,
        to: str | None = None,
        form: str = "absolute",
        grow: bool = False,
        retry_after: RetryAfter | None = None,
        delay: float = 0.0,
        headers: FieldsLike = (),
        content: ContentLike | None = None,
        fault: str | None = None,
        at: str | None = None,
    ) -> Endpoint:
        """Make a chain of redirects, one for each code, which ends in a 200.

        The 200 says which method and content arrived. `loop` closes the chain into a cycle, `to`
        ends it at another URL, `grow` makes each `Location` carry the whole last URL, and `form`
        is how `Location` is written: absolute, path, relative, scheme-relative, fragment, utf-8,
        empty, missing, invalid or two. The other options are those of `status`, for every link.
        Raises `ValueError` for a code that redirects nowhere, and for an impossible option.
        """
        from pytest_httpcodes.behaviours.redirection import course

        made = self._app().add_chain(
            codes,
            course(loop=loop, to=None if to is None else str(to), form=form, grow=grow),
            _options(None, retry_after, delay, headers, content, fault, at),
        )
        return self._endpoint(made)

    def script(
        self,
        *replies: Any,
        everywhere: bool = False,
        exact: bool = False,
        times: int | None = None,
        retry_after: RetryAfter | None = None,
        delay: float = 0.0,
        headers: FieldsLike = (),
        content: ContentLike | None = None,
        fault: str | None = None,
        at: str | None = None,
    ) -> Endpoint:
        """Make a resource that gives the n-th reply to the n-th request; the last one repeats.

        A reply is a code; `(code, headers)` or `(code, headers, content)`; octets or text (a
        200); a dict or list (a 200 as JSON); a Werkzeug `Response`; a wire step such as
        `Reset()`, or `Steps`; or a callable from the request, Werkzeug's, to any of these. It
        answers at its own path and at every path below; `everywhere` takes all paths that no
        other resource of the test has, and returns the origin's URL. `exact` fails the test if
        the client did not use the script up, or asked for more. `retry_after` goes to the codes
        from 300 on. Raises `ValueError` or `TypeError` for what is no reply, and `ValueError` for
        a second script everywhere.
        """
        made = self._app().add_script(
            replies,
            _options(times, retry_after, delay, headers, content, fault, at),
            everywhere=everywhere,
            exact=exact,
        )
        return self._endpoint(made)

    def origin(self) -> StatusServer:
        """Open a second origin, with a port and a journal of its own.

        It has the same limits and the same clock, and stops with this one.
        """
        limits = self.limits
        other = StatusServer(
            self._host,
            tls=self._tls,
            cors=self._cors,
            strict=limits.strict,
            max_target=limits.target,
            max_field=limits.field,
            max_head=limits.head,
            max_fields=limits.fields,
            max_content=limits.content,
            head_timeout=self.head_timeout,
            idle_timeout=self.idle_timeout,
            keep_octets=self._keep_octets,
            max_connections=self._max_connections,
            clock=self.clock,
        )
        self._others.append(other)
        return other.start()

    def _endpoint(self, made: tuple[str, tuple[str, ...]]) -> Endpoint:
        path, key = made
        return Endpoint(self.url + path, self._journal, key)


def _options(
    times: int | None,
    retry_after: RetryAfter | None,
    delay: float,
    headers: FieldsLike,
    content: ContentLike | None,
    fault: str | None,
    at: str | None,
) -> Options:
    from pytest_httpcodes.behaviours.options import options

    return options(
        times=times,
        retry_after=retry_after,
        delay=delay,
        headers=headers,
        content=content,
        fault=fault,
        at=at,
    )
