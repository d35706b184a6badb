"""Deltas, 226: who gets one, what it says of itself, and that it makes the current version."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from pytest_httpcodes import Request, StatusServer
from pytest_httpcodes.behaviours.delta import MAX_DOCUMENTS, MAX_SIZE, deltas
from pytest_httpcodes.behaviours.representation import Generated
from pytest_httpcodes.deltas import diffe, gdiff
from tests.asking import ask, statuses
from tests.raw import Answer, Raw
from tests.scenarios import SENDERS, path_of

APPLY: dict[str, Callable[[bytes, bytes], bytes]] = {"diffe": diffe.apply, "gdiff": gdiff.apply}


def put(url: str, content: bytes, *fields: str) -> Answer:
    """Add a version."""
    return ask(url, "Content-Type: text/plain", *fields, method="PUT", content=content)


def change(url: str, wanted: str, *tags: str) -> Answer:
    """Ask for the change from versions that one has."""
    return ask(url, f"A-IM: {wanted}", f"If-None-Match: {', '.join(tags)}")


def varies(answer: Answer) -> set[str]:
    """Return the names in all lines of `Vary`."""
    lines = [value for name, value in answer.fields if name == "Vary"]
    return {word.strip() for line in lines for word in line.split(",")}


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("name", APPLY)
@pytest.mark.parametrize("client", SENDERS)
def test_the_delta_makes_the_current_version(
    status_server: StatusServer, client: str, name: str, number: int
) -> None:
    """Octet for octet; with IM, the tag of the current version, and that of the base (S-54)."""
    made = status_server.scenario(226)
    send = SENDERS[client]
    old = send(Request("GET", f"{made}/v{number}"))
    answer = send(Request("GET", made, {"A-IM": name, "If-None-Match": old.headers["ETag"]}))
    whole = send(Request("GET", made))

    assert (226, name, '"v3"') == (answer.status, answer.headers["IM"], answer.headers["ETag"])
    assert f'"v{number}"' == old.headers["ETag"] == answer.headers["Delta-Base"]
    assert whole.content == APPLY[name](answer.content, old.content)
    assert old.content != whole.content
    assert len(answer.content) < len(whole.content)


def test_a_delta_is_not_taken_for_the_whole(status_server: StatusServer) -> None:
    """Caches that do not know it may not keep it (RFC 3229, 10.8.2); the type is the whole's."""
    made = status_server.scenario(226)
    answer = change(made, "diffe", '"v1"')
    whole = ask(made)

    assert "no-store, im" == answer.header("cache-control")
    assert {"A-IM", "If-None-Match"} == varies(answer) == varies(whole)
    assert whole.header("content-type") == answer.header("content-type")
    assert whole.header("last-modified") == answer.header("last-modified")
    assert made.exchanges[0].why.endswith("(RFC 3229, 10.4.1)")


@pytest.mark.parametrize(
    ("manipulations", "wanted"),
    [
        ("diffe", "diffe"),
        ("diffe", "diffe, gdiff"),
        ("gdiff", "gdiff, diffe"),
        ("diffe", "gdiff;q=0.5, diffe"),
        ("gdiff", "diffe;q=0.5, gdiff;q=0.501"),
        ("gdiff", "diffe;q=0, gdiff;q=0.001"),
        ("gdiff", "vcdiff, unknown, x;y=z, gdiff;q=0.1"),
        ("diffe", "DIFFE"),
        ("diffe", "identity;q=0, diffe"),
        ("diffe", ", diffe ,"),
        # What is applied is in the order of the field, so gzip before the delta is left out.
        ("diffe, gzip", "diffe, gzip"),
        ("gdiff, gzip", "diffe;q=0.5, gdiff, gzip;q=0.1"),
        ("gdiff", "gzip, gdiff"),
        ("gdiff", "gdiff, gzip;q=0"),
        # Nothing that is known, or wanted.
        (None, "gdiff;q=0, diffe;q=0"),
        (None, "vcdiff"),
        (None, "gzip"),
        (None, "identity"),
        (None, "range"),
        (None, "diffe;q=2"),
        (None, ""),
    ],
)
def test_the_manipulation_is_the_best_of_those_listed(
    status_server: StatusServer, manipulations: str | None, wanted: str
) -> None:
    """RFC 3229, 10.5.3: a server "MUST NOT use" any other, and the order is the field's."""
    made = status_server.scenario(226)
    answer = change(made, wanted, '"v1"')

    assert manipulations == answer.header("im")
    assert (226 if manipulations else 200) == answer.status
    if manipulations is None:
        assert answer.header("delta-base") is None
        return
    name, *more = manipulations.split(", ")
    octets = gzip.decompress(answer.content) if more else answer.content
    assert ask(made).content == APPLY[name](octets, ask(f"{made}/v1").content)


