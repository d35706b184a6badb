"""Two clients that work on one tree at once leave it as the journal says.

The journal is replayed on a model of a few lines, which knows nothing of the server. Where two
requests overlap, either may have come first: some order has to explain every status, all content
that was read, and what is there in the end.
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import requests

from pytest_httpcodes import Exchange, StatusServer
from tests.behaviours.webdav.locker import INFO, basic, submit

FILES = ("/x", "/y", "/c/x", "/c/y")
METHODS = ("PUT", "PUT", "GET", "DELETE", "MKCOL", "COPY", "MOVE", "LOCK", "LOCK", "UNLOCK")
COUNT = 100  # requests of each client
Send = Callable[[str, str, dict[str, str], bytes], tuple[int, str]]


@dataclass
class Model:
    """What there is: content by path, None for a collection, and locks by path."""

    there: dict[str, bytes | None] = field(default_factory=lambda: {"/x": b"0", "/c": None})
    locks: dict[str, tuple[str, str]] = field(default_factory=dict)

    def key(self) -> Any:
        """Return what is the same for two models that are alike."""
        return frozenset(self.there.items()), frozenset(self.locks.items())

    def copy(self) -> Model:
        """Return another one that is alike."""
        return Model(dict(self.there), dict(self.locks))

    def protects(self, exchange: Exchange, *paths: str) -> bool:
        """Tell whether a lock protects one of some paths from a request."""
        who = exchange.headers["Authorization"]
        tokens = re.findall("<(urn:[^>]*)>", exchange.headers.get("If", ""))
        held = [self.locks[path] for path in paths if path in self.locks]
        return any(holder != who or token not in tokens for token, holder in held)

    def misses(self, path: str) -> bool:
        """Tell whether a path is in no collection."""
        parent = path.rpartition("/")[0]
        return bool(parent) and parent not in self.there

    def status(self, exchange: Exchange, path: str) -> int:
        """Do what a request asks for, and return its status."""
        name = "transfer" if exchange.method in ("COPY", "MOVE") else exchange.method.lower()
        return int(getattr(self, name)(exchange, path))

    def put(self, exchange: Exchange, path: str) -> int:
        """Replace or create a file."""
        if self.misses(path):
            return 409
        if self.protects(exchange, path):
            return 423
        created = path not in self.there
        self.there[path] = exchange.content
        return 201 if created else 204

    def get(self, exchange: Exchange, path: str) -> int:
        """Read a file; what was read has to be there."""
        content = self.there.get(path, b"-")
        return (
            404 if path not in self.there else 200 if exchange.sent.endswith(content or b"") else 0
        )

    def delete(self, exchange: Exchange, path: str) -> int:
        """Remove a file, or a collection with what is not locked."""
        if path not in self.there:
            return 404
        below = [each for each in self.there if each.startswith(f"{path}/")]
        if self.protects(exchange, path):
            return 423
        kept = [each for each in below if self.protects(exchange, each)]
        for each in [*below, *([] if kept else [path])]:
            if each not in kept:
                del self.there[each]
                self.locks.pop(each, None)
        return 207 if kept else 204

    def mkcol(self, exchange: Exchange, path: str) -> int:
        """Make the collection."""
        if path in self.there:
            return 405
        self.there[path] = None
        return 201

    def transfer(self, exchange: Exchange, path: str) -> int:
        """Copy or move a file."""
        moves = exchange.method == "MOVE"
        target = next(
            each for each in FILES if exchange.headers["Destination"].endswith(f"_1{each}")
        )
        if path not in self.there:
            return 404
        if self.misses(target):
            return 409
        created = target not in self.there
        if not created and exchange.headers["Overwrite"] == "F":
            return 412
        if self.protects(exchange, target, *([path] if moves else [])):
            return 423
        self.there[target] = self.there[path]
        if moves:
            del self.there[path]
            self.locks.pop(path, None)
        return 201 if created else 204

    def lock(self, exchange: Exchange, path: str) -> int:
        """Lock a file, or an empty one that is created."""
        if self.misses(path):
            return 409
        if path in self.locks:
            return 423
        created = path not in self.there
        self.there.setdefault(path, b"")
        token = exchange.response_headers.get("Lock-Token", "<>").strip("<>")
        self.locks[path] = (token, exchange.headers["Authorization"])
        return 201 if created else 200

    def unlock(self, exchange: Exchange, path: str) -> int:
        """Remove a lock of one's own."""
        if path not in self.there:
            return 404
        token = exchange.headers["Lock-Token"].strip("<>")
        if self.locks.get(path, ("", ""))[0] != token:
            return 409
        del self.locks[path]
        return 204


