"""What an answer through WSGI has in another way than one of our own server, and why."""

from __future__ import annotations

import re

from pytest_httpcodes import Answer

DIFFERENT = {
    "server": "the server in front says what it is",
    "date": "it has a clock of its own",
    "connection": "the connection is its own",
    "last-modified": "a resource is as old as the process",
}
# Each failure has one of its own, and each lock; and a tree is as old as the process.
_ID = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=<D:creationdate>)[^<]*"
    r"|(?<=<D:getlastmodified>)[^<]*"
)


def told(answer: Answer, root: str) -> tuple[int, dict[str, str], str]:
    """Return what has to be the same: status, fields and content, whatever the origin is."""
    fields = {
        name.lower(): _ID.sub("ID", value.replace(root, "ROOT"))
        for name, value in answer.headers.items()
        if name.lower() not in DIFFERENT
    }
    content = _ID.sub("ID", answer.content.decode("latin-1"))
    if root in content:
        fields.pop("etag", None)  # it is that of the address, too
    if not content and fields.get("content-length") == "0":
        fields.pop("content-type", None)  # see `tests.wsgi.asking`
    return answer.status, fields, content.replace(root, "ROOT")
