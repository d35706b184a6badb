"""What asks for the credentials of a proxy: 407 (RFC 9110, 11.7 and 15.5.8)."""

from __future__ import annotations

from collections.abc import Callable

from pytest_httpcodes.behaviours.digest import Digest
from pytest_httpcodes.behaviours.identity import Guard
from pytest_httpcodes.behaviours.schemes import Basic, Scheme
from pytest_httpcodes.resource import Rule, Stage
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received

REALM = "pytest-httpcodes proxy"


class _ProxyDigest(Digest):
    informs = "Proxy-Authentication-Info"


class ProxyGuard(Guard):
    """What asks for the credentials of a proxy, of one user; `now` is the time on its clock.

    `scheme` is "basic" or "digest". Raises `ValueError` for another one, and for a user or a
    password that no client could send.
    """

    stage = Stage.AUTHORITY
    code = 407
    section = Section(9110, "15.5.8")
    asks, answers = "Proxy-Authenticate", "Proxy-Authorization"

    def __init__(self, auth: tuple[str, str], scheme: str, now: Callable[[], float]) -> None:
        super().__init__([_scheme(auth, scheme)])
        self._now = now

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of a proxy, which asks for the content only where it is signed, too."""
        return (
            Rule(self.stage, self.decide, self.amend, self.forget),
            Rule(Stage.STORAGE, self.decide_content),
        )

    def now(self, request: Received) -> float:
        """Return the time on the proxy's clock."""
        return self._now()


def _scheme(auth: tuple[str, str], scheme: str) -> Scheme:
    try:
        user, password = auth
    except (TypeError, ValueError):
        raise ValueError(f"auth={auth!r} is none; use (user, password)") from None
    if scheme == "basic":
        return Basic([(user, password)], REALM)
    if scheme == "digest":
        return _ProxyDigest(user, password, realm=REALM)
    raise ValueError(f"scheme={scheme!r} is none of a proxy; there are basic and digest")
