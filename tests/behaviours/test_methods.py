"""What methods do when all is well: 200 201 204 205."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest

from pytest_httpcodes import Request, StatusServer
from pytest_httpcodes.behaviours.common import METHODS
from tests.asking import ask, statuses
from tests.following import arrived
from tests.raw import Raw, exchange, message
from tests.scenarios import SENDERS, path_of, play

# A CONNECT has no resource for its target.
ANY = sorted(METHODS - {"CONNECT"})
SIMPLE = ("GET", "HEAD", "POST", "OPTIONS", "TRACE")


# 200


@pytest.mark.parametrize("client", SENDERS)
@pytest.mark.parametrize("method", SIMPLE)
def test_200(status_server: StatusServer, method: str, client: str) -> None:
    """200: GET, HEAD, POST, OPTIONS and TRACE succeed."""
    url = status_server.scenario(200)

    assert 200 == SENDERS[client](Request(method, url)).status
    assert [200] == url.statuses
    assert "(RFC 9110, 9.3" in url.exchanges[0].why


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "QUERY", "BREW"])
def test_200_has_no_other_method(status_server: StatusServer, method: str) -> None:
    """405: what is not allowed says what is."""
    answer = ask(status_server.scenario(200), method=method)

    assert (405, ", ".join(SIMPLE)) == (answer.status, answer.header("Allow"))


def test_200_has_validators(status_server: StatusServer) -> None:
    """A GET has a strong entity tag and a date, both of which a condition can use."""
    url = status_server.scenario(200)
    answer = ask(url)
    etag, date = answer.header("ETag") or "", answer.header("Last-Modified")

    assert b"200 OK\n" == answer.content
    assert etag.startswith('"')
    assert 304 == ask(url, f"If-None-Match: {etag}").status
    assert 304 == ask(url, f"If-Modified-Since: {date}").status


def test_200_to_head(status_server: StatusServer) -> None:
    """HEAD has the fields of GET, and nothing follows it."""
    url = status_server.scenario(200)
    with Raw(url) as raw:
        got = raw.request("GET", path_of(url))
        head = raw.request("HEAD", path_of(url))
        again = raw.request("GET", path_of(url))

    assert (200, b"", "7") == (head.status, head.content, head.header("Content-Length"))
    assert [name for name, _ in got.fields] == [name for name, _ in head.fields]
    assert got.content == again.content


def test_200_to_post(status_server: StatusServer) -> None:
    """The content of a POST's 200 is its result: what has arrived, and where."""
    url = status_server.scenario(200)
    answer = ask(url, "Content-Type: text/csv", method="POST", content=b"a,b")
    found = arrived(answer)

    assert ("POST", "text/csv", "a,b") == (found["method"], found["content_type"], found["content"])
    assert "no-store" == answer.header("Cache-Control")
    assert None is answer.header("ETag")
    assert "what the POST has brought (RFC 9110, 9.3.3)" == url.exchanges[0].why
    assert b"200 OK\n" == ask(url).content


def test_200_to_options(status_server: StatusServer) -> None:
    """OPTIONS says what is allowed, and says that it has no content."""
    answer = ask(status_server.scenario(200), method="OPTIONS")

    assert (200, ", ".join(SIMPLE)) == (answer.status, answer.header("Allow"))
    assert ("0", b"") == (answer.header("Content-Length"), answer.content)


def test_200_to_trace(status_server: StatusServer) -> None:
    """TRACE echoes the head in its order and spelling, but for what is secret."""
    url = status_server.scenario(200)
    secret = ("Authorization: Basic dTpw", "cookie: a=b", "PROXY-Authorization: Basic dTpw")
    answer = ask(f"{url}?a=%20", "x-odd:  Caf\xe9 ", *secret, "X-Odd: 2", method="TRACE")
    expected = [
        f"TRACE {path_of(url)}?a=%20 HTTP/1.1",
        f"Host: {urlsplit(url).netloc}",
        "x-odd: Caf\xe9",
        "X-Odd: 2",
        "",
        "",
    ]

    assert "message/http" == answer.header("Content-Type")
    assert "\r\n".join(expected).encode("latin-1") == answer.content


def test_200_to_trace_by_http_1_0(status_server: StatusServer) -> None:
    """TRACE echoes the version that the request had."""
    url = status_server.scenario(200)
    octets, how = exchange(url, f"TRACE {path_of(url)} HTTP/1.0\r\n\r\n".encode())

    assert f"\r\n\r\nTRACE {path_of(url)} HTTP/1.0\r\n\r\n".encode() in octets
    assert "FIN" == how


@pytest.mark.parametrize("field", ["Content-Length: 2", "Transfer-Encoding: chunked"])
def test_200_to_trace_with_content(status_server: StatusServer, field: str) -> None:
    """400: a TRACE has no content, and none is invited."""
    url = status_server.scenario(200)
    with Raw(url) as raw:
        raw.send(message("TRACE", path_of(url), field, "Expect: 100-continue"))
        answer = raw.answer()

    assert (400, []) == (answer.status, answer.interim)
    assert "(RFC 9110, 9.3.8)" in url.exchanges[0].why


