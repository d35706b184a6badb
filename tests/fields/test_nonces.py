"""Nonces: of limited age, each count good once, in whatever order (RFC 7616, 5.4 and 5.5)."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_httpcodes.fields import nonces
from pytest_httpcodes.fields.nonces import LIFETIME, Nonces

NOW = 1_800_000_000.25
SESSION = ("n", "c")


def use(known: Nonces, nonce: str, counts: Iterable[int], now: float = NOW) -> list[bool]:
    """Use counts of a nonce one after the other."""
    return [known.use(nonce, count, now, SESSION) for count in counts]


def test_each_is_another_one() -> None:
    """Even at the same time; printable, without a quote."""
    known = Nonces()
    made = [known.make(NOW) for _ in range(100)]

    assert 100 == len(set(made))
    assert {48} == {len(nonce) for nonce in made}
    assert all(nonce.isascii() and nonce.isprintable() and '"' not in nonce for nonce in made)


def test_each_count_is_good_once_in_any_order() -> None:
    """As they arrive over several connections; those in between stay good."""
    known = Nonces()
    one, other = known.make(NOW), known.make(NOW)

    assert [True, True, False, True, True, False, False, True, False, False] == use(
        known, one, [3, 1, 3, 2, 0xFFFFFFFF, 2, 1, 5, 0xFFFFFFFF, 5]
    )
    assert [True, True, False] == use(known, other, [4, 1, 4])
    assert known.fresh(one, 4, NOW)
    assert not known.fresh(one, 5, NOW)


@settings(deadline=None)
@given(st.lists(st.integers(1, 12)))
def test_as_a_set_would_have_it(counts: list[int]) -> None:
    """A count is good where it was not used before, and only then."""
    known = Nonces()
    expected = [count not in counts[:place] for place, count in enumerate(counts)]

    assert expected == use(known, known.make(NOW), counts)


def test_a_long_session_takes_no_memory() -> None:
    """Counts in a row are held as the last of them."""
    known = Nonces()
    nonce = known.make(NOW)

    assert all(use(known, nonce, range(1, 1_000)))
    assert (999, set()) == (known._used[nonce].floor, known._used[nonce].beyond)


def test_one_that_is_too_old_is_stale() -> None:
    """After its lifetime, by the server's clock; its end is near after half of it."""
    known = Nonces(10)
    nonce = known.make(NOW)

    assert [True] == use(known, nonce, [1], NOW + 10)
    assert [False] == use(known, nonce, [2], NOW + 10.01)
    assert not known.fresh(nonce, 2, NOW + 10.01)
    assert not known.ends(nonce, NOW + 5)
    assert known.ends(nonce, NOW + 5.01)
    assert Nonces().fresh("", 1, NOW) is False
    assert 300 == LIFETIME


def test_one_that_was_not_made_here_is_stale() -> None:
    """No other secret, no changed character, no other form of the same octets."""
    known = Nonces()
    nonce = known.make(NOW)
    others = [nonce[:place] + "_A"[nonce[place] != "A"] + nonce[place + 1 :] for place in range(48)]

    for wrong in (
        *others,
        Nonces().make(NOW),
        nonce[:-4],
        f"{nonce}=",
        f"{nonce}A",
        "",
        "ä",
        "A" * 48,
    ):
        assert wrong != nonce
        assert not known.fresh(wrong, 1, NOW)
        assert not known.use(wrong, 1, NOW, SESSION)
        assert known.ends(wrong, NOW)
        assert known.session(wrong) is None
    assert known.fresh(nonce, 1, NOW)


def test_once() -> None:
    """Good for one request, whatever its count; and its end is always near."""
    known = Nonces(once=True)
    one, other = known.make(NOW), known.make(NOW)

    assert known.ends(one, NOW)
    assert [True, False, False] == use(known, one, [1, 2, 1])
    assert [True, False, False] == use(known, other, [7, 8, 1])
    assert not known.fresh(one, 3, NOW)


def test_a_session_starts_with_the_first_request_and_goes_on() -> None:
    """RFC 7616, 3.4.2: the key stays what the first nonce and cnonce made it."""
    known = Nonces(once=True)
    nonce = known.make(NOW)
    assert known.session(nonce) is None
    assert known.use(nonce, 2, NOW, (nonce, "first"))
    assert (nonce, "first") == known.session(nonce)
    following = known.make(NOW, (nonce, "first"))

    assert (nonce, "first") == known.session(following)
    assert known.fresh(following, 1, NOW)
    assert known.use(following, 1, NOW, (following, "second"))
    assert (nonce, "first") == known.session(following)
    assert not known.use(following, 2, NOW, (following, "second"))


def test_a_session_is_that_of_its_first_request() -> None:
    """Later ones leave it as it is."""
    known = Nonces()
    nonce = known.make(NOW)
    for count, cnonce in ((1, "first"), (2, "second")):
        assert known.use(nonce, count, NOW, (nonce, cnonce))

    assert (nonce, "first") == known.session(nonce)


def test_forgotten_ones_are_stale() -> None:
    """All of them, and none of those that follow."""
    known = Nonces()
    nonce = known.make(NOW)
    known.forget()

    assert not known.fresh(nonce, 1, NOW)
    assert known.fresh(known.make(NOW), 1, NOW)


def test_the_number_in_use_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more makes all of them stale, and none can be replayed."""
    monkeypatch.setattr(nonces, "MAX_NONCES", 3)
    known = Nonces()
    made = [known.make(NOW) for _ in range(5)]

    assert [[True]] * 4 == [use(known, nonce, [1]) for nonce in made[:4]]
    assert [[False]] * 5 == [use(known, nonce, [1]) for nonce in made]
    for _ in range(3):
        known.make(NOW, SESSION)
    last = known.make(NOW, SESSION)
    assert [last] == list(known._used)
    assert [True] == use(known, last, [1])


def test_two_threads_never_use_the_same_count() -> None:
    """Of many requests with one count, one is the first."""
    known = Nonces()
    nonce = known.make(NOW)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda count: known.use(nonce, count, NOW, SESSION), [1, 2] * 100))

    assert 2 == sum(found)
