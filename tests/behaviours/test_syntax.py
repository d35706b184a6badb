"""JSON content: what is malformed, and what is none: 400 and 415, at 400 409 422."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_httpcodes import Endpoint, Request, StatusServer
from pytest_httpcodes.behaviours.syntax import processable, valid_json
from tests.asking import ask, ask_json
from tests.raw import Answer, Raw, message
from tests.scenarios import SENDERS, by_raw

TYPE = "Content-Type: application/json"


def send(url: str, text: bytes | str, *fields: str, method: str = "POST") -> Answer:
    """Send JSON."""
    content = text.encode() if isinstance(text, str) else text
    return ask(url, *(fields or (TYPE,)), method=method, content=content)


def problem(answer: Answer) -> dict[str, Any]:
    """Return the members of an answer that is a problem."""
    assert "application/problem+json" == answer.header("Content-Type")
    return dict(json.loads(answer.content))


@pytest.mark.parametrize("client", SENDERS)
@pytest.mark.parametrize("text", [b"{", b"\xff", b'{"a": NaN}', b'{"a": 1, "a": 2}', b""])
def test_malformed(status_server: StatusServer, client: str, text: bytes) -> None:
    """400: what is wrong is named, with its line and column, to every client."""
    url = status_server.scenario(400)
    answer = SENDERS[client](Request("POST", url, {"Content-Type": "application/json"}, text))
    said = json.loads(answer.content)

    assert (400, False) == (answer.status, said["temporary"])
    assert said["detail"].endswith(f" at line {said['line']}, column {said['column']}")
    assert "RFC 8259" in url.exchanges[0].why


def test_malformed_says_where(status_server: StatusServer) -> None:
    """400: the place is counted in lines and characters, both from 1 on."""
    answer = send(status_server.scenario(400), '{\n "é": x}')
    said = problem(answer)

    assert (400, 2, 7) == (answer.status, said["line"], said["column"])
    assert "the JSON is malformed: expecting value at line 2, column 7" == said["detail"]
    assert answer.header("Connection") is None


@pytest.mark.parametrize("text", ["{}", "[]", '"text"', "0", "null", ' {"a": [1, 2.5e3]}\n'])
@pytest.mark.parametrize("kind", [TYPE, "Content-Type: Application/JSON ; charset=utf-8", "", "+"])
def test_well_formed(status_server: StatusServer, text: str, kind: str) -> None:
    """What is well-formed is stored as it is; without a type, it is JSON if it reads as such."""
    types = {"": "X-Type: none", "+": "Content-Type: application/problem+json"}
    answer = send(status_server.scenario(400), text, types.get(kind, kind))
    location = answer.header("Location")
    assert location is not None
    stored = ask(location)

    assert (201, 200, text) == (answer.status, stored.status, stored.content.decode())


@pytest.mark.parametrize("code", [400, 409, 422])
def test_deep(status_server: StatusServer, code: int) -> None:
    """However deep arrays are nested, the server answers that they are."""
    answer = send(status_server.scenario(code), b"[" * 200_000, method="PUT")

    assert (400, 513) == (answer.status, problem(answer)["column"])


@pytest.mark.parametrize("code", [400, 409, 422])
def test_long(status_server: StatusServer, code: int) -> None:
    """What is read as a whole is no longer than 1 MiB."""
    url = status_server.scenario(code)
    longest = b'{"qty": 1, "rev": 2}'.ljust(1_048_576)

    assert send(url, longest, method="PUT").status == 204
    assert send(url, longest + b" ", method="PUT").status == 413


@pytest.mark.parametrize("code", [400, 409, 422])
@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "application/json, text/plain",
        "json",
        "a/b/c+json",
    ],
)
def test_not_json(status_server: StatusServer, code: int, kind: str) -> None:
    """Another media type is a 415 that names the right one, before the content is invited."""
    url = status_server.scenario(code)
    method = "PUT" if code == 409 else "POST"
    with Raw(url) as raw:
        fields = (f"Content-Type: {kind}", "Expect: 100-continue", "Content-Length: 2")
        answer = raw.request(method, path(url), *fields)

    assert (415, []) == (answer.status, answer.interim)
    assert "application/json" == answer.header("Accept")
    assert (None if method == "PUT" else "application/json") == answer.header("Accept-Post")
    assert kind in problem(answer)["detail"]


def test_coding(status_server: StatusServer) -> None:
    """A content coding is a 415, too, which says that none is taken."""
    url = status_server.scenario(422)
    coded = send(url, '{"qty": 1}', TYPE, "Content-Encoding: gzip")
    plain = send(url, '{"qty": 1}', TYPE, "Content-Encoding: identity")

    assert (415, "identity", None) == (
        coded.status, coded.header("Accept-Encoding"), coded.header("Accept-Post"),
    )  # fmt: skip
    assert 201 == plain.status


@pytest.mark.parametrize("code", [400, 409, 422])
def test_invited(status_server: StatusServer, code: int) -> None:
    """What only the content shows is refused after one 100 Continue."""
    url = status_server.scenario(code)
    with Raw(url) as raw:
        fields = (TYPE, "Expect: 100-continue", "Content-Length: 1")
        raw.send(message("PUT", path(url), *fields))
        assert b"HTTP/1.1 100 Continue\r\n\r\n" == raw.sock.recv(100)
        raw.send(b"{")
        answer = raw.answer()

    assert (400, []) == (answer.status, answer.interim)


def test_methods_without_content(status_server: StatusServer) -> None:
    """What a GET, a HEAD or a DELETE encloses has no meaning, and no syntax."""
    url = status_server.scenario(422)
    found = [send(url, "{", "X-Type: none", method=m).status for m in ("GET", "HEAD", "DELETE")]

    assert [200, 200, 204] == found


def test_error_in_other_forms(status_server: StatusServer) -> None:
    """HTML and text say the same as the problem, the list of errors included."""
    url = status_server.scenario(422)
    page = send(url, '{"qty": 0}', TYPE, "Accept: text/html")
    text = send(url, '{"qty": 0}', TYPE, "Accept: text/plain")

    assert (422, "text/html; charset=utf-8") == (page.status, page.header("Content-Type"))
    assert (422, "text/plain; charset=utf-8") == (text.status, text.header("Content-Type"))
    assert b"#/qty" in page.content
    assert b"#/qty" in text.content


def test_valid_json(status_server: StatusServer) -> None:
    """As a rule of any resource, for its members too; JSON of any sense is taken."""
    url = status_server.resource(b"{}", valid_json(), type="application/json")
    put = [send(url, text, method="PUT").status for text in ("{", "[-1]")]
    member = [send(f"{url}/m", text, method="PUT").status for text in ("{", "[-1]")]

    assert [[400, 204], [400, 201]] == [put, member]


def test_processable(status_server: StatusServer) -> None:
    """A check says what must be where, in JSON Pointers; they come as URI fragments."""
    wrong: dict[str, str] = {}
    seen: list[Any] = []

    def check(value: Any) -> dict[str, str]:
        seen.append(value)
        return wrong

    url = status_server.resource(None, processable(check))
    fine = send(url, '{"a": 1}', method="PUT")
    # RFC 6901, 6 has these examples.
    pointers = ["", "/foo/0", "/", "/a~1b", "/c%d", "/e^f", "/g|h", "/i\\j", '/k"l', "/ ", "/é"]
    wrong.update(dict.fromkeys(pointers, "must be otherwise"))
    refused = send(url, '{"a": 1}', method="PUT")
    found = [error["pointer"] for error in problem(refused)["errors"]]

    assert ([201, 422], [{"a": 1}] * 2) == ([fine.status, refused.status], seen)
    assert ["#", "#/foo/0", "#/", "#/a~1b", "#/c%25d", "#/e%5Ef", "#/g%7Ch"] == found[:7]
    assert ["#/i%5Cj", "#/k%22l", "#/%20", "#/%C3%A9"] == found[7:]


def test_processable_function() -> None:
    """What cannot be asked whether it makes sense is refused where it is given."""
    with pytest.raises(TypeError, match="^check={} is no function; use one that gets a value"):
        processable({})  # type: ignore[arg-type]


@pytest.mark.parametrize("code", [400, 409, 422])
def test_state(status_server: StatusServer, code: int) -> None:
    """Two instances share nothing, and one that is forgotten starts anew."""
    urls = [status_server.url_for(f"/{code}/{key}") for key in ("a", "b")]
    content = b'{"rev": 2, "qty": 9}'
    changed = by_raw(Request("PUT", urls[0], {"Content-Type": "application/json"}, content))
    first, second = map(ask_json, urls)
    ask(status_server.url_for(f"/journal/{code}/a"), method="DELETE")

    assert 204 == changed.status
    assert first != second == ask_json(urls[0])


def path(url: Endpoint) -> str:
    """Return the path of an endpoint."""
    return url[url.index("/", 8) :]
