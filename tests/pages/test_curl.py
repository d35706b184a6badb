"""Requests as lines for a shell: what curl is told, and that the shell and curl understand it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import requests

from pytest_httpcodes import Request, StatusServer
from pytest_httpcodes.pages.curl import command, commands
from tests.shell import needs_curl, shell

URL = "http://a.example/x"
BASIC = (("Authorization", "Basic dXNlcjpwYXNzd29yZA=="),)
JSON = (("Content-Type", "application/json"),)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (Request("GET", URL), f"curl -i {URL}"),
        (Request("GET", f"{URL}?a=1&b=2"), f"curl -i '{URL}?a=1&b=2'"),
        (Request("GET", f"{URL}/[1]"), f"curl -i -g '{URL}/[1]'"),
        (Request("HEAD", URL), f"curl -i --head {URL}"),
        (Request("M-GET", URL), f"curl -i -X M-GET {URL}"),
        (Request("DELETE", URL), f"curl -i -X DELETE {URL}"),
        (Request("POST", URL), f"curl -i -H Content-Type: --data-raw '' {URL}"),
        (
            Request("POST", URL, JSON, b"{}"),
            f"curl -i -H 'Content-Type: application/json' --data-raw '{{}}' {URL}",
        ),
        (
            Request("PUT", URL, JSON, b"@'"),
            f"curl -i -X PUT -H 'Content-Type: application/json' --data-raw '@'\"'\"'' {URL}",
        ),
        (Request("GET", URL, (), b"a"), f"curl -i -X GET -H Content-Type: --data-raw a {URL}"),
        (Request("GET", URL, {"Accept": "image/png"}), f"curl -i -H 'Accept: image/png' {URL}"),
        (Request("GET", URL, {"Ext": ""}), f"curl -i -H 'Ext;' {URL}"),
        (Request("GET", URL, BASIC), f"curl -i -u user:password {URL}"),
        (
            Request("GET", URL, {"Authorization": "Basic !"}),
            f"curl -i -H 'Authorization: Basic !' {URL}",
        ),
        (
            Request("GET", URL, {"Authorization": "Basic /w=="}),
            f"curl -i -H 'Authorization: Basic /w==' {URL}",
        ),
        (
            Request("GET", URL, {"Authorization": "Basic dXNlcg=="}),
            f"curl -i -H 'Authorization: Basic dXNlcg==' {URL}",
        ),
        (
            Request("GET", URL, {"Authorization": "Bearer dXNlcjo="}),
            f"curl -i -H 'Authorization: Bearer dXNlcjo=' {URL}",
        ),
        (Request("GET", URL, version="HTTP/1.0"), f"curl -i --http1.0 {URL}"),
        (
            Request(
                "GET", URL, {"Proxy-Authorization": "Basic dXNlcjpw"}, via="http://p.example:1"
            ),
            f"curl -i -U user:p -x http://p.example:1 --noproxy '' {URL}",
        ),
        (
            Request("GET", URL, {"Upgrade": "echo/1.0"}),
            f"curl -i -H 'Upgrade: echo/1.0' -m 2 {URL}",
        ),
        (
            Request("POST", URL, JSON, b"\0-\xff"),
            (
                f"printf '\\000-\\377' | curl -i -H 'Content-Type: application/json' "
                f"--data-binary @- {URL}"
            ),
        ),
        (
            Request("POST", URL, JSON, b"-%\r\n\\"),
            (
                f"printf -- '-%%\\r\\n\\\\' | curl -i -H 'Content-Type: application/json' "
                f"--data-binary @- {URL}"
            ),
        ),
        (
            Request("POST", URL, JSON, b"late", pause=0.5),
            (
                f"(sleep 0.5; printf late) | curl -i -H 'Content-Type: application/json' "
                f"-H Expect: -T - -X POST {URL}"
            ),
        ),
        (
            Request("POST", URL, {**dict(JSON), "Expect": "100-continue"}, b"late", pause=0.5),
            (
                f"curl -i -H 'Content-Type: application/json' -H 'Expect: 100-continue' "
                f"--data-raw late {URL}"
            ),
        ),
        (
            Request("POST", URL, JSON, b"a line\n"),
            (
                "printf 'a line\\n' | curl -i -H 'Content-Type: application/json' "
                f"--data-binary @- {URL}"
            ),
        ),
        (
            Request("POST", URL, JSON, bytes(1025)),
            (
                f"head -c 1025 /dev/zero | curl -i -H 'Content-Type: application/json' "
                f"--data-binary @- {URL}"
            ),
        ),
        (
            Request("GET", URL, raw=b"GET / HTTP/3.0\r\n\r\n"),
            "printf 'GET / HTTP/3.0\\r\\n\\r\\n' | curl -sm 2 telnet://a.example",
        ),
        (
            Request("GET", URL, version="HTTP/2.0"),
            (
                "printf 'GET /x HTTP/2.0\\r\\nHost: a.example\\r\\n\\r\\n' "
                "| curl -sm 2 telnet://a.example"
            ),
        ),
        (
            Request("GET", URL, {"Cookie": f"a={'x' * 200}; b='"}),
            (
                "curl -i -H 'Cookie: a='\"$(head -c 200 /dev/zero | tr '\\0' 'x')\"'; b='\"'\"'' "
                f"{URL}"
            ),
        ),
    ],
)
def test_command(request_: Request, expected: str) -> None:
    """One request is one line."""
    assert expected == command(request_)


@needs_curl
@pytest.mark.parametrize(
    "sent",
    [
        Request("GET", "?a=1&b=%20;'"),
        Request("HEAD", ""),
        Request("M-GET", "", {"Man": '"http://a.example/"; ns=12', "12-A": ""}),
        Request("POST", ""),
        Request("PUT", "", {"Content-Type": "text/plain"}, b"@a 'b' \\ \"c\" $d `e`\n"),
        Request("PATCH", "", {"If-Match": '"a", W/"b"'}, b"x" * 1025),
        Request("POST", "", {"Content-Type": "text/plain"}, bytes(range(256))),
        Request("POST", "", {"Transfer-Encoding": "chunked"}, b"in chunks"),
        Request("POST", "", {}, b"late", pause=0.01),
        Request("GET", "", {"Authorization": "Basic dXNlcjpwYXNzd29yZA=="}),
        Request("GET", "", {"Cookie": "a=" + "~" * 9000}),
        Request("GET", "", {"Host": "other.example"}),
        Request("GET", "/[{*}]"),
        Request("GET", "", version="HTTP/1.0"),
    ],
)
def test_curl_sends_the_request(status_server: StatusServer, sent: Request) -> None:
    """What arrives is what the request is."""
    url = status_server.status(404)
    shell(command(replace(sent, url=url + sent.url)))
    (received,) = url.exchanges

    assert (sent.method, sent.version) == (received.method, received.version)
    assert received.target.endswith(sent.url)
    assert sent.content == received.content
    for name, value in sent.headers:
        assert value == received.headers[name]
    if "Content-Type" not in dict(sent.headers):
        assert "Content-Type" not in received.headers


@needs_curl
def test_what_curl_would_not_send(status_server: StatusServer) -> None:
    """It goes through curl all the same."""
    url = status_server.status(404)
    raw = Request("GET", url, raw=b"GET /%d HTTP/1.1\r\nHost: \xff\r\n\r\n")

    assert shell(command(raw)).startswith("HTTP/1.1 400 ")
    assert shell(command(Request("GET", url, version="HTTP/2.0"))).startswith("HTTP/1.1 505 ")


def test_a_request_that_waits() -> None:
    """The shell waits before it."""
    both = (Request("GET", URL), Request("GET", URL, pause=1.5))

    assert [f"curl -i {URL}", "sleep 1.5", f"curl -i {URL}"] == commands(both, ({}, {}))


@pytest.mark.parametrize(
    ("fields", "second", "expected"),
    [
        (
            {"etag": '"v1"'},
            Request("GET", URL, {"If-None-Match": '"a", "v1"'}),
            [
                f"etag=$(curl -si {URL} | sed -n 's/^ETag: //p' | tr -d '\\r')",
                f'curl -i -H \'If-None-Match: "a", \'"$etag" {URL}',
            ],
        ),
        (
            {"location": f"{URL}/1", "etag": '"v1"'},
            Request("GET", f"{URL}/1/b"),
            [
                f"location=$(curl -si {URL} | sed -n 's/^Location: //p' | tr -d '\\r')",
                'curl -i "$location"/b',
            ],
        ),
        ({"etag": '"v1"'}, Request("GET", URL), [f"curl -i {URL}", f"curl -i {URL}"]),
        ({}, Request("GET", URL), [f"curl -i {URL}", f"curl -i {URL}"]),
    ],
)
def test_what_an_answer_hands_on(
    fields: dict[str, str], second: Request, expected: list[str]
) -> None:
    """A value that the server chose is taken from its answer."""
    assert expected == commands((Request("GET", URL), second), (fields, {}))


def test_what_was_handed_on_stays() -> None:
    """A later request may have it, too."""
    there = f"{URL}/1"
    sent = (Request("POST", URL, JSON, b"a"), Request("GET", there), Request("GET", there))

    assert [
        (
            f"location=$(curl -si -H 'Content-Type: application/json' --data-raw a {URL}"
            " | sed -n 's/^Location: //p' | tr -d '\\r')"
        ),
        'curl -i "$location"',
        'curl -i "$location"',
    ] == commands(sent, ({"location": there}, {}, {}))


@needs_curl
def test_what_curl_hands_on(status_server: StatusServer) -> None:
    """The shell has the value of the answer that it gets."""
    page = status_server.resource("content")
    tag = requests.get(page, timeout=5).headers["ETag"]
    again = Request("GET", page, {"If-None-Match": f'W/"x", {tag}'})
    shell("\n".join(commands((Request("GET", page), again), ({"etag": tag}, {}))))

    assert [200, 200, 304] == page.statuses