def test_200_to_trace_with_an_empty_content(status_server: StatusServer) -> None:
    """A length of zero announces no content."""
    assert 200 == ask(status_server.scenario(200), method="TRACE", content=b"").status


# 201


@pytest.mark.parametrize("client", SENDERS)
def test_201(status_server: StatusServer, client: str) -> None:
    """201: Location is where what was stored is to be had, octet for octet."""
    url = status_server.scenario(201)
    content = bytes(range(256)) * 3
    send = SENDERS[client]
    answer = send(Request("POST", url, {"Content-Type": "x/y; z=1"}, content))
    stored = send(Request("GET", answer.headers["Location"]))

    assert (201, f"{url}/1") == (answer.status, answer.headers["Location"])
    assert answer.headers["Location"].encode() in answer.content
    assert (200, content, "x/y; z=1") == (
        stored.status,
        stored.content,
        stored.headers["Content-Type"],
    )
    assert "the content was stored as a member (RFC 9110, 15.3.2)" == url.exchanges[0].why


@pytest.mark.parametrize("client", SENDERS)
def test_201_to_put(status_server: StatusServer, client: str) -> None:
    """201: PUT creates a member, and replaces it the next time; each has an entity tag then."""
    url = status_server.scenario(201)
    first = Request("PUT", f"{url}/new", content=b"1")
    second = Request("PUT", f"{url}/new", content=b"2")
    answers = play(status_server, (first, second), SENDERS[client])

    assert [201, 204] == [answer.status for answer in answers]
    assert b"2" == ask(f"{url}/new").content
    assert answers[1].headers["ETag"] == ask(f"{url}/new").header("ETag")


def test_201_every_time(status_server: StatusServer) -> None:
    """The same content twice is two resources."""
    url = status_server.scenario(201)
    answers = [ask(url, method="POST", content=b"same") for _ in range(3)]
    where = [answer.header("Location") for answer in answers]

    assert [f"{url}/{number}" for number in (1, 2, 3)] == where
    assert [200, 200, 200] == statuses(*filter(None, where))


def test_201_has_the_host_of_the_client(status_server: StatusServer) -> None:
    """Location is on the origin that the client has named."""
    url = status_server.scenario(201)
    answer = ask(status_server.localhost + path_of(url), method="POST", content=b"x")

    assert f"{status_server.localhost}{path_of(url)}/1" == answer.header("Location")


def test_201_to_chunks(status_server: StatusServer) -> None:
    """Content in chunks is stored without them; empty content is stored, too."""
    url = status_server.scenario(201)
    with Raw(url) as raw:
        raw.send(message("POST", path_of(url), "Transfer-Encoding: chunked"))
        raw.send(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        raw.answer()
        empty = raw.request("POST", path_of(url), content=b"")

    assert b"abcde" == ask(f"{url}/1").content
    assert (201, b"") == (empty.status, ask(f"{url}/2").content)


def test_201_by_hand(status_server: StatusServer) -> None:
    """What is stored belongs to one KEY, and is forgotten with it."""
    mine, yours = (status_server.url_for(f"/201/{key}") for key in ("mine", "yours"))
    ask(mine, method="POST", content=b"x")
    before = statuses(f"{mine}/1", f"{yours}/1")
    ask(status_server.url_for("/journal/201/mine"), method="DELETE")

    assert [200, 404] == before
    assert [404, 200] == statuses(f"{mine}/1", mine)


# All of them


@pytest.mark.parametrize("code", [200, 201, 202, 204, 205])
def test_no_other_options(status_server: StatusServer, code: int) -> None:
    """There is no other option than those of the table, by hand or in Python."""
    url = status_server.url_for(f"/{code}/mine")

    assert 400 == ask(f"{url}?nonsense=1").status
    with pytest.raises(ValueError, match=r"has no option 'nonsense'"):
        status_server.scenario(code, nonsense=1)


@pytest.mark.parametrize(
    ("code", "method"), [(200, "POST"), (201, "POST"), (202, "POST"), (204, "PUT"), (205, "POST")]
)
def test_invitation(status_server: StatusServer, code: int, method: str) -> None:
    """Content that waits for 100 is invited, once, and then taken."""
    url = status_server.scenario(code)
    with Raw(url) as raw:
        raw.send(message(method, path_of(url), "Expect: 100-continue", "Content-Length: 2"))
        interim = raw._until(b"\r\n\r\n")
        raw.send(b"ok")
        answer = raw.answer()

    assert b"HTTP/1.1 100 Continue\r\n\r\n" == interim
    assert (code, [], b"ok") == (answer.status, answer.interim, url.exchanges[0].content)


def test_errors_below(status_server: StatusServer) -> None:
    """404: nothing else is below a scenario, and a page says so."""
    for code in (200, 201, 202, 205):
        url = status_server.scenario(code)
        answer = ask(f"{url}/nothing", "Accept: text/html")

        assert (404, "text/html; charset=utf-8") == (answer.status, answer.header("Content-Type"))
        assert 404 == json.loads(ask(f"{url}/nothing").content)["status"]
