"""A real HTTP server for pytest whose every status code is earned, framed and explained."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_httpcodes.clock import Clock
    from pytest_httpcodes.endpoint import Endpoint
    from pytest_httpcodes.exchange import Exchange, NotKept
    from pytest_httpcodes.journal import Journal
    from pytest_httpcodes.origin import ServerFault
    from pytest_httpcodes.server import StatusServer
    from pytest_httpcodes.wire.listener import PortInUseError
    from pytest_httpcodes.wire.steps import (
        Channel,
        Close,
        Content,
        End,
        HalfClose,
        Head,
        Interim,
        Pause,
        Raw,
        Reset,
        Stall,
        Step,
        Steps,
        Switch,
    )

__version__ = "0.1.0"

# Every pytest run imports this package, since it is a plugin; what it holds is imported when a
# test asks for it (PEP 562).
_HOMES = {
    "Channel": "wire.steps",
    "Clock": "clock",
    "Close": "wire.steps",
    "Content": "wire.steps",
    "End": "wire.steps",
    "Endpoint": "endpoint",
    "Exchange": "exchange",
    "HalfClose": "wire.steps",
    "Head": "wire.steps",
    "Interim": "wire.steps",
    "Journal": "journal",
    "NotKept": "exchange",
    "Pause": "wire.steps",
    "PortInUseError": "wire.listener",
    "Raw": "wire.steps",
    "Reset": "wire.steps",
    "ServerFault": "origin",
    "Stall": "wire.steps",
    "Step": "wire.steps",
    "StatusServer": "server",
    "Steps": "wire.steps",
    "Switch": "wire.steps",
}

__all__ = [
    "Channel",
    "Clock",
    "Close",
    "Content",
    "End",
    "Endpoint",
    "Exchange",
    "HalfClose",
    "Head",
    "Interim",
    "Journal",
    "NotKept",
    "Pause",
    "PortInUseError",
    "Raw",
    "Reset",
    "ServerFault",
    "Stall",
    "StatusServer",
    "Step",
    "Steps",
    "Switch",
    "__version__",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
