"""The origin behind the gateways of another one: a port and a journal of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_httpcodes.application import Application, Sole
from pytest_httpcodes.behaviours.common import Mistaken
from pytest_httpcodes.behaviours.gateway import Gateway
from pytest_httpcodes.catalogue import key_of
from pytest_httpcodes.origin import Origin
from pytest_httpcodes.resource import Site, segments
from pytest_httpcodes.section import Section

if TYPE_CHECKING:
    from pytest_httpcodes.exchange import Exchange
    from pytest_httpcodes.wire.received import Received
    from pytest_httpcodes.wire.steps import Reply


class UpstreamOrigin(Origin):
    """The origin behind the gateways of a site, `front`: at each one's path is what it forwards to.

    The options are those of `StatusServer`.
    """

    def __init__(self, front: Site, **options: Any) -> None:
        super().__init__(**options)
        self._front = front

    def record(self, connection: int, number: int, started: float, target: str) -> Exchange:
        """Return a new record in the journal."""
        return self.journal.record(connection, number, started)

    def _made(self, site: Site) -> Application:
        return Sole(site, self._behind)

    def _behind(self, request: Received) -> Reply:
        # Whatever a target names is what stands behind the gateway that it names in front.
        key = key_of(segments(request.head.target)) or ()
        request.record.key = key
        gateway = self._front.instances.get(key)
        if isinstance(gateway, Gateway):
            return gateway.behind.answer(request)
        detail = "this is the origin behind gateways, and there is none at this path in front of it"
        return Mistaken(self._front, 404, detail, Section(9110, "15.5.5")).answer(request)
