"""207 208 423 424 507 508: their trees, by their URLs and their options, over raw sockets."""

from __future__ import annotations

import json

import pytest

from pytest_httpcodes import StatusServer
from tests.behaviours.webdav.locker import Locker, condition, refused, root
from tests.raw import Raw, message
from tests.scenarios import by_httpx, by_requests, path_of, play

USUAL = {"/", "/readme.txt", "/folder/", "/folder/note.txt"}
MEMBERS = {
    207: USUAL,
    208: {*USUAL, "/loop/"},
    423: {*USUAL, "/locked"},
    424: USUAL,
    507: {"/"},
    508: {*USUAL, "/loop/"},
}
CODES = tuple(MEMBERS)


def members(client: Locker) -> set[str]:
    """Return the addresses that a bind-aware PROPFIND has, below the tree's own."""
    answer = client.ask("PROPFIND", "/", "Depth: infinity", "DAV: bind")
    found = [response.findtext("{DAV:}href") or "" for response in root(answer)]
    return {href.removeprefix(client.path) for href in found}


@pytest.mark.parametrize("code", CODES)
def test_what_there_is(status_server: StatusServer, code: int) -> None:
    """Each tree starts with what the contract says."""
    assert MEMBERS[code] == members(Locker(status_server.scenario(code)))


@pytest.mark.parametrize("code", CODES)
def test_each_key_has_a_tree(status_server: StatusServer, code: int) -> None:
    """What is done to one is not done to another, and is forgotten with the journal."""
    mine = Locker(status_server.url_for(f"/{code}/mine"))
    yours = Locker(status_server.url_for(f"/{code}/yours"))
    assert 201 == mine.put("/new").status
    assert MEMBERS[code] == members(yours)
    assert {*MEMBERS[code], "/new"} == members(mine)
    with Raw(status_server.url) as raw:
        raw.request("DELETE", f"/journal/{code}/mine")

    assert MEMBERS[code] == members(mine)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("end", ["", "/"])
@pytest.mark.parametrize("method", ["GET", "PROPFIND", "PUT"])
def test_the_bare_code(status_server: StatusServer, code: int, end: str, method: str) -> None:
    """Redirects to the tree that everyone shares, whatever the method is."""
    with Raw(status_server.url) as raw:
        answer = raw.request(method, f"/{code}{end}")
        again = raw.request("GET", path_of(answer.header("location") or ""))

    assert (307, f"http://{raw.host}/{code}/shared/") == (
        answer.status,
        answer.header("location"),
    )
    assert "text/html; charset=utf-8" == answer.header("content-type")
    assert 200 == again.status


def test_the_bare_code_forgoes_content(status_server: StatusServer) -> None:
    """Content that waits for 100 is not invited to where it cannot stay."""
    with Raw(status_server.url) as raw:
        raw.send(message("PUT", "/507", "Expect: 100-continue", "Content-Length: 9"))
        answer = raw.answer()

    assert (307, []) == (answer.status, answer.interim)


@pytest.mark.parametrize("send", [by_requests, by_httpx])
def test_real_clients_get_the_error(status_server: StatusServer, send: object) -> None:
    """Client libraries send the methods of WebDAV and read its XML."""
    assert callable(send)
    made = status_server.scenario(423)
    answer = play(status_server, made.trigger, send)[-1]

    assert 423 == answer.status
    assert b"<D:lock-token-submitted><D:href>" in answer.content


def test_207_finite(status_server: StatusServer) -> None:
    """403 with the condition for all of a tree, where that is not offered; a file has no depth."""
    client = Locker(status_server.scenario(207, finite=True))

    assert (403, "propfind-finite-depth") == refused(client.ask("PROPFIND", "/", "Depth: infinity"))
    assert (403, "propfind-finite-depth") == refused(client.ask("PROPFIND", "/folder"))
    assert 207 == client.ask("PROPFIND", "/", "Depth: 1").status
    assert 207 == client.ask("PROPFIND", "/readme.txt").status