@pytest.mark.parametrize(
    ("base", "tags"),
    [
        ('"v1"', ['"v1"', '"v2"']),
        ('"v2"', ['"v2"', '"v1"']),
        ('"v2"', ['"v0"', 'W/"v1"', '"v2"']),
        ('"v1"', ["", '"v1"', ""]),
        # None is known, or none is a version that has the same octets for certain.
        (None, ['"v0"']),
        (None, ['W/"v1"']),
        (None, ["v1"]),
        (None, ['"v1']),
        (None, [""]),
    ],
)
def test_the_base_is_a_version_that_the_client_has(
    status_server: StatusServer, base: str | None, tags: list[str]
) -> None:
    """Delta-Base says which (RFC 3229, 10.5.1); an unknown tag gets the whole."""
    answer = change(status_server.scenario(226), "diffe", *tags)

    assert base == answer.header("delta-base")
    assert (226 if base else 200) == answer.status


@pytest.mark.parametrize("tags", [['"v3"'], ['W/"v3"'], ['"v1"', '"v3"'], ["*"]])
def test_the_current_version_needs_no_delta(status_server: StatusServer, tags: list[str]) -> None:
    """304, also for a client that has others besides, or refuses the whole."""
    made = status_server.scenario(226)
    for wanted in ("diffe", "identity;q=0", "diffe, identity;q=0"):
        answer = change(made, wanted, *tags)

        assert (304, '"v3"') == (answer.status, answer.header("etag"))
        assert {"A-IM", "If-None-Match"} == varies(answer)
        assert answer.header("im") is None


def test_who_does_not_ask_for_a_delta_gets_none(status_server: StatusServer) -> None:
    """Without A-IM, or without If-None-Match, or not with GET (RFC 3229, 10.4.1)."""
    path = path_of(status_server.scenario(226))
    with Raw(status_server.url) as raw:
        answers = [
            raw.request("GET", path, 'If-None-Match: "v1"'),
            raw.request("GET", path, "A-IM: diffe"),
            raw.request("HEAD", path, "A-IM: diffe", 'If-None-Match: "v1"'),
        ]

        assert [200, 200, 200] == [answer.status for answer in answers]
        assert 1 == len({answer.header("content-length") for answer in answers})


def test_a_range_is_one_of_the_whole(status_server: StatusServer) -> None:
    """Only "range" in A-IM makes it one of the delta, and that is not known (RFC 3229, 5.7)."""
    made = status_server.scenario(226)
    fields = ("A-IM: diffe", 'If-None-Match: "v1"')
    part = ask(made, *fields, "Range: bytes=0-6")
    beyond = ask(made, *fields, "Range: bytes=9999-")
    stale = ask(made, *fields, "Range: bytes=0-6", 'If-Range: "v1"')

    assert (206, b"cheeses", None) == (part.status, part.content, part.header("im"))
    assert {"A-IM", "If-None-Match"} == varies(part)
    assert [416, 226] == [beyond.status, stale.status]


@pytest.mark.parametrize(
    ("status", "wanted", "tag"),
    [
        (406, "identity;q=0", '"v1"'),
        (406, "identity;q=0, vcdiff", '"v1"'),
        (406, "identity;q=0, diffe", '"v0"'),
        (406, "identity;q=0, diffe;q=0", '"v1"'),
        (226, "identity;q=0, diffe", '"v1"'),
        (200, "identity;q=0.001, diffe", '"v0"'),
    ],
)
def test_the_whole_can_be_refused(
    status_server: StatusServer, status: int, wanted: str, tag: str
) -> None:
    """RFC 3229, 10.5.3: "identity" is acceptable "unless specifically refused"."""
    made = status_server.scenario(226)
    answer = change(made, wanted, tag)

    assert status == answer.status
    if status == 406:
        assert {"A-IM", "If-None-Match", "Accept"} == varies(answer)
        assert made.exchanges[0].why.endswith("(RFC 3229, 10.5.3)")
        assert "identity;q=0" in json.loads(answer.content)["detail"]
    assert 404 == ask(f"{made}/nothing", "A-IM: identity;q=0").status