def explained(ones: list[Exchange], others: list[Exchange], base: str) -> Iterator[Model]:
    """Return what each order of two sequences leads to that explains all statuses."""
    seen = set()
    todo = [(0, 0, Model())]
    while todo:
        one, other, model = todo.pop()
        if (one, other, model.key()) in seen:
            continue
        seen.add((one, other, model.key()))
        if (one, other) == (len(ones), len(others)):
            yield model
        first, second = ones[one : one + 1], others[other : other + 1]
        for step, (these, those) in enumerate(((first, second), (second, first))):
            # What was over before another one began came before it.
            if these and not (those and (those[0].finished or 0) < these[0].started):
                tried = model.copy()
                if tried.status(these[0], these[0].target.removeprefix(base)) == these[0].status:
                    todo.append((one + (step == 0), other + (step == 1), tried))


def work(url: str, by: AbstractContextManager[Send], seed: int, principal: str) -> None:
    """Send requests by chance."""
    with by as send:
        send_some(url, send, seed, principal)


def send_some(url: str, send: Send, seed: int, principal: str) -> None:
    """Send requests of each kind, about the same few places."""
    chance = random.Random(seed)
    tokens: dict[str, str] = {}
    path = urlsplit(url).path.rstrip("/")
    for number in range(COUNT):
        method = chance.choice(METHODS)
        name = "/c" if method == "MKCOL" else chance.choice(FILES)
        if method == "DELETE" and chance.random() < 0.2:
            name = "/c"
        name_of_credentials, _, credentials = basic(principal).partition(": ")
        fields = {name_of_credentials: credentials}
        if tokens and method != "UNLOCK":
            fields["If"] = submit(*tokens.values()).partition(": ")[2]
        content = b""
        if method == "PUT":
            content = f"{principal} {number}".encode()
        elif method in ("COPY", "MOVE"):
            target = chance.choice([each for each in FILES if each != name])
            fields |= {"Destination": path + target, "Overwrite": chance.choice("TF")}
        elif method == "LOCK":
            content = INFO.format(scope="exclusive", owner="").encode()
            fields |= {"Content-Type": "application/xml", "Depth": "0"}
            fields.pop("If", None)
        elif method == "UNLOCK":
            fields["Lock-Token"] = f"<{tokens.pop(name, 'urn:uuid:none')}>"
        status, token = send(method, url.rstrip("/") + name, fields, content)
        if method == "LOCK" and status < 300:
            tokens[name] = token.strip("<>")


@contextmanager
def by_requests() -> Iterator[Send]:
    """Send through requests."""
    session = requests.Session()

    def send(method: str, url: str, fields: dict[str, str], content: bytes) -> tuple[int, str]:
        found = session.request(method, url, headers=fields, data=content or None, timeout=5)
        return found.status_code, found.headers.get("Lock-Token", "")

    with session:
        yield send


@contextmanager
def by_httpx() -> Iterator[Send]:
    """Send through httpx."""
    client = httpx.Client(timeout=5)

    def send(method: str, url: str, fields: dict[str, str], content: bytes) -> tuple[int, str]:
        found = client.request(method, url, headers=fields, content=content or None)
        return found.status_code, found.headers.get("Lock-Token", "")

    with client:
        yield send


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_journal_explains_it(status_server: StatusServer, seed: int) -> None:
    """A hundred requests of each client: some order of them explains all that is to be seen."""
    url = status_server.webdav(tree={"x": b"0", "c/": None})
    workers = [
        threading.Thread(target=work, args=(url, by_requests(), seed, "jane")),
        threading.Thread(target=work, args=(url, by_httpx(), seed + 1000, "joe")),
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    done = url.wait(2 * COUNT)
    assert 2 * COUNT == len(done)
    who = basic("jane").partition(": ")[2]
    sequences = [
        [exchange for exchange in done if (exchange.headers["Authorization"] == who) is own]
        for own in (True, False)
    ]
    base = urlsplit(url).path.rstrip("/")
    found = list(explained(sequences[0], sequences[1], base))

    assert found, "no order explains it"
    there = {f"/{path.rstrip('/')}": content for path, content in url.tree.contents().items()}
    locks = {"/" + "/".join(lock.root): lock.token for lock in url.tree.locks()}
    assert (there, locks) in [
        (model.there, {path: token for path, (token, _) in model.locks.items()}) for model in found
    ]
