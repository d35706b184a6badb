"""A scenario: the condition that earns a code, and the way past it.

Rule 1: a scenario is a class; an instance of it has a state of its own, which `begin` makes.
Rule 2: options are read when they are needed, since a URL may set them at any time; state stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

from pytest_httpcodes.behaviours.applied import EVERY
from pytest_httpcodes.behaviours.document import METHODS, Document
from pytest_httpcodes.behaviours.instance import Instance
from pytest_httpcodes.behaviours.option import Option
from pytest_httpcodes.behaviours.options import ContentLike, Options, from_query, options, pairs
from pytest_httpcodes.behaviours.representation import Data, Representation, represent
from pytest_httpcodes.codes import look_up
from pytest_httpcodes.exchange import Key
from pytest_httpcodes.request import Element
from pytest_httpcodes.resource import Rule, Site

T = TypeVar("T")


class Scenario(Instance):
    """The behaviour of one status code, earned.

    A subclass names its `code` and its `options`, makes the resources of a new instance in
    `begin`, and says in `trigger` and `relief` which requests earn the code and which get past
    it. `on_wire` is whether it needs more than WSGI can carry, and why: "" if not.
    """

    code: ClassVar[int]
    options: ClassVar[tuple[Option[Any], ...]] = ()
    on_wire: ClassVar[str] = ""

    def __init__(
        self, site: Site, key: Key, given: Mapping[str, Any], common: Options | None = None
    ) -> None:
        self._given = dict(given)
        super().__init__(site, key, common or Options())

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Return the requests that earn the code at an instance's URL, the last one does."""
        raise NotImplementedError

    def relief(self, url: str) -> tuple[Element, ...]:
        """Return the requests the last of which gets past the code; none where nothing does."""
        raise NotImplementedError

    def option(self, option: Option[T]) -> T:
        """Return the value of an option as it is now."""
        value: T = self._given.get(option.name, option.default)
        return value

    def configure(self, given: Mapping[str, Any], common: Options) -> None:
        """Set options; what was counted or stored stays. Those not given become the defaults."""
        self._given = dict(given)
        self.common = common
        self.configured()

    def configured(self) -> None:
        """Act on options that were set; for content that depends on them, say."""

    def represent(
        self,
        content: ContentLike | Data,
        type: str | None = None,  # noqa: A002 - the field's own name
    ) -> Representation:
        """Return content as a representation that is as old as the server."""
        return represent(content, self.site.born, type=type)

    def document(
        self,
        content: ContentLike | Data | None,
        *rules: Rule,
        methods: tuple[str, ...] = METHODS,
    ) -> Document:
        """Return a document at the instance's own path; without content if that is None."""
        current = None if content is None else self.represent(content)
        return Document(self.site, self.path, current, *rules, methods=methods)


def read_query(kind: type[Scenario], query: str) -> tuple[dict[str, Any], Options]:
    """Read the options of a scenario written by hand; raises `ValueError`."""
    known = {option.name: option for option in kind.options}
    found = pairs(query, (*known, *EVERY))
    own = {name: known[name].parse(text) for name, text in found if name in known}
    rest = urlencode([pair for pair in found if pair[0] not in known])
    return own, from_query(rest, EVERY)


def read_options(kind: type[Scenario], given: Mapping[str, Any]) -> tuple[dict[str, Any], Options]:
    """Read the options of a scenario given in Python; raises `ValueError`."""
    known = {option.name: option for option in kind.options}
    for name in given:
        if name not in known and name not in EVERY:
            there_is = ", ".join((*known, *EVERY))
            raise ValueError(
                f"the scenario of {kind.code} ({look_up(kind.code).phrase}) has no option "
                f"{name!r}; there are {there_is}"
            )
    own = {name: known[name].parse(value) for name, value in given.items() if name in known}
    common = {name: value for name, value in given.items() if name in EVERY}
    return own, options(**common)
