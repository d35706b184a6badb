"""The octets of the wire as a terminal shows them."""

from __future__ import annotations

import pytest

from pytest_httpcodes.pages.octets import shown


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"", ""),
        (b"GET / HTTP/1.1\r\nA: b\r\n\r\n", "> GET / HTTP/1.1\n> A: b\n>\n"),
        (b"a\n\nb", "> a\n>\n> b\n"),
        ("ü\tb".encode(), "> ü\tb\n"),
        (b"\x1b[2J\x00\xff\rend\xc2\x85", "> \\x1b[2J\\x00\\xff\\x0dend\\x85\n"),
        (b"x" * 201, f"> {'x' * 200}... 1 more characters\n"),
        (b"x" * 2000, f"> {'x' * 200}... 1,800 more characters\n"),
        (b"x\n" * 60, "> x\n" * 60),
        (b"x\n" * 1062, "> x\n" * 60 + "> ... 1,002 more lines\n"),
    ],
)
def test_shown(octets: bytes, expected: str) -> None:
    """Lines, each with a mark; what would move the cursor is escaped, what is long is cut."""
    assert expected == shown(octets, ">")
