"""What a test makes of content and rules: `status_server.resource(content, *rules)`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from pytest_httpcodes.behaviours.document import METHODS, Document
from pytest_httpcodes.behaviours.instance import Instance
from pytest_httpcodes.behaviours.options import ContentLike, Options
from pytest_httpcodes.behaviours.representation import (
    ASK_FIRST,
    Data,
    Representation,
    represent,
)
from pytest_httpcodes.exchange import Key
from pytest_httpcodes.fields.validators import is_entity_tag
from pytest_httpcodes.resource import Resource, Rule, Site, override
from pytest_httpcodes.wire.steps import fields

# A rule, or several that belong together.
Rules: TypeAlias = "Rule | Iterable[Rule]"
# Fields of a 200 that are made from something else than `headers`.
_OWN = {
    "accept-ranges": "what the resource itself knows",
    "content-type": "to be given as type=",
    "etag": "to be given as etag=",
    "last-modified": "the server's time when the content was made",
}


class Made(Instance):
    """A resource of content and rules; raises `ValueError` or `TypeError` for what is none."""

    def __init__(
        self,
        site: Site,
        key: Key,
        content: ContentLike | Data | None,
        rules: Sequence[Rules],
        *,
        type: str | None = None,  # noqa: A002 - the field's own name
        etag: str | None = None,
        methods: Sequence[str] | None = None,
        common: Options | None = None,
    ) -> None:
        common = common or Options()
        if etag is not None and not (isinstance(etag, str) and is_entity_tag(etag)):
            raise ValueError(f"etag={etag!r} is no entity tag; use one such as '\"v1\"'")
        if type is not None:
            fields({"Content-Type": type})
        for name, _ in common.headers:
            if name.lower() in _OWN:
                raise ValueError(f"headers: {name} is {_OWN[name.lower()]}")
        self._rules = tuple(_flat(rules))
        self._methods = METHODS if methods is None else _methods(methods)
        self._content: Representation | None = None
        if content is not None:
            lines = override(ASK_FIRST, common.headers)
            self._content = represent(content, site.born, type=type, etag=etag, fields=lines)
        super().__init__(site, key, common)

    def begin(self) -> Resource:
        """Return a document with the content and the rules."""
        return Document(self.site, self.path, self._content, *self._rules, methods=self._methods)


def _flat(rules: Iterable[Rules]) -> Iterator[Rule]:
    for rule in rules:
        if isinstance(rule, Rule):
            yield rule
        elif isinstance(rule, Iterable) and not isinstance(rule, (str, bytes)):
            yield from _flat(rule)
        else:
            raise TypeError(
                f"{rule!r} is no rule; use those of pytest_httpcodes.rules, or make one with "
                f"@rule(Stage.…)"
            )


def _methods(methods: Sequence[str]) -> tuple[str, ...]:
    for method in methods:
        if method not in METHODS:
            raise ValueError(f"methods: {method!r} is none of {', '.join(METHODS)}")
    return tuple(methods)
