"""What an intermediary does to fields, as tables (RFC 9110, 7.6; RFC 9209)."""

from __future__ import annotations

import re

import pytest

from pytest_httpcodes.fields.forwarding import (
    code_of,
    end_to_end,
    forwards,
    named,
    passed,
    proxy_status,
    with_via,
)


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ([("A", "1"), ("Connection", "a")], []),
        ([("a", "1"), ("CONNECTION", "A , b,,"), ("B", "2"), ("C", "3")], ["C"]),
        ([("Connection", "a"), ("A", "1"), ("Connection", "b"), ("B", "2")], []),
        ([("TE", "trailers"), ("Keep-Alive", "a"), ("Proxy-Connection", "b")], []),
        ([("Transfer-Encoding", "chunked"), ("Upgrade", "a/1"), ("Trailer", "x")], ["Trailer"]),
        ([("Via", "1.1 a"), ("X", ""), ("Via", "1.1 b")], ["Via", "X", "Via"]),
        ([], []),
    ],
)
def test_end_to_end(fields: list[tuple[str, str]], kept: list[str]) -> None:
    """What is left, in its order."""
    assert kept == [name for name, _ in end_to_end(fields)]


def test_what_else_is_left_out() -> None:
    """As who calls it wants."""
    assert (("B", "2"),) == end_to_end([("A", "1"), ("B", "2")], frozenset(("a",)))
    assert "x" in named([("Connection", "X")])


@pytest.mark.parametrize(
    ("version", "value"), [("HTTP/1.1", "1.1 me"), ("HTTP/1.0", "1.0 me"), ("1.1", "1.1 me")]
)
def test_via(version: str, value: str) -> None:
    """The name of the protocol is left out; the member is the last one."""
    assert (("Via", "1.1 a"), ("Via", value)) == with_via((("Via", "1.1 a"),), version, "me")


@pytest.mark.parametrize(
    ("via", "expected"),
    [
        ("1.1 me", True),
        ("1.0 a, 1.1 me", True),
        ("1.0 a,HTTP/1.1\tme (comment)", True),
        ("1.1 me, 1.0 a", True),
        ("1.1 meme", False),
        ("1.1 me:80", False),
        ("1.1 a (me)", False),
        ("1.1 a (, 1.1 me)", False),
        ("1.1 a (b (c) , 1.1 me)", False),
        ("1.1 a (b \\) , 1.1 me)", False),
        ("1.1 a (b \\\\), 1.1 me", True),
        ("1.1 a ), 1.1 me", True),
        ("1.1 a (, 1.1 me", False),
        ("", False),
    ],
)
def test_who_has_passed_it_on(via: str, expected: bool) -> None:
    """A member's name, and not what a comment has."""
    assert expected == passed(via, "me")


def test_a_hostile_via_costs_linear_time() -> None:
    """However it is nested."""
    assert not passed("(" * 2**18 + "\\" * 2**18 + "," * 2**18, "me")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0", 0), ("1", 1), ("0010", 10), ("2147483647", 2**31 - 1), ("9" * 5000, 2**31)],
)
def test_forwards(value: str, expected: int) -> None:
    """One more than the most that is supported stands for all that is more."""
    assert expected == forwards(value)


@pytest.mark.parametrize("value", ["", "-1", "+1", "1.0", "1, 1", "x", "\u0661"])
def test_what_is_no_number_of_forwards(value: str) -> None:
    """It is one or more digits."""
    with pytest.raises(ValueError, match=re.escape(repr(value))):
        forwards(value)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("dns_timeout", 504), ("connection_timeout", 504), ("connection_read_timeout", 504),
        ("connection_write_timeout", 504), ("http_response_timeout", 504), ("dns_error", 502),
        ("connection_refused", 502), ("connection_terminated", 502), ("tls_certificate_error", 502),
        ("tls_alert_received", 502), ("http_protocol_error", 502), ("http_upgrade_failed", 502),
    ],
)  # fmt: skip
def test_recommended_codes(kind: str, code: int) -> None:
    """Of RFC 9209, 2.3."""
    assert code == code_of(kind)


def test_proxy_status() -> None:
    """The details are a String of RFC 8941, of printable US-ASCII."""
    assert ("Proxy-Status", 'me:1; error=dns_error; details="a \\"b\\" \\\\ ? ?"') == (
        proxy_status("me:1", "dns_error", 'a "b" \\ \u00e9 \n')
    )
