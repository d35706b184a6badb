"""Preconditions, beside a plain restatement of RFC 9110, 13 by what the fields mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pytest_httpcodes.clock import imf_fixdate
from pytest_httpcodes.fields.conditions import Current, evaluate

T = 784_111_777
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "BREW")


@dataclass
class Tag:
    """An entity tag."""

    weak: bool
    opaque: str

    def __str__(self) -> str:
        return f'W/"{self.opaque}"' if self.weak else f'"{self.opaque}"'


TAGS = st.builds(Tag, st.booleans(), st.sampled_from(["", "v1", "a,b", "\xe4*"]))
SETS = st.just("*") | st.lists(TAGS, max_size=3)
MOMENTS = st.integers(T - 2, T + 2) | st.none()  # None is what is no date


def text(value: Any) -> str:
    """Write the value of a field: a star, tags, one tag, or a date."""
    if value is None:
        return "no date"
    if isinstance(value, int):
        return imf_fixdate(value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """Draw some of the fields, as what they mean."""
    meanings = {
        "if-match": SETS,
        "if-unmodified-since": MOMENTS,
        "if-none-match": SETS,
        "if-modified-since": MOMENTS,
        "range": st.just("bytes=0-"),
        "if-range": TAGS | MOMENTS,
    }
    names = draw(st.sets(st.sampled_from(sorted(meanings))))
    return {name: draw(meanings[name]) for name in sorted(names)}


def strong(one: Tag, other: Tag | None) -> bool:
    """Two entity tags are equivalent if both are not weak and their opaque-tags match."""
    return other is not None and not one.weak and not other.weak and one.opaque == other.opaque


def weak(one: Tag, other: Tag | None) -> bool:
    """Their opaque-tags match, regardless of either or both being tagged as "weak"."""
    return other is not None and one.opaque == other.opaque


@dataclass
class State:
    """What the origin server has."""

    exists: bool
    tag: Tag | None
    modified: int | None
    once: bool


def if_match(value: Any, state: State) -> bool:
    """Evaluate If-Match as the three steps of 13.1.1 do."""
    if value == "*":
        return state.exists
    return any(strong(tag, state.tag) for tag in value)


def if_none_match(value: Any, state: State) -> bool:
    """Evaluate If-None-Match as the three steps of 13.1.2 do."""
    if value == "*":
        return not state.exists
    return not any(weak(tag, state.tag) for tag in value)


def if_range(value: Any, state: State) -> bool:
    """Evaluate If-Range as 13.1.5 does."""
    if isinstance(value, Tag):
        return strong(value, state.tag)
    return state.once and value is not None and bool(value == state.modified)


def restated(method: str, asked: dict[str, Any], state: State) -> int:
    """Go through the steps of 13.2.2; 206 is where a Range applies."""

    def date_of(name: str) -> int | None:
        # None where the field is absent, invalid, or without a date to be compared with.
        return asked.get(name) if state.modified is not None else None

    if method in ("CONNECT", "OPTIONS", "TRACE"):
        return 200
    modified = state.modified or 0
    # 1. When recipient is the origin server and If-Match is present
    if "if-match" in asked and not if_match(asked["if-match"], state):
        return 412
    # 2. When If-Match is not present, and If-Unmodified-Since is present
    if "if-match" not in asked:
        date = date_of("if-unmodified-since")
        if date is not None and not modified <= date:
            return 412
    # 3. When If-None-Match is present
    if "if-none-match" in asked and not if_none_match(asked["if-none-match"], state):
        return 304 if method in ("GET", "HEAD") else 412
    # 4. When the method is GET or HEAD, If-None-Match is not present, and If-Modified-Since is
    if method in ("GET", "HEAD") and "if-none-match" not in asked:
        date = date_of("if-modified-since")
        if date is not None and modified <= date:
            return 304
    # 5. When the method is GET and both Range and If-Range are present
    if method == "GET" and "range" in asked and "if-range" in asked:
        return 206 if if_range(asked["if-range"], state) else 200
    # 6. Otherwise, perform the requested method
    return 206 if method == "GET" and "range" in asked else 200


STATES = st.builds(
    State, st.just(True), TAGS | st.none(), st.integers(T - 1, T + 1) | st.none(), st.booleans()
) | st.just(State(False, None, None, True))


@given(
    st.sampled_from([*METHODS, "OPTIONS", "TRACE", "CONNECT"]) | st.just("GET"),
    requests(),
    STATES,
    st.floats(T - 2, T + 4),
)
def test_all_is_as_restated(method: str, asked: dict[str, Any], state: State, now: float) -> None:
    """Any method with any fields, on any state of the resource."""
    tag = None if state.tag is None else str(state.tag)
    current = Current(state.exists, tag, state.modified, state.once)
    found = evaluate(method, {name: text(value) for name, value in asked.items()}, current, now)

    assert restated(method, asked, state) == (found.status or (206 if found.ranged else 200))
    assert bool(found.field) == bool(found.reason)
    assert not (found.status and found.ranged)
