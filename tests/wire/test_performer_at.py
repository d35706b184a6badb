"""What happens within the framed octets of an answer, on a connection that notes what is done."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pytest_httpcodes.wire.sender import Gone
from pytest_httpcodes.wire.steps import (
    At,
    Close,
    Content,
    End,
    HalfClose,
    Head,
    Interim,
    Pace,
    Pause,
    Raw,
    Reset,
    Stall,
    Step,
)
from tests.wire.test_performer import Setting, head

SIZED = head(b"Content-Length: 6")
CHUNKED = head(b"Transfer-Encoding: chunked")
ANSWER = (Head(200), Content(b"abc"), Content(b"def"), End())
LONG = (Head(200, {"Content-Length": "6"}), *ANSWER[1:])
OWN = b"HTTP/1.1 200 OK\r\nContent-Length: 6" + head()[len(b"HTTP/1.1 200 OK") :]
STAYS = (b"",)


def octets(*steps: Step, each: bool = False, **given: object) -> bytes:
    """Return what steps put on the wire."""
    setting = Setting(**given)  # type: ignore[arg-type]
    _ = setting.each(steps) if each else setting.perform(*steps)
    return setting.stream.octets


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("status-line", b"HTTP/1.1 2|00 OK\r\n" + SIZED[17:] + b"abcdef"),
        ("field", SIZED[:35] + b"|" + SIZED[35:] + b"abcdef"),
        ("field-line", SIZED[:54] + b"|" + SIZED[54:] + b"abcdef"),
        ("head", SIZED + b"|abcdef"),
        ("content:0", SIZED + b"|abcdef"),
        ("content:1", SIZED + b"a|bcdef"),
        ("content:3", SIZED + b"abc|def"),
        ("content:4", SIZED + b"abcd|ef"),
        ("content:6", SIZED + b"abcdef|"),
        ("content:7", SIZED + b"abcdef|"),
        ("content", SIZED + b"abc|def"),
        ("chunk", CHUNKED + b"3\r\na|bc\r\n3\r\ndef\r\n0\r\n\r\n"),
        ("last-chunk", CHUNKED + b"3\r\nabc\r\n3\r\ndef\r\n|0\r\n\r\n"),
        ("end", SIZED + b"abcdef|"),
    ],
)
def test_a_place_in_an_answer(where: str, expected: bytes) -> None:
    """Octets are put there, and the answer goes on."""
    assert expected == octets(At(where, Raw(b"|")), *ANSWER)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("head", OWN + b"|abcdef"),
        ("content", OWN + b"abc|def"),
        ("content:5", OWN + b"abcde|f"),
        ("chunk", CHUNKED + b"3\r\na|bc\r\n3\r\ndef\r\n0\r\n\r\n"),
        ("last-chunk", CHUNKED + b"3\r\nabc\r\n3\r\ndef\r\n|0\r\n\r\n"),
        ("end", OWN + b"abcdef|"),
    ],
)
@pytest.mark.parametrize("each", [False, True])
def test_a_place_in_an_answer_with_a_length_of_its_own(
    where: str, expected: bytes, each: bool
) -> None:
    """The same, whether it is there beforehand or is made piece by piece."""
    assert expected == octets(At(where, Raw(b"|")), *LONG, each=each)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("content", b"3\r\na|bc\r\n3\r\ndef\r\n0\r\n\r\n"),
        ("content:5", b"3\r\nabc\r\n3\r\nde|f\r\n0\r\n\r\n"),
        ("content:6", b"3\r\nabc\r\n3\r\ndef|\r\n0\r\n\r\n"),
        ("content:7", b"3\r\nabc\r\n3\r\ndef\r\n|0\r\n\r\n"),
        ("chunk", b"3\r\na|bc\r\n3\r\ndef\r\n0\r\n\r\n"),
        ("end", b"3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n|"),
    ],
)
def test_a_place_in_a_stream(where: str, expected: bytes) -> None:
    """Half of content whose length is not known is half of its first piece."""
    steps = (At(where, Raw(b"|")), ANSWER[0], Content(b""), *ANSWER[1:])

    assert CHUNKED + expected == octets(*steps, each=True)


NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 6" + head()[len(b"HTTP/1.1 200 OK") :]


@pytest.mark.parametrize("where", ["content", "chunk", "last-chunk", "end", "content:7"])
@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((Head(204), End()), head(status=b"204 No Content")),
        ((Head(205), End()), head(b"Content-Length: 0", status=b"205 Reset Content")),
        ((Head(304, {"Content-Length": "6"}),), NOT_MODIFIED),
        ((Raw(b"raw"),), b"raw"),
    ],
)
@pytest.mark.parametrize("each", [False, True])
def test_an_answer_without_the_place(
    where: str, steps: tuple[Step, ...], expected: bytes, each: bool
) -> None:
    """Has its end for it."""
    assert expected + b"|" == octets(At(where, Raw(b"|")), *steps, each=each)


@pytest.mark.parametrize(
    ("where", "expected"),
    [("content", SIZED), ("end", SIZED), ("chunk", CHUNKED), ("last-chunk", CHUNKED)],
)
def test_an_answer_to_head(where: str, expected: bytes) -> None:
    """It is framed as that to a GET would be, and has its end behind the head."""
    assert expected + b"|" == octets(At(where, Raw(b"|")), *ANSWER, method="HEAD")
    assert CHUNKED + b"|" == octets(At(where, Raw(b"|")), *ANSWER, method="HEAD", each=True)


def test_http10_has_no_chunks() -> None:
    """Its length stays, and the end is where they would break."""
    start = head(b"Content-Length: 6", b"Connection: close")
    for where in ("chunk", "last-chunk"):
        assert start + b"abcdef|" == octets(At(where, Raw(b"|")), *ANSWER, version="HTTP/1.0")


@pytest.mark.parametrize("each", [False, True])
@pytest.mark.parametrize(
    ("last", "log", "closes", "dead"),
    [
        (Close(), [], True, False),
        (Reset(), [("reset", b"", True)], False, True),
        (HalfClose(), [("half close", b"", True)], False, True),
    ],
)
def test_an_end_within_an_answer(
    last: Close | Reset | HalfClose, log: list[object], closes: bool, dead: bool, each: bool
) -> None:
    """The record is complete before it, with what was sent; nothing behind it is done."""
    for where, expected in (("content:4", OWN + b"abcd"), ("end", OWN + b"abcdef")):
        setting = Setting(incoming=(b"x",))
        steps = (At(where, last), *LONG, Raw(b"never"))
        done = setting.each(steps) if each else setting.perform(*steps)

        assert log == [entry for entry in done if entry[0] != "send"]
        assert expected == setting.stream.octets == setting.record.sent
        assert setting.record.finished
        assert setting.record.failure is None
        assert (200, closes, dead) == (
            setting.record.status,
            setting.performer.closes,
            setting.performer.dead,
        )


def test_content_that_is_cut_off_is_not_made() -> None:
    """Nor is what comes behind the place where it breaks."""
    made: list[str] = []

    def steps() -> Iterator[Step]:
        try:
            yield At("content:4", Reset())
            yield Head(200, {"Content-Length": "1000"})
            for piece in ("ab", "cd", "ef"):
                made.append(piece)
                yield Content(piece.encode())
        finally:
            made.append("closed")

    setting = Setting()
    setting.performer.perform(steps())

    assert ["ab", "cd", "closed"] == made
    assert setting.stream.octets.endswith(b"\r\n\r\nabcd")


def test_no_content_is_made_for_none_of_it() -> None:
    """After no octet of it is behind the head."""

    def steps() -> Iterator[Step]:
        yield At("content:0", Close())
        yield Head(200)
        raise AssertionError("nothing of it is sent")

    setting = Setting()
    setting.performer.perform(steps())

    assert CHUNKED == setting.stream.octets


@pytest.mark.parametrize(
    ("where", "steps", "expected"),
    [
        ("content", ANSWER, SIZED + b"abc"),
        ("content:5", ANSWER, SIZED + b"abcde"),
        ("content:6", ANSWER, SIZED + b"abcde"),
        ("content:99", LONG, OWN + b"abcde"),
        ("content", (Head(200), Content(b"a")), head(b"Content-Length: 1")),
        ("content:1", (Head(200), Content(b"a")), head(b"Content-Length: 1")),
        ("content", (Head(200), End()), head(b"Content-Length: 1")),
        ("content:5", (Head(200), Content(b""), End()), head(b"Content-Length: 1")),
    ],
)
def test_short_content(where: str, steps: tuple[Step, ...], expected: bytes) -> None:
    """It lacks its last octet at least; of none, one is announced."""
    assert expected == octets(At(where, Close(), short=True), *steps)


def test_short_content_of_unknown_length() -> None:
    """It lacks the chunk that would end it."""
    found = octets(At("content:99", Close(), short=True), *ANSWER, each=True)

    assert CHUNKED + b"3\r\nabc\r\n3\r\ndef\r\n" == found


def test_several_places() -> None:
    """In their order in the octets; at the same one, in the order in which they are given."""
    ats = [
        At("end", Raw(b"6")),
        At("content:4", Raw(b"4")),
        At("head", Raw(b"2")),
        At("content:0", Raw(b"3")),
        At("status-line", Raw(b"1")),
        At("content:9", Raw(b"5")),
        At("end", Raw(b"7")),
    ]

    assert b"HTTP/1.1 2100 OK\r\n" + SIZED[17:] + b"23abcd4ef567" == octets(*ats, *ANSWER)


def test_at_the_end_the_answer_is_complete() -> None:
    """Its record too: who has it need not wait for what follows."""
    setting = Setting(incoming=STAYS)
    log = setting.perform(At("end", Pause(0.5), Raw(b"more")), *ANSWER)

    assert [("send", SIZED + b"abcdef", True), ("wait", 0.5, True), ("send", b"more", True)] == log
    assert SIZED + b"abcdefmore" == setting.record.sent


@pytest.mark.parametrize("steps", [(Pause(0.5), Raw(b"more")), (Stall(),), (Pace(1), Raw(b"abc"))])
def test_a_client_that_leaves_behind_the_end_has_its_answer(steps: tuple[Step, ...]) -> None:
    """That is no failure, and the connection cannot go on."""
    for each in (False, True):
        setting = Setting()
        given = (At("end", *steps), *LONG)  # type: ignore[arg-type]
        _ = setting.each(given) if each else setting.perform(*given)

        assert (None, True) == (setting.record.failure, setting.performer.dead)
        assert setting.record.finished


def test_a_client_that_leaves_at_the_end_has_not() -> None:
    """Where what follows goes with the answer, in one piece."""
    setting = Setting(after=0)
    with pytest.raises(Gone):
        setting.perform(At("end", Raw(b"more")), *ANSWER)


@pytest.mark.parametrize(
    ("where", "steps", "given", "complete"),
    [
        ("content:9", ANSWER, {}, True),
        ("content", ANSWER, {}, False),
        ("content", (Head(204), End()), {}, True),
        ("content", ANSWER, {"method": "HEAD"}, True),
        ("last-chunk", ANSWER, {}, False),
        ("content:9", (Head(200, {"Content-Length": "9"}), *ANSWER[1:]), {}, False),
        ("head", ANSWER, {}, False),
    ],
)
def test_a_stall_behind_all_that_the_client_waits_for(
    where: str, steps: tuple[Step, ...], given: dict[str, str], complete: bool
) -> None:
    """Is one behind the answer; where the client waits for more, it never has it."""
    setting = Setting(**given)  # type: ignore[arg-type]
    if complete:
        setting.perform(At(where, Stall()), *steps)
    else:
        with pytest.raises(Gone):
            setting.perform(At(where, Stall()), *steps)

    assert complete == (setting.record.finished is not None)


@pytest.mark.parametrize("last", [Close(), Reset(), HalfClose(), Stall()])
def test_a_status_that_is_cut_off_is_none(last: Close) -> None:
    """Half of the code is no code; nor is it one for the log."""
    setting = Setting()
    if isinstance(last, Stall):
        with pytest.raises(Gone):
            setting.perform(At("status-line", last), *ANSWER)
    else:
        setting.perform(At("status-line", last), *ANSWER)

    assert (None, None) == (setting.record.status, setting.record.logged)
    assert b"HTTP/1.1 2" == setting.record.sent


def test_a_status_that_is_only_late_is_one() -> None:
    """All of it comes; what a rule logs is kept."""
    setting = Setting(incoming=STAYS)
    setting.record.logged = 494
    setting.perform(At("status-line", Pause(0.5)), *ANSWER)

    assert (200, 494) == (setting.record.status, setting.record.logged)


def test_a_pace_within_an_answer() -> None:
    """What is in front of it comes at once."""
    setting = Setting(incoming=STAYS)
    setting.perform(At("content:4", Pace(10)), *ANSWER)

    assert [SIZED + b"abcd", b"e", b"f"] == [octets for what, octets, _ in setting.stream.log
                                             if what == "send"]  # fmt: skip


def test_an_interim_response_is_no_place() -> None:
    """What happens does so in the final one."""
    expected = b"HTTP/1.1 103 Early Hints\r\n\r\n" + SIZED + b"|abcdef"

    assert expected == octets(At("head", Raw(b"|")), Interim(103), *ANSWER)
    assert expected == octets(Interim(103), At("head", Raw(b"|")), *ANSWER)


def test_a_place_behind_the_head_comes_too_late() -> None:
    """That is an error, and nothing was sent."""
    setting = Setting()
    with pytest.raises(ValueError, match="an At behind the head; it comes before that"):
        setting.perform(Head(200), At("content", Close()), Content(b"a"))

    assert not setting.performer.begun
