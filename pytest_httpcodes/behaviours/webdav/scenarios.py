"""The scenarios of WebDAV: 207 208 423 424 507 508, a tree each (RFC 4918 and 5842)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import ClassVar
from urllib.parse import urlsplit

from pytest_httpcodes.behaviours.option import Option, count, switch
from pytest_httpcodes.behaviours.options import ContentLike
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.behaviours.webdav import steps, xml
from pytest_httpcodes.behaviours.webdav.collection import Method, WebDav
from pytest_httpcodes.behaviours.webdav.trees import Branch, plant
from pytest_httpcodes.problem import JSON
from pytest_httpcodes.request import Answer, Element, Request
from pytest_httpcodes.resource import Resource, Rule

FINITE = Option("finite", False, switch, "refuse a PROPFIND with a Depth of infinity")
QUOTA = Option("quota", 1024, count(0, 1_048_576), "octets that the tree may hold")
_README = b"a WebDAV tree: PROPFIND says what is in it\n"
_NOTE = b"a note in a folder\n"
_ALL = b'<propfind xmlns="DAV:"><allprop/></propfind>'
_IDS = b'<propfind xmlns="DAV:"><prop><resourcetype/><resource-id/></prop></propfind>'
_LOCKS = b'<propfind xmlns="DAV:"><prop><lockdiscovery/></prop></propfind>'
_LOCK = (
    b'<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype>'
    b"</lockinfo>"
)
_SET = (
    b'<propertyupdate xmlns="DAV:"><set><prop><displayname>Read me</displayname></prop></set>%b'
    b"</propertyupdate>"
)
_PROTECTED = b'<set><prop><getetag>"mine"</getetag></prop></set>'
_XML = ("Content-Type", "application/xml")
_TEXT = ("Content-Type", "text/plain")
_JSON = ("Content-Type", JSON)


class _Tree(Scenario):
    # A tree for each KEY; one resource answers for all of it.
    methods: ClassVar[Mapping[str, Method]] = {}
    contents: ClassVar[Mapping[str, ContentLike | None]] = {
        "readme.txt": _README.decode(),
        "folder": None,
        "folder/note.txt": _NOTE.decode(),
    }

    def begin(self) -> Resource:
        """Return a new tree."""
        xml.needed()
        site = self.site
        self.tree = plant(site.clock, site.born, self.contents, quota=self.quota())
        self.planted(Branch(lambda: self.tree))
        return WebDav(
            site, self.path, self.tree, *self.rules(), finite=self.finite, more=self.methods
        )

    def quota(self) -> int | None:
        """Return how many octets the tree may hold, None for any number."""
        return None

    def finite(self) -> bool:
        """Tell whether a PROPFIND with a Depth of infinity is refused."""
        return False

    def rules(self) -> tuple[Rule, ...]:
        """Return rules besides those of every tree."""
        return ()

    def planted(self, tree: Branch) -> None:
        """Add what is no content to a new tree."""

    def find(self, below: Sequence[str], method: str = "GET") -> Resource:
        """Return the one resource that answers for the whole tree."""
        return self._root


def _root(url: str) -> str:
    # The tree at the bare code is the one that everyone shares.
    bare = urlsplit(url).path.count("/") == 1
    return f"{url}/shared/" if bare else f"{url}/"


def _propfind(url: str, depth: str, content: bytes = _ALL, *fields: tuple[str, str]) -> Request:
    return Request("PROPFIND", url, (("Depth", depth), *fields, _XML), content)


class MultiStatus(_Tree):
    """207: a PROPFIND says what there is, with a status for each property (RFC 4918, 9.1)."""

    code = 207
    options = (FINITE,)

    def finite(self) -> bool:
        """Tell whether a PROPFIND with a Depth of infinity is refused."""
        return self.option(FINITE)

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask for the properties of the collection and its members."""
        return (_propfind(_root(url), "1"),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Get a member."""
        return (Request("GET", f"{_root(url)}readme.txt"),)


class _Loop(_Tree):
    # A tree that is a member of itself.
    def planted(self, tree: Branch) -> None:
        tree.bind("loop", "")

    def relief(self, url: str) -> tuple[Element, ...]:
        """Ask for the collection and its members alone."""
        return (_propfind(_root(url), "1", _IDS),)


class AlreadyReported(_Loop):
    """208: a collection that is bound twice is listed once, to who knows of it (RFC 5842, 7.1).

    It is the status inside a 207.
    """

    code = 208

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask for all, as a client that knows of bindings."""
        return (_propfind(_root(url), "infinity", _IDS, ("DAV", "bind")),)


class LoopDetected(_Loop):
    """508: a collection is a member of itself, and all of it is asked for (RFC 5842, 7.2)."""

    code = 508

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask for all, as a client that knows nothing of bindings."""
        return (_propfind(_root(url), "infinity", _IDS),)


class Locked(_Tree):
    """423: `locked` is held by another principal, so a PUT of it is refused (RFC 4918, 11.3)."""

    code = 423
    contents: ClassVar[Mapping[str, ContentLike | None]] = {
        **_Tree.contents,
        "locked": "held by another principal\n",
    }

    def planted(self, tree: Branch) -> None:
        """Lock the member."""
        tree.lock("locked")

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Replace what is locked."""
        return (Request("PUT", f"{_root(url)}locked", (_TEXT,), b"mine\n"),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Lock another member, replace it with the lock's token, unlock and replace it again."""
        member = f"{_root(url)}readme.txt"

        def with_token(answer: Answer) -> Request:
            tokens = f"({answer.headers['Lock-Token']})"
            return Request("PUT", member, (("If", tokens), _TEXT), b"mine\n")

        def unlock(answer: Answer) -> Request:
            (token,) = re.findall(rb"<D:locktoken><D:href>([^<]*)<", answer.content)
            return Request("UNLOCK", member, (("Lock-Token", f"<{token.decode()}>"),))

        return (
            Request("LOCK", member, (("Timeout", "Infinite"), ("Depth", "0"), _XML), _LOCK),
            with_token,
            _propfind(member, "0", _LOCKS),
            unlock,
            Request("PUT", member, (_TEXT,), b"anybody's\n"),
        )


class FailedDependency(_Tree):
    """424: what depends on something that failed is not done either (RFC 4918, 11.4).

    That is a property in a PROPPATCH with a protected one, inside a 207; and a `POST` of steps.
    """

    code = 424
    methods: ClassVar[Mapping[str, Method]] = {"POST": Method(steps.perform, root=True)}

    def rules(self) -> tuple[Rule, ...]:
        """Return what a POST has to enclose."""
        return steps.rules()

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Set a property together with a protected one, then do a step that needs a failed one."""
        done: list[dict[str, object]] = [{"name": "a", "fails": True}, {"name": "b", "needs": "a"}]
        return self._both(url, _SET % _PROTECTED, done)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Set the property alone, then do a step that needs one which succeeds."""
        return self._both(url, _SET % b"", [{"name": "a"}, {"name": "b", "needs": "a"}])

    def _both(self, url: str, update: bytes, done: list[dict[str, object]]) -> tuple[Element, ...]:
        root = _root(url)
        content = json.dumps({"steps": done}).encode()
        return (
            Request("PROPPATCH", f"{root}readme.txt", (_XML,), update),
            Request("POST", root, (_JSON,), content),
        )


class InsufficientStorage(_Tree):
    """507: a PUT of more than the tree may hold is refused (RFC 4918, 11.5; RFC 4331, 6)."""

    code = 507
    options = (QUOTA,)
    contents: ClassVar[Mapping[str, ContentLike | None]] = {}

    def quota(self) -> int | None:
        """Return how many octets the tree may hold."""
        return self.option(QUOTA)

    def configured(self) -> None:
        """Change the quota of the tree that there is."""
        self.tree.quota = self.option(QUOTA)

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Fill the tree, and store one octet more."""
        quota = self.option(QUOTA)
        full = Request("PUT", f"{_root(url)}full", (_TEXT,), b"x" * quota)
        return (full, Request("PUT", f"{_root(url)}more", (_TEXT,), b"x"))

    def relief(self, url: str) -> tuple[Element, ...]:
        """Delete what there is, and store something."""
        root = _root(url)
        return (
            Request("DELETE", f"{root}full"),
            Request("DELETE", f"{root}more"),
            Request("PUT", f"{root}more", (_TEXT,), b"x" * min(1, self.option(QUOTA))),
        )
