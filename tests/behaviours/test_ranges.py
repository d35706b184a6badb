"""Parts of content, 206 and 416, on the wire and through clients."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable, Iterator
from contextlib import suppress
from email.parser import BytesParser

import httpx
import pytest
import requests

from pytest_httpcodes import Endpoint, Request, Rule, Stage, StatusServer
from pytest_httpcodes.behaviours.document import Document
from pytest_httpcodes.behaviours.ranges import cut_after
from pytest_httpcodes.behaviours.representation import MAX_SIZE, PIECE, Generated, represent
from pytest_httpcodes.clock import imf_fixdate
from pytest_httpcodes.fields.ranges import FEW, MOST
from pytest_httpcodes.wire.received import Received
from tests import memory
from tests.asking import ask, statuses
from tests.raw import Answer, Raw, message
from tests.scenarios import SENDERS, path_of

GIB = 1024**3
DIGITS = b"0123456789"


@pytest.fixture
def digits(status_server: StatusServer) -> Endpoint:
    """Return a resource of ten octets."""
    return status_server.resource(DIGITS, etag='"v1"', type="text/x-digits")


def get(url: str, ranges: str, *fields: str, method: str = "GET") -> Answer:
    """Ask for ranges."""
    return ask(url, f"Range: {ranges}", *fields, method=method)


def content(size: int, start: int = 0, stop: int | None = None) -> bytes:
    """Return generated content, or octets of it."""
    return b"".join(Generated(size).read(start, size if stop is None else stop))


def parts(answer: Answer) -> list[tuple[str, str, bytes]]:
    """Return the parts of an answer, as Python's email package finds them."""
    head = f"Content-Type: {answer.header('Content-Type')}\r\n\r\n".encode("latin-1")
    message = BytesParser().parsebytes(head + answer.content)
    assert message.is_multipart()
    assert "multipart/byteranges" == message.get_content_type()
    found = []
    for part in message.get_payload():
        assert not isinstance(part, str)
        octets = part.get_payload(decode=True)
        assert isinstance(octets, bytes)
        found.append((part["Content-Type"], part["Content-Range"], octets))
    return found


@pytest.mark.parametrize(
    ("ranges", "announced", "octets"),
    [
        ("bytes=0-3", "bytes 0-3/10", b"0123"),
        ("bytes=0-0", "bytes 0-0/10", b"0"),
        ("bytes=3-", "bytes 3-9/10", b"3456789"),
        ("bytes=-3", "bytes 7-9/10", b"789"),
        ("bytes=-99", "bytes 0-9/10", DIGITS),
        ("bytes=8-99", "bytes 8-9/10", b"89"),
        ("bytes=0-9", "bytes 0-9/10", DIGITS),
        ("Bytes=9-9", "bytes 9-9/10", b"9"),
        (f"bytes=9-{'9' * 5000}", "bytes 9-9/10", b"9"),
        ("bytes=0-0,99-", "bytes 0-0/10", b"0"),
        ("bytes=0-5,4-8", "bytes 0-8/10", b"012345678"),
        ("bytes=4-8, ,0-3", "bytes 0-8/10", b"012345678"),
    ],
)
def test_one_part(digits: Endpoint, ranges: str, announced: str, octets: bytes) -> None:
    """With `Content-Range`, also where several ranges come down to one (15.3.7.1)."""
    answer = get(digits, ranges)

    assert (206, octets) == (answer.status, answer.content)
    assert (announced, str(len(octets))) == (
        answer.header("Content-Range"),
        answer.header("Content-Length"),
    )
    assert "text/x-digits" == answer.header("Content-Type")
    assert f"one part, {announced} (RFC 9110, 15.3.7.1)" == digits.exchanges[0].why


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ("bytes=0-0,-1", [("bytes 0-0/10", b"0"), ("bytes 9-9/10", b"9")]),
        ("bytes=-1,0-0", [("bytes 9-9/10", b"9"), ("bytes 0-0/10", b"0")]),
        ("bytes=0-1,3-4,99-", [("bytes 0-1/10", b"01"), ("bytes 3-4/10", b"34")]),
        ("bytes=6-7,0-2,2-3", [("bytes 6-7/10", b"67"), ("bytes 0-3/10", b"0123")]),
        (
            "bytes=1-1,3-3,5-5,7-7,9-9",
            [(f"bytes {n}-{n}/10", b"%d" % n) for n in (1, 3, 5, 7, 9)],
        ),
    ],
)
def test_several_parts(digits: Endpoint, ranges: str, expected: list[tuple[str, bytes]]) -> None:
    """Each has its own fields, and the head has no `Content-Range` (15.3.7.2)."""
    answer = get(digits, ranges)

    assert 206 == answer.status
    assert [("text/x-digits", *part) for part in expected] == parts(answer)
    assert answer.header("Content-Range") is None
    assert f"{len(answer.content)}" == answer.header("Content-Length")
    assert f"{len(expected)} parts (RFC 9110, 15.3.7.2)" == digits.exchanges[0].why