def test_207_finite_by_hand(status_server: StatusServer) -> None:
    """The option of a URL is the instance's, also below it; it can be set at any time."""
    client = Locker(status_server.url_for("/207/KEY"))
    assert 207 == client.ask("PROPFIND", "/").status
    assert 403 == client.ask("PROPFIND", "/?finite=1").status
    assert 403 == client.ask("PROPFIND", "/").status
    assert 400 == client.ask("PROPFIND", "/?finite=perhaps").status


def test_423_is_held_by_another(status_server: StatusServer) -> None:
    """No principal can use the lock, and what reads is never refused."""
    made = status_server.scenario(423)
    for principal in ("", "user", "admin"):
        client = Locker(made, principal)
        (token,) = client.tokens("/locked")
        assert (423, "lock-token-submitted") == refused(client.put("/locked"))
        answer = client.put("/locked", f"If: (<{token}>)")
        assert (423, "lock-token-submitted") == refused(answer)
        assert 403 == client.unlock("/locked", token).status
        assert b"held by another principal\n" == client.ask("GET", "/locked").content


def test_424_of_a_proppatch(status_server: StatusServer) -> None:
    """Nothing is applied: the good property is not there afterwards."""
    made = status_server.scenario(424)
    answer = play(status_server, made.trigger[:1])[0]
    asked = b'<propfind xmlns="DAV:"><prop><displayname/></prop></propfind>'
    found = Locker(made).ask("PROPFIND", "/readme.txt", "Depth: 0", content=asked)

    assert 207 == answer.status
    assert b"403 Forbidden" in answer.content
    assert b"424 Failed Dependency" in answer.content
    assert b"404 Not Found" in found.content


def test_507_counts(status_server: StatusServer) -> None:
    """The quota is reached, and not exceeded; what is deleted makes room."""
    client = Locker(status_server.scenario(507))
    assert 201 == client.put("/a", content=b"x" * 1024).status
    answer = client.put("/b", content=b"x")
    assert (507, "quota-not-exceeded") == refused(answer)
    assert b"<temporary>true</temporary>" in answer.content
    assert 204 == client.put("/a", content=b"y" * 1024).status
    assert 507 == client.put("/a", content=b"y" * 1025).status
    assert 204 == client.ask("DELETE", "/a").status
    assert 201 == client.put("/b", content=b"x").status


def test_507_by_hand(status_server: StatusServer) -> None:
    """The quota can be set at any time, and what there is stays."""
    client = Locker(status_server.url_for("/507/KEY"))
    assert 201 == client.put("/a?quota=4", content=b"four").status
    assert 507 == client.put("/b", content=b"1").status
    assert 204 == client.put("/a?quota=2", content=b"four").status
    assert 204 == client.put("/a?quota=2", content=b"the").status
    assert 507 == client.put("/a", content=b"four").status
    answer = client.put("/b?quota=-1")
    assert (400, "application/problem+json") == (answer.status, answer.header("content-type"))


def test_wrong_options(status_server: StatusServer) -> None:
    """In Python they are a ValueError."""
    for code, options in ((507, {"quota": -1}), (207, {"finite": 7}), (208, {"quota": 1})):
        with pytest.raises(ValueError, match="quota|finite"):
            status_server.scenario(code, **options)


def test_508_and_208(status_server: StatusServer) -> None:
    """The whole request fails for a client that knows of no bindings, and has a 208 for another."""
    client = Locker(status_server.scenario(508))
    answer = client.ask("PROPFIND", "/", "Depth: infinity")
    assert (508, "") == refused(answer)
    assert b"/loop/" in answer.content
    # "Servers SHOULD treat a request without a Depth header as if a "Depth: infinity" header was
    # included" (RFC 4918, 9.1).
    assert 508 == client.ask("PROPFIND", "/").status
    aware = client.ask("PROPFIND", "/", "Depth: infinity", 'DAV: 1, "no", Bind')
    statuses = [
        (
            (response.findtext("{DAV:}href") or "").removeprefix(client.path),
            (response.findtext("{DAV:}propstat/{DAV:}status") or "").split(" ")[1],
        )
        for response in root(aware)
    ]
    assert ("/loop/", "208") in statuses
    assert 1 == [status for _, status in statuses].count("208")
    assert 5 == len(statuses)
    assert b" 208 " not in client.ask("PROPFIND", "/", "Depth: 1", "DAV: bind").content


