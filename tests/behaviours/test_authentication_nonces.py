"""401 with Digest over a socket: what a nonce is good for (RFC 7616, 3.3 to 3.5)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pytest_httpcodes import StatusServer
from tests.digests import Client, Talk, info, stale, written
from tests.raw import Raw, message
from tests.scenarios import path_of


@pytest.fixture
def talk(server: StatusServer) -> Iterator[Talk]:
    """Give a connection to a scenario."""
    with Raw(server.url) as raw:
        yield Talk(raw, path_of(server.scenario(401, scheme="digest")))


def test_a_replay(server: StatusServer, talk: Talk) -> None:
    """Refused; since the password is right, with a nonce that the client may go on with."""
    client = talk.client()
    sent = written(client.parameters("GET", talk.path))
    assert 200 == talk.send(sent).status
    for _ in range(2):
        assert stale(talk.send(sent))
        assert "(RFC 7616, 3.3)" in server.journal[-1].why
    assert 200 == talk.ask(client).status


def test_counts_in_any_order_over_connections(server: StatusServer, talk: Talk) -> None:
    """Each of them once."""
    client = talk.client()
    with Raw(server.url) as second:
        other = Talk(second, talk.path)
        assert [200, 200, 200] == [
            talk.ask(client, count=3).status,
            other.ask(client, count=1).status,
            talk.ask(client, count=2).status,
        ]
        assert [True, True, True] == [stale(other.ask(client, count=n)) for n in (1, 2, 3)]
        assert 200 == other.ask(client, count=4).status


def test_a_nonce_grows_old(server: StatusServer, talk: Talk) -> None:
    """By the server's clock: after half of 300 s the next one is told, after all it is stale."""
    client = talk.client()
    server.clock.advance(140)
    assert "nextnonce" not in info(talk.ask(client))
    server.clock.advance(20)
    told = info(talk.ask(client))
    following = Client(client.challenge | {"nonce": told["nextnonce"]})
    server.clock.advance(100)
    assert 200 == talk.ask(client).status
    server.clock.advance(60)
    assert stale(talk.ask(client))
    assert 200 == talk.ask(following).status
    client.password = "guessed"
    assert not stale(talk.ask(client))


def test_a_nonce_of_another_instance(server: StatusServer, talk: Talk) -> None:
    """Is none here; each has its own secret."""
    other = Talk(talk.raw, path_of(server.scenario(401, scheme="digest")))
    client = other.client()
    client.challenge["opaque"] = talk.challenge()["opaque"]

    assert stale(talk.ask(client))


def test_a_nonce_is_forgotten(server: StatusServer, talk: Talk) -> None:
    """With the instance's journal; by one who knows the password it is stale, or all is new."""
    client = talk.client()
    assert 200 == talk.ask(client).status
    assert 204 == talk.raw.request("DELETE", f"/journal{talk.path}").status

    assert 401 == talk.ask(client).status
    assert 200 == talk.ask(talk.client()).status


@pytest.mark.parametrize("sess", [0, 1])
def test_one_time_nonces(server: StatusServer, sess: int) -> None:
    """Each answer tells the next one; the last one is stale, with another count too."""
    path = path_of(server.scenario(401, scheme="digest", once=1, sess=sess))
    with Raw(server.url) as raw:
        talk = Talk(raw, path)
        client = talk.client()
        for number in range(3):
            told = info(talk.ask(client, count=1))
            assert stale(talk.ask(client, count=1))
            assert stale(talk.ask(client, count=2))
            client = Client(
                client.challenge | {"nonce": told["nextnonce"]},
                cnonce=f"cnonce {number}",
                session=client.session,
            )
        # The first of several pipelined ones gets in.
        sent = f"Authorization: {written(client.parameters('GET', path))}"
        raw.send(message("GET", path, sent, host=raw.host) * 2)
        assert 200 == raw.answer().status
        assert stale(raw.answer())


def test_a_session(server: StatusServer) -> None:
    """RFC 7616, 3.4.2: the key is made of the first nonce and cnonce, or of each request's."""
    path = path_of(server.scenario(401, scheme="digest", sess=True))
    with Raw(server.url) as raw:
        talk = Talk(raw, path)
        for place, algorithm in enumerate(("SHA-256-sess", "MD5-sess")):
            client = talk.client(place)
            assert algorithm == client.algorithm
            for number in range(3):
                client.cnonce = f"cnonce {number}"
                assert 200 == talk.ask(client).status
            assert client.session.endswith(":cnonce 0")
            client.session = ""
            assert 200 == talk.ask(client).status
