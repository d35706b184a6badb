"""Steps on a connection that only notes what is done to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pytest
from werkzeug.wrappers import Response

from pytest_httpcodes.clock import Clock
from pytest_httpcodes.codes import PHRASES
from pytest_httpcodes.exchange import Exchange
from pytest_httpcodes.journal import Journal
from pytest_httpcodes.wire.head import RequestHead
from pytest_httpcodes.wire.limits import Limits
from pytest_httpcodes.wire.parser import Parser
from pytest_httpcodes.wire.performer import Performer
from pytest_httpcodes.wire.sender import Gone
from pytest_httpcodes.wire.steps import (
    Channel,
    Close,
    Content,
    End,
    HalfClose,
    Head,
    Interim,
    Pause,
    Raw,
    Reset,
    Stall,
    Step,
    Switch,
)
from pytest_httpcodes.wire.stream import Stream
from pytest_httpcodes.wire.writer import lower

DATE = b"Mon, 23 Nov 2026 01:03:38 GMT"


class Origin:
    """What a performer needs of one."""

    phrases: Mapping[int, str] = PHRASES
    head_timeout = 30.0

    def date(self) -> bytes:
        """Return a time."""
        return DATE


class Noted(Stream):
    """A stream that notes what is done to it, and whether the record was complete by then.

    `incoming` is what it receives, `after` how many sendings go well.
    """

    def __init__(self, record: Exchange, incoming: tuple[bytes, ...] = (), after: int = 99) -> None:
        self.record = record
        self.incoming = [*incoming]
        self.after = after
        self.log: list[tuple[str, bytes | float, bool]] = []

    def _note(self, what: str, value: bytes | float = b"") -> None:
        self.log.append((what, value, self.record.finished is not None))

    def send(self, octets: bytes) -> None:
        """Note octets."""
        if not self.after:
            raise BrokenPipeError
        self.after -= 1
        self._note("send", octets)

    def receive(self, timeout: float) -> bytes:
        """Give what there is, then the end."""
        if not self.incoming:
            return b""
        return self.incoming.pop(0)

    def wait(self, seconds: float) -> bool:
        """Note the wait; the client is gone if nothing is to come."""
        assert not self.record.is_open
        self._note("wait", seconds)
        return not self.incoming

    def half_close(self) -> None:
        """Note it."""
        self._note("half close")

    def reset(self) -> None:
        """Note it."""
        self._note("reset")

    @property
    def octets(self) -> bytes:
        """All that was sent."""
        return b"".join(value for what, value, _ in self.log if isinstance(value, bytes))


class Setting:
    """A performer and all that it has to do with."""

    def __init__(
        self,
        method: str = "GET",
        version: str = "HTTP/1.1",
        incoming: tuple[bytes, ...] = (),
        unread: bytes = b"",
        after: int = 99,
    ) -> None:
        self.record = Journal(Clock(), 10_000_000).record(1, 1, 0.0)
        self.stream = Noted(self.record, incoming, after)
        head = RequestHead(method, "/", version, [("Host", "a")], b"")
        head.interpret(Limits())
        parser = Parser(Limits())
        parser.feed(unread)
        self.performer = Performer(self.stream, Origin(), self.record, head, parser)

    def perform(self, *steps: Step) -> list[tuple[str, bytes | float, bool]]:
        """Perform steps; return what was done."""
        self.performer.perform(steps)
        return self.stream.log

    def each(self, steps: Iterable[Step]) -> list[tuple[str, bytes | float, bool]]:
        """Perform steps that are made one by one; return what was done."""
        self.performer.perform(iter(steps))
        return self.stream.log


def head(*lines: bytes, status: bytes = b"200 OK") -> bytes:
    """Return the octets of a head."""
    own = (b"Date: " + DATE, b"Server: pytest-httpcodes", *lines)
    return b"HTTP/1.1 " + status + b"\r\n" + b"".join(line + b"\r\n" for line in own) + b"\r\n"


CHUNKED = head(b"Transfer-Encoding: chunked")


def test_a_small_answer_goes_in_one_piece() -> None:
    """After its record is complete: Rule 1."""
    setting = Setting()
    octets = head(b"Content-Length: 3") + b"abc"

    assert [("send", octets, True)] == setting.perform(Head(200), Content(b"abc"), End())
    assert (200, 200) == (setting.record.status, setting.record.logged)
    assert octets == setting.record.sent
    assert setting.performer.begun
    assert not setting.performer.closes
    assert not setting.performer.dead


def test_an_end_is_where_the_steps_end() -> None:
    """If they have none of their own."""
    assert [("send", head(b"Content-Length: 1") + b"a", True)] == Setting().perform(
        Head(200), Content(b"a")
    )
    assert [
        ("send", CHUNKED + b"1\r\na\r\n", False),
        ("send", b"0\r\n\r\n", True),
    ] == Setting().each([Head(200), Content(b"a")])


def test_large_content_is_sent_in_slices() -> None:
    """And its last octets are held back until the record is complete: Rule 1."""
    content = bytes(range(256)) * 10_000
    setting = Setting()
    log = setting.perform(Head(200), Content(content), End())
    sizes = [len(octets) for _, octets, _ in log[1:] if isinstance(octets, bytes)]

    assert head(b"Content-Length: 2560000") + content == setting.stream.octets
    assert [1_048_576, 1_048_576, 2_560_000 - 2 * 1_048_576 - 65_536, 65_536] == sizes
    assert [False] * 4 + [True] == [finished for _, _, finished in log]


def test_many_pieces_are_collected() -> None:
    """In batches that are no burden."""
    pieces = [Content(bytes([i]) * 30_000) for i in range(5)]
    log = Setting().perform(Head(200), *pieces, End())
    sizes = [len(octets) for _, octets, _ in log if isinstance(octets, bytes)]
    first = head(b"Content-Length: 150000")

    assert [len(first) + 60_000, 60_000, 30_000] == sizes
    assert [False, False, True] == [finished for _, _, finished in log]


def test_pieces_that_are_made_are_sent_one_by_one() -> None:
    """Before the next one is asked for: Rule 2."""
    setting = Setting()
    sent: list[int] = []

    def steps() -> Iterator[Step]:
        for step in (Head(200), Content(b"a"), Content(b"b"), End()):
            sent.append(len(setting.stream.log))
            yield step
        sent.append(len(setting.stream.log))

    log = setting.each(steps())

    assert [0, 0, 1, 2, 2] == sent
    assert [
        ("send", CHUNKED + b"1\r\na\r\n", False),
        ("send", b"1\r\nb\r\n", False),
        ("send", b"0\r\n\r\n", True),
    ] == log


def test_pieces_of_a_known_length() -> None:
    """The record is complete before the last of them, and noted once."""
    setting = Setting()
    finished: list[Exchange] = []
    setting.record._journal.log = finished.append
    log = setting.each([Head(200, {"Content-Length": "2"}), Content(b"a"), Content(b"b"), End()])

    assert [False, True] == [complete for _, _, complete in log]
    assert [b"b"] == [octets for _, octets, _ in log[1:]]
    assert [setting.record] == finished


@pytest.mark.parametrize(
    ("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 205), ("GET", 304)]
)
def test_content_that_nobody_sees_is_not_made(method: str, status: int) -> None:
    """A stream may be without end; and what it holds is let go of."""
    closed: list[bool] = []

    def endless() -> Iterator[str]:
        while True:
            yield "a"

    response = Response(endless(), status)
    response.call_on_close(lambda: closed.append(True))
    setting = Setting(method)
    setting.performer.perform(lower(response))

    assert [True] == closed
    assert setting.stream.octets.endswith(b"\r\n\r\n")
    assert setting.record.finished


def test_an_interim_response_is_sent_at_once() -> None:
    """It is noted, and an answer may still take another turn after it."""
    setting = Setting(incoming=(b"",))
    log = setting.perform(Interim(103), Pause(0.5), Head(200), End())

    assert [
        ("send", b"HTTP/1.1 103 Early Hints\r\n\r\n", False),
        ("wait", 0.5, False),
        ("send", head(b"Content-Length: 0"), True),
    ] == log
    assert [103] == setting.record.interim


def test_an_interim_response_is_no_beginning() -> None:
    """Of the final one."""
    setting = Setting()
    with pytest.raises(ValueError, match="neither a final response nor a close"):
        setting.perform(Interim(103))

    assert not setting.performer.begun


def test_http10_sees_no_interim_response() -> None:
    """And the journal neither."""
    setting = Setting(version="HTTP/1.0")
    log = setting.perform(Interim(103), Head(200), End())

    assert [("send", head(b"Content-Length: 0", b"Connection: close"), True)] == log
    assert [] == setting.record.interim
    assert setting.performer.closes


def test_a_pause_sends_what_was_before_it() -> None:
    """And nobody waits for the exchange meanwhile."""
    setting = Setting(incoming=(b"",))
    log = setting.perform(Head(200), Content(b"a"), Pause(0.5), Content(b"b"), End())

    assert [
        ("send", head(b"Content-Length: 2") + b"a", False),
        ("wait", 0.5, False),
        ("send", b"b", True),
    ] == log


def test_a_client_that_leaves_in_a_pause_is_gone() -> None:
    """What comes after it is not done."""
    setting = Setting()
    with pytest.raises(Gone):
        setting.perform(Pause(0.5), Head(200), End())

    assert [("wait", 0.5, False)] == setting.stream.log


def test_raw_octets_are_untouched() -> None:
    """In their place among others; alone, they are an answer without a status."""
    setting = Setting()
    raw = b"HTTP/1.1 200 \nbroken\r\n"

    assert [("send", raw, True)] == setting.perform(Raw(raw))
    assert setting.record.status is None
    assert not setting.performer.closes


def test_raw_octets_after_a_head_make_it_chunked() -> None:
    """How much they mean cannot be told."""
    log = Setting().perform(Head(200), Content(b"a"), Raw(b"?"), Close())

    assert [("send", CHUNKED + b"1\r\na\r\n?", True)] == log


@pytest.mark.parametrize(
    ("last", "log", "closes", "dead"),
    [
        (Close(), [], True, False),
        (Reset(), [("reset", b"", True)], False, True),
        (HalfClose(), [("half close", b"", True)], False, True),
    ],
)
@pytest.mark.parametrize("each", [False, True])
def test_an_end_of_the_connection(
    last: Step, log: list[object], closes: bool, dead: bool, each: bool
) -> None:
    """The record is complete before it, and what comes after it is not done."""
    setting = Setting(incoming=(b"abc", b"def"))
    steps = (Head(200), Content(b"a"), last, Raw(b"never"))
    done = setting.each(steps) if each else setting.perform(*steps)

    assert log == [entry for entry in done if entry[0] != "send"]
    assert b"never" not in setting.stream.octets
    assert setting.stream.octets.endswith(b"1\r\na\r\n")
    assert setting.record.finished
    assert setting.record.failure is None
    assert closes == setting.performer.closes
    assert dead == setting.performer.dead


def test_after_a_half_close_the_client_is_heard() -> None:
    """Until it closes too."""
    setting = Setting(incoming=(b"abc", b"def"))
    setting.perform(Head(200), End(), HalfClose())

    assert [] == setting.stream.incoming


def test_a_stall_ends_with_the_client() -> None:
    """Which never had the whole answer; nobody waits for the exchange meanwhile."""
    setting = Setting(incoming=(b"abc", b"def"))
    with pytest.raises(Gone):
        setting.perform(Head(200), Content(b"a"), Stall())

    assert [("send", CHUNKED + b"1\r\na\r\n", False)] == setting.stream.log
    assert not setting.record.is_open
    assert setting.record.finished is None


def test_a_stall_ends_after_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if nobody ends it."""

    def receive(timeout: float) -> bytes:
        assert timeout == 86_400
        raise TimeoutError

    setting = Setting()
    setting.stream.receive = receive  # type: ignore[method-assign]
    with pytest.raises(Gone):
        setting.perform(Stall())


