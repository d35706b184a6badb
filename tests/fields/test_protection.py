"""A space that Digest protects: who gets in, who not, and what each is told (RFC 7616)."""

from __future__ import annotations

import pytest

from pytest_httpcodes.fields import digest
from pytest_httpcodes.fields.credentials import read
from pytest_httpcodes.fields.protection import Admitted, Protection, Refused
from tests.digests import Client, hashed, parameters_of, written

NOW = 1_800_000_000.5
REALM = "test@example.org"
WRONG = Refused("the response is not the one that the password makes")
STALE = Refused("the nonce is not fresh, or its count was used before", stale=True)
ALGORITHMS = ("SHA-256", "MD5")


def protection(**options: bool | float) -> Protection:
    """Return a protected space for the user that `Client` is."""
    return Protection("user", "password", REALM, **options)  # type: ignore[arg-type]


def client(space: Protection, place: int = 0, now: float = NOW, **given: object) -> Client:
    """Return a client that got a challenge of a space, the first or the second one."""
    return Client(parameters_of(space.challenges(now)[place]), **given)  # type: ignore[arg-type]


def ask(
    space: Protection,
    value: str | dict[str, str],
    method: str = "GET",
    content: bytes = b"",
    now: float = NOW,
) -> Admitted | Refused:
    """Ask with the value of an `Authorization` field, or with its parameters."""
    claim = digest.read(read(value if isinstance(value, str) else written(value)))
    return space.admit(claim, method, digest.digested(claim.algorithm, content), now)


def info_of(space: Protection, admitted: Admitted | Refused, now: float = NOW) -> dict[str, str]:
    """Return the parameters of `Authentication-Info`."""
    assert isinstance(admitted, Admitted)
    entity = digest.digested(admitted.claim.algorithm, b"answer")
    return parameters_of(f"Digest {space.info(admitted, entity, now)}")


@pytest.mark.parametrize("sess", [False, True])
def test_the_challenges(sess: bool) -> None:
    """One for each algorithm, the preferred one first, and a nonce that no other answer has."""
    space = protection(sess=sess)
    found = [parameters_of(value) for value in space.challenges(NOW)]
    names = [name + ("-sess" if sess else "") for name in ALGORITHMS]

    assert names == [value["algorithm"] for value in found]
    for value in found:
        assert (REALM, "auth, auth-int") == (value["realm"], value["qop"])
        assert ("UTF-8", "true") == (value["charset"], value["userhash"])
        assert "stale" not in value
    assert 1 == len({(value["nonce"], value["opaque"]) for value in found})
    following = parameters_of(space.challenges(NOW, stale=True)[0])
    assert "true" == following["stale"]
    assert found[0]["nonce"] != following["nonce"]
    assert found[0]["opaque"] == following["opaque"]
    assert found[0]["opaque"] != client(protection()).challenge["opaque"]


@pytest.mark.parametrize("userhash", [False, True])
@pytest.mark.parametrize("qop", ["auth", "auth-int"])
@pytest.mark.parametrize("sess", [False, True])
@pytest.mark.parametrize("place", [0, 1])
def test_who_knows_the_password_gets_in(place: int, sess: bool, qop: str, userhash: bool) -> None:
    """By every algorithm and qop, and is told that the server knows it too."""
    space = protection(sess=sess)
    asking = client(space, place, userhash=userhash)
    for uri in ("/", "/a?b=%20,c", "http://example.org/"):
        sent = asking.parameters("PUT", uri, qop=qop, content=b"content")
        info = info_of(space, ask(space, sent, "PUT", b"content"))

        assert {
            "qop": qop,
            "nc": sent["nc"],
            "cnonce": sent["cnonce"],
            "rspauth": asking.response(sent["nc"], qop, "", uri, b"answer"),
        } == info


@pytest.mark.parametrize("sess", [False, True])
@pytest.mark.parametrize(
    ("user", "password"),
    [("user", "Password"), ("user", ""), ("User", "password"), ("", "password")],
)
def test_who_does_not_know_it_does_not(user: str, password: str, sess: bool) -> None:
    """Nor is the nonce called stale, so that the client asks for another password."""
    space = protection(sess=sess)
    asking = client(space, user=user, password=password)
    refused = ask(space, asking.parameters())

    assert isinstance(refused, Refused)
    assert not refused.stale
    assert isinstance(ask(space, client(space).parameters()), Admitted)


