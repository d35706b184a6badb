"""A URL that knows what happened to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pytest_httpcodes.exchange import Exchange, Key
from pytest_httpcodes.journal import Journal, Selection, View

if TYPE_CHECKING:
    from typing_extensions import Self

    from pytest_httpcodes.request import Element


class Endpoint(str, View):
    """An instance of a resource: its URL, as a `str`, and its exchanges.

    All hops of a chain and all paths below the URL belong to it. A copy, a pickle and every
    string made from it is a plain `str`. Of a scenario, `trigger` are the requests the last of
    which earns its code, and `relief` those that get past it, none where nothing does.
    """

    trigger: tuple[Element, ...]
    relief: tuple[Element, ...]
    _journal: Journal
    _belongs: Callable[[Exchange], bool]

    def __new__(cls, url: str, journal: Journal, key: Key) -> Self:
        """Make one; for the server."""
        made = super().__new__(cls, url)
        made.trigger = made.relief = ()
        made._journal = journal
        made._belongs = lambda exchange: exchange.key == key
        return made

    def _selection(self) -> Selection:
        return Selection(self._journal, self._belongs, str(self))

    def __str__(self) -> str:
        return str.__str__(self)

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return (str, (str.__str__(self),))