def test_lines_of_a_range(digits: Endpoint) -> None:
    """Two lines are joined: the second continues the set, or spoils it."""
    assert 2 == len(parts(get(digits, "bytes=0-0", "Range: 9-9")))
    assert 200 == get(digits, "bytes=0-0", "Range: bytes=9-9").status


@pytest.mark.parametrize("ranges", ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99-,10-"])
def test_not_satisfiable(digits: Endpoint, ranges: str) -> None:
    """416 says how many octets there are (15.5.17)."""
    answer = get(digits, ranges)
    why = "no part is sent: there is nothing in that range of 10 octets (RFC 9110, 15.5.17)"

    assert (416, "bytes */10") == (answer.status, answer.header("Content-Range"))
    assert "application/problem+json" == answer.header("Content-Type")
    assert why == digits.exchanges[0].why


@pytest.mark.parametrize(
    ("ranges", "reason"),
    [
        ("items=0-0", "its unit is not known here, where it is bytes"),
        ("bytes=abc", "its set has a member that is no range of octets"),
        ("bytes=9-2", "its set has a range whose end is before its start"),
        ("bytes=0-0,9-2", "its set has a range whose end is before its start"),
        ("bytes=", "its set is empty"),
        ("0-0", "it is no unit and set, such as bytes=0-99"),
        ("bytes=99-2", "its set has a range whose end is before its start"),
    ],
)
def test_ignored(digits: Endpoint, ranges: str, reason: str) -> None:
    """The whole is sent, with all of its fields, and the journal has the reason."""
    plain, answer = ask(digits), get(digits, ranges)
    assert (200, DIGITS) == (answer.status, answer.content)
    assert [name for name, _ in plain.fields] == [name for name, _ in answer.fields]
    expected = f"the whole representation: Range is ignored, {reason} (RFC 9110, 14.2)"

    assert "the whole representation (RFC 9110, 9.3.1)" == digits.exchanges[0].why
    assert expected == digits.exchanges[1].why


@pytest.mark.parametrize(
    ("method", "expected"),
    [("HEAD", 200), ("OPTIONS", 200), ("TRACE", 200), ("POST", 201), ("PUT", 204), ("DELETE", 204)],
)
@pytest.mark.parametrize("ranges", ["bytes=0-0", "bytes=0-0,5-5", "bytes=99-"])
def test_other_methods(digits: Endpoint, ranges: str, method: str, expected: int) -> None:
    """Only GET has ranges; none of the others is 206 or 416 (14.2, S-56)."""
    body = b"x" if method in ("POST", "PUT") else None
    answer = ask(digits, f"Range: {ranges}", 'If-Range: "v0"', method=method, content=body)

    assert expected == answer.status
    assert answer.header("Content-Range") is None


def test_head_is_that_of_the_whole(digits: Endpoint) -> None:
    """A HEAD with a range has the length of the whole, and no content."""
    answer = get(digits, "bytes=0-0", method="HEAD")

    assert ("10", b"") == (answer.header("Content-Length"), answer.content)
    assert "bytes" == answer.header("Accept-Ranges")


def test_http_1_0(digits: Endpoint) -> None:
    """Parts are announced with their length, and the connection closes."""
    for ranges in ("bytes=0-0", "bytes=0-0,9-9"):
        with Raw(digits) as raw:
            target = path_of(digits)
            raw.send(message("GET", target, f"Range: {ranges}", version="HTTP/1.0"))
            answer = raw.answer()

            assert 206 == answer.status
            assert "close" == answer.header("Connection")
            assert (b"", "FIN") == raw.end()


@pytest.mark.parametrize("ranges", ["bytes=-1", "bytes=0-,-9"])
def test_nothing_has_an_empty_suffix(status_server: StatusServer, ranges: str) -> None:
    """It is satisfiable, and a 206 could not say so: 200."""
    answer = get(status_server.resource(b""), ranges)

    assert (200, b"", "0") == (answer.status, answer.content, answer.header("Content-Length"))


def test_nothing_has_no_first_octet(status_server: StatusServer) -> None:
    """What starts somewhere starts behind its end."""
    answer = get(status_server.resource(b""), "bytes=0-")

    assert (416, "bytes */0") == (answer.status, answer.header("Content-Range"))


def test_206_has_the_fields_of_the_200(status_server: StatusServer) -> None:
    """All of them, but for those that say how much there is (15.3.7)."""
    fields = {"Vary": "Accept", "Content-Language": "en", "Expires": "0", "X-Other": "too"}
    url = status_server.resource(DIGITS, headers=fields)
    whole = dict(ask(url).fields)
    for ranges, length in (("bytes=0-3", "4"), ("bytes=0-0,9-9", None)):
        answer = get(url, ranges)
        found = dict(answer.fields)
        found.pop("Content-Range", None)
        assert whole.keys() == found.keys()
        same = whole.keys() - {"Date", "Content-Length", "Content-Type"}
        assert {name: whole[name] for name in same} == {name: found[name] for name in same}
        assert (length or f"{len(answer.content)}") == found["Content-Length"]


def test_206_to_if_range_is_brief(status_server: StatusServer) -> None:
    """The client has those fields already; the ones that are required stay (15.3.7)."""
    kept = {"Vary": "Accept", "Content-Location": "/x", "Expires": "0", "Cache-Control": "private"}
    url = status_server.resource(DIGITS, etag='"v1"', headers={**kept, "Content-Language": "en"})
    one, several = (get(url, r, 'If-Range: "v1"') for r in ("bytes=0-0", "bytes=0-0,9-9"))
    every = {*kept, "ETag", "Date", "Server", "Content-Length", "Accept-Ranges"}

    assert every | {"Content-Range"} == {name for name, _ in one.fields}
    assert every | {"Content-Type"} == {name for name, _ in several.fields}
    assert kept == {name: one.header(name) for name in kept}
    assert 2 == len(parts(several))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ('"v1"', ""),
        ('"v0"', 'it does not have the current entity tag, "v1", as a strong one'),
        ('W/"v1"', 'it does not have the current entity tag, "v1", as a strong one'),
        ('"v1", "v2"', "it is no entity tag"),
        ("v1", "it is neither an entity tag nor a date"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "it is not the date of the last modification"),
    ],
)
def test_if_range(digits: Endpoint, value: str, reason: str) -> None:
    """If it is false the whole is sent, even where no range could be satisfied (13.1.5)."""
    found = [
        get(digits, ranges, f"If-Range: {value}").status for ranges in ("bytes=5-", "bytes=99-")
    ]
    whys = [exchange.why for exchange in digits.exchanges]

    assert ([200, 200] if reason else [206, 416]) == found
    if reason:
        expected = f"the whole representation: If-Range is false, {reason} (RFC 9110, 13.1.5)"
        assert [expected] * 2 == whys


