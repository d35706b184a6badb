"""203: a gateway that puts text into capitals, and what validators come to (RFC 9110, 7.7)."""

from __future__ import annotations

import pytest

from pytest_httpcodes import StatusServer
from pytest_httpcodes.behaviours.upstreams import TEXT
from tests.behaviours.test_gateway import ask
from tests.scenarios import SENDERS, play

UNTOUCHED = "Cache-Control: no-transform"


@pytest.fixture
def url(status_server: StatusServer) -> str:
    """Return an instance."""
    return status_server.scenario(203)


@pytest.mark.parametrize("client", SENDERS)
def test_changed_or_not(status_server: StatusServer, client: str) -> None:
    """Other content with another ETag, unless the client wants no such thing."""
    made = status_server.scenario(203)
    changed, plain = play(status_server, (*made.trigger, *made.relief), SENDERS[client])

    assert (203, TEXT.upper().encode()) == (changed.status, changed.content)
    assert (200, TEXT.encode()) == (plain.status, plain.content)
    assert ["1.1 pytest-httpcodes"] * 2 == [a.headers["Via"] for a in (changed, plain)]
    assert plain.headers["ETag"][:-1] + '-in-capitals"' == changed.headers["ETag"]
    assert "Accept-Ranges" in plain.headers
    assert "Accept-Ranges" not in changed.headers


def test_the_origin_forbids_it(status_server: StatusServer) -> None:
    """With no-transform in its answer (RFC 9111, 5.2.2.6), also that of a revalidation."""
    made = status_server.scenario(203, no_transform=1)
    answer = ask(made)

    assert (200, TEXT.encode()) == (answer.status, answer.content)
    assert "no-transform" in (answer.header("Cache-Control") or "")
    etag = answer.header("ETag") or ""
    known = ask(made, "If-None-Match: *")
    assert (304, etag) == (known.status, known.header("ETag"))


def test_head(url: str) -> None:
    """The same fields as GET."""
    get, head = ask(url), ask(url, method="HEAD")
    skipped = ("date", "connection")

    assert 203 == head.status
    assert [line for line in get.fields if line[0].lower() not in skipped] == [
        line for line in head.fields if line[0].lower() not in skipped
    ]


def test_revalidation(url: str) -> None:
    """The capitals can be validated along the same path.

    "future cache validation requests for the content might only be applicable along the same
    request path (through the same proxies)" (RFC 9110, 15.3.4).
    """
    etag = ask(url).header("ETag")
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = ask(url, f"If-None-Match: {known}")
        assert (304, etag) == (answer.status, answer.header("ETag"))
        assert b"" == answer.content

    assert 203 == ask(url, 'If-None-Match: "other-in-capitals"').status
    assert 203 == ask(url, f"If-Match: {etag}").status
    assert 412 == ask(url, 'If-Match: "other"').status


def test_the_validators_of_the_text_as_it_was(url: str) -> None:
    """They are those of what is not sent here; without a change they are."""
    etag = ask(url, UNTOUCHED).header("ETag")
    capitals = ask(url).header("ETag")

    assert 203 == ask(url, f"If-None-Match: {etag}").status
    assert 412 == ask(url, f"If-Match: {etag}").status
    assert 304 == ask(url, UNTOUCHED, f"If-None-Match: {etag}").status
    assert 200 == ask(url, UNTOUCHED, f"If-None-Match: {capitals}").status


def test_a_date_tells_them_not_apart(url: str) -> None:
    """It is that of both, so that a 304 would be about nobody knows which."""
    date = ask(url).header("Last-Modified")

    assert 203 == ask(url, f"If-Modified-Since: {date}").status
    assert 304 == ask(url, UNTOUCHED, f"If-Modified-Since: {date}").status


def test_parts(url: str) -> None:
    """There are none of the capitals, since the origin has none of them."""
    etag = ask(url).header("ETag")
    for fields in (["Range: bytes=1-3"], ["Range: bytes=1-3", f"If-Range: {etag}"]):
        whole = ask(url, *fields)
        assert (203, TEXT.upper().encode()) == (whole.status, whole.content)

    part = ask(url, UNTOUCHED, "Range: bytes=1-3")
    assert (206, b"hat") == (part.status, part.content)


def test_changes_to_what_the_capitals_are_of(url: str) -> None:
    """Their ETag in If-Match names the text that they are of."""
    member, text = f"{url}/a", "Content-Type: text/plain"
    stored = ask(member, text, method="PUT", content=b"one")
    first = ask(member)
    assert (203, b"ONE") == (first.status, first.content)
    condition = f"If-Match: {first.header('ETag')}"

    assert 204 == ask(member, text, condition, method="PUT", content=b"two").status
    assert 412 == ask(member, text, condition, method="PUT", content=b"three").status
    assert 412 == ask(member, f"If-Match: {stored.header('ETag')}", method="DELETE").status
    assert b"TWO" == ask(member).content


@pytest.mark.parametrize(
    "field", ["Content-Type: application/json", "Content-Type: text/plain\r\nContent-Encoding: x"]
)
def test_other_content_stays(url: str, field: str) -> None:
    """What is no text, or is encoded, is left alone."""
    ask(f"{url}/a", field, method="PUT", content=b'"a"')
    answer = ask(f"{url}/a")

    assert (200, b'"a"') == (answer.status, answer.content)


def test_the_upstream_of_this_one_is_well(status_server: StatusServer) -> None:
    """It has no option for it, and a query of the client's is its own."""
    assert 203 == ask(f"{status_server.scenario(203)}?upstream=reset").status
    assert 400 == ask(status_server.url_for("/203/a?upstream=reset")).status
    assert 200 == ask(status_server.url_for("/203/a?no_transform=1")).status
