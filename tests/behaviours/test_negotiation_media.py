"""Formats of content that a resource takes, 415: type, coding, and what the octets are."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import pytest

from pytest_httpcodes import Request, StatusServer
from pytest_httpcodes.behaviours.media import media_types
from tests.asking import ask, statuses
from tests.raw import Answer, Raw, message
from tests.scenarios import SENDERS, path_of

JPEG = b"\xff\xd8\xff\xe0 and so on"
PNG = b"\x89PNG\r\n\x1a\n"
PATCH = "application/merge-patch+json"


def post(url: str, *fields: str, content: bytes = JPEG) -> Answer:
    """Send content to be stored."""
    return ask(url, *fields, method="POST", content=content)


def patch(url: str, value: Any, kind: str = PATCH, *fields: str) -> Answer:
    """Send JSON, or octets, to be merged."""
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return ask(url, f"Content-Type: {kind}", *fields, method="PATCH", content=content)


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        (201, ("Content-Type: image/jpeg",)),
        (201, ("Content-Type: IMAGE/JPEG; q=1",)),
        (201, ("Content-Type: image/jpeg", "Content-Encoding: identity")),
        (415, ("Content-Type: image/svg+xml",)),
        (415, ("Content-Type: image/png",)),
        (415, ("Content-Type: image/*",)),
        (415, ("Content-Type: jpeg",)),
        (415, ("Content-Type: image/jpeg, image/png",)),
        (415, ("Content-Type: image/jpeg", "Content-Type: image/jpeg")),
        (415, ()),
    ],
)
def test_the_type_is_what_is_said_to_be_taken(
    status_server: StatusServer, status: int, fields: tuple[str, ...]
) -> None:
    """A 415 names the types, and no codings: it "MUST NOT" (RFC 9110, 12.5.3)."""
    made = status_server.scenario(415)
    answer = post(made, *fields)

    assert status == answer.status
    if status == 415:
        assert "image/jpeg" == answer.header("accept-post") == answer.header("accept")
        assert answer.header("accept-encoding") is None
        assert answer.header("accept-patch") is None
        assert made.exchanges[0].why.endswith("(RFC 9110, 15.5.16)")


@pytest.mark.parametrize(
    ("status", "coding"),
    [
        (201, "gzip"),
        (201, "x-gzip"),
        (201, "GZIP, identity"),
        (415, "br"),
        (415, "gzip, br"),
        (415, "gzip, gzip"),
        (415, "deflate"),
    ],
)
def test_the_coding_is_one_that_is_known(
    status_server: StatusServer, status: int, coding: str
) -> None:
    """A 415 that is about the coding has Accept-Encoding, and nothing of the types (S-46)."""
    made = status_server.scenario(415)
    fields = ("Content-Type: image/jpeg", f"Content-Encoding: {coding}")
    answer = post(made, *fields, content=gzip.compress(JPEG, mtime=0))

    assert status == answer.status
    if status == 201:
        stored = ask(answer.header("location") or "")
        assert (coding, JPEG) == (
            stored.header("content-encoding"),
            gzip.decompress(stored.content),
        )
    else:
        assert "gzip, identity" == answer.header("accept-encoding")
        assert answer.header("accept") is None
        assert "coding" in json.loads(answer.content)["detail"]


@pytest.mark.parametrize(
    ("about", "coding", "content"),
    [
        ("accept-post", None, PNG),
        ("accept-post", None, b""),
        ("accept-post", None, JPEG[:2]),
        ("accept-post", "gzip", gzip.compress(PNG, mtime=0)),
        ("accept-post", "gzip", b""),
        ("accept-encoding", "gzip", JPEG),
        ("accept-encoding", "gzip", zlib.compress(JPEG)),
        # A bomb of 16 MiB is not looked at further than its first octets.
        ("accept-post", "gzip", gzip.compress(bytes(2**24), mtime=0)),
    ],
)
def test_the_octets_are_looked_at(
    status_server: StatusServer, about: str, coding: str | None, content: bytes
) -> None:
    """RFC 9110, 15.5.16: "or as a result of inspecting the data directly"."""
    fields = ("Content-Type: image/jpeg", *([f"Content-Encoding: {coding}"] if coding else []))
    answer = post(status_server.scenario(415), *fields, content=content)
    given = {name.lower() for name, _ in answer.fields}

    assert 415 == answer.status
    assert {about} == given & {"accept-post", "accept-encoding"}


@pytest.mark.parametrize("client", SENDERS)
def test_what_is_taken_is_stored(status_server: StatusServer, client: str) -> None:
    """It is there to be read with its type, and for nothing else."""
    made = status_server.scenario(415)
    send = SENDERS[client]
    stored = send(Request("POST", made, {"Content-Type": "image/jpeg"}, JPEG))
    url = stored.headers["Location"]
    picture = send(Request("GET", url))

    assert (201, 200) == (stored.status, picture.status)
    assert ("image/jpeg", JPEG) == (picture.headers["Content-Type"], picture.content)
    assert "GET, HEAD, OPTIONS" == ask(url, method="OPTIONS").header("allow")
    assert 405 == patch(url, {}).status
    assert 405 == ask(url, "Content-Type: image/jpeg", method="PUT", content=JPEG).status


def test_a_refused_upload_is_never_invited(status_server: StatusServer) -> None:
    """RFC 9110, 10.1.1: the type and the coding are known before; the octets are not."""
    path = path_of(status_server.scenario(415))
    head = ("Expect: 100-continue", f"Content-Length: {len(PNG)}")
    with Raw(status_server.url) as raw:
        raw.send(message("POST", path, *head, "Content-Type: image/png"))
        refused = raw.answer()
    with Raw(status_server.url) as raw:
        raw.send(message("POST", path, *head, "Content-Type: image/jpeg"))
        invited = raw.sock.recv(1_024)
        raw.send(PNG)
        looked_at = raw.answer()

    assert (415, []) == (refused.status, refused.interim)
    assert (b"HTTP/1.1 100 Continue\r\n\r\n", 415) == (invited, looked_at.status)


def test_options_says_what_is_taken(status_server: StatusServer) -> None:
    """RFC 5789, 3.1 and Linked Data Platform 1.0, 7.1."""
    answer = ask(status_server.scenario(415), method="OPTIONS")

    assert "GET, HEAD, POST, PATCH, OPTIONS" == answer.header("allow")
    assert ("image/jpeg", PATCH) == (answer.header("accept-post"), answer.header("accept-patch"))


@pytest.mark.parametrize("kind", ["application/json", "application/json-patch+json", ""])
def test_a_patch_has_types_of_its_own(status_server: StatusServer, kind: str) -> None:
    """RFC 5789, 2.2: "the server SHOULD ... include an Accept-Patch response header"."""
    answer = patch(status_server.scenario(415), {}, kind)

    assert (415, PATCH) == (answer.status, answer.header("accept-patch"))
    assert PATCH == answer.header("accept")
    assert answer.header("accept-post") is None


def test_a_patch_has_no_coding(status_server: StatusServer) -> None:
    """It is read, and what is read is plain."""
    made = status_server.scenario(415)
    answer = patch(made, gzip.compress(b"{}"), PATCH, "Content-Encoding: gzip")

    assert (415, "identity") == (answer.status, answer.header("accept-encoding"))
    assert answer.header("accept-patch") is None


# RFC 7396, Appendix A, but for the first documents, which are made first.
MERGES = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("before", "change", "after"), MERGES)
def test_a_patch_is_merged(
    status_server: StatusServer, before: Any, change: Any, after: Any
) -> None:
    """RFC 7396, Appendix A; the answer has the new validators."""
    made = status_server.scenario(415)
    patch(made, [])
    patch(made, before)
    answer = patch(made, change)
    got = ask(made)

    assert (204, 200, after) == (answer.status, got.status, json.loads(got.content))
    assert answer.header("etag") == got.header("etag")
    assert "application/json" == got.header("content-type")


@pytest.mark.parametrize(
    ("status", "content"),
    [(400, b"{"), (400, b""), (400, b"\xff"), (400, b'{"a":1,"a":2}'), (422, b'{"a":1e999}')],
)
def test_a_patch_that_cannot_be_merged_changes_nothing(
    status_server: StatusServer, status: int, content: bytes
) -> None:
    """What is malformed is a 400 that says where; what cannot be kept is a 422."""
    made = status_server.scenario(415)
    before = ask(made).content
    answer = patch(made, content)

    assert status == answer.status
    assert ("line" in json.loads(answer.content)) is (status == 400)
    assert before == ask(made).content


def test_keys_reset_and_options(status_server: StatusServer) -> None:
    """Each KEY has a state of its own, until it is forgotten; there are no options."""
    mine, yours = (status_server.url_for(f"/415/{key}") for key in ("mine", "yours"))
    patch(mine, {"title": "mine"})
    assert "mine" == json.loads(ask(mine).content)["title"]
    assert "pictures" == json.loads(ask(yours).content)["title"]
    ask(status_server.url_for("/journal/415/mine"), method="DELETE")

    assert "pictures" == json.loads(ask(mine).content)["title"]
    assert [400] == statuses(f"{mine}?type=a/b")
    with pytest.raises(ValueError, match="has no option 'type'"):
        status_server.scenario(415, type="a/b")


def test_types_of_ones_own(status_server: StatusServer) -> None:
    """As a rule of a resource, with ranges; reading is not restricted."""
    made = status_server.resource("x", media_types("image/*", "text/plain", codings=()))
    kinds = ("image/png", "text/plain;charset=utf-8", "text/html")

    assert [201, 201, 415] == [post(made, f"Content-Type: {kind}").status for kind in kinds]
    refused = ask(made, method="PUT", content=b"x")
    assert (415, "image/*, text/plain") == (refused.status, refused.header("accept"))
    assert refused.header("accept-post") is None
    assert "has no Content-Type" in json.loads(refused.content)["detail"]
    assert [200, 204] == [
        ask(made, "Content-Type: a/b", method=m).status for m in ("GET", "DELETE")
    ]


@pytest.mark.parametrize("types", [(), ("image",), ("image/png", ""), ("a/b, c/d",), ("*/b",)])
def test_what_is_no_type_is_a_mistake_of_the_test(types: tuple[str, ...]) -> None:
    """It fails in the caller's line."""
    with pytest.raises(ValueError, match="are no media types"):
        media_types(*types)