def test_if_range_without_range(digits: Endpoint) -> None:
    """It is ignored."""
    assert 200 == ask(digits, 'If-Range: "v0"').status


def test_if_range_with_a_date(status_server: StatusServer) -> None:
    """The very date does, and no other."""
    url = status_server.resource(DIGITS)
    first = ask(url).header("Last-Modified")
    assert 206 == get(url, "bytes=5-", f"If-Range: {first}").status
    status_server.clock.advance(1)
    ask(url, method="PUT", content=b"abcdefghij")
    second = ask(url).header("Last-Modified")

    assert [200, 206] == [
        get(url, "bytes=5-", f"If-Range: {date}").status for date in (first, second)
    ]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ((5,), 206),
        ((5, 6), 206),
        ((5, 5), 200),
        ((5, 5, 6), 206),
        ((5, None, 5), 200),
        ((5, None, 6), 206),
        ((6, 5), 200),
        ((5, 7, 5), 200),
    ],
)
def test_a_date_of_two_representations_is_weak(
    seconds: tuple[int | None, ...], expected: int
) -> None:
    """It is strong while one alone has had it (8.8.2.2); None is where there is none at all."""
    document = Document(memory.site(), "/path", None)
    for number, second in enumerate(seconds):
        made = None if second is None else represent(f"version {number}", second)
        document.current = made
    fields = (("Range", "bytes=5-"), ("If-Range", imf_fixdate(seconds[-1] or 0)))

    assert expected == memory.status(document.answer(memory.request("GET", "/path", *fields)))


