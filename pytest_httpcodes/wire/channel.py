"""A connection after it left HTTP: what a `Switch` hands to its protocol (RFC 9110, 7.8)."""

from __future__ import annotations

from pytest_httpcodes.wire.received import Record
from pytest_httpcodes.wire.steps import FOREVER
from pytest_httpcodes.wire.stream import Stream


class ClientGoneError(ConnectionError):
    """The client is gone; an `OSError` of the protocol's own is not that."""


class Connected:
    """The connection as a `Switch` hands it on: octets read behind the head come first."""

    __slots__ = ("_record", "_stream", "_unread")

    def __init__(self, stream: Stream, record: Record, unread: bytes) -> None:
        self._stream = stream
        self._record = record
        self._unread = unread

    def receive(self) -> bytes:
        """Return the next octets, `b""` at the end."""
        octets, self._unread = self._unread, b""
        return octets or self._stream.receive(FOREVER)

    def send(self, octets: bytes) -> None:
        """Send all of `octets`; raises `ClientGoneError`."""
        self._record.sending(octets)
        try:
            self._stream.send(octets)
        except OSError as error:
            raise ClientGoneError(*error.args) from error
