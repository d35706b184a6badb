"""What a test holds: a server of its own, with the resources it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_httpcodes.endpoint import Endpoint
from pytest_httpcodes.neighbours import Neighbours

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_httpcodes.authority import Authority
    from pytest_httpcodes.behaviours.faults import Fault
    from pytest_httpcodes.behaviours.flaky import Flaky
    from pytest_httpcodes.behaviours.made import Rules
    from pytest_httpcodes.behaviours.options import ContentLike, Options, RetryAfter
    from pytest_httpcodes.behaviours.representation import Data
    from pytest_httpcodes.behaviours.webdav.trees import Contents, TreeEndpoint
    from pytest_httpcodes.wire.steps import FieldsLike


class StatusServer(Neighbours):
    """A real HTTP server for one test: an origin with a port, a clock and a journal of its own.

    It is a context manager; `start` and `stop` do the same by hand. `tls` has it speak TLS: True,
    the word for a certificate such as "expired", a `TLS`, or an `SSLContext` of one's own. Sizes
    are in octets, times in seconds. `max_target`, `max_field`, `max_head`, `max_fields` and
    `max_content` bound what a request may have, each with its own answer beyond; `head_timeout` is
    how long a head may take and content may stall, `idle_timeout` how long a connection may rest
    between two requests. `keep_octets` is how much of one request's content, and of one answer, the
    journal keeps. `max_requests` is how many a connection serves, the last answer of which closes
    it, 0 for any number; `unsolicited_408` sends a 408 to a connection that has rested for too
    long, as some servers do, instead of closing it in silence. `strict` refuses what RFC 9112 lets
    a server put up with. Raises `ValueError` for a limit that is out of range, and `MissingExtra`,
    which names the extra, for TLS where trustme is not installed.
    """

    @property
    def localhost(self) -> str:
        """The same port under the name "localhost": another origin to a client."""
        scheme, _, rest = self.url.partition("://")
        return f"{scheme}://localhost:{rest.rpartition(':')[2]}"

    @property
    def ca_file(self) -> str:
        """The file, in PEM, that a client must trust where this server speaks TLS.

        It is the same for every server of the process that has a certificate of ours, and is
        removed when that ends. Raises `RuntimeError` for a server with an `SSLContext` of one's
        own, and `MissingExtra` where trustme is not installed.
        """
        return self._authority().ca_file

    def client_file(self, certificate: str = "valid") -> str:
        """Return a file, in PEM, with a key and a certificate for a client under TLS.

        That is "valid", "expired" or of an "unknown-authority". Raises `ValueError` for another
        word, and what `ca_file` does.
        """
        return self._authority().client_file(certificate)

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
        fault: str | Fault | Flaky | None = None,
        at: str | None = None,
    ) -> Endpoint:
        """Make a resource that always answers `code`, with the fields that the code requires.

        With `times`, only the first so many requests get it, then 200. `retry_after` is seconds,
        an HTTP-date, a `datetime`, or a `timedelta` for a date so far ahead on the server's
        clock (rounded up, since a date has no fractions of a second); `delay` is how long the
        answer takes, in seconds; `content` is octets, text, or what JSON has a form for; `fault`
        breaks the answer at the place `at`: it is a kind, such as "reset" or "drip:100", a
        `Fault`, or `flaky()`. Raises `ValueError` for an impossible code or option.
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
        fault: str | Fault | Flaky | None = None,
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
        fault: str | Fault | Flaky | None = None,
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

    def scenario(self, code: int, **options: Any) -> Endpoint:
        """Make an instance of the scenario of `code`: it answers so where a request earns it.

        The endpoint's `trigger` are the requests that earn the code, and its `relief` those that
        get past it. The options are those of its URL (`httpcodes show CODE` has them), and
        `delay`, `fault` and `at`. Raises `LookupError` for a code that has no scenario, and
        `ValueError` for an impossible code or option.
        """
        path, key, made = self._app().add_scenario(code, options)
        endpoint = self._endpoint((path, key))
        endpoint.trigger = made.trigger(str(endpoint))
        endpoint.relief = made.relief(str(endpoint))
        return endpoint

    def resource(
        self,
        content: ContentLike | Data | None,
        *rules: Rules,
        type: str | None = None,  # noqa: A002 - the field's own name
        etag: str | None = None,
        methods: Sequence[str] | None = None,
        headers: FieldsLike = (),
        delay: float = 0.0,
        fault: str | Fault | Flaky | None = None,
        at: str | None = None,
    ) -> Endpoint:
        """Make a resource of content, octets, text, JSON or `Generated`, and rules.

        It has validators, serves conditional requests and ranges, and does what the methods of
        RFC 9110, 9.3 say: a PUT replaces it, a POST stores a member below it, which the same
        rules hold for. With None for `content` it is a 404 until a PUT creates it. `rules` meet a
        request in the order of their stages. `type` is its media type, `etag` a whole entity tag
        instead of the one that is made from the content, `methods` are those that it allows, and
        `headers` more fields of its 200. Raises `ValueError` for an impossible option, and
        `TypeError` for what is no rule.
        """
        made = self._app().add_resource(
            content,
            rules,
            type=type,
            etag=etag,
            methods=methods,
            common=_options(None, None, delay, headers, None, fault, at),
        )
        return self._endpoint(made)

    def webdav(
        self,
        tree: Contents | None = None,
        *,
        quota: int | None = None,
        locked: Iterable[str] = (),
        finite: bool = False,
        delay: float = 0.0,
        fault: str | Fault | Flaky | None = None,
        at: str | None = None,
    ) -> TreeEndpoint:
        """Make a WebDAV collection: classes 1, 2 and 3 of RFC 4918, and the bindings of RFC 5842.

        `tree` is what is in it: content by its path, such as "a/b.txt", None for a collection
        ("a/"); what a path is below is made, too. `quota` is how many octets it may hold, None
        for any number; a collection counts as 64. `locked` are paths that another principal holds
        locks on. `finite` refuses a PROPFIND with a `Depth` of infinity. The endpoint's `tree`
        reads and changes what there is then. Raises `ValueError` for what cannot be, `LookupError`
        for a path of `locked` that there is not, and `MissingExtra` where lxml is not installed.
        """
        from pytest_httpcodes.behaviours.webdav.trees import TreeEndpoint

        path, key, branch = self._app().add_tree(
            tree or {},
            quota=quota,
            locked=locked,
            finite=finite,
            common=_options(None, None, delay, (), None, fault, at),
        )
        endpoint = TreeEndpoint(self.url + path, self._journal, key)
        endpoint.tree = branch
        return endpoint

    def origin(self) -> StatusServer:
        """Open a second origin, with a port and a journal of its own.

        It has the same limits and the same clock, and stops with this one.
        """
        other = StatusServer(self._host, tls=self._tls, cors=self._cors, **self._limits())
        self._others.append(other)
        return other.start()

    def _authority(self) -> Authority:
        from pytest_httpcodes import authority

        if self._terms is not None and self._terms.context is self._tls:
            raise RuntimeError(
                "this server has an SSLContext of its own, whose authority is not known here"
            )
        return authority.authority()

    def _endpoint(self, made: tuple[str, tuple[str, ...]]) -> Endpoint:
        path, key = made
        return Endpoint(self.url + path, self._journal, key)


def _options(
    times: int | None,
    retry_after: RetryAfter | None,
    delay: float,
    headers: FieldsLike,
    content: ContentLike | None,
    fault: str | Fault | Flaky | None,
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