def test_a_date_that_variants_share_is_weak() -> None:
    """What was negotiated is not the only one that has it (8.8.1)."""
    first, second = represent(DIGITS, 5), represent(b"abcdefghij", 5)

    def select(request: Received) -> None:
        request.selected = second

    document = Document(memory.site(), "/path", first, Rule(Stage.NEGOTIATION, select))
    for value, expected in ((imf_fixdate(5), 200), (str(second.etag), 206)):
        fields = (("Range", "bytes=5-"), ("If-Range", value))
        found = document.answer(memory.request("GET", "/path", *fields))
        assert expected == memory.status(found)


def test_flood(status_server: StatusServer) -> None:
    """Many ranges are an answer only where that is shorter than the whole (15.5.17)."""
    small = "bytes=" + ",".join(f"{2 * n}-{2 * n}" for n in range(FEW + 1))
    overlapping = "bytes=" + ",".join(f"{n}-" for n in range(50))
    most = "bytes=" + ",".join(f"{9 * n}-{9 * n}" for n in range(MOST + 1))
    url = status_server.resource(Generated(1000))
    large = status_server.resource(Generated(1_000_000))

    assert [416, 416, 416] == [get(url, r).status for r in (small, overlapping, most)]
    assert [206, 416, 416] == [get(large, r).status for r in (small, overlapping, most)]
    assert "bytes */1000" == get(url, small).header("Content-Range")
    assert "the most that are sent" in large.exchanges[2].why


def test_a_flood_of_neighbours_is_one_part(status_server: StatusServer) -> None:
    """What touches is joined."""
    url = status_server.resource(Generated(1_000_000))
    answer = get(url, "bytes=" + ",".join(f"{n}-{n}" for n in range(MOST)))

    assert (206, content(MOST)) == (answer.status, answer.content)


def test_conditions_come_first(digits: Endpoint) -> None:
    """A 304 or 412 wins over 206 and 416 (14.2)."""
    for ranges in ("bytes=0-0", "bytes=99-"):
        assert 304 == get(digits, ranges, 'If-None-Match: "v1"', 'If-Range: "v1"').status
        assert 412 == get(digits, ranges, 'If-Match: "v0"', 'If-Range: "v1"').status


def test_octets_are_those_of_the_coding(status_server: StatusServer) -> None:
    """Ranges count what is sent, not what it stands for (14.1.2)."""
    url = status_server.resource(DIGITS, headers={"Content-Encoding": "gzip"})
    answer = get(url, "bytes=0-1")

    assert ("gzip", b"01") == (answer.header("Content-Encoding"), answer.content)


