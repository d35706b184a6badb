"""The command line: `httpcodes serve`, `list`, `show` and `try`."""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING

from pytest_httpcodes import __version__

if TYPE_CHECKING:
    import pytest

    from pytest_httpcodes.exchange import Exchange
    from pytest_httpcodes.server import StatusServer

_DONE = 0
_FAILED = 1
_MISUSE = 2


class _MisuseError(Exception):
    """Something is wrong with how the program is used; the text says what would be right."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    arguments = _parser().parse_args(argv)
    try:
        with _others(arguments.alone):
            status: int = arguments.run(arguments)
            return status
    except _MisuseError as error:
        return _complain(str(error))
    except BrokenPipeError:
        # Whoever read the output has seen enough, as `head` does; what is left of it goes nowhere.
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        return _FAILED
    except ImportError as error:
        from pytest_httpcodes.extras import MissingExtra

        if not isinstance(error, MissingExtra):
            raise
        return _complain(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="httpcodes", description="An HTTP server whose every status code is earned."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument(
        "--alone",
        action="store_true",
        help="without the scenarios of pytest's plugins and of this directory's conftest.py",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serving = commands.add_parser("serve", help="serve until interrupted")
    serving.add_argument("--host", default="127.0.0.1", help="address to bind (%(default)s)")
    serving.add_argument(
        "--port", type=int, default=8080, help="port to bind, 0 for a free one (%(default)s)"
    )
    serving.add_argument("--tls", action="store_true", help="serve over TLS as well")
    serving.add_argument("--cors", action="store_true", help="let pages of other origins read")
    serving.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="HOST:PORT",
        help="a server that the proxies may connect to besides this program's own; repeatable",
    )
    serving.set_defaults(run=_serve)
    listing = commands.add_parser("list", help="list the status codes")
    listing.add_argument(
        "code_class", nargs="?", metavar="CLASS", help="1 to 9, or such as 4xx: that class alone"
    )
    listing.add_argument("--json", action="store_true", help="as JSON")
    listing.set_defaults(run=_list)
    showing = commands.add_parser("show", help="show one code, and how to earn it with curl")
    showing.set_defaults(run=_show)
    trying = commands.add_parser("try", help="earn one code and get past it, and show the wire")
    trying.set_defaults(run=_try)
    for command in (showing, trying):
        command.add_argument("code", metavar="CODE", help="a status code, such as 404")
    return parser


@contextmanager
def _others(alone: bool) -> Iterator[None]:
    # The scenarios that a run of pytest in this directory would have.
    if alone:
        yield
        return
    import pytest

    from pytest_httpcodes import scenarios

    finder = _Finder()
    # Standard output is ours; what is already imported cannot be rewritten, and need not be.
    with redirect_stdout(sys.stderr):
        pytest.main(["-p", "httpcodes", "--capture=no", "--assert=plain"], plugins=[finder])
    if finder.added is None:
        raise _MisuseError(
            "what pytest says above is wrong with a plugin, or with this directory's conftest.py "
            "or configuration; httpcodes --alone goes without them"
        )
    try:
        yield
    finally:
        scenarios.remove(finder.added)


class _Finder:
    # A plugin that takes the place of the run, once plugins and conftest.py are loaded.

    added: list[int] | None = None

    def pytest_cmdline_main(self, config: pytest.Config) -> int:
        from pytest_httpcodes.hookspec import gather

        self.added = gather(config.pluginmanager)
        return _DONE


def _list(arguments: argparse.Namespace) -> int:
    from pytest_httpcodes.pages.index import listed, row, table

    wanted = arguments.code_class
    if wanted is not None and wanted.lower().removesuffix("xx") not in tuple("123456789"):
        raise _MisuseError(f"{wanted!r} is no class of codes; use 1xx, 2xx, 3xx, 4xx or 5xx")
    codes = [c for c in listed() if wanted is None or f"{c.code}"[0] == wanted[0]]
    if arguments.json:
        _say(json.dumps([row(code) for code in codes], indent=1))
    else:
        _say("\n".join(table(codes)))
    return _DONE


def _show(arguments: argparse.Namespace) -> int:
    from pytest_httpcodes import scenarios
    from pytest_httpcodes.pages.index import listed
    from pytest_httpcodes.pages.sheet import sheet
    from pytest_httpcodes.trial import commands_for

    rows = {row.code: row for row in listed()}
    code = _code(arguments.code, rows, "description")
    if scenarios.has(code):
        _say(sheet(rows[code], scenarios.find(code), *commands_for(code)).rstrip())
    else:
        _say(sheet(rows[code], None, (), ()).rstrip())
    return _DONE


def _try(arguments: argparse.Namespace) -> int:
    from pytest_httpcodes import scenarios
    from pytest_httpcodes.trial import report

    code = _code(arguments.code, scenarios.codes(), "scenario")
    succeeded = True
    for line, fine in report(code):
        _say(line)
        succeeded = succeeded and fine
    return _DONE if succeeded else _FAILED


def _code(text: str, known: Collection[int], what: str) -> int:
    # The code that is asked for, if there is something of it.
    if not re.fullmatch("[1-9][0-9]{2}", text):
        raise _MisuseError(f"{text!r} is no status code; those are 100 to 999")
    code = int(text)
    if code not in known:
        near = sorted(sorted(known, key=lambda other: abs(other - code))[:3])
        raise _MisuseError(
            f"there is no {what} of {code}; the nearest are of {', '.join(map(str, near))}. "
            f"/status/{code} always answers {code}"
        )
    return code


def _serve(arguments: argparse.Namespace) -> int:
    from pytest_httpcodes.server import StatusServer
    from pytest_httpcodes.wire.listener import PortInUseError

    servers = [StatusServer(arguments.host, arguments.port, cors=arguments.cors)]
    servers[0].allow = _allowed(arguments.allow)
    if arguments.tls:
        from pytest_httpcodes.extras import MissingExtra

        try:
            secure = StatusServer(arguments.host, tls=True, cors=arguments.cors)
        except MissingExtra as error:
            raise _MisuseError(str(error)) from error
        _log(f"clients over TLS have to trust {secure.ca_file}")
        servers.append(secure)
    try:
        for server in servers:
            server.start()
    except PortInUseError as error:
        raise _MisuseError(error.strerror or str(error)) from error
    try:
        ended = _ending()
        _announce(servers)
        _announce_proxies(servers[0])
        _wait(ended)
    finally:
        for server in servers:
            server.stop()
    return _DONE


def _announce(servers: Sequence[StatusServer]) -> None:
    # A script that reads the first line must not have to wait for a buffer to fill.
    for server in servers:
        server.journal.log = _log_exchange
        _say(f"Serving on {server.url}")


def _allowed(names: Sequence[str]) -> tuple[str, ...]:
    from pytest_httpcodes.behaviours.forwarding import Allowed

    try:
        Allowed(names)
    except ValueError as error:
        raise _MisuseError(str(error)) from error
    return tuple(names)


def _announce_proxies(server: StatusServer) -> None:
    for proxy, name in ((server.proxy, "Proxy"), (server.asking_proxy, "Proxy for user:password")):
        proxy.journal.log = _log_exchange
        _say(f"{name} on {proxy.url}")


def _ending() -> threading.Event:
    # Set by the signals that end a program, from before the first address is said.
    ended = threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ended.set())
    return ended


def _wait(ended: threading.Event) -> None:
    # With a time limit, since waiting without one cannot be interrupted on Windows.
    while not ended.wait(0.5):
        pass


def _log_exchange(exchange: Exchange) -> None:
    from pytest_httpcodes.transcript import line

    _log(line(exchange, exchange.started).strip())


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _log(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _complain(text: str) -> int:
    _log(f"httpcodes: {text}")
    return _MISUSE