def test_a_put_adds_a_version(status_server: StatusServer) -> None:
    """With the next tag; the change from any of those before is there."""
    made = status_server.scenario(226)
    third = ask(made).content
    added = put(made, third.upper(), 'If-Match: "v3"')
    fourth = change(made, "diffe", '"v3"')
    again = put(made, third + b"more\n")
    fifth = change(made, "gdiff", '"v4"')

    assert (204, '"v4"') == (added.status, added.header("etag"))
    assert (226, '"v4"', '"v3"') == (
        fourth.status,
        fourth.header("etag"),
        fourth.header("delta-base"),
    )
    assert third.upper() == diffe.apply(fourth.content, third)
    assert '"v5"' == again.header("etag") == fifth.header("etag")
    assert third + b"more\n" == gdiff.apply(fifth.content, third.upper())
    assert third + b"more\n" == diffe.apply(change(made, "diffe", '"v3"').content, third)


def test_a_put_does_not_need_to_have_read(status_server: StatusServer) -> None:
    """The version that it replaces is known all the same, and a DELETE forgets none."""
    made = status_server.scenario(226)
    put(made, b"a\n")
    assert 226 == change(made, "diffe", '"v3"').status
    assert 204 == ask(made, method="DELETE").status
    assert 404 == change(made, "diffe", '"v3"').status
    assert (201, '"v5"') == ((answer := put(made, b"b\n")).status, answer.header("etag"))

    assert b"b\n" == diffe.apply(change(made, "diffe", '"v4"').content, b"a\n")


@pytest.mark.parametrize("content", [b"no newline", b"\0\n", b".\n", b"a\n.\nb\n"])
def test_what_ed_cannot_make_is_sent_whole(status_server: StatusServer, content: bytes) -> None:
    """Unless gdiff is listed too, which carries anything; that way back, diffe may do it again."""
    made = status_server.scenario(226)
    third = ask(made).content
    put(made, content)
    whole = change(made, "diffe, identity;q=0.1", '"v3"')
    other = change(made, "diffe, gdiff;q=0.1", '"v3"')

    assert (200, content, None) == (whole.status, whole.content, whole.header("im"))
    assert (226, "gdiff") == (other.status, other.header("im"))
    assert content == gdiff.apply(other.content, third)
    assert 406 == change(made, "diffe, identity;q=0", '"v3"').status


def test_the_same_content_is_a_delta_without_octets(status_server: StatusServer) -> None:
    """A PUT of what there is makes a new version that differs in its tag alone."""
    made = status_server.scenario(226)
    put(made, ask(made).content)
    answer = change(made, "diffe", '"v3"')

    assert (226, b"", "0") == (answer.status, answer.content, answer.header("content-length"))


def test_another_coding_is_no_base(status_server: StatusServer) -> None:
    """RFC 3229, 10.7: a client would have to code or decode what it has; so it gets the whole."""
    made = status_server.scenario(226)
    put(made, gzip.compress(b"a\n" * 9, mtime=0), "Content-Encoding: gzip")
    assert (200, "gzip") == (
        (whole := change(made, "gdiff", '"v3"')).status,
        whole.header("content-encoding"),
    )
    put(made, gzip.compress(b"b\n" * 9, mtime=0), "Content-Encoding: gzip")
    answer = change(made, "gdiff", '"v4"')

    assert (226, "gzip") == (answer.status, answer.header("content-encoding"))
    assert gzip.compress(b"b\n" * 9, mtime=0) == gdiff.apply(answer.content, whole.content)


def test_what_is_large_is_sent_whole(status_server: StatusServer) -> None:
    """And the next change from it too, since it was not kept."""
    made = status_server.scenario(226)
    put(made, b"x" * MAX_SIZE)
    assert 226 == change(made, "gdiff", '"v3"').status
    put(made, b"x" * (MAX_SIZE + 1))
    assert 200 == change(made, "gdiff", '"v4"').status
    put(made, b"x\n")

    assert [200, 226] == [change(made, "gdiff", tag).status for tag in ('"v5"', '"v4"')]


