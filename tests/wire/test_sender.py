"""Octets at a pace, and what the record has of them by when."""

from __future__ import annotations

import pytest

from pytest_httpcodes.wire.sender import Gone
from pytest_httpcodes.wire.steps import Content, End, Head, Interim, Pace, Pause, Raw, Reset
from tests.wire.test_performer import Setting, head

STAYS = (b"",)  # what a client sends later, so that it is not gone
EMPTY = head(b"Content-Length: 0")


def sends(setting: Setting) -> list[bytes]:
    """Return what was sent at a time."""
    return [value for what, value, _ in setting.stream.log if isinstance(value, bytes) and value]


def waits(setting: Setting) -> list[float]:
    """Return how long each wait was, in seconds."""
    return [value for what, value, _ in setting.stream.log if isinstance(value, float)]


@pytest.mark.parametrize(
    ("pace", "sizes", "seconds"),
    [
        (1, [1] * 10, [1.0] * 9),
        (0.5, [1] * 10, [2.0] * 9),
        (30, [3, 3, 3, 1], [0.1, 0.1, 0.1]),
        (15, [1] * 10, [1 / 15] * 9),
        (50, [5, 5], [0.1]),
        (99, [9, 1], [9 / 99]),
        (100, [10], []),
        (10**9, [10], []),
    ],
)
def test_a_pace_is_kept(pace: float, sizes: list[int], seconds: list[float]) -> None:
    """Some octets at a time, at least one, at most ten times a second; no wait behind the last."""
    setting = Setting(incoming=STAYS)
    setting.perform(Pace(pace), Raw(b"0123456789"))

    assert sizes == [len(octets) for octets in sends(setting)]
    assert seconds == pytest.approx(waits(setting))
    assert b"0123456789" == setting.stream.octets == setting.record.sent


def test_the_record_ends_before_the_last_octets() -> None:
    """And not before those that come long before them: Rule 1."""
    setting = Setting(incoming=STAYS)
    log = setting.perform(Pace(10), Raw(b"0123"))

    assert [("send", b"0", False), ("send", b"1", False), ("send", b"2", False)] == [
        entry for entry in log[:-1] if entry[0] == "send"
    ]
    assert ("send", b"3", True) == log[-1]


def test_the_record_has_what_was_sent_alone() -> None:
    """A client that leaves while an answer drips had no more than this."""
    setting = Setting(after=2, incoming=STAYS)
    with pytest.raises(Gone):
        setting.perform(Pace(10), Raw(b"0123"))

    assert b"012" == setting.record.sent  # the kernel may have taken the last one
    assert b"01" == setting.stream.octets
    assert setting.record.finished is None


def test_a_client_that_leaves_in_between_is_gone() -> None:
    """It is noticed in the wait."""
    setting = Setting()
    with pytest.raises(Gone):
        setting.perform(Pace(10), Head(200), End())

    assert b"H" == setting.record.sent
    assert setting.performer.begun
    assert 200 == setting.record.status


def test_the_pace_is_kept_from_piece_to_piece() -> None:
    """A wait is owed before the next octets, whoever makes them."""
    setting = Setting(incoming=STAYS)
    setting.each([Head(200, {"Content-Length": "4"}), Pace(10), Content(b"ab"), Content(b"cd")])
    start = head(status=b"200 OK\r\nContent-Length: 4")

    assert [start, b"a", b"b", b"c", b"d"] == sends(setting)
    assert [0.1, 0.1, 0.1] == waits(setting)


def test_an_interim_response_keeps_the_pace_and_begins_nothing() -> None:
    """Another answer can still follow it."""
    setting = Setting(incoming=STAYS)
    with pytest.raises(ValueError, match="neither a final response nor a close"):
        setting.perform(Pace(300), Interim(103))

    assert b"HTTP/1.1 103 Early Hints\r\n\r\n" == setting.stream.octets
    assert not setting.performer.begun
    assert setting.record.finished is None


def test_what_was_before_the_pace_is_sent_at_once() -> None:
    """It holds from its place on; a later one takes its place."""
    setting = Setting(incoming=STAYS)
    setting.perform(Raw(b"abc"), Pace(10), Raw(b"de"), Pace(1000), Raw(b"fgh"), Reset())

    assert [b"abc", b"d", b"e", b"fgh"] == sends(setting)
    assert ("reset", b"", True) == setting.stream.log[-1]


def test_nobody_waits_for_an_exchange_that_drips() -> None:
    """It may last; the stream's own `wait` sees to it that the exchange is not open then."""
    setting = Setting(incoming=STAYS)
    setting.perform(Pace(10), Raw(b"01"), Pause(0.5), Raw(b"2"))

    assert [0.1, 0.5, 0.1] == waits(setting)


def test_a_record_is_whole_when_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for its end can read all that is sent."""
    setting = Setting()
    sent: list[bytes] = []
    setting.record._journal.log = lambda record: sent.append(record.sent)
    setting.perform(Head(200), End())

    assert [EMPTY] == sent