@pytest.mark.parametrize("client", SENDERS)
def test_parts_through_clients(status_server: StatusServer, client: str) -> None:
    """The same octets, whatever sends the request."""
    made = status_server.scenario(206)
    send = SENDERS[client]
    one = send(Request("GET", made, {"Range": "bytes=16-31"}))
    several = send(Request("GET", made, {"Range": "bytes=0-15,10224-"}))

    assert (206, b"octet 00000010.\n") == (one.status, one.content)
    assert "bytes 16-31/10240" == one.headers["Content-Range"]
    assert several.headers["Content-Type"].startswith("multipart/byteranges; boundary=")
    assert b"block 00000000.\n" in several.content
    assert b"octet 000027f0.\n" in several.content


def resumed(first: bytes, etag: str, url: str) -> bytes:
    """Ask for the rest of a download that broke off."""
    answer = get(url, f"bytes={len(first)}-", f"If-Range: {etag}")
    assert 206 == answer.status
    return first + answer.content


@pytest.mark.parametrize("code", [206, 416])
@pytest.mark.parametrize("octets", [0, 1, 4096, 10_239])
def test_a_cut_download_is_resumed(status_server: StatusServer, code: int, octets: int) -> None:
    """It announces the whole, ends within it, and the rest can be had (206, `?cut=N`)."""
    made = status_server.scenario(code, cut=octets)
    with Raw(made) as raw:
        raw.send(message("GET", path_of(made)))
        head = raw._head()
        first, how = raw.end()
    assert (200, "10240", "FIN") == (head.status, head.header("Content-Length"), how)
    assert content(10_240, 0, octets) == first
    sentence = f"the whole representation, cut after {octets} octets (RFC 9110, 9.3.1)"

    assert sentence == made.exchanges[0].why
    assert content(10_240) == resumed(first, head.header("ETag") or "", made)


def test_a_cut_download_of_many_pieces(status_server: StatusServer) -> None:
    """The place may be in any piece of the content."""
    size = 3 * PIECE
    made = status_server.scenario(206, size=size, cut=size - 1)
    with Raw(made) as raw:
        raw.send(message("GET", path_of(made)))
        etag = raw._head().header("ETag")
        first, how = raw.end()

    assert (size - 1, "FIN") == (len(first), how)
    assert content(size) == resumed(first, str(etag), made)


def test_a_changed_download_starts_again(status_server: StatusServer) -> None:
    """With If-Range, what was replaced meanwhile comes whole, and breaks off again."""
    made = status_server.scenario(206, cut=5)
    etag = ask(made, method="HEAD").header("ETag")
    ask(made, "Content-Type: text/plain", method="PUT", content=b"0123456")
    with Raw(made) as raw:
        fields = ("Range: bytes=5-", f"If-Range: {etag}")
        raw.send(message("GET", path_of(made), *fields))
        answer = raw._head()

        assert (200, "7") == (answer.status, answer.header("Content-Length"))
        assert (b"01234", "FIN") == raw.end()


@pytest.mark.parametrize("octets", [10_240, 10_241, MAX_SIZE])
def test_what_is_not_longer_is_not_cut(status_server: StatusServer, octets: int) -> None:
    """There is nothing to break off."""
    made = status_server.scenario(206, cut=octets)

    assert content(10_240) == ask(made).content
    assert "cut" not in made.exchanges[0].why


def test_what_is_never_cut(status_server: StatusServer) -> None:
    """Only the whole in answer to a GET is: neither HEAD, nor parts, nor other codes."""
    made = status_server.scenario(206, cut=1)
    etag = ask(made, method="HEAD").header("ETag")

    assert 16 == len(get(made, "bytes=16-31").content)
    assert 304 == ask(made, f"If-None-Match: {etag}").status
    assert 416 == get(made, "bytes=99999-").status
    assert 201 == ask(made, method="POST", content=b"x").status
    assert 404 == ask(f"{made}/nothing").status


def test_cut_after(status_server: StatusServer) -> None:
    """As a rule of one's own resource."""
    url = status_server.resource(DIGITS, cut_after(3))
    with Raw(url) as raw:
        raw.send(message("GET", path_of(url)))

        assert "10" == raw._head().header("Content-Length")
        assert (b"012", "FIN") == raw.end()
    assert b"3456789" == get(url, "bytes=3-").content


