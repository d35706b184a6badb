"""The n-th reply to the n-th request; the last one repeats."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Sequence

from pytest_httpcodes.behaviours.applied import Answer, foreseen, replied
from pytest_httpcodes.behaviours.common import everywhere
from pytest_httpcodes.behaviours.faults import KINDS, Fault
from pytest_httpcodes.behaviours.options import Options, applicable, from_query
from pytest_httpcodes.behaviours.reply import broken
from pytest_httpcodes.behaviours.status import CodeReply
from pytest_httpcodes.exchange import Key
from pytest_httpcodes.resource import Resource, Rule, Site, Stage
from pytest_httpcodes.wire.received import Foreseen, Received
from pytest_httpcodes.wire.steps import Reply


def word(site: Site, text: str, given: Options) -> Answer:
    """Read one word of a list in a URL: a code or a fault; raises `LookupError`."""
    if re.fullmatch("[1-9][0-9]{2}", text):
        return CodeReply(site, int(text), applicable(int(text), given))
    if text.partition(":")[0] in KINDS:
        try:
            return broken(site, Fault(text), given)
        except ValueError as error:
            raise LookupError(f"{text!r} is no reply; {error}") from None
    raise LookupError(f"{text!r} is no reply; there are codes from 100 to 999, {', '.join(KINDS)}")


class Script(Resource):
    """Replies in order, one for each request, at its own path and at every path below.

    `name` is what its complaint calls it.
    """

    __slots__ = ("_answers", "_lock", "_next", "_site", "_then", "exact", "name", "times")

    def __init__(
        self,
        site: Site,
        answers: Iterable[Answer],
        times: int | None = None,
        *,
        exact: bool = False,
        name: str = "",
    ) -> None:
        super().__init__(*everywhere(site), Rule(Stage.STORAGE, self._answer))
        self._site = site
        self._answers = tuple(answers)
        self._lock = threading.Lock()
        self._then = CodeReply(site, 200)
        self.times = times
        self.exact = exact
        self.name = name
        self.reset()

    def configure(self, answers: Iterable[Answer], times: int | None) -> None:
        """Change the replies; what was counted goes on."""
        self._answers = tuple(answers)
        self.times = times

    def reset(self) -> None:
        """Start again with the first reply."""
        with self._lock:
            self._next = 0

    @property
    def complaint(self) -> str | None:
        """What is wrong if the script was to be used up exactly, else None."""
        planned, came = len(self._answers), self._next
        if not self.exact or planned == came:
            return None
        what = "asked for more than it has" if came > planned else "did not use it up"
        return (
            f"the client {what}: the script {self.name} has {_count(planned, 'reply', 'replies')} "
            f"and got {_count(came, 'request', 'requests')}"
        )

    def _answer(self, request: Received) -> Reply:
        # Above the line, since a reply may be a refusal that comes instead of the invitation.
        with self._lock:
            self._next += 1
            answer, place = self._reply(self._next)
        made = replied(request, self._site, answer)
        record = request.record
        record.why = f"{place}: {record.why or 'as the test has it'}"
        return made

    def foresee(self, target: str) -> Foreseen:
        """Say whether the next reply breaks before the fields are read; then it is used up."""
        with self._lock:
            answer, place = self._reply(self._next + 1)
            found = foreseen(answer.given)
            if found.reply is None:
                return found
            self._next += 1
        return found._replace(why=f"{place}: {found.why}")

    def _reply(self, number: int) -> tuple[Answer, str]:
        # The reply to the request of a number, and which one it is.
        if self.times is not None and number > self.times:
            return self._then, "after the last of a script"
        answers = self._answers
        index = min(number, len(answers)) - 1
        return answers[index], f"reply {index + 1} of {len(answers)} of a script"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def key(words: Sequence[str]) -> Key | None:
    """Return the key of the script at /script/LIST[/KEY[/...]]."""
    return ("script", words[0], words[1] if len(words) > 1 else "") if words else None


def place(site: Site, words: Sequence[str], query: str, known: Resource | None) -> Resource:
    """Return the script that a URL names; raises `LookupError` or `ValueError`."""
    if known is not None and not query:
        return known
    given = from_query(query)
    answers = tuple(word(site, part, given) for part in words[0].split(","))
    if known is None:
        return Script(site, answers, given.times)
    assert isinstance(known, Script)  # noqa: S101 - its key says so
    known.configure(answers, given.times)
    return known
