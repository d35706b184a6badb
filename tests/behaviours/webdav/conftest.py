"""What the tests of trees share."""

from __future__ import annotations

import pytest

from pytest_httpcodes.behaviours.webdav.trees import TreeEndpoint
from tests.behaviours.webdav.locker import Locker


@pytest.fixture
def client(made: TreeEndpoint) -> Locker:
    """Return a client of the tree that a module's own fixture makes."""
    return Locker(made)
