"""How much of a request is read before it is refused."""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    """How much of a request is read before it is refused; sizes in octets."""

    target: int = 8000
    field: int = 16_384
    head: int = 65_536
    fields: int = 1000
    content: int = 2**30
    strict: bool = False
