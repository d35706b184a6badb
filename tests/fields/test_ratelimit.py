"""`RateLimit` and `RateLimit-Policy`, as draft-ietf-httpapi-ratelimit-headers-11 writes them."""

from __future__ import annotations

from typing import Any

import http_sf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_httpcodes.fields.ratelimit import MAX, Policy

NUMBERS = st.integers(0, MAX)
NAMES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E))


@pytest.mark.parametrize(
    ("field", "policy"),
    [
        ('"default";q=100;w=10', Policy("default", 100, 10)),
        ('"daily";q=1000;w=86400', Policy("daily", 1000, 86_400)),
        ('"free";q=0', Policy("free", 0)),
        (
            '"peruser";q=65535;qu="content-bytes";w=10',
            Policy("peruser", 65_535, 10, "content-bytes"),
        ),
        ('"busy";q=2;qu="concurrent-requests"', Policy("busy", 2, unit="concurrent-requests")),
        ('"a \\"b\\" \\\\c";q=1', Policy('a "b" \\c', 1)),
    ],
)
def test_a_policy_is_a_member_of_ratelimit_policy(field: str, policy: Policy) -> None:
    """The draft's own examples among them; requests are the unit where none is named."""
    assert field == str(policy)


@pytest.mark.parametrize(
    ("field", "remaining", "reset"),
    [
        ('"default";r=50;t=30', 50, 30),
        ('"default";r=0;t=7', 0, 7),
        ('"default";r=0;t=0', 0, 0),
        ('"default";r=999', 999, None),
    ],
)
def test_a_limit_is_a_member_of_ratelimit(field: str, remaining: int, reset: int | None) -> None:
    """It names its policy; a reset that there is not is left out."""
    assert field == Policy("default", 100, 60).limit(remaining, reset)


@given(NAMES, NUMBERS, st.none() | st.integers(1, MAX), NAMES)
def test_any_policy_is_a_structured_field(
    name: str, quota: int, window: int | None, unit: str
) -> None:
    """Another implementation of RFC 9651 reads from it what went in."""
    parameters: dict[str, Any] = {"q": quota, "qu": unit, "w": window}
    expected = {key: value for key, value in parameters.items() if value not in (None, "requests")}
    policy = Policy(name, quota, window, unit)

    assert [(name, expected)] == http_sf.parse(f"{policy}".encode(), tltype="list")


@given(NAMES, NUMBERS, st.none() | NUMBERS)
def test_any_limit_is_a_structured_field(name: str, remaining: int, reset: int | None) -> None:
    """Likewise, and so are two of them on one line."""
    limit = Policy(name, 1, 1).limit(remaining, reset)
    expected = {"r": remaining} | ({} if reset is None else {"t": reset})

    assert [(name, expected)] * 2 == http_sf.parse(f"{limit}, {limit}".encode(), tltype="list")


@pytest.mark.parametrize("name", ["täglich", "a\nb", "\x7f", "\x00", "a\r\n"])
def test_a_name_beyond_ascii_is_refused(name: str) -> None:
    """A String has none of these characters (RFC 9651, 3.3.3), as a name or as a unit."""
    with pytest.raises(ValueError, match="use printable ASCII characters"):
        Policy(name, 1)
    with pytest.raises(ValueError, match="use printable ASCII characters"):
        Policy("a", 1, unit=name)


@pytest.mark.parametrize("number", [-1, MAX + 1, 1.5, "1", True, None])
def test_a_number_out_of_range_is_refused(number: Any) -> None:
    """It is a whole number, and no larger than one of RFC 9651; which one it is, is said."""
    policy = Policy("a", 1)
    with pytest.raises(
        ValueError, match=r"quota=.* is out of range; use a whole number, 0 to 9{15}"
    ):
        Policy("a", number)
    with pytest.raises(ValueError, match="remaining=.* is out of range"):
        policy.limit(number)


@pytest.mark.parametrize("number", [-1, MAX + 1, 1.5, "1", True])
def test_a_time_out_of_range_is_refused(number: Any) -> None:
    """Fractions of a second have no form in either field."""
    policy = Policy("a", 1)
    with pytest.raises(ValueError, match="window=.* is out of range; use a whole number, 1 to"):
        Policy("a", 1, number)
    with pytest.raises(ValueError, match="reset=.* is out of range; use a whole number, 0 to"):
        policy.limit(0, number)


def test_a_window_of_nothing_is_refused() -> None:
    """It is "a non-negative, non-zero, Integer value" (draft, 3.1.3)."""
    with pytest.raises(ValueError, match="window=0 is out of range"):
        Policy("a", 1, 0)