@pytest.mark.parametrize("octets", [-1, 1.5, "x", MAX_SIZE + 1])
def test_cut_after_nonsense(octets: int) -> None:
    """The message says what would be right."""
    with pytest.raises(ValueError, match=f"is no whole number from 0 to {MAX_SIZE}"):
        cut_after(octets)


def taken(pieces: Iterable[bytes], error: type[Exception]) -> bytes:
    """Return what comes before an error, which has to come."""
    found = b""
    iterator = iter(pieces)
    with suppress(error):
        while True:
            found += next(iterator)
    return found


def test_requests_resumes(status_server: StatusServer) -> None:
    """It notices that the download broke off, and gets the rest."""
    made = status_server.scenario(206, cut=4096)
    broken = requests.exceptions.ChunkedEncodingError
    with requests.get(made, stream=True, timeout=5) as answer:
        first = taken(answer.iter_content(1024), broken)
    assert content(10_240, 0, 4096) == first
    fields = {"Range": f"bytes={len(first)}-", "If-Range": answer.headers["ETag"]}
    rest = requests.get(made, headers=fields, timeout=5)

    assert (206, content(10_240)) == (rest.status_code, first + rest.content)


def test_httpx_resumes(status_server: StatusServer) -> None:
    """It notices that the download broke off, and gets the rest."""
    made = status_server.scenario(206, cut=4096)
    with httpx.Client(trust_env=False) as client:
        with client.stream("GET", made) as answer:
            first = taken(answer.iter_bytes(1024), httpx.RemoteProtocolError)
        assert content(10_240, 0, 4096) == first
        fields = {"Range": f"bytes={len(first)}-", "If-Range": answer.headers["ETag"]}
        rest = client.get(made, headers=fields)

    assert (206, content(10_240)) == (rest.status_code, first + rest.content)


def test_a_finished_download(status_server: StatusServer) -> None:
    """Who asks for what follows the last octet learns that there is none: 416."""
    made = status_server.scenario(206)
    answer = get(made, "bytes=10240-")

    assert (416, "bytes */10240") == (answer.status, answer.header("Content-Range"))


@pytest.mark.parametrize("code", [206, 416])
def test_size_by_hand(status_server: StatusServer, code: int) -> None:
    """Another size is other content; the same one leaves alone what was PUT."""
    url = status_server.url_for(f"/{code}/mine")
    first = ask(url)
    assert content(10_240) == first.content
    second = ask(f"{url}?size=20")
    assert content(20) == second.content
    assert first.header("ETag") != second.header("ETag")
    ask(url, "Content-Type: text/plain", method="PUT", content=DIGITS)

    assert [DIGITS, DIGITS] == [ask(f"{url}?size=20").content, ask(url).content]
    assert "bytes */10" == get(url, "bytes=10-").header("Content-Range")
    assert content(10_240) == ask(f"{url}?size=10240").content


@pytest.mark.parametrize("code", [206, 416])
def test_the_date_of_another_size_is_its_own(status_server: StatusServer, code: int) -> None:
    """It was modified then, and not when the server started."""
    url = status_server.url_for(f"/{code}/mine")
    first = ask(url).header("Last-Modified")
    status_server.clock.advance(10)

    assert first != ask(f"{url}?size=20").header("Last-Modified")


@pytest.mark.parametrize("code", [206, 416])
def test_state(status_server: StatusServer, code: int) -> None:
    """Each KEY has its own; once it is forgotten, the options still hold."""
    one, other = (status_server.url_for(f"/{code}/{key}") for key in ("one", "other"))
    ask(f"{one}?size=20")
    ask(one, "Content-Type: text/plain", method="PUT", content=DIGITS)
    ask(status_server.url_for(f"/journal/{code}/one"), method="DELETE")

    assert [content(20), content(10_240)] == [ask(url).content for url in (one, other)]


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("size=0", f"is no whole number from 1 to {MAX_SIZE}"),
        (f"size={MAX_SIZE + 1}", f"is no whole number from 1 to {MAX_SIZE}"),
        ("size=x", f"is no whole number from 1 to {MAX_SIZE}"),
        ("cut=-1", f"is no whole number from 0 to {MAX_SIZE}"),
        ("length=1", "there are size, cut, delay, fault, at"),
    ],
)
def test_wrong_options(status_server: StatusServer, option: str, told: str) -> None:
    """400 by hand, and ValueError in Python; both say what there is."""
    name, _, value = option.partition("=")
    for code in (206, 416):
        answer = ask(status_server.url_for(f"/{code}/one?{option}"))
        assert 400 == answer.status
        assert told in answer.content.decode()
        with pytest.raises(ValueError, match=told):
            status_server.scenario(code, **{name: value})


