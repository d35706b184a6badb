"""What happened, for a person: one line for each exchange, short enough to read for thirty."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pytest_httpcodes.exchange import Exchange
from pytest_httpcodes.proxies import proxy_hint

if TYPE_CHECKING:
    from pytest_httpcodes.origin import Origin

# Of more exchanges than both together, so many are shown from the start and from the end.
_FIRST, _LAST = 40, 20
_SECRET = ("authorization", "proxy-authorization", "cookie")
_MASKED = re.compile(rb"(?im)^((?:proxy-)?authorization|cookie)([ \t]*:)[^\r\n]*")
# Request fields that are the reason for many an answer.
_TELLING = (
    *_SECRET,
    "expect",
    "range",
    "if-range",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "upgrade",
)
_RAW = 200  # octets of a malformed request that are shown


def transcript(server: Origin, since: int = 0, *, show_credentials: bool = False) -> str:
    """Return the transcript of a server's exchanges from number `since` on.

    Credentials and cookies are masked unless `show_credentials` is true.
    """
    found = server.journal.after(since)
    if not found:
        return f"{server.url}: no request came{proxy_hint(server.url)}"
    lines = [f"{server.url}: {len(found)} {'exchange' if len(found) == 1 else 'exchanges'}"]
    start = found[0].started
    for exchange in found[:_FIRST]:
        lines += _entry(exchange, start, show_credentials)
    left_out = len(found) - _FIRST - _LAST
    if left_out > 0:
        lines.append(f"  ... {left_out} more ...")
    for exchange in found[max(_FIRST, len(found) - _LAST) :]:
        lines += _entry(exchange, start, show_credentials)
    return "\n".join(lines)


def line(exchange: Exchange, start: float) -> str:
    """Return the line of one exchange: connection, time, request, answer, and why."""
    name = f"{exchange.connection}.{exchange.number}"
    asked = f"{exchange.method or '?'} {_short(exchange.target)}".rstrip()
    if exchange.version == "HTTP/1.0":
        asked += " HTTP/1.0"
    return (
        f"  {name:<5} {exchange.started - start:8.3f} s  {asked} -> {_answer(exchange)}"
        f"  {exchange.why}"
    ).rstrip()


def _answer(exchange: Exchange) -> str:
    codes: Sequence[object] = [*exchange.interim, exchange.status or "no answer"]
    text = ", ".join(map(str, codes))
    if exchange.logged not in (None, exchange.status):
        text += f" [{exchange.logged}]"
    wait = exchange.response_headers.get("Retry-After")
    if wait:
        text += f" Retry-After: {wait}"
    if exchange.finished is None:
        return f"{text} (not finished)"
    return f"{text} ({(exchange.finished - exchange.started) * 1000:.1f} ms)"


def _entry(exchange: Exchange, start: float, show: bool) -> list[str]:
    lines = [line(exchange, start)]
    told = [
        f"{name}: {_mask(name, value, show)}"
        for name, value in exchange.headers
        if name.lower() in _TELLING
    ]
    if told:
        lines.append(f"          {'; '.join(told)}")
    if exchange.failure:
        lines.append(f"          failed: {exchange.failure}")
    if exchange.raw_head and exchange.status in (400, 414, 431, 501, 505):
        raw = exchange.raw_head
        octets = raw if show else _MASKED.sub(rb"\1\2 ***", raw)
        more = f" and {len(octets) - _RAW} more octets" if len(octets) > _RAW else ""
        lines.append(f"          received: {octets[:_RAW]!r}{more}")
    return lines


def _mask(name: str, value: str, show: bool) -> str:
    if show or name.lower() not in _SECRET:
        return value
    scheme, space, _ = value.partition(" ")
    return f"{scheme} ***" if space and name.lower() != "cookie" else "***"


def _short(target: str) -> str:
    # The end of a target is what tells the links of a chain apart.
    return target if len(target) <= 64 else f"{target[:30]}...{target[-30:]}"
