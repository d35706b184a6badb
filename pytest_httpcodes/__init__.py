"""A real HTTP server for pytest whose every status code is earned, framed and explained."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_httpcodes.behaviours.faults import Fault
    from pytest_httpcodes.behaviours.flaky import flaky
    from pytest_httpcodes.behaviours.option import Option
    from pytest_httpcodes.behaviours.representation import Generated
    from pytest_httpcodes.behaviours.scenario import Scenario
    from pytest_httpcodes.behaviours.webdav.trees import TreeEndpoint
    from pytest_httpcodes.clock import Clock
    from pytest_httpcodes.endpoint import Endpoint
    from pytest_httpcodes.exchange import Exchange, NotKept
    from pytest_httpcodes.journal import Journal
    from pytest_httpcodes.origin import ServerFault
    from pytest_httpcodes.proxy import Proxy
    from pytest_httpcodes.request import Answer, Request
    from pytest_httpcodes.resource import Resource, Rule, Stage, refuse, rule, with_fields
    from pytest_httpcodes.section import Section
    from pytest_httpcodes.server import StatusServer
    from pytest_httpcodes.tls import TLS
    from pytest_httpcodes.wire.listener import PortInUseError
    from pytest_httpcodes.wire.received import Received
    from pytest_httpcodes.wire.steps import (
        At,
        Channel,
        Close,
        Content,
        End,
        HalfClose,
        Head,
        Interim,
        Pace,
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
    "Answer": "request",
    "At": "wire.steps",
    "Channel": "wire.steps",
    "Clock": "clock",
    "Close": "wire.steps",
    "Content": "wire.steps",
    "End": "wire.steps",
    "Endpoint": "endpoint",
    "Exchange": "exchange",
    "Fault": "behaviours.faults",
    "Generated": "behaviours.representation",
    "HalfClose": "wire.steps",
    "Head": "wire.steps",
    "Interim": "wire.steps",
    "Journal": "journal",
    "NotKept": "exchange",
    "Option": "behaviours.option",
    "Pace": "wire.steps",
    "Pause": "wire.steps",
    "PortInUseError": "wire.listener",
    "Proxy": "proxy",
    "Raw": "wire.steps",
    "Received": "wire.received",
    "Request": "request",
    "Reset": "wire.steps",
    "Resource": "resource",
    "Rule": "resource",
    "Scenario": "behaviours.scenario",
    "Section": "section",
    "ServerFault": "origin",
    "Stage": "resource",
    "Stall": "wire.steps",
    "StatusServer": "server",
    "Step": "wire.steps",
    "Steps": "wire.steps",
    "Switch": "wire.steps",
    "TLS": "tls",
    "TreeEndpoint": "behaviours.webdav.trees",
    "flaky": "behaviours.flaky",
    "refuse": "resource",
    "rule": "resource",
    "with_fields": "resource",
}

__all__ = [
    "TLS",
    "Answer",
    "At",
    "Channel",
    "Clock",
    "Close",
    "Content",
    "End",
    "Endpoint",
    "Exchange",
    "Fault",
    "Generated",
    "HalfClose",
    "Head",
    "Interim",
    "Journal",
    "NotKept",
    "Option",
    "Pace",
    "Pause",
    "PortInUseError",
    "Proxy",
    "Raw",
    "Received",
    "Request",
    "Reset",
    "Resource",
    "Rule",
    "Scenario",
    "Section",
    "ServerFault",
    "Stage",
    "Stall",
    "StatusServer",
    "Step",
    "Steps",
    "Switch",
    "TreeEndpoint",
    "__version__",
    "flaky",
    "refuse",
    "rule",
    "with_fields",
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