@pytest.mark.parametrize("interim", [(), (Interim(103),)])
def test_a_client_that_is_gone_has_no_status(interim: tuple[Step, ...]) -> None:
    """Where nothing of the final response could be sent."""
    setting = Setting(after=len(interim))
    with pytest.raises(Gone):
        setting.perform(*interim, Head(200), End())

    assert setting.record.status is None
    assert not setting.performer.begun


def test_a_client_that_goes_in_the_midst_has_a_status() -> None:
    """It may have seen it."""
    setting = Setting(after=1)
    with pytest.raises(Gone):
        setting.perform(Head(200), Content(bytes(70_000)), End())

    assert 200 == setting.record.status


def test_what_a_rule_logs_is_kept() -> None:
    """A 400 may be logged as something else."""
    setting = Setting()
    setting.record.logged = 494
    setting.perform(Head(400), End())

    assert (400, 494) == (setting.record.status, setting.record.logged)


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ((Pause(0),), "neither a final response nor a close"),
        ((), "neither a final response nor a close"),
        ((Head(200), End(), Head(404), End()), "two final responses; send the second one as Raw"),
        ((Content(b"a"), Head(200), End()), "content that is not between a Head and an End"),
        ((Raw(b"HTTP/1.1 200 OK\r\n\r\n"), Content(b"a")), "content that is not between"),
        ((Head(200), End(), Content(b"a")), "content that is not between a Head and an End"),
        ((End(),), "an End without a Head"),
        ((Head(200), End(), End()), "an End without a Head"),
        ((Head(200), Interim(103)), "an interim response behind the final one's head"),
    ],
)
@pytest.mark.parametrize("each", [False, True])
def test_steps_that_are_no_answer(steps: tuple[Step, ...], message: str, each: bool) -> None:
    """Are an error, and nothing of a final response was sent."""
    setting = Setting(incoming=(b"",))
    with pytest.raises(ValueError, match=message):
        _ = setting.each(steps) if each else setting.perform(*steps)

    assert not setting.performer.begun


