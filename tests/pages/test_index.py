"""The catalogue at `/`, in its three forms."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from pytest_httpcodes import Scenario, scenarios
from pytest_httpcodes.codes import CODES
from pytest_httpcodes.pages import index
from pytest_httpcodes.server import StatusServer
from tests.asking import ask
from tests.raw import Raw, message

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
JSON = "application/json"
VOID = ("meta", "link", "br", "img", "hr", "input")


class Checked(HTMLParser):
    """A page that is well-formed: every element is closed where it was opened."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.links: list[str] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()
        assert [] == self.open

    def handle_decl(self, decl: str) -> None:
        assert ("doctype html", []) == (decl, self.seen)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.seen.append(tag)
        assert len(dict(attrs)) == len(attrs)
        assert all(value is not None for _, value in attrs)
        self.links += [value for name, value in attrs if name == "href" and value]

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, TEXT),
        ("*/*", TEXT),
        ("text/plain", TEXT),
        ("image/png", TEXT),
        ("text/*", TEXT),
        (BROWSER, HTML),
        ("text/html", HTML),
        ("text/html;q=0.5, text/plain;q=0.4", HTML),
        ("application/json", JSON),
        ("application/json, text/plain;q=0.9", JSON),
        ("application/json;q=0, text/html;q=0", TEXT),
    ],
)
def test_form(server: StatusServer, accept: str | None, expected: str) -> None:
    """A browser gets a page, who prefers JSON gets JSON, and all others text."""
    answer = ask(server.url, *([] if accept is None else [f"Accept: {accept}"]))

    assert (200, expected) == (answer.status, answer.header("Content-Type"))
    assert "Accept" == answer.header("Vary")
    assert "the catalogue (RFC 9110, 15.3.1)" == server.journal[0].why


def test_json(server: StatusServer) -> None:
    """The JSON has how addresses look, one that works of each kind, and every code."""
    found = json.loads(ask(server.url, f"Accept: {JSON}").content)

    assert ["urls", "codes"] == list(found)
    assert list(CODES) == [row["code"] for row in found["codes"]]
    assert [
        "code",
        "phrase",
        "source",
        "standing",
        "summary",
        "temporary",
        "url",
        "scenario",
    ] == list(found["codes"][0])
    rows = {row["code"]: row["scenario"] for row in found["codes"]}
    assert (f"{server.url}/404", None) == (rows[404], rows[599])
    assert [
        "/CODE",
        "/status/CODE",
        "/redirects/CODE,CODE,...",
        "/script/REPLY,REPLY,...",
        "/journal",
    ] == [row["usage"] for row in found["urls"]]


def test_text(server: StatusServer) -> None:
    """The text has a line for each kind of address, and for each code."""
    lines = ask(server.url).content.decode().splitlines()

    assert len(lines) == 5 + 1 + len(CODES)
    assert f"/CODE                      {server.url}/404" == lines[0]
    assert f"/journal                   {server.url}/journal" == lines[4]
    url = re.escape(server.url)
    assert re.fullmatch(
        rf"404  Not Found +RFC 9110, 15\.5\.5 +\S.* {url}/status/404  {url}/404",
        next(line for line in lines if line.startswith("404")),
    )
    assert next(line for line in lines if line.startswith("599")).endswith("/status/599")


def test_html(server: StatusServer) -> None:
    """The page is well-formed, and has a row and a specification for each code."""
    page = Checked(ask(server.url, f"Accept: {BROWSER}").content.decode())

    assert len(CODES) + 1 == page.seen.count("tr")
    assert 1 == page.seen.count("h1") == page.seen.count("title")
    assert "I'm a teapot" in page.texts
    assert any(link.endswith("#section-15.5.5") for link in page.links)


@pytest.mark.parametrize("accept", [BROWSER, JSON, "text/plain"])
def test_addresses_work(server: StatusServer, accept: str) -> None:
    """Every address of this server that the catalogue shows is one that it answers at."""
    content = ask(server.url, f"Accept: {accept}").content.decode()
    found = set(re.findall(rf"{re.escape(server.url)}(/[^\s\"<]*)", content))
    codes = {f"/status/{code}" for code in CODES}
    behave = {f"/{code}" for code in scenarios.codes()}

    assert codes | behave | {"/redirects/301,302,307", "/script/503,503,200", "/journal"} == found
    for path in sorted(found - behave - {"/status/444"}):
        code = 200 if path == "/journal" else int(path.split("/")[2][:3])
        # An interim code comes before a 200, and switching needs an offer.
        expected = code if code >= 200 else {101: 426}.get(code, 200)

        assert expected == ask(server.url + path).status


def test_scenarios_are_where_they_are_said_to_be(server: StatusServer) -> None:
    """Each is an instance that all share, whatever it answers to a GET."""
    for code in set(scenarios.codes()) - {444}:
        ask(f"{server.url}/{code}")

        assert (str(code), "shared") == server.journal[-1].key


def test_scenarios_of_others(server: StatusServer) -> None:
    """A code that nobody has defined has a row once it has a scenario."""

    class Mine(Scenario):
        """588: what is mine."""

        code = 588

    class Nameless(Scenario):
        code = 589

    scenarios.add([Mine, Nameless])
    try:
        rows = {row.code: row.summary for row in index.listed()}
        page = Checked(ask(server.url, f"Accept: {BROWSER}").content.decode())
    finally:
        scenarios.remove([588, 589])

    assert list(rows) == sorted([*CODES, 588, 589])
    assert ("what is mine.", "") == (rows[588], rows[589])
    assert f"{server.url}/588" in page.links


@pytest.mark.parametrize("accept", [BROWSER, JSON, "text/plain"])
def test_host_of_the_client(server: StatusServer, accept: str) -> None:
    """Addresses have the host that the client named, escaped where it needs to be."""
    with Raw(server.url) as raw:
        raw.send(message("GET", "/", f"Accept: {accept}", host="a&lt;b.example:81"))
        content = raw.answer().content.decode()

    if accept == BROWSER:
        page = Checked(content)
        assert "http://a&lt;b.example:81/status/404" in page.links
        assert "http://a&lt;b.example:81/journal" in page.texts
    else:
        assert "http://a&lt;b.example:81/status/404" in content


def test_head(server: StatusServer) -> None:
    """HEAD gets the fields of GET."""
    with Raw(server.url) as raw:
        whole = raw.request("GET", "/")
        bare = raw.request("HEAD", "/")

    assert (200, b"") == (bare.status, bare.content)
    assert f"{len(whole.content)}" == bare.header("Content-Length")


def test_options(server: StatusServer) -> None:
    """OPTIONS says which methods there are, and the others are refused."""
    with Raw(server.url) as raw:
        told = raw.request("OPTIONS", "/")
        refused = [raw.request(method, "/") for method in ("POST", "DELETE", "TRACE", "BREW")]

    assert (204, "GET, HEAD, OPTIONS") == (told.status, told.header("Allow"))
    assert {(405, "GET, HEAD, OPTIONS")} == {
        (each.status, each.header("Allow")) for each in refused
    }


def test_options_of_the_page(server: StatusServer) -> None:
    """The catalogue has no options but those of every URL."""
    answer = ask(f"{server.url}/?class=4xx")

    assert 400 == answer.status
    assert b"there is no option 'class' here; there are delay, fault, at" in answer.content


def test_rows_without_a_server() -> None:
    """Rows and lines are there for the command line too, with paths for addresses."""
    code = CODES[404]

    assert "/status/404" == index.row(code)["url"]
    assert index.table([code])[0].endswith(" /status/404  /404")