def test_writers_at_once_get_versions_of_their_own(status_server: StatusServer) -> None:
    """No number is given twice."""
    made = status_server.scenario(226)
    with ThreadPoolExecutor(8) as pool:
        tags = list(pool.map(lambda n: put(made, b"%d\n" % n).header("etag"), range(24)))

    assert {f'"v{number}"' for number in range(4, 28)} == set(tags)


def test_keys_reset_and_options(status_server: StatusServer) -> None:
    """Each KEY has versions of its own, until they are forgotten; there are no options."""
    mine, yours = (status_server.url_for(f"/226/{key}") for key in ("mine", "yours"))
    put(mine, b"x\n")
    assert ['"v4"', '"v3"'] == [ask(url).header("etag") for url in (mine, yours)]
    ask(status_server.url_for("/journal/226/mine"), method="DELETE")

    assert '"v3"' == ask(mine).header("etag")
    assert 200 == change(mine, "diffe", '"v4"').status
    assert [200, 200, 400] == statuses(f"{mine}/v1", f"{yours}/v2", f"{mine}?keep=1")
    assert 405 == put(f"{mine}/v1", b"x").status
    with pytest.raises(ValueError, match="has no option 'keep'"):
        status_server.scenario(226, keep=1)


def test_deltas_of_ones_own(status_server: StatusServer) -> None:
    """As a rule of a resource: what it is or was, as far back as it is kept; members too."""
    made = status_server.resource("a\n", deltas(keep=2))
    answers = [ask(made), *(put(made, content) for content in (b"b\n", b"c\n", b"d\n"))]
    tags = [answer.header("etag") or "" for answer in answers]
    stored = ask(made, method="POST", content=b"1\n")
    url = stored.header("location") or ""
    first = ask(url).header("etag") or ""
    put(url, b"2\n")

    assert [200, 226, 226, 304] == [change(made, "diffe", tag).status for tag in tags]
    assert b"d\n" == diffe.apply(change(made, "diffe", tags[1]).content, b"b\n")
    assert b"2\n" == diffe.apply(change(url, "diffe", first).content, b"1\n")
    assert 200 == change(url, "diffe", tags[1]).status


def test_the_rule_forgets_with_its_resource(status_server: StatusServer) -> None:
    """Its versions are gone when the resource's state is."""
    made = status_server.resource("a\n", deltas())
    tag = put(made, b"b\n").header("etag") or ""
    put(made, b"c\n")
    assert 226 == change(made, "diffe", tag).status
    ask(status_server.url_for(f"/journal{path_of(made)}"), method="DELETE")

    assert b"a\n" == ask(made).content
    assert 200 == change(made, "diffe", tag).status


@pytest.mark.parametrize("etag", ['W/"v1"', None])
def test_a_delta_needs_octets_that_are_known(status_server: StatusServer, etag: str | None) -> None:
    """A weak tag does not say which they are; content that is generated is not held."""
    content = Generated(100) if etag is None else "a\n"
    made = status_server.resource(content, deltas(), etag=etag)
    tag = ask(made).header("etag") or ""
    put(made, b"b\n")

    assert 200 == change(made, "gdiff", tag).status


def test_only_so_many_documents_are_kept(status_server: StatusServer) -> None:
    """The oldest one makes room; it is then sent whole."""
    made = status_server.resource("a\n", deltas())
    tag = ask(made).header("etag") or ""
    for number in range(MAX_DOCUMENTS):
        put(f"{made}/{number}", b"x")
    put(made, b"b\n")

    assert 226 == change(made, "diffe", tag).status
    for number in range(MAX_DOCUMENTS):
        ask(f"{made}/{number}")
    assert 200 == change(made, "diffe", tag).status


@pytest.mark.parametrize("keep", [0, -1, True, 1.5, "2"])
def test_a_number_of_versions_is_one(keep: int) -> None:
    """It fails in the caller's line."""
    with pytest.raises(ValueError, match="is no number of versions"):
        deltas(keep)
