"""Conditional requests, 304 and 412, of every method, on the wire and through clients."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from pytest_httpcodes import Endpoint, Request, Rule, Stage, StatusServer
from pytest_httpcodes.behaviours.document import document_of
from pytest_httpcodes.clock import imf_fixdate
from pytest_httpcodes.wire.received import Received
from tests.asking import ask, statuses
from tests.raw import Answer, Raw, message
from tests.scenarios import SENDERS, path_of

STALE = 'If-Match: "stale"'
CURRENT = 'If-Match: "v1"'
OLD = "Thu, 01 Jan 1970 00:00:00 GMT"


@pytest.fixture
def made(status_server: StatusServer) -> Endpoint:
    """Return a resource whose entity tag is known."""
    return status_server.resource(b"content", etag='"v1"')


def put(url: str, *fields: str, content: bytes = b"next") -> Answer:
    """Replace a resource, or create it."""
    return ask(url, "Content-Type: text/plain", *fields, method="PUT", content=content)


def edit(**changes: str | None) -> Rule:
    """Return a rule that changes the selected representation, to have one without a validator."""

    def select(request: Received) -> None:
        found = document_of(request).selected(request)
        assert found is not None
        request.selected = replace(found, **changes)  # type: ignore[arg-type]

    return Rule(Stage.RESOURCE, select)


@pytest.mark.parametrize(
    ("method", "matches", "differs", "none_match"),
    [
        ("GET", 200, 412, 304),
        ("HEAD", 200, 412, 304),
        ("POST", 201, 412, 412),
        ("PUT", 204, 412, 412),
        ("DELETE", 204, 412, 412),
        ("OPTIONS", 200, 200, 200),
        ("TRACE", 200, 200, 200),
    ],
)
def test_every_method(
    status_server: StatusServer, method: str, matches: int, differs: int, none_match: int
) -> None:
    """Those that neither select nor change a representation ignore all conditions (13.2.1)."""
    url = status_server.resource(b"content", etag='"v1"')
    content = b"x" if method in ("POST", "PUT") else None
    fields = (STALE, 'If-Match: W/"v1"', "If-None-Match: *", f"If-Unmodified-Since: {OLD}")
    found = [ask(url, field, method=method, content=content).status for field in fields]

    assert [differs, differs, none_match, differs] == found
    assert matches == ask(url, CURRENT, method=method, content=content).status


def test_412_changes_nothing(made: Endpoint) -> None:
    """Whatever was false; it explains itself, and has nothing of the representation."""
    before = ask(made)
    for fields in (STALE, 'If-Match: W/"v1"', "If-Match: v1", "If-None-Match: *"):
        answer = put(made, fields)
        assert 412 == answer.status
        assert b"content" not in answer.content
        assert answer.header("ETag") is None
    after = ask(made)

    assert (before.content, before.header("ETag")) == (after.content, after.header("ETag"))


def test_412_says_what_is_false(made: Endpoint) -> None:
    """In the answer and in the journal; the tag that is current is told."""
    problem = json.loads(put(made, STALE).content)
    why = 'If-Match is false: it does not have the current entity tag, "v1", as a strong one'

    assert (412, why) == (problem["status"], problem["detail"])
    assert f"{why} (RFC 9110, 13.1.1)" == made.exchanges[0].why


def test_412_for_people(made: Endpoint) -> None:
    """As HTML where that is preferred, and without content after HEAD."""
    page = ask(made, STALE, "Accept: text/html")

    assert (412, "text/html; charset=utf-8") == (page.status, page.header("Content-Type"))
    assert b"If-Match is false" in page.content
    assert b"" == ask(made, STALE, method="HEAD").content


@pytest.mark.parametrize(
    "lines",
    [
        ('If-None-Match: "v0"', 'If-None-Match: W/"v1"'),
        ('If-None-Match: "v0",', 'If-None-Match: , "v1"'),
        ('if-none-match: "v1"',),
        ('If-None-Match:"v1"\t ',),
    ],
)
def test_several_lines_are_one_list(made: Endpoint, lines: tuple[str, ...]) -> None:
    """Joined by commas (RFC 9110, 5.3), whatever the case of the name."""
    assert 304 == ask(made, *lines).status


def test_two_stars_are_no_list(made: Endpoint) -> None:
    """What is malformed does no harm: the whole for a GET, 412 for a PUT."""
    lines = ("If-None-Match: *", "If-None-Match: *")

    assert (200, 412) == (ask(made, *lines).status, put(made, *lines).status)


@pytest.mark.parametrize("tag", ['"a,b"', '"\xe4\xff"', '""', '"\\"', '"\'"'])
def test_tags_of_any_characters(status_server: StatusServer, tag: str) -> None:
    """Octets beyond ASCII and commas are part of a tag, on the way out and back (8.8.3)."""
    url = status_server.resource(b"content", etag=tag)

    assert tag == ask(url).header("ETag")
    assert 304 == ask(url, f'If-None-Match: "x", {tag}').status
    assert 204 == put(url, f'If-Match: {tag}, "x"').status


def test_a_weak_tag_of_ours(status_server: StatusServer) -> None:
    """It is good for a cache, and never for If-Match."""
    url = status_server.resource(b"content", etag='W/"v1"')

    assert [304, 304] == [ask(url, f"If-None-Match: {tag}").status for tag in ('W/"v1"', '"v1"')]
    assert [412, 412] == [put(url, f"If-Match: {tag}").status for tag in ('W/"v1"', '"v1"')]
    assert 204 == put(url, "If-Match: *").status


def test_304_has_the_fields_of_the_200(status_server: StatusServer) -> None:
    """Those that a cache updates, and no metadata of the content it has (15.4.5)."""
    kept = {
        "Cache-Control": "max-age=60",
        "Vary": "Accept, Accept-Language",
        "Content-Location": "/somewhere",
        "Expires": "Fri, 31 Dec 9999 23:59:59 GMT",
        "X-Other": "too",
    }
    dropped = {"Content-Language": "en", "Content-Encoding": "x-none", "Repr-Digest": "x=:eA==:"}
    url = status_server.resource(b"content", etag='"v1"', headers={**kept, **dropped})
    whole, answer = ask(url), ask(url, 'If-None-Match: "v1"')

    assert (304, b"") == (answer.status, answer.content)
    assert {*kept, "ETag", "Date", "Server"} == {name for name, _ in answer.fields}
    assert {name: whole.header(name) for name in kept} == {
        name: answer.header(name) for name in kept
    }
    assert '"v1"' == answer.header("ETag")
    assert {name: whole.header(name) for name in dropped} == dropped


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_connection_goes_on_behind_304(made: Endpoint, method: str) -> None:
    """It ends at the empty line, and has no framing of its own."""
    with Raw(made) as raw:
        answers = [
            raw.request(method, path_of(made), 'If-None-Match: "v1"'),
            raw.request("GET", path_of(made)),
        ]

    assert [304, 200] == [answer.status for answer in answers]
    assert answers[0].header("Content-Length") is None
    assert b"content" == answers[1].content


def test_conditions_of_http_1_0(made: Endpoint) -> None:
    """They mean the same, and the connection closes."""
    with Raw(made) as raw:
        raw.send(message("GET", path_of(made), 'If-None-Match: "v1"', version="HTTP/1.0"))
        octets, how = raw.end()

    assert (True, "FIN") == (octets.startswith(b"HTTP/1.1 304 Not Modified\r\n"), how)
    assert octets.endswith(b"\r\n\r\n")


def test_last_modified_without_a_tag(status_server: StatusServer) -> None:
    """A 304 has it only where there is no entity tag."""
    url = status_server.resource(b"content", edit(etag=None))
    date = ask(url).header("Last-Modified")
    answer = ask(url, f"If-Modified-Since: {date}")

    assert (304, date) == (answer.status, answer.header("Last-Modified"))
    assert answer.header("ETag") is None
    assert [200, 304] == [ask(url, f"If-None-Match: {tag}").status for tag in ('"x"', "*")]
    assert [412, 204] == [put(url, f"If-Match: {tag}").status for tag in ('"x"', "*")]


def test_a_tag_without_last_modified(status_server: StatusServer) -> None:
    """Dates have nothing to be compared with."""
    url = status_server.resource(b"content", edit(last_modified=None))

    assert ask(url).header("Last-Modified") is None
    assert 200 == ask(url, "If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT").status
    assert 204 == put(url, f"If-Unmodified-Since: {OLD}").status


def test_dates(status_server: StatusServer) -> None:
    """A change that is a second later is one."""
    url = status_server.resource(b"content")
    first = ask(url).header("Last-Modified")
    status_server.clock.advance(1)
    assert 204 == put(url, f"If-Unmodified-Since: {first}").status
    second = ask(url).header("Last-Modified")

    assert first != second
    assert [200, 304] == [ask(url, f"If-Modified-Since: {date}").status for date in (first, second)]
    assert [412, 204] == [
        put(url, f"If-Unmodified-Since: {date}").status for date in (first, second)
    ]


def forms(timestamp: float) -> list[str]:
    """Return the three forms of a date (5.6.7)."""
    text = imf_fixdate(timestamp)
    names = ("Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur", "Sun")
    name = next(name for name in names if name.startswith(text[:3]))
    day = text[5:7]
    return [
        text,
        f"{name}day, {day}-{text[8:11]}-{text[14:]}",
        f"{text[:3]} {text[8:11]} {int(day):2d} {text[17:25]} {text[12:16]}",
    ]


def test_all_forms_of_a_date(status_server: StatusServer) -> None:
    """Compared by the moment that they stand for."""
    url = status_server.resource(b"content")
    born = status_server._app().site.born

    assert [304] * 3 == [ask(url, f"If-Modified-Since: {text}").status for text in forms(born)]
    assert [200] * 3 == [ask(url, f"If-Modified-Since: {text}").status for text in forms(born - 1)]
    assert [412] * 3 == [
        put(url, f"If-Unmodified-Since: {text}").status for text in forms(born - 1)
    ]


@pytest.mark.parametrize(
    "value", ["soon", "0", f"{OLD}, {OLD}", "Thu, 01 Jan 1970 00:00:00", '"v1"', ""]
)
def test_what_is_no_date_is_ignored(made: Endpoint, value: str) -> None:
    """As 13.1.3 and 13.1.4 demand; two lines are two dates."""
    assert 200 == ask(made, f"If-Modified-Since: {value}").status
    assert 200 == ask(made, f"If-Modified-Since: {OLD}", f"If-Modified-Since: {OLD}").status
    assert 204 == put(made, f"If-Unmodified-Since: {value}").status


@pytest.mark.parametrize(
    ("fields", "read", "write"),
    [
        ((CURRENT, f"If-Unmodified-Since: {OLD}"), 200, 204),
        ((STALE, 'If-None-Match: "v1"'), 412, 412),
        ((CURRENT, 'If-None-Match: "v1"'), 304, 412),
        ((CURRENT, 'If-None-Match: "v0"'), 200, 204),
        (('If-None-Match: "v0"', "If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT"), 200, 204),
        (('If-None-Match: "v1"', f"If-Modified-Since: {OLD}"), 304, 412),
        ((f"If-Unmodified-Since: {OLD}", 'If-None-Match: "v1"'), 412, 412),
        (('If-None-Match: "v1"', "Range: bytes=0-0"), 304, 412),
        (('If-None-Match: "v1"', "Range: bytes=99-"), 304, 412),
        ((STALE, "Range: bytes=99-"), 412, 412),
        ((CURRENT, "Range: bytes=0-0"), 206, 204),
        (('If-None-Match: "v1"', "Range: bytes=0-0", 'If-Range: "v0"'), 304, 412),
    ],
)
def test_several_conditions(made: Endpoint, fields: tuple[str, ...], read: int, write: int) -> None:
    """In the order of 13.2.2, whatever the order of the lines; ranges come last (14.2)."""
    assert read == ask(made, *fields).status
    assert read == ask(made, *reversed(fields)).status
    assert write == put(made, *fields).status


def test_creating(status_server: StatusServer) -> None:
    """`If-None-Match: *` creates and never replaces; nothing matches what there is not."""
    url = status_server.resource(None)

    assert 412 == put(url, "If-Match: *").status
    assert 412 == put(url, CURRENT).status
    assert [201, 412] == [put(url, "If-None-Match: *").status for _ in range(2)]
    assert 412 == put(f"{url}/member", "If-Match: *").status
    assert 201 == put(f"{url}/member", "If-None-Match: *", f"If-Unmodified-Since: {OLD}").status


@pytest.mark.parametrize(
    ("status", "method", "below", "fields"),
    [
        (404, "GET", "/nothing", ("If-None-Match: *",)),
        (404, "DELETE", "/nothing", (STALE,)),
        (405, "PATCH", "", (STALE,)),
        (400, "PUT", "", (STALE, "Content-Range: bytes 0-0/1")),
        (413, "PUT", "", (STALE, "Content-Length: 9999999999")),
    ],
)
def test_other_refusals_come_first(
    made: Endpoint, status: int, method: str, below: str, fields: tuple[str, ...]
) -> None:
    """Conditions count only where the answer would be a 2xx or 412 without them (13.2.1)."""
    assert status == ask(f"{made}{below}", *fields, method=method).status


def test_content_is_not_invited_for_nothing(made: Endpoint) -> None:
    """With `Expect: 100-continue`, a false condition is the only answer."""
    with Raw(made) as raw:
        raw.send(message("PUT", path_of(made), STALE, "Expect: 100-continue", "Content-Length: 4"))
        answer = raw.answer("PUT")

    assert (412, []) == (answer.status, answer.interim)


def held(raw: Raw, url: str, method: str, *fields: str) -> None:
    """Send the head of a request, and wait until its content is invited."""
    expects = ("Expect: 100-continue", "Content-Length: 4", "Content-Type: text/plain")
    raw.send(message(method, path_of(url), *fields, *expects))
    assert b"HTTP/1.1 100 Continue\r\n\r\n" == raw._until(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("method", "meanwhile", "expected"),
    [
        ("PUT", "PUT", 412),
        ("PUT", "DELETE", 412),
        ("DELETE", "PUT", 412),
        ("DELETE", "DELETE", 404),
    ],
)
def test_what_became_false_meanwhile(
    made: Endpoint, method: str, meanwhile: str, expected: int
) -> None:
    """Whoever has its content there first wins, even if both were invited."""
    with Raw(made) as raw:
        held(raw, made, method, CURRENT)
        assert 204 == ask(made, method=meanwhile, content=b"other").status
        raw.send(b"late")

        assert expected == raw.answer(method).status


def test_of_many_writers_one_wins(made: Endpoint) -> None:
    """No update is lost: of those who saw the same version, one replaces it."""
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda n: put(made, CURRENT, content=b"%d" % n), range(16)))
    winners = [n for n, answer in enumerate(found) if answer.status == 204]

    assert [412] * 15 == sorted((answer.status for answer in found), reverse=True)[:15]
    assert [b"%d" % n for n in winners] == [ask(made).content]


def test_of_many_creators_one_wins(status_server: StatusServer) -> None:
    """The others find it there, at a path where nothing was."""
    url = f"{status_server.resource(None)}/member"
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda n: put(url, "If-None-Match: *").status, range(16)))

    assert [201] + [412] * 15 == sorted(found)


@pytest.mark.parametrize("client", SENDERS)
def test_a_cache_asks_again(status_server: StatusServer, client: str) -> None:
    """Through clients: 304 as long as nothing changes, then the new content, with a new tag."""
    url = status_server.scenario(304)
    send = SENDERS[client]
    first = send(Request("GET", url))
    ours = {"If-None-Match": first.headers["ETag"]}
    same = send(Request("GET", url, ours))
    send(Request("PUT", url, {"Content-Type": "text/plain"}, b"the second version\n"))
    second = send(Request("GET", url, ours))

    assert (304, b"") == (same.status, same.content)
    assert first.headers["Vary"] == same.headers["Vary"]
    assert (200, b"the second version\n") == (second.status, second.content)
    assert first.headers["ETag"] != second.headers["ETag"]


@pytest.mark.parametrize("client", SENDERS)
def test_an_editor_is_told_of_another(status_server: StatusServer, client: str) -> None:
    """Through clients: who comes second gets a 412, and succeeds with the tag it GETs then."""
    url = status_server.scenario(412)
    send = SENDERS[client]

    def save(tag: str, content: bytes) -> int:
        return send(Request("PUT", url, {"If-Match": tag}, content)).status

    tag = send(Request("GET", url)).headers["ETag"]
    assert [204, 412] == [save(tag, b"mine"), save(tag, b"yours")]
    assert 204 == save(send(Request("GET", url)).headers["ETag"], b"ours")
    assert b"ours" == send(Request("GET", url)).content


@pytest.mark.parametrize(
    ("field", "section"),
    [
        ('If-None-Match: "v1"', "13.1.2"),
        ("If-None-Match: *", "13.1.2"),
        ("If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT", "13.1.3"),
    ],
)
def test_304_says_why(status_server: StatusServer, field: str, section: str) -> None:
    """The field that was false is named, with its section."""
    url = status_server.scenario(304)

    assert 304 == ask(url, field).status
    assert url.exchanges[0].why.startswith(f"{field.partition(':')[0]} is false: ")
    assert url.exchanges[0].why.endswith(f" (RFC 9110, {section})")


@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        (304, lambda url: put(url)),
        (412, lambda url: put(url)),
        (428, lambda url: put(url, "If-Match: *")),
    ],
)
def test_state(status_server: StatusServer, code: int, spoil: Callable[[str], Answer]) -> None:
    """Each KEY has its own, and `DELETE /journal` brings the first one back."""
    one, other = (status_server.url_for(f"/{code}/{key}") for key in ("one", "other"))
    first = ask(one).content
    assert 204 == spoil(one).status
    assert [b"next", first] == [ask(url).content for url in (one, other)]
    ask(status_server.url_for(f"/journal/{code}/one"), method="DELETE")

    assert [first, first] == [ask(url).content for url in (one, other)]


@pytest.mark.parametrize("code", [304, 412, 428])
def test_no_options(status_server: StatusServer, code: int) -> None:
    """There are only those that every scenario has."""
    told = "has no option 'size'; there are delay, fault, at"
    with pytest.raises(ValueError, match=told):
        status_server.scenario(code, size=1)
    assert [400] == statuses(status_server.url_for(f"/{code}/one?size=1"))