class TestSwitch:
    """Another protocol on the same connection."""

    def test_it_gets_what_was_read_already(self) -> None:
        """Octets behind the head come first (RFC 9110, 7.8)."""
        received = []

        def protocol(channel: Channel) -> None:
            while octets := channel.receive():
                received.append(octets)
                channel.send(octets.upper())

        setting = Setting(incoming=(b"b", b"c"), unread=b"a")
        log = setting.perform(Interim(101), Switch(protocol), Raw(b"never"))

        assert [b"a", b"b", b"c"] == received
        assert [b"A", b"B", b"C"] == [octets for _, octets, _ in log[1:]]
        assert setting.record.finished
        assert setting.performer.closes
        assert [101] == setting.record.interim
        assert setting.record.sent.endswith(b"\r\n\r\nABC")

    def test_nobody_waits_for_it(self) -> None:
        """It may last."""
        setting = Setting()
        seen = []
        setting.perform(Switch(lambda channel: seen.append(setting.record.is_open)))

        assert [False] == seen

    def test_a_client_that_goes_is_gone(self) -> None:
        """Where the protocol does not mind it."""
        setting = Setting(after=0)
        with pytest.raises(Gone):
            setting.perform(Switch(lambda channel: channel.send(b"a")))

    def test_a_protocol_may_mind_it(self) -> None:
        """To it, it is an error like any other of a connection."""

        def protocol(channel: Channel) -> None:
            with pytest.raises(ConnectionError):
                channel.send(b"a")

        setting = Setting(after=0)
        setting.perform(Switch(protocol))

        assert setting.record.finished

    def test_an_error_of_its_own_is_a_fault(self) -> None:
        """And no answer can follow."""

        def protocol(channel: Channel) -> None:
            raise FileNotFoundError

        setting = Setting()
        with pytest.raises(FileNotFoundError):
            setting.perform(Switch(protocol))

        assert setting.performer.begun


def test_closing_is_told_and_done() -> None:
    """Where whoever asks for the answer wants it."""
    setting = Setting()
    setting.performer.perform((Head(200), End()), closes=True)

    assert head(b"Content-Length: 0", b"Connection: close") == setting.stream.octets
    assert setting.performer.closes


def test_a_false_length_closes() -> None:
    """Since the client cannot know where the next answer starts."""
    setting = Setting()
    setting.perform(Head(200, {"Content-Length": "5"}), Content(b"abc"))

    assert setting.performer.closes
