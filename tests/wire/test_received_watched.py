"""What a rule may ask of a request: to see its content as it comes, and its end."""

from __future__ import annotations

import pytest

from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import Refusal
from pytest_httpcodes.wire.received import Received
from tests.wire.test_received import received


def test_content_is_seen_as_it_comes() -> None:
    """Piece by piece, by all who asked, in the order in which they did."""
    seen: list[tuple[str, int]] = []
    request = received(b"ab", b"c")
    request.watch(lambda watched: seen.append(("first", watched.octets)))
    request.watch(lambda watched: seen.append(("second", watched.octets)))

    assert b"abc" == request.content
    assert [("first", 2), ("second", 2), ("first", 3), ("second", 3)] == seen


def test_whoever_watches_may_end_the_reading() -> None:
    """By a refusal; and whoever asks again is refused again."""
    request = received(b"ab", b"c", b"d")

    def check(watched: Received) -> None:
        if watched.octets > 2:
            raise Refusal(413, "over 2 octets", Section(9110, "15.5.14"))

    request.watch(check)
    for octets in (3, 5):
        with pytest.raises(Refusal, match="over 2 octets"):
            request.receive()
        assert octets == request.octets
    assert not request.complete


def test_the_end_is_told() -> None:
    """To all who asked, when the connection lets go of the request."""
    ends: list[str] = []
    request = received(b"abc")
    request.at_end(lambda: ends.append("first"))
    request.at_end(lambda: ends.append("second"))
    assert [] == ends
    request.discard()

    assert ["first", "second"] == ends
