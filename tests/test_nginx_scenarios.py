"""nginx in front of `httpcodes serve`: each scenario that it can carry is what it is without it."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from pytest_httpcodes import Answer, Request, scenarios
from tests.memory import site
from tests.nginx import nginx
from tests.raw import Raw
from tests.scenarios import answer_of

# Whose answer nginx gives itself, or whose request it changes.
OWN = {
    100: "it invites the content itself",
    101: "it passes an upgrade on only where it is told to",
    102: "it passes no interim response on",
    103: "likewise",
    305: "the answer is for another proxy",
    400: "it refuses what is malformed itself",
    407: "the answer is for another proxy",
    408: "it waits for the request itself",
    411: "it sends the length of content that it has collected",
    414: "it has a limit of its own",
    417: "it meets expectations itself",
    421: "the Host is its own",
    426: "it removes Upgrade",
    431: "it has a limit of its own",
    444: "it has a 502 in place of no answer",
    494: "it has a limit of its own",
    501: "it refuses transfer codings itself",
    505: "it refuses versions itself",
}
# Where a request that comes too soon is answered otherwise.
LIMITS = (420, 429)
CODES = [code for code in scenarios.codes() if code not in OWN]
# What belongs to one connection, or is new each time.
SKIPPED = (
    "connection", "content-length", "date", "keep-alive", "server", "transfer-encoding",
    "www-authenticate",
)  # fmt: skip
# Names that are made up, times, and entity tags, since an address may be in the content.
_NEW = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]{2}:[0-9]{2}:[0-9]{2}|[0-9a-f]{16}(;[0-9a-f]{8})?"
)


class Pair(NamedTuple):
    """The URLs of a server and of nginx in front of it."""

    direct: str
    through: str


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Serve as a user does, and put nginx in front of it."""
    command = [sys.executable, "-m", "pytest_httpcodes", "--alone", "serve", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[-1]
            with nginx(url, tmp_path_factory.mktemp("nginx")) as front:
                yield Pair(url, front)
        finally:
            process.terminate()


Told = tuple[int, dict[str, str], str]


def played(root: str, code: int, key: str) -> list[Told]:
    """Send trigger and relief of a scenario; return what each was told."""
    made = scenarios.find(code)(site(), (f"{code}", key), {})
    url = f"{root}/{code}/{key}"
    before = Answer(0, {})
    found: list[Told] = []
    for element in (*made.trigger(url), *made.relief(url)):
        request: Request = element(before) if callable(element) else element
        if code in LIMITS:
            time.sleep(request.pause or 0)  # there is no clock of that server's to be advanced
        with Raw(request.url) as raw:
            raw.send(request.octets)
            before = answer_of(raw.answer(request.method))
        found.append(told(before, url))
    return found


def told(answer: Answer, url: str) -> Told:
    """Return what an answer has to say, whatever its address, the time, and made-up names."""
    root, key = url.split("/")[2], url.rpartition("/")[2]

    def alike(text: str) -> str:
        return _NEW.sub("*", text.replace(root, "server").replace(key, "key"))

    fields = {
        name.lower(): alike(value)
        for name, value in answer.headers.items()
        if name.lower() not in SKIPPED
    }
    return answer.status, fields, alike(answer.content.decode("latin-1"))


@pytest.mark.parametrize("code", CODES)
def test_it_is_the_same_through_nginx(pair: Pair, code: int) -> None:
    """What earns the code, and what gets past it: status, fields and content."""
    directly = played(pair.direct, code, "direct_")

    assert directly
    assert directly == played(pair.through, code, "through")
