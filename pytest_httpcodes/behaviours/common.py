"""What every resource does, whatever else it is: 405 413 421 501, and `OPTIONS *` (RFC 9110, 9)."""

from __future__ import annotations

from pytest_httpcodes.behaviours.inside import inside_tls
from pytest_httpcodes.resource import Resource, Rule, Site, Stage, Steps, refuse, rule, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import End, Head

_CORE = ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE")  # RFC 9110, 9.3
_MORE = ("PATCH", "QUERY")  # RFC 5789, and the QUERY method's draft
_DAV = ("PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK")  # RFC 4918, 9
_BIND = ("BIND", "UNBIND", "REBIND")  # RFC 5842, 4 to 6
_COFFEE = ("BREW", "WHEN")  # RFC 2324, 2.1
_KNOWN = (*_CORE, *_MORE, *_DAV, *_BIND, *_COFFEE)
# RFC 2774, 5: a mandatory request is one of the methods with this in front. A tunnel's target is
# no resource's, whose extensions could be demanded.
_MANDATORY = tuple(f"M-{method}" for method in _KNOWN if method != "CONNECT")
METHODS = frozenset((*_KNOWN, *_MANDATORY))
ALLOW = ", ".join(method for method in _KNOWN if method != "CONNECT")


@rule(Stage.METHOD)
def known_method(request: Received) -> Steps | None:
    """Refuse a method that this server knows for no resource."""
    method = request.head.method
    if method in METHODS:
        return None
    # "The request method is case-sensitive" (RFC 9110, 9.1).
    detail = f"the method {method} is not known here"
    if method.upper() in METHODS:
        detail += f"; methods are case-sensitive, and {method.upper()} is known"
    return refuse(request, 501, detail, Section(9110, "9.1"))


@rule(Stage.AUTHORITY)
def own_scheme(request: Received) -> Steps | None:
    """Refuse an absolute target of another scheme than the one that is spoken here."""
    scheme = request.head.scheme
    if not scheme or request.base.startswith(f"{scheme}://"):
        return None
    # "a request for an "https" resource ... MUST be rejected" over a connection that is not
    # secured (RFC 9110, 7.4).
    spoken = request.base.partition(":")[0]
    return refuse(
        request,
        421,
        f"the target has the scheme {scheme}, and this is an origin for {spoken}",
        Section(9110, "7.4"),
    )


def content_limit(site: Site) -> Rule:
    """Refuse content that is announced to be larger than the server takes."""
    limit = site.limits.content

    @rule(Stage.CONTENT)
    def check(request: Received) -> Steps | None:
        if (request.head.length or 0) <= limit:
            return None
        return refuse(
            request,
            413,
            f"the content is announced to have over {limit} octets (max_content)",
            Section(9110, "15.5.14"),
        )

    return check


def everywhere(site: Site) -> tuple[Rule, ...]:
    """Return the rules that every resource of a site has."""
    return (own_scheme, known_method, content_limit(site))


class WholeServer(Resource):
    """`OPTIONS *`: what holds for the server as a whole (RFC 9110, 9.3.7).

    With `Upgrade: TLS/1.0` the connection goes on under TLS: "If an unsecured response would be
    unacceptable, a client MUST send an OPTIONS request first" (RFC 2817, 3.2).
    """

    __slots__ = ()

    def __init__(self, site: Site) -> None:
        super().__init__(*everywhere(site), inside_tls, _describe)


@rule(Stage.RESULT)
def _describe(request: Received) -> tuple[Head, End]:
    request.record.why = why("the methods of the server as a whole", Section(9110, "9.3.7"))
    return (Head(204, (("Allow", ALLOW),)), End())


class NoProxy(Resource):
    """`CONNECT` to an origin: known, and nothing that an origin has to offer."""

    __slots__ = ()

    def __init__(self, site: Site) -> None:
        super().__init__(*everywhere(site), _no_tunnel)


@rule(Stage.ALLOWED)
def _no_tunnel(request: Received) -> Steps:
    # A client may take what follows for its tunnel's, so the connection ends.
    return refuse(
        request,
        405,
        "this is an origin, and no proxy that opens tunnels",
        Section(9110, "9.3.6"),
        (("Allow", ALLOW), ("Connection", "close")),
    )


class Mistaken(Resource):
    """A URL that names nothing (404), or with an option that is wrong (400): says what there is."""

    __slots__ = ("_code", "_detail", "_section")

    def __init__(self, site: Site, code: int, detail: str, section: Section) -> None:
        self._code = code
        self._detail = detail
        self._section = section
        super().__init__(*everywhere(site), Rule(Stage.RESOURCE, self._refuse))

    def _refuse(self, request: Received) -> Steps:
        return refuse(request, self._code, self._detail, self._section)
