"""Framing, from one table of steps and octets; h11 reads what is honest as a client would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.wrappers import Response

from pytest_httpcodes.wire.head import RequestHead
from pytest_httpcodes.wire.limits import Limits
from pytest_httpcodes.wire.steps import (
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
    Steps,
    Switch,
)
from pytest_httpcodes.wire.writer import Framer, announced, lower

DATE = b"Mon, 23 Nov 2026 01:03:38 GMT"
OWN = b"Date: " + DATE + b"\r\nServer: pytest-httpcodes\r\n"
PHRASES = {103: "Early Hints", 200: "OK", 204: "No Content", 404: "Not Found"}


def request(
    method: str = "GET", version: str = "HTTP/1.1", *fields: tuple[str, str]
) -> RequestHead:
    """Return the head of a request."""
    target = "a:1" if method == "CONNECT" else "/"
    made = RequestHead(method, target, version, [("Host", "a"), *fields], b"")
    made.interpret(Limits())
    return made


def framed(steps: Iterable[Step], framer: Framer) -> bytes:
    """Return the octets of an answer."""
    length = announced(steps)
    octets = b""
    for step in steps:
        match step:
            case Interim():
                octets += framer.interim(step)
            case Head():
                octets += framer.head(step, length, DATE)
            case Content():
                octets += framer.content(step.data)
            case End():
                octets += framer.end(step.trailers)
    return octets


def pieces(*data: bytes) -> Iterator[Content]:
    """Return content whose length nobody knows beforehand."""
    return (Content(piece) for piece in data)


def streamed(head: Head, *data: bytes, end: End | None = None) -> Iterator[Step]:
    """Return an answer whose length nobody knows beforehand."""
    yield head
    yield from pieces(*data)
    yield end or End()


@dataclass(frozen=True)
class Case:
    """An answer: the request it is for, its octets, whether the connection closes after it."""

    steps: Sequence[Step]
    octets: bytes
    method: str = "GET"
    version: str = "HTTP/1.1"
    fields: tuple[tuple[str, str], ...] = ()
    closes: bool = False
    stream: bool = False
    honest: bool = True

    @property
    def request(self) -> RequestHead:
        """The request."""
        return request(self.method, self.version, *self.fields)

    @property
    def answer(self) -> Iterable[Step]:
        """The steps, as something that has a length or not."""
        return iter(self.steps) if self.stream else self.steps


def ok(*lines: bytes, content: bytes = b"", status: bytes = b"200 OK") -> bytes:
    """Return the octets of an answer with these lines besides the usual ones."""
    framing = b"".join(line + b"\r\n" for line in lines)
    return b"HTTP/1.1 " + status + b"\r\n" + OWN + framing + b"\r\n" + content


PLAIN = (Head(200), Content(b"abc"), Content(b"de"), End())
CHUNKS = b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
CLOSE = b"Connection: close"
LENGTH = b"Content-Length: 5"
CHUNKED = b"Transfer-Encoding: chunked"

CASES = {
    "S-10 the length is announced": Case(PLAIN, ok(LENGTH, content=b"abcde")),
    "no content has a length too": Case((Head(200), End()), ok(b"Content-Length: 0")),
    "S-12 a stream is sent in chunks": Case(PLAIN, ok(CHUNKED, content=CHUNKS), stream=True),
    "an empty stream is the last chunk": Case(
        (Head(200), Content(b""), End()), ok(CHUNKED, content=b"0\r\n\r\n"), stream=True
    ),
    "large chunks are in hexadecimal": Case(
        (Head(200), Content(b"x" * 300), End()),
        ok(CHUNKED, content=b"12c\r\n" + b"x" * 300 + b"\r\n0\r\n\r\n"),
        stream=True,
    ),
    "S-07 HTTP/1.0 gets a length": Case(
        PLAIN, ok(LENGTH, CLOSE, content=b"abcde"), version="HTTP/1.0", closes=True
    ),
    "S-07 HTTP/1.0 gets a stream until the close": Case(
        PLAIN, ok(CLOSE, content=b"abcde"), version="HTTP/1.0", stream=True, closes=True
    ),
    "HTTP/1.0 is closed even if it wants to persist": Case(
        (Head(200), End()),
        ok(b"Content-Length: 0", CLOSE),
        version="HTTP/1.0",
        fields=(("Connection", "keep-alive"),),
        closes=True,
    ),
    "HTTP/1.0 gets no chunks of one's own either": Case(
        (Head(200, {"Transfer-Encoding": "chunked"}), Content(b"abc"), End()),
        ok(b"Content-Length: 3", CLOSE, content=b"abc"),
        version="HTTP/1.0",
        closes=True,
    ),
    "S-08 S-09 HEAD has the fields of GET": Case(PLAIN, ok(LENGTH), method="HEAD"),
    "HEAD of a stream": Case(PLAIN, ok(CHUNKED), method="HEAD", stream=True),
    "HEAD of a stream to HTTP/1.0": Case(
        PLAIN, ok(CLOSE), method="HEAD", stream=True, version="HTTP/1.0", closes=True
    ),
    "S-04 S-08 a 204 has no content and no length": Case(
        (Head(204), Content(b"abc"), End()), ok(status=b"204 No Content")
    ),
    "a streamed 204": Case(
        (Head(204), Content(b"abc"), End()), ok(status=b"204 No Content"), stream=True
    ),
    "a 204 with chunks of one's own": Case(
        (Head(204, {"Transfer-Encoding": "chunked"}), Content(b"abc"), End()),
        ok(status=b"204 No Content"),
    ),
    "S-08 a 304 has no content": Case((Head(304), Content(b"abc"), End()), ok(status=b"304 ")),
    "a streamed 304": Case((Head(304), Content(b"abc"), End()), ok(status=b"304 "), stream=True),
    "S-08 a 205 says that it has no content": Case(
        (Head(205), Content(b"abc"), End()), ok(b"Content-Length: 0", status=b"205 ")
    ),
    "a streamed 205": Case(
        (Head(205), Content(b"abc"), End()), ok(b"Content-Length: 0", status=b"205 "), stream=True
    ),
    "a 205 with chunks of one's own": Case(
        (Head(205, {"transfer-encoding": "chunked"}), Content(b"abc"), End()),
        ok(b"Content-Length: 0", status=b"205 "),
    ),
    "S-05 a 2xx to CONNECT has no framing": Case(PLAIN, ok(), method="CONNECT", closes=True),
    "a 2xx to CONNECT has no chunks of one's own": Case(
        (Head(200, {"Transfer-Encoding": "chunked"}), Content(b"abc"), End()),
        ok(),
        method="CONNECT",
        closes=True,
    ),
    "another code to CONNECT has": Case(
        (Head(404), Content(b"abc"), End()),
        ok(b"Content-Length: 3", content=b"abc", status=b"404 Not Found"),
        method="CONNECT",
    ),
    "S-02 a code without a phrase keeps the space": Case(
        (Head(299), End()), ok(b"Content-Length: 0", status=b"299 ")
    ),
    "a phrase of one's own": Case(
        (Head(200, reason="Fine\xe9"), End()), ok(b"Content-Length: 0", status=b"200 Fine\xe9")
    ),
    "an empty phrase of one's own": Case(
        (Head(200, reason=""), End()), ok(b"Content-Length: 0", status=b"200 ")
    ),
    "fields keep order, spelling and repetition": Case(
        (Head(200, [("set-cookie", "a=1"), ("X-A", ""), ("set-cookie", "b=2")]), End()),
        b"HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nX-A: \r\nset-cookie: b=2\r\n"
        + OWN
        + b"Content-Length: 0\r\n\r\n",
    ),
    "S-01 a date and a server of one's own": Case(
        (Head(200, {"DATE": "then", "server": "mine"}), End()),
        b"HTTP/1.1 200 OK\r\nDATE: then\r\nserver: mine\r\nContent-Length: 0\r\n\r\n",
    ),
    "an interim response comes before, and has no more than it says": Case(
        (Interim(103, {"Link": "</a>"}), Interim(104), Head(200), End()),
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 104 \r\n\r\n"
        + ok(b"Content-Length: 0"),
    ),
    "an interim response with a phrase of one's own": Case(
        (Interim(103, reason="Soon"), Head(200), End()),
        b"HTTP/1.1 103 Soon\r\n\r\n" + ok(b"Content-Length: 0"),
    ),
    "S-11 HTTP/1.0 gets no interim response": Case(
        (Interim(103), Head(200), End()),
        ok(b"Content-Length: 0", CLOSE),
        version="HTTP/1.0",
        closes=True,
    ),
    "a pause changes nothing": Case(
        (Head(200), Content(b"abc"), Pause(1), Content(b"de"), End()),
        ok(LENGTH, content=b"abcde"),
    ),
    "trailer fields need chunks": Case(
        (Head(200), Content(b"abc"), End({"A": "b", "C": "\xe9"})),
        ok(CHUNKED, content=b"3\r\nabc\r\n0\r\nA: b\r\nC: \xe9\r\n\r\n"),
    ),
    "a stream has trailer fields": Case(
        (Head(200), Content(b"abc"), End({"A": "b"})),
        ok(CHUNKED, content=b"3\r\nabc\r\n0\r\nA: b\r\n\r\n"),
        stream=True,
    ),
    "HEAD has no trailer fields": Case(
        (Head(200), Content(b"abc"), End({"A": "b"})), ok(CHUNKED), method="HEAD"
    ),
    "HTTP/1.0 gets no trailer fields": Case(
        (Head(200), Content(b"abc"), End({"A": "b"})),
        ok(CLOSE, content=b"abc"),
        version="HTTP/1.0",
        closes=True,
    ),
    "what cannot be told beforehand is sent in chunks": Case(
        (Head(200), Content(b"abc"), Stall()), ok(CHUNKED, content=b"3\r\nabc\r\n"), honest=False
    ),
    "what comes after the end has no say": Case(
        (Head(200), Content(b"abc"), End(), Stall()), ok(b"Content-Length: 3", content=b"abc")
    ),
    # The connection (S-16)
    "a client that closes is told that the server does": Case(
        (Head(200), End()),
        ok(b"Content-Length: 0", CLOSE),
        fields=(("Connection", "x, Close"),),
        closes=True,
    ),
    "the head may close": Case(
        (Head(200, {"Connection": "Close"}), End()),
        b"HTTP/1.1 200 OK\r\nConnection: Close\r\n" + OWN + b"Content-Length: 0\r\n\r\n",
        closes=True,
    ),
    "other options are kept": Case(
        (Head(200, {"Connection": "upgrade"}), End()),
        b"HTTP/1.1 200 OK\r\nConnection: upgrade\r\n" + OWN + b"Content-Length: 0\r\n\r\n",
    ),
    "close is added to other options": Case(
        (Head(200, {"Connection": "upgrade"}), End()),
        b"HTTP/1.1 200 OK\r\nConnection: upgrade\r\n"
        + OWN
        + b"Content-Length: 0\r\nConnection: close\r\n\r\n",
        fields=(("Connection", "close"),),
        closes=True,
    ),
    "close is not said twice": Case(
        (Head(200, [("Connection", "upgrade"), ("connection", "close")]), End()),
        b"HTTP/1.1 200 OK\r\nConnection: upgrade\r\nconnection: close\r\n"
        + OWN
        + b"Content-Length: 0\r\n\r\n",
        fields=(("Connection", "close"),),
        closes=True,
    ),
    # Framing of one's own
    "a true length of one's own": Case(
        (Head(200, {"content-length": "5"}), Content(b"abcde"), End()),
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n" + OWN + b"\r\nabcde",
        stream=True,
    ),
    "a true length of one's own of no content": Case(
        (Head(200, {"Content-Length": "0"}), End()),
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + OWN + b"\r\n",
    ),
    "a length that is not reached": Case(
        (Head(200, {"Content-Length": "5"}), Content(b"abc"), End()),
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n" + OWN + b"\r\nabc",
        closes=True,
        honest=False,
    ),
    "a length that is exceeded": Case(
        (Head(200, {"Content-Length": "1"}), Content(b"abc"), End()),
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n" + OWN + b"\r\nabc",
        closes=True,
        honest=False,
    ),
    "a length that is no number": Case(
        (Head(200, {"Content-Length": "abc"}), Content(b"abc"), End()),
        b"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n" + OWN + b"\r\nabc",
        closes=True,
        honest=False,
    ),
    "a length that no content reaches": Case(
        (Head(200, {"Content-Length": "9" * 5000}), Content(b"abc"), End()),
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n" + OWN + b"\r\nabc",
        closes=True,
        honest=False,
    ),
    "HEAD has the length that GET would have": Case(
        (Head(200, {"Content-Length": "1234"}), End()),
        b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n" + OWN + b"\r\n",
        method="HEAD",
    ),
    "a 304 has the length that the 200 would have": Case(
        (Head(304, {"Content-Length": "1234"}), End()),
        b"HTTP/1.1 304 \r\nContent-Length: 1234\r\n" + OWN + b"\r\n",
    ),
    "a 205 with a length leaves the client waiting": Case(
        (Head(205, {"Content-Length": "3"}), Content(b"abc"), End()),
        b"HTTP/1.1 205 \r\nContent-Length: 3\r\n" + OWN + b"\r\n",
        closes=True,
        honest=False,
    ),
    "chunks of one's own": Case(
        (Head(200, {"Transfer-Encoding": "gzip, Chunked"}), Content(b"abc"), Content(b"de"), End()),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n" + OWN + b"\r\n" + CHUNKS,
        honest=False,  # h11 knows no other coding
    ),
    "S-12 another coding ends with the connection": Case(
        (Head(200, {"Transfer-Encoding": "gzip"}), Content(b"abc"), End()),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n" + OWN + b"Connection: close\r\n\r\nabc",
        closes=True,
        honest=False,  # likewise
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_framing(case: Case) -> None:
    """Each answer is these octets, and this is what becomes of the connection."""
    framer = Framer(case.request, PHRASES)
    octets = framed(case.answer, framer)

    assert case.octets == octets
    assert case.closes == framer.close


@pytest.mark.parametrize(
    "case",
    [case for case in CASES.values() if case.honest],
    ids=[k for k in CASES if CASES[k].honest],
)
def test_h11_reads_an_honest_answer(case: Case) -> None:
    """To the end, and with nothing left over."""
    read(case.octets, case.method, ends=case.closes)


def read(octets: bytes, method: str, *, ends: bool) -> tuple[h11.Response, bytes]:
    """Read an answer with h11; return its head and content."""
    client = h11.Connection(h11.CLIENT)
    target = "a:1" if method == "CONNECT" else "/"
    client.send(h11.Request(method=method, target=target, headers=[("Host", "a")]))
    client.send(h11.EndOfMessage())
    client.receive_data(octets)
    if ends:
        client.receive_data(b"")
    head, content = None, b""
    while not isinstance(event := client.next_event(), h11.EndOfMessage):
        match event:
            case h11.Response():
                head = event
            case h11.Data():
                content += event.data
            case h11.InformationalResponse():
                assert head is None
            case h11.PAUSED:  # a tunnel follows
                break
            case _:
                raise AssertionError(event)
    assert head is not None
    assert client.trailing_data[0] == b""
    if not ends:
        assert client.their_state is h11.DONE
    return head, content


FIELD_NAMES = st.sampled_from(["ETag", "X-A", "Set-Cookie", "Link", "Content-Type"])
FIELD_VALUES = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters="\x7f")
)
FIELDS = st.lists(st.tuples(FIELD_NAMES, FIELD_VALUES), max_size=4)
DATA = st.lists(st.binary(max_size=50).map(Content), max_size=4)
STATUS = st.integers(200, 599)
HEADS = st.builds(Head, STATUS, FIELDS)
INTERIMS = st.lists(st.builds(Interim, st.integers(102, 199), FIELDS), max_size=2)
METHODS = st.sampled_from(["GET", "HEAD", "POST", "CONNECT"])
VERSIONS = st.sampled_from(["HTTP/1.0", "HTTP/1.1"])


@given(INTERIMS, HEADS, DATA, METHODS, VERSIONS, st.booleans(), st.booleans(), st.booleans())
def test_h11_reads_every_honest_answer(
    interims: list[Interim],
    head: Head,
    data: list[Content],
    method: str,
    version: str,
    stream: bool,
    closes: bool,
    trailers: bool,
) -> None:
    """Whatever the request, the code and the content, it is complete and what was to be sent."""
    end = End({"A": "b"}) if trailers else End()
    steps: list[Step] = [*interims, head, *data, end]
    framer = Framer(request(method, version), PHRASES)
    framer.close = framer.close or closes
    octets = framed(iter(steps) if stream else steps, framer)
    found, content = read(octets, method, ends=framer.close)
    tunnel = method == "CONNECT" and head.status < 300
    bare = tunnel or method == "HEAD" or head.status in (204, 205, 304)
    sent = [value for name, value in found.headers.raw_items() if name == b"Set-Cookie"]

    assert head.status == found.status_code
    assert (b"" if bare else b"".join(step.data for step in data)) == content
    assert [v.encode("latin-1") for n, v in head.headers if n == "Set-Cookie"] == sent
    assert tunnel or framer.close == ((b"connection", b"close") in found.headers)


@pytest.mark.parametrize(
    ("partial", "content", "interim"),
    [
        (("", "", ""), b"abc", True),
        (("HEAD", "/", "HTTP/1.1"), b"", True),
        (("GET", "/", "HTTP/1.0"), b"abc", False),
    ],
)
def test_an_answer_to_what_is_no_request(
    partial: tuple[str, str, str], content: bytes, interim: bool
) -> None:
    """What is known of it counts, and the connection closes."""
    framer = Framer(None, PHRASES, partial)
    assert interim == bool(framer.interim(Interim(103)))
    octets = framed((Head(404), Content(b"abc"), End()), framer)

    assert framer.close
    expected = ok(b"Content-Length: 3", CLOSE, content=content, status=b"404 Not Found")
    assert expected == octets


def test_content_is_complete_when_its_length_is_reached() -> None:
    """By the length that the head itself says; otherwise the end says so."""
    framer = Framer(request(), PHRASES)
    framer.head(Head(200, {"Content-Length": "5"}), None, DATE)
    seen = [framer.complete]
    for piece in (b"abc", b"de", b"f"):
        framer.content(piece)
        seen.append(framer.complete)

    assert [False, False, True, False] == seen
    assert framer.has_content


@pytest.mark.parametrize(
    ("steps", "length"),
    [
        ((Head(200), Content(b"abc"), End()), 3),
        ([Head(200), Content(b"abc"), Pause(1), Content(b"d")], 4),
        ((Head(200),), 0),
        (iter((Head(200), End())), None),
        ((Head(200), Content(b"a"), End({"A": "b"})), None),
        *[
            ((Head(200), Content(b"a"), step), None)
            for step in (Raw(b""), Close(), HalfClose(), Reset(), Stall(), Switch(print))
        ],
    ],
)
def test_what_length_is_announced(steps: Iterable[Step], length: int | None) -> None:
    """That of the content up to its end, if all of it is there beforehand."""
    assert length == announced(steps)


class TestLower:
    """A reply becomes steps."""

    @pytest.mark.parametrize(
        ("reply", "steps"),
        [
            (Reset(), (Reset(),)),
            ((Head(200), End()), (Head(200), End())),
            (Steps(Interim(103), Reset()), (Interim(103), Reset())),
            (
                Response("abc", content_type="a/b"),
                (Head(200, {"Content-Type": "a/b"}), Content(b"abc"), End()),
            ),
            (
                Response(["a", "bc"], 404, content_type="a/b"),
                (Head(404, {"Content-Type": "a/b"}), Content(b"abc"), End()),
            ),
            (
                Steps(Interim(103), Pause(1), Response(b"a", content_type="a/b"), Close()),
                (
                    Interim(103),
                    Pause(1),
                    Head(200, {"Content-Type": "a/b"}),
                    Content(b"a"),
                    End(),
                    Close(),
                ),
            ),
        ],
    )
    def test_what_is_there_becomes_a_tuple(self, reply: object, steps: tuple[Step, ...]) -> None:
        """So that its length can be announced."""
        assert steps == lower(reply)  # type: ignore[arg-type]

    def test_other_iterables_are_left_alone(self) -> None:
        """A rule may make its steps one by one."""
        steps = iter((Head(200), End()))

        assert steps is lower(steps)

    def test_a_phrase_that_someone_chose_is_kept(self) -> None:
        """Also an empty one; that which Werkzeug has for the code is not a choice."""
        phrases = {
            status: one(Response(status=status)).reason
            for status in (200, "404 Nope", "404 NOT FOUND", 404, 413, 299, "200 OK", "418 ")
        }

        assert {
            200: None,
            "404 Nope": "Nope",
            "404 NOT FOUND": None,
            404: None,
            413: None,
            299: None,
            "200 OK": None,
            "418 ": None,
        } == phrases

    def test_fields_are_kept_in_order(self) -> None:
        """Repeated ones too."""
        response = Response(content_type="a/b")
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
        response.headers.add("X-A", "c")

        assert (
            ("Content-Type", "a/b"),
            ("Set-Cookie", "a=1; Path=/"),
            ("Set-Cookie", "b=2; Path=/"),
            ("X-A", "c"),
        ) == one(response).headers

    def test_the_length_is_the_writers_to_announce(self) -> None:
        """Werkzeug notes that of the content it gets; another one was chosen, and stays."""
        plain = Response("abc")
        chosen = Response(headers={"Content-Length": "1234"})

        assert "3" == plain.headers["Content-Length"]
        assert "Content-Length" not in dict(one(plain).headers)
        assert "1234" == dict(one(chosen).headers)["Content-Length"]

    def test_a_304_has_no_metadata_of_the_content(self) -> None:
        """RFC 9110, 15.4.5; Werkzeug sees to it where it sends by itself."""
        response = Response("abc", 304, {"ETag": '"a"', "Vary": "Accept"})
        response.headers["Content-Location"] = "/a"

        assert (("ETag", '"a"'), ("Vary", "Accept"), ("Content-Location", "/a")) == one(
            response
        ).headers

    def test_a_location_beyond_ascii_becomes_a_uri(self) -> None:
        """As Werkzeug does it where it sends by itself; what is ASCII stays as it is."""
        response = Response(content_type="a/b")
        response.headers["Location"] = "/ü"
        response.headers["Content-Location"] = "/a b"

        assert (
            ("Content-Type", "a/b"),
            ("Location", "/%C3%BC"),
            ("Content-Location", "/a b"),
        ) == one(response).headers

    def test_a_status_that_is_not_final_is_refused(self) -> None:
        """A response always answers."""
        with pytest.raises(ValueError, match="103 is no final status"):
            lower(Response(status=103))

    def test_a_stream_is_sent_piece_by_piece(self) -> None:
        """Without empty ones, which would end it; and closed behind its end."""
        log: list[str] = []
        response = Response(logged(log), content_type="a/b")
        response.call_on_close(lambda: log.append("closed"))
        steps = iter(lower(response))
        head = next(steps)
        assert [] == log
        rest = [(step, len(log)) for step in steps]

        assert Head(200, {"Content-Type": "a/b"}) == head
        assert [(Content(b"a"), 1), (Content(b"b"), 3), (End(), 4)] == rest
        assert ["a", "", "b", "end", "closed"] == log

    def test_a_stream_that_is_given_up_is_closed(self) -> None:
        """Whoever goes away, what it held is let go of."""
        log: list[str] = []
        response = Response(logged(log))
        response.call_on_close(lambda: log.append("closed"))
        steps = lower(Steps(Pause(1), response))
        assert isinstance(steps, Iterator)
        assert Pause(1) == next(steps)
        steps.close()  # type: ignore[attr-defined]

        assert ["closed"] == log

    def test_what_is_no_stream_is_closed_at_once(self) -> None:
        """All that it holds has been taken."""
        log: list[str] = []
        response = Response("abc")
        response.call_on_close(lambda: log.append("closed"))
        lower(response)

        assert ["closed"] == log

    def test_a_stream_among_steps_waits_for_its_turn(self) -> None:
        """Steps before it happen before it is read."""
        log: list[str] = []
        steps = iter(lower(Steps(Interim(103), Response(logged(log), content_type="a/b"), Close())))
        assert Interim(103) == next(steps)
        assert [] == log

        head = Head(200, {"Content-Type": "a/b"})
        assert [head, Content(b"a"), Content(b"b"), End(), Close()] == list(steps)


def one(response: Response) -> Head:
    """Return the head that a Response becomes."""
    head = next(iter(lower(response)))
    assert isinstance(head, Head)
    return head


def logged(log: list[str]) -> Iterator[str]:
    """Yield pieces, and note each."""
    for piece in ("a", "", "b"):
        log.append(piece)
        yield piece
    log.append("end")


def test_a_case_is_framed_the_same_twice() -> None:
    """A head that was framed before comes from a cache, which nothing changes."""
    case = CASES["fields keep order, spelling and repetition"]
    first, second = (framed(case.answer, Framer(case.request, PHRASES)) for _ in range(2))

    assert case.octets == first == second
