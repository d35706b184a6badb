"""Buckets of tokens, beside a simulation that remembers everything and rounds nothing."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pytest_httpcodes.clock import Clock
from pytest_httpcodes.fields.bucket import MAX_BUCKETS, Bucket, Buckets, Level

# The finest step of a clock that has the time of day as a float, in these centuries.
TICK = Fraction(1, 2**22)
START = Fraction(1_700_000_000)
WINDOWS = st.integers(1, 100)


class Simulation:
    """What a bucket is to do, from all that was ever taken, in fractions."""

    def __init__(self, quota: int, window: int) -> None:
        self.quota = quota
        self.window = window
        self.taken: list[Fraction] = []

    def level(self, now: Fraction, *, takes: bool) -> Level:
        """Return what a bucket would have, after a token was taken if one is."""
        out = [when for when in self.taken if when + self.window > now]
        granted = takes and len(out) < self.quota
        if granted:
            self.taken.append(now)
            out.append(now)
        reset = math.ceil(min(out) + self.window - now) if out else None
        return Level(granted, self.quota - len(out), reset)


@st.composite
def times(draw: st.DrawFn, window: int) -> list[Fraction]:
    """Return times that only grow, many of them just at, before or behind a whole window."""
    exact = st.sampled_from([Fraction(window), Fraction(1), Fraction(0), Fraction(1, 2)])
    gap = st.builds(
        lambda whole, ticks: max(whole + ticks * TICK, Fraction(0)), exact, st.integers(-2, 2)
    ) | st.builds(lambda ticks: ticks * TICK, st.integers(0, 2 * window * 2**22))
    now = START + draw(st.integers(0, 2**22)) * TICK
    made = []
    for step in draw(st.lists(gap, max_size=30)):
        now += step
        made.append(now)
    return made


@given(st.data(), st.integers(1, 5), WINDOWS)
def test_a_bucket_is_exact(data: st.DataObject, quota: int, window: int) -> None:
    """To the tick: whether there is a token, how many are left, and when there is one more."""
    bucket, simulation = Bucket(), Simulation(quota, window)
    for now in data.draw(times(window)):
        takes = data.draw(st.booleans())
        call = bucket.take if takes else bucket.look
        told = call(float(now), quota, window)

        assert Fraction(float(now)) == now
        assert simulation.level(now, takes=takes) == told


@given(st.data(), st.integers(1, 5), WINDOWS)
def test_no_window_has_more_than_the_quota(data: st.DataObject, quota: int, window: int) -> None:
    """Wherever it starts; and who waits as long as is said gets a token."""
    bucket = Bucket()
    taken = []
    for now in data.draw(times(window)):
        level = bucket.take(float(now), quota, window)
        if level.taken:
            taken.append(now)
        else:
            assert level.wait
            assert bucket.look(float(now + level.wait), quota, window).remaining
            break

    assert all(later - first >= window for first, later in zip(taken, taken[quota:], strict=False))


def test_the_time_to_wait_is_rounded_up() -> None:
    """A second that has begun counts; one that is over does not."""
    bucket = Bucket()
    told = [bucket.take(now, 2, 10) for now in (1000.0, 1003.5, 1003.5, 1009.0)]
    late = [bucket.take(1010.0, 2, 10), bucket.look(1010.5, 2, 10), bucket.take(1013.5, 2, 10)]

    assert [
        Level(True, 1, 10),
        Level(True, 0, 7),
        Level(False, 0, 7),
        Level(False, 0, 1),
    ] == told
    assert [Level(True, 0, 4), Level(False, 0, 3), Level(True, 0, 7)] == late
    assert [0, 7, 7, 1] == [level.wait for level in told]


def test_a_full_bucket_has_no_reset() -> None:
    """Nothing more comes into it, neither before it was used nor a window later."""
    bucket = Bucket()
    before = bucket.look(1000.0, 1, 5)
    bucket.take(1000.0, 1, 5)

    assert [Level(False, 1, None)] * 2 == [before, bucket.look(1005.0, 1, 5)]
    assert 0 == before.wait


def test_what_was_taken_stays_taken() -> None:
    """Under another quota, of which it may be more than there is, and another window."""
    bucket = Bucket()
    for now in (1000.0, 1001.0, 1002.0):
        bucket.take(now, 3, 10)

    assert Level(False, 1, 7) == bucket.look(1003.0, 4, 10)
    assert Level(False, 0, 8) == bucket.take(1003.0, 2, 10)
    assert Level(False, 0, 9) == bucket.take(1003.0, 1, 10)
    assert Level(False, 0, 19) == bucket.take(1003.0, 1, 20)
    assert Level(True, 1, 1) == bucket.take(1004.0, 3, 3)


def test_time_does_not_go_back() -> None:
    """A thread that asked for the time first may come last: it gets no token too early."""
    bucket = Bucket()

    assert Level(True, 0, 5) == bucket.take(1000.0, 1, 5)
    assert Level(False, 0, 5) == bucket.take(999.0, 1, 5)
    assert Level(True, 0, 5) == bucket.take(1005.0, 1, 5)


@given(st.floats(0.0, 1.0), WINDOWS)
def test_a_clock_that_advances_by_a_window_is_enough(fraction: float, window: int) -> None:
    """Whatever the time of day is, adding a window to it brings a token back."""
    clock = Clock()
    clock.advance(fraction)
    bucket = Bucket()
    for _ in range(3):
        assert bucket.take(clock.now(), 1, window).taken
        clock.advance(window)


def test_principals_have_buckets_of_their_own() -> None:
    """What one of them takes leaves the other's as it was, and looking makes none."""
    buckets = Buckets()

    assert Level(False, 1, None) == buckets.look("a", 1000.0, 1, 5)
    assert Level(True, 0, 5) == buckets.take("a", 1000.0, 1, 5)
    assert Level(True, 0, 5) == buckets.take("b", 1002.0, 1, 5)
    assert Level(False, 0, 3) == buckets.look("a", 1002.0, 1, 5)
    assert Level(False, 0, 3) == buckets.take("a", 1002.0, 1, 5)


def test_buckets_can_be_filled_again() -> None:
    """All of them at once."""
    buckets = Buckets()
    buckets.take("a", 1000.0, 1, 5)
    buckets.clear()

    assert Level(True, 0, 5) == buckets.take("a", 1000.0, 1, 5)


def test_a_crowd_of_principals_takes_no_more_memory() -> None:
    """The one that came least lately makes room, not the one that came first."""
    buckets = Buckets()
    for number in range(MAX_BUCKETS):
        buckets.take(f"{number}", 1000.0, 1, 5)
    buckets.take("0", 1000.0, 1, 5)
    buckets.take("one more", 1000.0, 1, 5)

    assert [0, 1, 0] == [buckets.look(name, 1000.0, 1, 5).remaining for name in ("0", "1", "2")]
    assert MAX_BUCKETS == len(buckets._buckets)


def test_threads_share_a_bucket() -> None:
    """However they meet, as many tokens are taken as there are."""
    buckets = Buckets()
    with ThreadPoolExecutor(8) as pool:
        levels = list(pool.map(lambda _: buckets.take("a", 1000.0, 100, 5), range(400)))

    assert 100 == sum(level.taken for level in levels)
    assert list(range(99, -1, -1)) == sorted((x.remaining for x in levels if x.taken), reverse=True)
