"""Ranges of octets, beside a plain restatement of RFC 9110, 14 with sets of positions."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_httpcodes.fields.ranges import (
    FEW,
    MOST,
    Choice,
    Parts,
    Refused,
    Span,
    Whole,
    choose,
    coalesce,
    content_range,
    unsatisfied,
)

SIZE = 10_000  # that of the examples of RFC 9110, 14.1.2
HEAD = 100


def cost(spans: Sequence[Span]) -> int:
    """Return what an answer takes: the octets, and a head for each part."""
    return sum(stop - start + HEAD for start, stop in spans)


def chosen(value: str, size: int = SIZE) -> Choice:
    """Choose for content of a size."""
    return choose(value, size, cost)


def parts(value: str, size: int = SIZE) -> list[tuple[int, int]]:
    """Return the parts that are sent, by their first and last position, as fields have them."""
    found = chosen(value, size)
    assert isinstance(found, Parts), found
    return [(start, stop - 1) for start, stop in found.spans]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("bytes=0-499", [(0, 499)]),
        ("bytes=500-999", [(500, 999)]),
        ("bytes=-500", [(9500, 9999)]),
        ("bytes=9500-", [(9500, 9999)]),
        ("bytes=0-0,-1", [(0, 0), (9999, 9999)]),
        ("bytes= 0-999, 4500-5499, -1000", [(0, 999), (4500, 5499), (9000, 9999)]),
        ("bytes=500-600,601-999", [(500, 999)]),
        ("bytes=500-700,601-999", [(500, 999)]),
    ],
)
def test_the_examples_of_the_specification(value: str, expected: list[tuple[int, int]]) -> None:
    """RFC 9110, 14.1.2, for content of 10,000 octets."""
    assert expected == parts(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("bytes=0-", [(0, 9999)]),
        ("bytes=9999-", [(9999, 9999)]),
        ("bytes=9999-10000", [(9999, 9999)]),
        ("bytes=0-9999", [(0, 9999)]),
        ("bytes=0-99999999999999999999999", [(0, 9999)]),
        ("bytes=-10000", [(0, 9999)]),
        ("bytes=-10001", [(0, 9999)]),
        (f"bytes=-{'9' * 5000}", [(0, 9999)]),
        (f"bytes=5-{'9' * 5000}", [(5, 9999)]),
        (f"bytes={'0' * 5000}5-{'0' * 5000}7", [(5, 7)]),
        ("bytes=-0001", [(9999, 9999)]),
        ("bytes=00-00", [(0, 0)]),
        ("BYTES=1-1", [(1, 1)]),
        ("Bytes=1-1", [(1, 1)]),
        ("bytes=,1-1,,\t3-3 ,", [(1, 1), (3, 3)]),
        ("bytes=1-1 , \t 3-3", [(1, 1), (3, 3)]),
        ("bytes=0-0,10000-", [(0, 0)]),
        ("bytes=-0,5-5", [(5, 5)]),
    ],
)
def test_ranges_that_are_satisfied(value: str, expected: list[tuple[int, int]]) -> None:
    """Clamped to what there is, without what is beyond it; numbers may be of any length."""
    assert expected == parts(value)


@pytest.mark.parametrize(
    "value",
    [
        "bytes=10000-",
        "bytes=10000-10000",
        "bytes=10000-20000,30000-",
        "bytes=-0",
        "bytes=-000",
        f"bytes={'9' * 5000}-",
        f"bytes={'9' * 5000}-{'9' * 5000}",
    ],
)
def test_ranges_that_cannot_be_satisfied(value: str) -> None:
    """All of it is beyond the end, or empty."""
    assert Refused("there is nothing in that range of 10000 octets") == chosen(value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "it is no unit and set, such as bytes=0-99"),
        ("bytes", "it is no unit and set, such as bytes=0-99"),
        ("0-99", "it is no unit and set, such as bytes=0-99"),
        ("bytes: 0-99", "it is no unit and set, such as bytes=0-99"),
        ("items=0-5", "its unit is not known here, where it is bytes"),
        ("none=0-5", "its unit is not known here, where it is bytes"),
        ("bytes =0-5", "its unit is not known here, where it is bytes"),
        ("=0-5", "its unit is not known here, where it is bytes"),
        ("items=0-5, bytes=0-5", "its unit is not known here, where it is bytes"),
        ("bytes=", "its set is empty"),
        ("bytes=, \t,", "its set is empty"),
        ("bytes=abc", "its set has a member that is no range of octets"),
        ("bytes=-", "its set has a member that is no range of octets"),
        ("bytes=5", "its set has a member that is no range of octets"),
        ("bytes=0-1-2", "its set has a member that is no range of octets"),
        ("bytes=0--2", "its set has a member that is no range of octets"),
        ("bytes=--2", "its set has a member that is no range of octets"),
        ("bytes=+0-2", "its set has a member that is no range of octets"),
        ("bytes=0 -2", "its set has a member that is no range of octets"),
        ("bytes=0- 2", "its set has a member that is no range of octets"),
        ("bytes=0x0-0x2", "its set has a member that is no range of octets"),
        ("bytes=0.0-2", "its set has a member that is no range of octets"),
        ("bytes=0-1;2-3", "its set has a member that is no range of octets"),
        ("bytes=0-\xb2", "its set has a member that is no range of octets"),
        ("bytes=0-1\x0b", "its set has a member that is no range of octets"),
        ("bytes=0-1,abc", "its set has a member that is no range of octets"),
        ("bytes=0-1, bytes=3-4", "its set has a member that is no range of octets"),
        ("bytes=*", "its set has a member that is no range of octets"),
        ("bytes=9-2", "its set has a range whose end is before its start"),
        ("bytes=10-9", "its set has a range whose end is before its start"),
        ("bytes=0-1,9-2", "its set has a range whose end is before its start"),
        ("bytes=20000-10000", "its set has a range whose end is before its start"),
        (f"bytes=1{'0' * 4999}-{'9' * 4999}", "its set has a range whose end is before its start"),
        (f"bytes=5-{'0' * 4999}4", "its set has a range whose end is before its start"),
        (f"bytes={'9' * 40}-{'9' * 39}8", "its set has a range whose end is before its start"),
    ],
)
def test_ranges_that_are_ignored(value: str, reason: str) -> None:
    """An unknown unit has to be, an invalid set may be; one bad member spoils the set (14.2)."""
    assert Whole(reason) == chosen(value)
    assert Whole(reason) == chosen(value, 0)


@pytest.mark.parametrize("value", ["bytes=0-", "bytes=0-0", "bytes=-0", "bytes=5-5,0-"])
def test_nothing_has_no_octets(value: str) -> None:
    """All that could be satisfied is a suffix (14.1.2)."""
    assert Refused("there is nothing in that range of 0 octets") == chosen(value, 0)


@pytest.mark.parametrize("value", ["bytes=-1", "bytes=-500", "bytes=0-,-5"])
def test_nothing_has_a_suffix(value: str) -> None:
    """It is satisfiable, and as a 206 cannot say that it is empty, the whole is sent (14.2)."""
    assert Whole("there is no octet to send a part of") == chosen(value, 0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("bytes=0-99,50-149", [(0, 149)]),
        ("bytes=50-149,0-99", [(0, 149)]),
        ("bytes=0-99,100-199", [(0, 199)]),
        ("bytes=0-99,101-199", [(0, 99), (101, 199)]),
        ("bytes=10-20,0-0,10-20", [(10, 20), (0, 0)]),
        ("bytes=0-99,20-29", [(0, 99)]),
        ("bytes=20-29,0-99", [(0, 99)]),
        ("bytes=-1,0-0", [(9999, 9999), (0, 0)]),
        ("bytes=20-29,0-0,25-40,5-5", [(20, 40), (0, 0), (5, 5)]),
        ("bytes=9-9,0-0,30-30,1-8", [(0, 9), (30, 30)]),
        ("bytes=9-9,30-30,0-0", [(9, 9), (30, 30), (0, 0)]),
        ("bytes=-100,9800-", [(9800, 9999)]),
    ],
)
def test_what_is_joined_and_in_which_order(value: str, expected: list[tuple[int, int]]) -> None:
    """What overlaps or touches is one part, where its first range was asked for (15.3.7.2)."""
    assert expected == parts(value)


def test_a_few_ranges_are_sent_whatever_they_take() -> None:
    """Parts of small content can be had too, up to a number."""
    value = "bytes=" + ",".join(f"{2 * place}-{2 * place}" for place in range(FEW))

    assert [(2 * place, 2 * place) for place in range(FEW)] == parts(value, 2 * FEW)


def test_many_small_ranges_are_refused() -> None:
    """From one more on, they have to take fewer octets than the whole (15.5.17)."""
    value = "bytes=" + ",".join(f"{2 * place}-{2 * place}" for place in range(FEW + 1))
    taken = (FEW + 1) * (HEAD + 1)

    assert FEW + 1 == len(parts(value, taken + 1))
    assert (
        Refused(
            f"its {FEW + 1} ranges are so small, or overlap so much, that to send them takes no "
            f"fewer octets than all {taken} do"
        )
        == chosen(value, taken)
    )  # fmt: skip


def test_many_overlapping_ranges_are_refused() -> None:
    """That they would be joined does not make them any better (17.15)."""
    value = "bytes=" + ",".join(f"{place}-" for place in range(FEW + 1))

    assert isinstance(chosen(value), Refused)


def test_what_is_beyond_the_end_does_not_count_as_small() -> None:
    """Only what would be sent takes octets."""
    value = "bytes=0-0" + ",9999-" * FEW

    assert [(0, 0)] == parts(value, 10)


def test_more_ranges_than_the_most_are_refused() -> None:
    """However large the content is."""
    most = "bytes=" + ",".join(f"{2 * place}-{2 * place}" for place in range(MOST))
    expected = f"it has {MOST + 1} ranges, and {MOST} are the most that are sent"

    assert MOST == len(parts(most, 10**9))
    assert Refused(expected) == chosen(f"{most},500-500", 10**9)
    assert Refused(expected) == chosen(f"{most},9999999999-", 10**9)


def test_empty_members_are_no_ranges() -> None:
    """They do not count (5.6.1.2)."""
    assert [(0, 0)] == parts("bytes=0-0" + "," * 5000)


def test_fields() -> None:
    """RFC 9110, 14.4: the examples for content of 1234 octets."""
    assert "bytes 0-499/1234" == content_range(Span(0, 500), 1234)
    assert "bytes 734-1233/1234" == content_range(Span(734, 1234), 1234)
    assert "bytes */1234" == unsatisfied(1234)


def test_the_size_of_a_span() -> None:
    """It is half open, as in Python."""
    assert 500 == Span(0, 500).size


# What a client may send: numbers around the size, and now and then something that is no range.
NUMBERS = st.integers(0, 45).map(str) | st.sampled_from(["007", "9" * 30])
MEMBERS = st.one_of(
    st.builds("{}-{}".format, NUMBERS, NUMBERS),
    st.builds("{}-".format, NUMBERS),
    st.builds("-{}".format, NUMBERS),
    st.sampled_from(["", " ", "\t0-0 "]),
)
SETS = st.lists(MEMBERS, max_size=FEW).map(",".join)
WILD = st.lists(MEMBERS | st.sampled_from(["x", "-", "5", "1-2-3", "0 -1"]), max_size=5).map(
    ",".join
)


def positions(spec: str, size: int) -> set[int] | None:
    """Return the positions that a range-spec is about, None where it is invalid.

    That is RFC 9110, 14.1.1 and 14.1.2, with the whole content at hand.
    """
    everything = range(size)
    if match := re.fullmatch("([0-9]+)-([0-9]+)", spec):
        first, last = int(match[1]), int(match[2])
        return None if last < first else {at for at in everything if first <= at <= last}
    if match := re.fullmatch("([0-9]+)-", spec):
        return {at for at in everything if int(match[1]) <= at}
    if match := re.fullmatch("-([0-9]+)", spec):
        return {at for at in everything if at >= size - int(match[1])}
    return None


def restated(value: str, size: int) -> list[set[int]] | None:
    """Return the positions of each range-spec that has some, None where the set is invalid."""
    specs = [spec for text in value.split(",") if (spec := text.strip(" \t"))]
    found = [positions(spec, size) for spec in specs]
    if not specs or None in found:
        return None
    return [octets for octets in found if octets]


@given(SETS | WILD, st.integers(1, 40))
def test_what_is_sent_is_what_was_asked_for(value: str, size: int) -> None:
    """The parts have all positions that were asked for, each once, and no other."""
    expected = restated(value, size)
    found = chosen(f"bytes={value}", size)
    if expected is None:
        assert isinstance(found, Whole)
    elif not expected:
        assert isinstance(found, Refused)
    else:
        assert isinstance(found, Parts)
        sent = [at for span in found.spans for at in range(*span)]
        assert sorted(set.union(*expected)) == sorted(sent)
        assert all(span.start < span.stop for span in found.spans)


@given(SETS, st.integers(1, 40))
def test_parts_are_apart_and_in_order(value: str, size: int) -> None:
    """No two touch, and each stands where the first range in it was asked for (15.3.7.2)."""
    asked = restated(value, size)
    if not asked:
        return
    found = chosen(f"bytes={value}", size)
    assert isinstance(found, Parts)
    octets = [set(range(*span)) for span in found.spans]
    places = [min(n for n, part in enumerate(asked) if part <= whole) for whole in octets]

    assert places == sorted(places)
    for one in found.spans:
        assert not {one.start - 1, one.stop} & set().union(*octets)


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(1, 50)), min_size=1, max_size=MOST + 5),
    st.integers(1, 3000),
)
def test_no_flood_is_amplified(ranges: list[tuple[int, int]], size: int) -> None:
    """More than a few ranges never make an answer that is longer than the whole content."""
    value = ",".join(f"{start}-{start + length - 1}" for start, length in ranges)
    found = chosen(f"bytes={value}", size)
    if isinstance(found, Parts):
        satisfiable = [start for start, _ in ranges if start < size]
        assert len(satisfiable) <= FEW or cost(found.spans) < size
        assert len(ranges) <= MOST


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), max_size=12))
def test_joining(pairs: list[tuple[int, int]]) -> None:
    """What is joined is the same octets, in parts that keep apart; joined again it is the same."""
    spans = [Span(start, start + size) for start, size in pairs]
    joined = coalesce(spans)

    assert {at for span in spans for at in range(*span)} == {
        at for span in joined for at in range(*span)
    }
    assert sum(span.size for span in joined) == len({at for s in joined for at in range(*s)})
    assert joined == coalesce(joined)