def test_trigger_of_416_knows_the_size(status_server: StatusServer) -> None:
    """It asks for what follows the last octet."""
    made = status_server.scenario(416, size=20)
    (request,) = made.trigger
    assert isinstance(request, Request)

    assert (("Range", "bytes=20-"),) == request.headers
    assert 416 == SENDERS["raw"](request).status


@pytest.fixture
def traced() -> Iterator[None]:
    """Trace allocations."""
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.usefixtures("traced")
def test_the_last_octets_of_16_gib(status_server: StatusServer) -> None:
    """They are sent at once, and nothing else is made."""
    made = status_server.scenario(206, size=MAX_SIZE)
    get(made, "bytes=0-0")
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    one = get(made, "bytes=-16")
    several = get(made, f"bytes=0-15,{8 * GIB}-{8 * GIB + 15},-16")
    whole = ask(made, method="HEAD")
    _, peak = tracemalloc.get_traced_memory()

    assert (206, b"octet 000ffff0.\n") == (one.status, one.content)
    assert f"bytes {MAX_SIZE - 16}-{MAX_SIZE - 1}/{MAX_SIZE}" == one.header("Content-Range")
    assert [b"block 00000000.\n", b"block 00002000.\n", b"octet 000ffff0.\n"] == [
        octets for _, _, octets in parts(several)
    ]
    assert (200, f"{MAX_SIZE}") == (whole.status, whole.header("Content-Length"))
    assert peak - before < 4 * PIECE


def drain(raw: Raw, length: int) -> None:
    """Read so many octets of content without keeping them."""
    left = length - len(raw._held)
    raw._held = b""
    while left:
        piece = raw.sock.recv(min(PIECE, left))
        assert piece
        left -= len(piece)


@pytest.mark.usefixtures("traced")
@pytest.mark.parametrize("ranges", [None, "bytes=1-", "bytes=1-33554432,33554440-"])
def test_64_mib_are_never_held(status_server: StatusServer, ranges: str | None) -> None:
    """Whole, in one part or in several: memory does not grow with what is sent."""
    size = 64 * PIECE
    made = status_server.scenario(206, size=size)
    get(made, "bytes=0-0")
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    with Raw(made) as raw:
        fields = () if ranges is None else (f"Range: {ranges}",)
        raw.send(message("GET", path_of(made), *fields))
        head = raw._head()
        length = int(head.header("Content-Length") or 0)
        assert size - 10 < length < size + 500
        drain(raw, length)
        assert 204 == raw.request("GET", "/status/204").status
    _, peak = tracemalloc.get_traced_memory()

    assert (200 if ranges is None else 206) == head.status
    assert peak - before < 12 * PIECE


def test_a_client_that_leaves(status_server: StatusServer) -> None:
    """What it does not read is not made; the server goes on."""
    made = status_server.scenario(206, size=MAX_SIZE)
    with Raw(made) as raw:
        raw.send(message("GET", path_of(made), "Range: bytes=1-"))
        assert 206 == raw._head().status

    assert b"b" == get(made, "bytes=0-0").content


def test_no_state_is_shared_by_requests(status_server: StatusServer) -> None:
    """A range of one request says nothing of the next on the same connection."""
    made = status_server.scenario(206)
    with Raw(made) as raw:
        target = path_of(made)
        found = [
            raw.request("GET", target, *fields).status
            for fields in (("Range: bytes=0-0",), (), ("Range: bytes=99999-",), ())
        ]

    assert [206, 200, 416, 200] == found
    assert [206, 200] == [get(made, "bytes=0-0").status, *statuses(made)]
