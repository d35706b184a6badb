"""Replies that are made for each request, by a callable of the test."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.exceptions import NotFound, abort
from werkzeug.wrappers import Request, Response

from pytest_httpcodes import ServerFault, StatusServer
from pytest_httpcodes.behaviours.options import Options
from pytest_httpcodes.behaviours.reply import read
from pytest_httpcodes.wire.steps import (
    Pause,
    Step,
)
from tests import memory
from tests.asking import ask
from tests.raw import Raw as RawClient
from tests.raw import message

PLAIN = Options()


def given(answer: Any, options: Options = PLAIN, **request: Any) -> tuple[Step, ...]:
    """Return the steps of a reply."""
    made = read(memory.site(), answer, options)(memory.request(**request))
    return tuple(memory.steps(made))


def test_callable_gets_a_werkzeug_request(server: StatusServer) -> None:
    """A callable sees the request as Werkzeug shows it."""
    seen: list[tuple[Any, ...]] = []

    def reply(request: Request) -> int:
        seen.append((type(request), request.method, request.path, request.args["a"], request.json))
        return 201

    url = server.script(reply)
    fields = ("Content-Type: application/json",)
    answer = ask(url + "/x%20y?a=b", *fields, method="PATCH", content=b'{"c": 1}')

    assert 201 == answer.status
    assert [(Request, "PATCH", urlsplit(url).path + "/x y", "b", {"c": 1})] == seen


def test_callable_is_asked_each_time(server: StatusServer) -> None:
    """A callable that repeats is asked for every request."""
    codes = iter([503, 201, 202])
    url = server.script(lambda request: next(codes))

    assert [503, 201, 202] == [ask(url).status for _ in range(3)]


def test_content_that_is_not_asked_for(server: StatusServer) -> None:
    """A callable that leaves the content alone does not have it invited."""
    url = server.script(lambda request: (401, {"WWW-Authenticate": "Basic realm=a"}))
    with RawClient(url) as raw:
        raw.send(message("PUT", urlsplit(url).path, "Expect: 100-continue", "Content-Length: 3"))
        answer = raw.answer()

    assert (401, []) == (answer.status, answer.interim)


@pytest.mark.parametrize("waits", [True, False])
def test_content_that_is_asked_for(server: StatusServer, waits: bool) -> None:
    """A callable may read the content in every way; a client that waits is invited."""
    url = server.script(lambda request: request.stream.read(2) + b"-" + request.stream.read())
    with RawClient(url) as raw:
        fields = ("Expect: 100-continue",) if waits else ()
        head, _, content = message("PUT", urlsplit(url).path, *fields, content=b"abcde").partition(
            b"\r\n\r\n"
        )
        raw.send(head + b"\r\n\r\n")
        interim = raw._until(b"\r\n\r\n") if waits else b""
        raw.send(content)
        answer = raw.answer()

    assert (b"HTTP/1.1 100 Continue\r\n\r\n" if waits else b"") == interim
    assert b"ab-cde" == answer.content


def test_form(server: StatusServer) -> None:
    """A callable may take a form apart, in chunks too."""
    url = server.script(lambda request: request.form["a"] + request.files["b"].read().decode())
    form = (
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x\r\nContent-Disposition: '
        b'form-data; name="b"; filename="c"\r\n\r\n2\r\n--x--\r\n'
    )
    kind = "Content-Type: multipart/form-data; boundary=x"
    sized = ask(url, kind, method="POST", content=form)
    with RawClient(url) as raw:
        raw.send(message("POST", urlsplit(url).path, kind, "Transfer-Encoding: chunked"))
        raw.send(b"%x\r\n%b\r\n0\r\n\r\n" % (len(form), form))
        chunked = raw.answer()

    assert (b"12", b"12") == (sized.content, chunked.content)


def test_files_that_are_streamed(server: StatusServer) -> None:
    """A reply may go on reading the files of a form while it is sent; then they are closed."""
    files: list[Any] = []

    def reply(request: Request) -> Response:
        files.append(request.files["b"])
        return Response(files[0].stream)

    url = server.script(reply)
    form = (
        b'--x\r\nContent-Disposition: form-data; name="b"; filename="c"\r\n\r\ncontent\r\n--x--\r\n'
    )
    kind = "Content-Type: multipart/form-data; boundary=x"
    answer = ask(url, kind, method="POST", content=form)

    assert b"content" == answer.content
    url.wait(1)
    assert files[0].stream.closed


@pytest.mark.parametrize(
    ("raising", "status", "content"),
    [
        (lambda: abort(404), 404, b"<title>404 Not Found</title>"),
        (lambda: abort(409, "the old rev"), 409, b"the old rev"),
        (lambda: abort(Response("mine", 429)), 429, b"mine"),
    ],
)
def test_http_exception(
    server: StatusServer, raising: Callable[[], None], status: int, content: bytes
) -> None:
    """An exception of Werkzeug's becomes its response, and is no fault."""

    def reply(request: Request) -> None:
        raising()

    answer = ask(server.script(reply))
    server.check()

    assert status == answer.status
    assert content in answer.content