def test_content_is_what_was_signed() -> None:
    """With auth-int alone (RFC 7616, 3.4.3)."""
    space = protection()
    asking = client(space)
    auth_int = asking.parameters("POST", qop="auth-int", content=b"content")
    auth = asking.parameters("POST", content=b"content")

    assert WRONG == ask(space, auth_int, "POST", b"contents")
    assert isinstance(ask(space, auth_int, "POST", b"content"), Admitted)
    assert isinstance(ask(space, auth, "POST", b"contents"), Admitted)


def test_each_count_serves_once_in_any_order() -> None:
    """As they come over several connections; a replay is refused, and its nonce called stale."""
    space = protection()
    asking = client(space)
    sent = [asking.parameters(count=count) for count in (3, 1, 2, 0xFFFFFFFF)]

    assert [Admitted] * 4 == [type(ask(space, value)) for value in sent]
    assert [STALE] * 4 == [ask(space, value) for value in sent]
    assert isinstance(ask(space, asking.parameters(count=4)), Admitted)


def test_a_wrong_response_uses_up_no_count() -> None:
    """Else anyone could spend another's."""
    space = protection()
    sent = client(space).parameters()
    wrong = sent | {"response": "0" * 64}

    assert [WRONG] * 2 == [ask(space, wrong), ask(space, wrong)]
    assert isinstance(ask(space, sent), Admitted)
    assert WRONG == ask(space, wrong)


def test_an_old_nonce_is_stale_for_who_knows_the_password() -> None:
    """RFC 7616, 3.3: else "the username and/or password are invalid"."""
    space = protection(lifetime=10)
    asking, stranger = client(space), client(space, password="guessed")

    assert isinstance(ask(space, asking.parameters(), now=NOW + 10), Admitted)
    assert STALE == ask(space, asking.parameters(), now=NOW + 10.5)
    assert WRONG == ask(space, stranger.parameters(), now=NOW + 10.5)


def test_a_nonce_that_was_not_given_out_here_is_stale_too() -> None:
    """A server that started anew would otherwise say that the password is wrong."""
    space = protection()
    asking = client(space)
    asking.challenge["nonce"] = "of another server"
    stranger = client(space, password="guessed")
    stranger.challenge["nonce"] = "of another server"

    assert STALE == ask(space, asking.parameters())
    assert WRONG == ask(space, stranger.parameters())


def test_what_the_next_nonce_is_told_for() -> None:
    """RFC 7616, 3.5: where the one in use is good no more, or not for long."""
    space = protection(lifetime=10)
    asking = client(space)
    assert "nextnonce" not in info_of(space, ask(space, asking.parameters(), now=NOW + 5), NOW + 5)
    info = info_of(space, ask(space, asking.parameters(), now=NOW + 6), NOW + 6)
    following = Client(asking.challenge | {"nonce": info["nextnonce"]})

    assert isinstance(ask(space, asking.parameters(), now=NOW + 10), Admitted)
    assert isinstance(ask(space, following.parameters(), now=NOW + 16), Admitted)


@pytest.mark.parametrize("sess", [False, True])
def test_one_time_nonces(sess: bool) -> None:
    """Each answer has the next one; the last one is stale, whatever the count."""
    space = protection(once=True, sess=sess)
    asking = client(space)
    for _ in range(5):
        sent = asking.parameters()
        info = info_of(space, ask(space, sent))
        asking.parameters()

        assert STALE == ask(space, sent)
        assert STALE == ask(space, asking.parameters())
        # A session goes on with the key that its first nonce and cnonce made.
        asking = Client(
            asking.challenge | {"nonce": info["nextnonce"]},
            cnonce=f"another {asking.cnonce}"[-16:],
            session=asking.session,
        )


