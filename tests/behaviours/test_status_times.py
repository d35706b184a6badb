"""When a code is answered: instead of an invitation, and for how many requests (`times`)."""

from __future__ import annotations

import threading

import pytest

from pytest_httpcodes.server import StatusServer
from tests.behaviours.test_status import final
from tests.raw import Raw, exchange, message


@pytest.mark.parametrize("code", [100, 101, 102, 199, 200, 204, 299, 300, 404, 413, 444, 503, 999])
def test_a_refusal_comes_instead_of_the_invitation(server: StatusServer, code: int) -> None:
    """RFC 9110, 10.1.1: the final status, or one 100 and then the answer to the content."""
    fields = ("Expect: 100-continue", "Content-Length: 3", "Upgrade: a", "Connection: Upgrade")
    with Raw(server.url) as raw:
        raw.send(message("POST", f"/status/{code}", *fields))
        if code >= 300:
            octets, how = raw.end()
            assert "FIN" == how
            assert (b"" if code == 444 else b"HTTP/1.1 %d " % code) == octets[:13]
            return
        invitation = b"HTTP/1.1 100 Continue\r\n\r\n"
        assert invitation == raw.sock.recv(len(invitation))
        raw.send(b"abc")
        answer = raw.answer()
        interim = [a.status for a in answer.interim]
        if code == 101:  # reads as final, since what follows need not be HTTP
            interim, answer = [101], raw.answer()

        assert ([code] if 100 < code < 200 else []) == interim
        assert final(code if code != 101 else 200) == answer.status
    assert b"abc" == server.journal[0].content
    assert server.journal[0].interim.count(100) == 1


def test_times_counts_what_got_the_code(server: StatusServer) -> None:
    """The first N requests, then 200, which says why; whatever their method is."""
    endpoint = server.status(
        429, times=2, retry_after=3, content=b"busy", headers={"X-Why": "test"}
    )
    target = endpoint.removeprefix(server.url)
    with Raw(server.url) as raw:
        answers = [raw.request(method, target) for method in ("POST", "HEAD", "GET", "GET")]

    assert [429, 429, 200, 200] == [a.status for a in answers]
    assert ["3", "3", None, None] == [a.header("retry-after") for a in answers]
    assert ["test", "test", None, None] == [a.header("x-why") for a in answers]
    assert b"200 OK\n" == answers[-1].content
    whys = [e.why for e in endpoint.exchanges]
    assert ["429 was asked for (RFC 6585, 4)"] * 2 == whys[:2]
    assert ["the first 2 requests are over (RFC 9110, 15.3.1)"] * 2 == whys[2:]


def test_after_the_last_time_content_is_invited(server: StatusServer) -> None:
    """A 200 is no refusal: the client is told to go on, and its content is read."""
    endpoint = server.status(503, times=1)
    target = endpoint.removeprefix(server.url)
    fields = ("Expect: 100-continue", "Content-Length: 3")
    assert exchange(server.url, message("PUT", target, *fields))[0].startswith(b"HTTP/1.1 503 ")
    with Raw(server.url) as raw:
        raw.send(message("PUT", target, *fields))
        assert b"HTTP/1.1 100 " == raw.sock.recv(25)[:13]
        raw.send(b"abc")

        assert 200 == raw.answer().status
    assert [b"", b"abc"] == [e.content for e in endpoint.exchanges]


@pytest.mark.parametrize("by_hand", [False, True])
def test_times_is_exact_for_twenty_clients_at_once(server: StatusServer, by_hand: bool) -> None:
    """Whoever comes first: 37 of 200 requests get the code."""
    target = server.status(503, times=37).removeprefix(server.url)
    if by_hand:
        target = "/status/503/KEY?times=37"
    found: list[int] = []
    gate = threading.Barrier(20)

    def client() -> None:
        with Raw(server.url) as raw:
            gate.wait(5)
            found.extend(raw.request("GET", target).status for _ in range(10))

    threads = [threading.Thread(target=client) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {503: 37, 200: 163} == {code: found.count(code) for code in set(found)}


def test_what_was_counted_can_be_forgotten(server: StatusServer) -> None:
    """With the journal of an instance; its options stay."""
    with Raw(server.url) as raw:
        first = [raw.request("GET", "/status/503/a?times=1").status for _ in range(2)]
        raw.request("DELETE", "/journal/status/503/a")

        assert [503, 200] == first
        assert [503, 200] == [raw.request("GET", "/status/503/a").status for _ in range(2)]
