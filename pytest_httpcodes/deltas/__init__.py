"""Deltas: what makes a new version of some content out of an old one (RFC 3229, 10.1).

A module for each format. `delta` makes one, `apply` undoes it and is as strict as a client has to
be; both know octets alone. Where a format cannot carry some content, `delta` raises `Unfit`.
"""

from __future__ import annotations


class Unfit(ValueError):  # noqa: N818 - it is the content's nature, and nobody's error
    """The content is none that this format can carry; another format, or no delta, can."""
