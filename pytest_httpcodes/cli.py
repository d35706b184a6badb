"""The command line: `httpcodes serve` and `httpcodes list`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pytest_httpcodes import __version__

if TYPE_CHECKING:
    import ssl

    from pytest_httpcodes.exchange import Exchange
    from pytest_httpcodes.server import StatusServer

_DONE = 0
_MISUSE = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    arguments = _parser().parse_args(argv)
    status: int = arguments.run(arguments)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="httpcodes", description="An HTTP server whose every status code is earned."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serving = commands.add_parser("serve", help="serve until interrupted")
    serving.add_argument("--host", default="127.0.0.1", help="address to bind (%(default)s)")
    serving.add_argument(
        "--port", type=int, default=8080, help="port to bind, 0 for a free one (%(default)s)"
    )
    serving.add_argument("--tls", action="store_true", help="serve over TLS as well")
    serving.add_argument("--cors", action="store_true", help="let pages of other origins read")
    serving.set_defaults(run=_serve)
    listing = commands.add_parser("list", help="list the status codes")
    listing.add_argument(
        "code_class", nargs="?", metavar="CLASS", help="1 to 9, or such as 4xx: that class alone"
    )
    listing.add_argument("--json", action="store_true", help="as JSON")
    listing.set_defaults(run=_list)
    return parser


def _list(arguments: argparse.Namespace) -> int:
    from pytest_httpcodes.codes import CODES
    from pytest_httpcodes.pages.index import row, table

    wanted = arguments.code_class
    if wanted is not None and wanted.lower().removesuffix("xx") not in tuple("123456789"):
        return _complain(f"{wanted!r} is no class of codes; use 1xx, 2xx, 3xx, 4xx or 5xx")
    codes = [c for c in CODES.values() if wanted is None or f"{c.code}"[0] == wanted[0]]
    if arguments.json:
        _say(json.dumps([row(code) for code in codes], indent=1))
    else:
        _say("\n".join(table(codes)))
    return _DONE


def _serve(arguments: argparse.Namespace) -> int:
    from pytest_httpcodes.server import StatusServer
    from pytest_httpcodes.wire.listener import PortInUseError

    servers = [StatusServer(arguments.host, arguments.port, cors=arguments.cors)]
    if arguments.tls:
        from pytest_httpcodes.authority import MissingExtra

        try:
            servers.append(StatusServer(arguments.host, tls=_context(), cors=arguments.cors))
        except MissingExtra as error:
            return _complain(str(error))
    try:
        for server in servers:
            server.start()
    except PortInUseError as error:
        return _complain(error.strerror or str(error))
    try:
        ended = _ending()
        _announce(servers)
        _wait(ended)
    finally:
        for server in servers:
            server.stop()
    return _DONE


def _context() -> ssl.SSLContext:
    from pytest_httpcodes.authority import throwaway

    context, ca_file = throwaway("localhost", "127.0.0.1", "::1")
    _log(f"clients over TLS have to trust {ca_file}")
    return context


def _announce(servers: Sequence[StatusServer]) -> None:
    # A script that reads the first line must not have to wait for a buffer to fill.
    for server in servers:
        server.journal.log = _log_exchange
        _say(f"Serving on {server.url}")


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