def test_missing_key_of_a_form(server: StatusServer) -> None:
    """A form that lacks what the callable wants is a 400, as it is with Werkzeug."""
    answer = ask(server.script(lambda request: request.form["a"]), method="POST", content=b"")

    assert 400 == answer.status


def test_not_found_as_an_answer() -> None:
    """An exception that is returned, and not raised, is an application and no reply."""
    with pytest.raises(TypeError):
        given(lambda request: NotFound())


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("broken"), "RuntimeError: broken"),
        (AssertionError("not so"), "AssertionError: not so"),
        (SystemExit(3), "a callable of the script ended with SystemExit(3)"),
        (pytest.fail.Exception("no"), "a callable of the script ended with no"),
    ],
)
def test_other_exception(
    server: StatusServer, capsys: pytest.CaptureFixture[str], error: BaseException, said: str
) -> None:
    """Another exception is a fault: 590, the traceback, and the test that raises it."""

    def reply(request: Request) -> None:
        raise error

    url = server.script(reply)
    answer = ask(url)

    assert (590, "Httpcodes Fault") == (answer.status, answer.reason)
    assert "close" == answer.header("Connection")
    assert said in answer.content.decode()
    assert said in capsys.readouterr().err
    with pytest.raises(ServerFault, match="a reply to GET /script/reply/_1 failed"):
        server.check()
    server.check()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (None, "None is no reply; use a code"),
        (1.5, "1.5 is no reply; use a code"),
        (99, "99 is no status code"),
        (Pause(1), "ends without a final response"),
    ],
)
def test_wrong_answer_of_a_callable(server: StatusServer, answer: Any, expected: str) -> None:
    """What is no reply is a fault, which says what to use."""
    answered = ask(server.script(lambda request: answer))

    assert 590 == answered.status
    (complaint,) = server.complaints()
    assert expected in str(complaint)


# Content that streams


def test_stream_is_sent_once(server: StatusServer) -> None:
    """A Response over a generator cannot be sent again, and says what to use instead."""
    url = server.script(Response(iter([b"a", b"b"])))
    first, second = ask(url), ask(url)

    assert (200, b"ab", 590) == (first.status, first.content, second.status)
    assert b"use a callable" in second.content
    assert 1 == len(server.complaints())


def test_file_is_sent_once() -> None:
    """So it is with a file."""
    from werkzeug.wsgi import FileWrapper

    response = Response(FileWrapper(io.BytesIO(b"file")), direct_passthrough=True)
    answer = read(memory.site(), response, PLAIN)

    assert b"file" == memory.content(memory.steps(answer(memory.request())))
    with pytest.raises(RuntimeError, match="can be sent once"):
        answer(memory.request())


def test_stream_is_not_held(server: StatusServer) -> None:
    """A Response that streams is sent as it comes, with a delay too."""

    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 1000

    url = server.script(Response(endless()), delay=0.001)
    with RawClient(url) as raw:
        raw.send(message("GET", urlsplit(url).path))
        head = raw._head()
        chunk = raw._exactly(1000)

    assert "chunked" == head.header("Transfer-Encoding")
    assert b"3e8\r\nxxx" == chunk[:8]
