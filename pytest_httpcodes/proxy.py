"""A forward proxy: an origin of its own, with a port and a journal, for requests to others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pytest_httpcodes.application import Application, Sole
from pytest_httpcodes.behaviours.asking import ProxyGuard
from pytest_httpcodes.behaviours.forwarding import Allowed
from pytest_httpcodes.behaviours.proxying import BLOCKED, MODES, Conduct, ForwardProxy
from pytest_httpcodes.origin import Origin
from pytest_httpcodes.resource import Site

if TYPE_CHECKING:
    from pytest_httpcodes.exchange import Exchange


class Proxy(Origin):
    """A forward proxy for this process's own origins.

    `auth` is a user and a password that it demands, with the `scheme` "basic" or "digest". `mode`
    is "filter", which blocks the hosts of `blocked` and all below them with a 450; "captive", which
    answers every request with a 511 until a `POST` to its page `/login`; "transform", which puts
    plain text into capitals and makes a 200 a 203; or None. `allow` are servers besides, as
    "HOST:PORT", that it may connect to. `timeout` is how long an upstream may be silent, in
    seconds. The other options are those of `StatusServer`. Raises `ValueError` for what is none of
    these.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        auth: tuple[str, str] | None = None,
        scheme: str = "basic",
        mode: str | None = None,
        blocked: Iterable[str] = BLOCKED,
        allow: Iterable[str] = (),
        timeout: float = 30.0,
        **options: Any,
    ) -> None:
        super().__init__(host, port, **options)
        if mode is not None and mode not in MODES:
            raise ValueError(f"mode={mode!r} is none of a proxy; there are {', '.join(MODES)}")
        if not 0 < timeout < float("inf"):
            raise ValueError(f"timeout={timeout!r} is out of range; use seconds above 0")
        guard = None if auth is None else ProxyGuard(auth, scheme, self.clock.now)
        names = _names("blocked", blocked)
        self._conduct = Conduct(guard, mode, tuple(n.lower() for n in names), float(timeout))
        self._allowed = Allowed(_names("allow", allow))

    def record(self, connection: int, number: int, started: float, target: str) -> Exchange:
        """Return a new record in the journal."""
        return self.journal.record(connection, number, started)

    def _made(self, site: Site) -> Application:
        port = int(self.url.rpartition(":")[2])
        return Sole(site, ForwardProxy(site, self._conduct, self._allowed, port).answer)


def _names(option: str, given: Iterable[str]) -> tuple[str, ...]:
    if isinstance(given, str):
        raise ValueError(f"{option}={given!r} is one name; use a list of such")
    return tuple(given)