def test_a_session_has_a_key_of_its_own() -> None:
    """RFC 7616, 3.4.2: of its first nonce and cnonce; or of each request's, as most clients do."""
    space = protection(sess=True)
    first = client(space, cnonce="first")
    assert isinstance(ask(space, first.parameters()), Admitted)
    first.cnonce = "second"
    assert first.session.endswith(":first")
    assert isinstance(ask(space, first.parameters()), Admitted)
    first.session = ""
    assert isinstance(ask(space, first.parameters()), Admitted)
    first.session = f"{first.challenge['nonce']}:third"
    assert WRONG == ask(space, first.parameters())


def test_a_key_is_of_use_to_a_session_alone() -> None:
    """The next nonce of another algorithm starts from nothing."""
    space = protection(once=True)
    asking = client(space)
    info = info_of(space, ask(space, asking.parameters()))

    assert space.nonces.session(info["nextnonce"]) is None


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("algorithm", "MD5-sess", "none of the algorithms"),
        ("realm", "Test@example.org", "realm"),
        ("opaque", "x", "opaque"),
        ("opaque", None, "opaque"),
        ("username", "users", "user is not known"),
        ("userhash", "true", "user is not known"),
    ],
)
def test_what_has_to_be_as_in_the_challenge(name: str, value: str | None, reason: str) -> None:
    """RFC 7616, 3.4; and none of it is called stale, even where the nonce is."""
    space = protection()
    sent = client(space, 1).parameters()
    del sent[name if name in sent else "uri"]
    if value is not None:
        sent[name] = value
    refused = ask(space, {"uri": "/"} | sent, now=NOW + 1_000)

    assert isinstance(refused, Refused)
    assert reason in refused.reason
    assert not refused.stale


def test_what_can_be_told_before_the_content_is_there() -> None:
    """All but whether the response is right, so that refused content is not invited."""
    space = protection()
    asking = client(space)
    sent = asking.parameters(qop="auth-int", content=b"to come")
    claim = digest.read(read(written(sent)))
    wrong = digest.read(read(written(sent | {"realm": "x"})))

    assert space.expects(claim, NOW) is None
    assert STALE == space.expects(claim, NOW + 1_000)
    assert Refused("the realm is not that of the challenge") == space.expects(wrong, NOW)
    assert isinstance(ask(space, sent, content=b"to come"), Admitted)
    assert STALE == space.expects(claim, NOW)


def test_a_user_beyond_us_ascii() -> None:
    """As octets in UTF-8, as an ext-value, and hashed; always in Normalization Form C (4)."""
    space = Protection("Ja\u0308s\u00f8n", "pa\u0308ss", REALM)
    for userhash in (False, True):
        asking = client(space, user="J\u00e4s\u00f8n", password="p\u00e4ss", userhash=userhash)
        assert isinstance(ask(space, asking.parameters()), Admitted)
    sent = {
        f"{name}*" if name == "username" else name: value
        for name, value in client(space, user="J\u00e4s\u00f8n", password="p\u00e4ss")
        .parameters()
        .items()
    }
    sent["username*"] = "UTF-8''J%C3%A4s%C3%B8n"

    assert isinstance(ask(space, sent), Admitted)
    assert Refused("the user is not known here") == ask(
        space, sent | {"username*": "UTF-8''Ja%CC%88s%C3%B8n"}
    )


def test_two_spaces_share_nothing() -> None:
    """Even with the same user, password and realm."""
    one, other = protection(), protection()
    asking = client(one)
    asking.challenge["opaque"] = client(other).challenge["opaque"]

    assert STALE == ask(other, asking.parameters())


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (("us:er", "password", "realm"), "has a colon"),
        (("user", "pass\nword", "realm"), "password is no text"),
        (("user", "password", "r\u00e4lm"), "cannot be quoted"),
    ],
)
def test_what_no_client_could_send(given: tuple[str, str, str], reason: str) -> None:
    """It is a mistake of the test that makes the space."""
    with pytest.raises(ValueError, match=reason):
        Protection(*given)


def test_the_hash_of_a_name_is_of_its_algorithm() -> None:
    """RFC 7616, 3.4.4; another's is not taken."""
    space = protection()
    sent = client(space, userhash=True).parameters()
    other = sent | {"username": hashed("MD5", f"user:{REALM}")}

    assert Refused("the user is not known here") == ask(space, other)
    assert isinstance(ask(space, sent), Admitted)
