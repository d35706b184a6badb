"""The fields and content that each code requires, whether or not the request has earned it.

Every row is a function from the request to what comes on top of the bare answer. What a scenario
earns it carries by its own rules; this is for `/status/`, which always answers the same code.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import NamedTuple

from pytest_httpcodes.behaviours.beside import proxy_for
from pytest_httpcodes.behaviours.location import uncached
from pytest_httpcodes.problem import TEXT, XML, Body
from pytest_httpcodes.resource import Site
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Fields

CHALLENGE = 'Basic realm="httpcodes", charset="UTF-8"'
VIA = "1.1 pytest-httpcodes"
EXTENSION = "http://httpcodes.example/policy"
SIZE = 10_240


class Extra(NamedTuple):
    """What a code requires: fields, a sentence or content of its own, and what to link to.

    `link` is an address and its text, `alternates` are addresses and media types to choose from.
    """

    fields: Fields = ()
    detail: str = ""
    body: Body | None = None
    link: tuple[str, str] | None = None
    alternates: tuple[tuple[str, str], ...] = ()


def _redirect(request: Received) -> Extra:
    target = f"{request.root}/redirects/end"
    return Extra((("Location", target),), "", None, (target, "where it is to be had"))


def _see_other(request: Received) -> Extra:
    extra = _redirect(request)
    return extra._replace(fields=extra.fields + uncached(303))


def use_proxy(request: Received, site: Site) -> Extra:
    """Return what a 305 has: the address of the open proxy, of the origin where there is none."""
    try:
        target = f"{proxy_for(request, site, demands=False)}/"
    except LookupError:  # under WSGI
        target = f"{request.root}/"
    return Extra((("Location", target),), "", None, (target, "the proxy"))


def _choices(request: Received) -> Extra:
    # "... the server SHOULD generate content in the 300 response containing a list of
    # representation metadata and URI reference(s)" (RFC 9110, 15.4.1); as Link too.
    return _alternates(request, ("text/plain", "text/html"))


def _not_acceptable(request: Received) -> Extra:
    # "The server SHOULD generate content containing a list of available representation
    # characteristics and corresponding resource identifiers" (RFC 9110, 15.5.7).
    extra = _alternates(request, ("text/plain",))
    return extra._replace(fields=(*extra.fields, ("Vary", "Accept")))


def _alternates(request: Received, kinds: tuple[str, ...]) -> Extra:
    # Under keys of their own: the options in their queries are not to reach a shared instance.
    found = [
        (f"{request.root}/status/200/{kind.replace('/', '-')}?header=Content-Type:{kind}", kind)
        for kind in kinds
    ]
    links = tuple(("Link", f'<{href}>; rel="alternate"; type="{kind}"') for href, kind in found)
    return Extra(links, alternates=tuple(found))


def _allow(request: Received) -> Extra:
    # "the origin server MUST generate an Allow header field in a 405 response" (RFC 9110,
    # 15.5.6), and the method that it refuses is not among those. What GET cannot do, HEAD cannot
    # either, and its answer has the same length.
    method = request.head.method
    refused = ("GET", "HEAD") if method in ("GET", "HEAD") else (method,)
    methods = ", ".join(m for m in ("GET", "HEAD", "OPTIONS") if m not in refused)
    return Extra((("Allow", methods),), f"allowed here: {methods}")


def _unsupported(request: Received) -> Extra:
    if request.field("content-encoding"):
        return Extra((("Accept-Encoding", "gzip, identity"),), "the content coding is not known")
    kind = "the media type is not the one that is wanted here"
    if request.head.method == "PATCH":
        return Extra((("Accept-Patch", "application/merge-patch+json"),), kind)
    return Extra((("Accept-Post", "image/jpeg"), ("Accept", "image/jpeg")), kind)


def _blocked(request: Received) -> Extra:
    return Extra((("Link", f'<{request.root}/>; rel="blocked-by"'),), "a law forbids access to it")


def _portal(request: Received) -> Extra:
    login = f"{request.root}/status/200"
    return Extra((("Cache-Control", "no-store"),), "log in first", None, (login, "log in"))


def _multistatus(status: str) -> Callable[[Received], Extra]:
    def answer(request: Received) -> Extra:
        return _xml(
            f'<D:multistatus xmlns:D="DAV:"><D:response>{_href(request)}'
            f"<D:status>HTTP/1.1 {status}</D:status></D:response></D:multistatus>"
        )

    return answer


def _dav(condition: str) -> Callable[[Received], Extra]:
    def error(request: Received) -> Extra:
        inner = condition.format(href=_href(request))
        return _xml(f'<D:error xmlns:D="DAV:">{inner}</D:error>')

    return error


def _href(request: Received) -> str:
    # As an absolute path, which every href of an answer has to be if one is (RFC 4918, 8.3).
    return f"<D:href>{html.escape(request.head.path)}</D:href>"


def _xml(element: str) -> Extra:
    text = f'<?xml version="1.0" encoding="utf-8"?>\n{element}\n'
    return Extra(body=Body(XML, text.encode()))


def _always(
    detail: str = "", body: Body | None = None, **lines: str
) -> Callable[[Received], Extra]:
    made = tuple((name.replace("_", "-"), value) for name, value in lines.items())
    extra = Extra(made, detail, body)
    return lambda request: extra


REQUIRED: dict[int, Callable[[Received], Extra]] = {
    201: lambda request: Extra((("Location", f"{request.root}/status/200"),)),
    203: _always(Via=VIA),
    206: _always(ETag='"whole"', Accept_Ranges="bytes"),
    207: _multistatus("200 OK"),
    208: _multistatus("208 Already Reported"),
    226: _always(IM="diffe", ETag='"v3"', Delta_Base='"v1"', Cache_Control="no-store, im",
                 Vary="A-IM, If-None-Match", body=Body(TEXT, b"2c\nB\n.\n")),
    300: _choices,
    301: _redirect,
    302: _redirect,
    303: _see_other,
    304: _always(ETag='"current"', Cache_Control="max-age=60", Vary="Accept"),
    307: _redirect,
    308: _redirect,
    401: _always("credentials are wanted", WWW_Authenticate=CHALLENGE),
    405: _allow,
    406: _not_acceptable,
    407: _always("credentials for the proxy are wanted", Proxy_Authenticate=CHALLENGE),
    408: _always(Connection="close"),
    411: _always(Connection="close"),
    414: _always(Connection="close"),
    415: _unsupported,
    416: _always(Content_Range=f"bytes */{SIZE}"),
    417: _always(Connection="close"),
    418: _always("short and stout"),
    420: _always(Cache_Control="no-store"),
    423: _dav("<D:lock-token-submitted>{href}</D:lock-token-submitted>"),
    424: _dav('<e:depends-on xmlns:e="http://httpcodes.example/">{href}</e:depends-on>'),
    426: _always("TLS is demanded here", Upgrade="TLS/1.0, HTTP/1.1", Connection="Upgrade"),
    428: _always("send the change with If-Match and the current ETag", Cache_Control="no-store"),
    429: _always(Cache_Control="no-store"),
    431: _always(Cache_Control="no-store", Connection="close"),
    451: _blocked,
    502: _always(Via=VIA),
    504: _always(Via=VIA),
    505: _always("HTTP/1.1 and HTTP/1.0 are spoken here"),
    507: _dav("<D:quota-not-exceeded/>"),
    508: _dav('<e:loop xmlns:e="http://httpcodes.example/">{href}</e:loop>'),
    510: _always(f"the extension {EXTENSION} is demanded"),
    511: _portal,
}  # fmt: skip

# What depends on the target besides: the answers that name it.
NAMING = (207, 208, 423, 424, 508)

INTERIM: dict[int, Fields] = {
    103: (("Link", '</style.css>; rel="preload"; as="style"'),),
    104: (("Upload-Draft-Interop-Version", "8"),),
}
