"""Addresses at which no server answers."""

from __future__ import annotations

import socket
import ssl
import sys

import pytest

from pytest_httpcodes.wire import nowhere


def test_one_that_refuses() -> None:
    """Each time, and it is the same."""
    assert nowhere.refusing() == nowhere.refusing()
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(nowhere.refusing(), 5)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have longer queues")
def test_one_that_does_not_answer() -> None:
    """Neither a connection nor a refusal comes."""
    assert nowhere.unanswering() == nowhere.unanswering()
    for _ in range(2):
        with pytest.raises(TimeoutError):
            socket.create_connection(nowhere.unanswering(), 0.05)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other errors")
def test_one_without_a_route() -> None:
    """It fails at once."""
    with pytest.raises(OSError, match="unreachable"):
        socket.create_connection(nowhere.UNROUTABLE, 5)


def test_who_trusts_nobody() -> None:
    """No authority is known, and names are checked."""
    context = nowhere.suspicious()

    assert [] == context.get_ca_certs()
    assert (ssl.CERT_REQUIRED, True) == (context.verify_mode, context.check_hostname)
