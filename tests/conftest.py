"""What the tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pytest_httpcodes.server import StatusServer

pytest_plugins = ["pytester"]


@pytest.fixture
def server() -> Iterator[StatusServer]:
    """Start a server that the plugin knows nothing of, so that a test may provoke its faults."""
    with StatusServer() as started:
        yield started
        started.complaints()