BATCHES = [
    ([{"name": "a"}], 200),
    ([{"name": "a", "fails": True}], 200),
    ([{"name": "a", "fails": False}, {"name": "b", "needs": "a"}], 200),
    ([{"name": "a", "fails": True}, {"name": "b", "needs": None}], 200),
    ([{"name": "a", "fails": True}, {"name": "b", "needs": "a"}], 424),
    ([{"name": "a"}, {"name": "b", "needs": "a", "fails": True}, {"name": "c", "needs": "b"}], 424),
    ([], 422),
    ("a", 422),
    ([1], 422),
    ([{"fails": True}], 422),
    ([{"name": "a", "why": 1}], 422),
    ([{"name": "a"}, {"name": "a"}], 422),
    ([{"name": "a", "fails": 1}], 422),
    ([{"name": "a", "needs": "a"}], 422),
    ([{"name": "a", "needs": "b"}, {"name": "b"}], 422),
    ([{"name": f"{n}"} for n in range(101)], 422),
]


@pytest.mark.parametrize(("steps", "status"), BATCHES)
def test_424_of_steps(status_server: StatusServer, steps: object, status: int) -> None:
    """A step that needs a failed one is a 424; what is no batch is a 422."""
    client = Locker(status_server.scenario(424))
    content = json.dumps({"steps": steps}).encode()
    answer = client.ask("POST", "/", "Content-Type: application/json", content=content)

    assert status == answer.status
    if status == 424:
        assert b"<needs>" in answer.content
    if status == 422:
        assert b"<pointer>#/steps" in answer.content


def test_424_says_how_each_step_went(status_server: StatusServer) -> None:
    """A step that fails by itself is no failed dependency."""
    client = Locker(status_server.scenario(424))
    content = b'{"steps": [{"name": "a", "fails": true}, {"name": "b"}]}'
    answer = client.ask("POST", "/", "Content-Type: application/json", content=content)

    assert {"steps": [{"name": "a", "status": 500}, {"name": "b", "status": 200}]} == json.loads(
        answer.content
    )


@pytest.mark.parametrize(
    ("fields", "content", "status"),
    [
        (("Content-Type: text/plain",), b"{}", 415),
        (("Content-Type: application/json",), b"{", 400),
        (("Content-Type: application/json",), b"[]", 422),
    ],
)
def test_424_takes_json(
    status_server: StatusServer, fields: tuple[str, ...], content: bytes, status: int
) -> None:
    """What is no JSON is refused as anywhere, with an explanation in XML."""
    answer = Locker(status_server.scenario(424)).ask("POST", "/", *fields, content=content)

    assert (status, "") == (answer.status, condition(answer))


def test_424_is_of_the_root_alone(status_server: StatusServer) -> None:
    """405 for a POST to a member, whose Allow has none."""
    client = Locker(status_server.scenario(424))
    for path in ("/folder/", "/readme.txt"):
        answer = client.ask("POST", path, content=b"{}")
        assert 405 == answer.status
        assert "POST" not in (answer.header("allow") or "")
    assert "POST" in (client.ask("OPTIONS", "/").header("allow") or "")


def test_faults_and_delays(status_server: StatusServer) -> None:
    """A tree breaks as any answer does."""
    made = status_server.scenario(207, fault="reset", at="start")
    with Raw(status_server.url) as raw:
        raw.send(message("PROPFIND", path_of(made) + "/"))
        assert (b"", "RST") == raw.end()


@pytest.mark.parametrize("code", CODES)
def test_relief(status_server: StatusServer, code: int) -> None:
    """Gets past the code, again and again."""
    made = status_server.scenario(code)
    for _ in range(2):
        assert {404} >= {answer.status for answer in play(status_server, made.relief)} - {
            *range(200, 300)
        }
