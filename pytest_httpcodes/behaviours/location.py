"""Where a link of a chain leads, and the ten ways of writing it (RFC 9110, 10.2.2; RFC 3986, 4)."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlencode

from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Fields

FORMS = (
    "absolute",
    "path",
    "relative",
    "scheme-relative",
    "fragment",
    "utf-8",
    "empty",
    "missing",
    "invalid",
    "two",
)
SNOWMAN = "\u2603"
# What a link adds to the address of the next one, and what does not ride along therefore.
ADDED = ("last", "q")

_SCHEME = re.compile(r"\A[A-Za-z][A-Za-z0-9+.-]*://")


def uncached(code: int) -> Fields:
    """Return the field that keeps a 303 out of caches; no other redirect needs one."""
    # What the first specifications demanded, and what still does no harm (RFC 2616, 10.3.4).
    return (("Cache-Control", "no-store"),) if code == 303 else ()


class Location:
    """Where a link leads: to the `rest` of the chain, or behind the last link to `to`.

    `query` is what rides along; it does as far as the last link. `grow` puts the whole address of
    the request into that of the next one.
    """

    def __init__(
        self,
        request: Received,
        rest: tuple[int, ...],
        key: str,
        query: str,
        *,
        to: str | None,
        grow: bool,
    ) -> None:
        self._root = request.root
        name = ",".join(map(str, rest)) or "end"
        if key:
            name += "/" + quote(key, safe="", errors="surrogateescape")
        found = parse_qsl(query, keep_blank_values=True)
        riding = [(name, value) for name, value in found if name not in ADDED]
        if not rest:
            riding = []
        if grow:
            # "an infinite loop of redirection (e.g., a redirected URI prefix that points to a
            # suffix of itself)" (RFC 9110, 15.5.15), which ends in a 414.
            riding.append(("last", _address(request)))
        self._name = name + ("?" + urlencode(riding) if riding else "")
        # How far below /redirects/ the request was, to which a relative reference is relative.
        self._up = "../" * (request.head.path.count("/") - 2)
        self._elsewhere = to if not rest else None

    @property
    def uri(self) -> str:
        """The address, as a URI that a page can link to."""
        return self._elsewhere or f"{self._root}/redirects/{self._name}"

    def fields(self, form: str) -> Fields:
        """Return the field lines that say it, in one of the `FORMS`."""
        match form:
            case "missing":
                return ()
            case "two":
                return (("Location", self.uri), ("Location", f"{self._root}/status/200"))
        return (("Location", self._written(form)),)

    def _written(self, form: str) -> str:
        uri = self.uri
        match form:
            case "empty":
                return ""
            case "invalid":
                return "http://[::1"
            case "fragment":
                return uri if "#" in uri else f"{uri}#fragment"
            case "utf-8":
                return _with_snowman(uri)
            case "scheme-relative":
                return _SCHEME.sub("//", uri)
        if not self._elsewhere:
            if form == "path":
                return f"/redirects/{self._name}"
            if form == "relative":
                # RFC 3986, 5.2.3: relative to the last "/" of the path that the request had.
                return self._up + self._name
        return uri


def _with_snowman(uri: str) -> str:
    # Octets beyond ASCII, which a URI does not have and which servers send all the same.
    address, mark, fragment = uri.partition("#")
    sign = "&" if "?" in address else "?"
    return f"{address}{sign}q={SNOWMAN}{mark}{fragment}".encode().decode("latin-1")


def _address(request: Received) -> str:
    head = request.head
    return head.target if head.scheme else request.root + head.target
