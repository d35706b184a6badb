"""An instance of a resource: what is at its KEY, what is below, and what it forgets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_httpcodes.behaviours.document import Document
from pytest_httpcodes.behaviours.instance import Instance, path_of
from pytest_httpcodes.behaviours.options import Options, options
from pytest_httpcodes.behaviours.representation import represent
from pytest_httpcodes.exchange import Key
from pytest_httpcodes.resource import Resource, Rule, Stage
from pytest_httpcodes.wire.received import Foreseen, Received
from pytest_httpcodes.wire.steps import Content, End, Head, Pause, Reply, Reset
from tests import memory


class Counting(Instance):
    """Counts its requests; below it are a and a/b."""

    document = False

    def begin(self) -> Resource:
        self.count = 0
        self.resets = 0
        self.put("a", self._named("a"))
        self.put("a/b", self._named("a/b"))
        if self.document:
            return Document(self.site, self.path, represent("root", 0))
        return self._named("root")

    def _named(self, name: str) -> Resource:
        def answer(request: Received) -> Reply:
            self.count += 1
            return (Head(200), Content(f"{name} {self.count}".encode()), End())

        return Resource(Rule(Stage.RESULT, answer, reset=self._forget))

    def _forget(self) -> None:
        self.resets += 1


class Holding(Counting):
    """The same, whose root is a document."""

    document = True


def made(kind: type[Counting] = Counting, key: Key = ("200", "k"), **given: Any) -> Counting:
    """Return an instance."""
    return kind(memory.site(), key, options(**given))


def told(instance: Instance, target: str, method: str = "GET") -> tuple[int, str]:
    """Return the code and the content of an answer."""
    steps = memory.steps(instance.answer(memory.request(method, target)))
    return memory.head(steps).status, memory.content(steps).decode()


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (("404", "k"), "/404/k"),
        (("404", "a/b c?"), "/404/a%2Fb%20c%3F"),
        (("404", "\u2603"), "/404/%E2%98%83"),
        (("404", "\udcff"), "/404/%FF"),
    ],
)
def test_path(key: Key, expected: str) -> None:
    """The path of an instance has the octets of its key."""
    assert expected == path_of(key) == made(key=key).path


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/200/k", "root"),
        ("/200/k/", "root"),
        ("/200/k//", "root"),
        ("/200/k?a=/b/c", "root"),
        ("/200", "root"),
        ("/200/k/a", "a"),
        ("/200/k/a/", "a"),
        ("/200/k/%61", "a"),
        ("/200/k/a/b", "a/b"),
        ("/200/k/a/b/?x", "a/b"),
        ("http://example.org/200/k/a/b", "a/b"),
    ],
)
def test_below(target: str, expected: str) -> None:
    """A resource is found by the segments below the instance; a slash at the end is nothing."""
    assert (200, f"{expected} 1") == told(made(), target)


@pytest.mark.parametrize("target", ["/200/k/b", "/200/k/a%2Fb", "/200/k/a/b/c", "/200/k//a"])
def test_nothing_is_there(target: str) -> None:
    """404: what nothing is at says what there is."""
    status, content = told(made(), target)
    detail = json.loads(content)["detail"]

    assert 404 == status
    assert "below /200/k; there is /200/k/a, /200/k/a/b" in detail


def test_nothing_is_below() -> None:
    """404: where nothing is below, nothing is said to be."""

    class Bare(Counting):
        def begin(self) -> Resource:
            return self._named("root")

    status, content = told(made(Bare), "/200/k/x")

    assert (404, "nothing is at 'x' below /200/k") == (status, json.loads(content)["detail"])


def test_members_of_a_document() -> None:
    """Where the root is a document, its members are below, behind what else is."""
    instance = made(Holding)
    created = told(instance, "/200/k/new", "PUT")
    found = [told(instance, target)[0] for target in ("/200/k/new", "/200/k/other")]

    assert ((201, ""), [200, 404]) == (created, found)
    assert (200, "a 1") == told(instance, "/200/k/a", "PUT")
    assert "there is /200/k/a" in told(instance, "/200/k/new/x")[1]


@pytest.mark.parametrize("kind", [Counting, Holding])
def test_reset(kind: type[Counting]) -> None:
    """What has happened is forgotten, also by the rules, which may be those of the next one."""
    instance = made(kind)
    told(instance, "/200/k/new", "PUT")
    told(instance, "/200/k/a")
    resets: list[int] = []
    instance._forget = lambda: resets.append(1)  # type: ignore[method-assign]
    instance.reset()

    assert (200, "a 1") == told(instance, "/200/k/a")
    assert 404 == told(instance, "/200/k/new")[0]


def test_reset_of_rules() -> None:
    """The rules of the root forget before it is made anew."""
    happened: list[str] = []

    class Telling(Instance):
        def begin(self) -> Resource:
            happened.append("begin")
            return Resource(Rule(Stage.RESULT, lambda request: None, reset=self._forget))

        def _forget(self) -> None:
            happened.append("reset")

    Telling(memory.site(), ("200", "k"), Options()).reset()

    assert ["begin", "reset", "begin"] == happened


def test_common_options() -> None:
    """Every answer can be late, or break; without that it is what the resource says."""
    late = memory.steps(made(delay=0.5).answer(memory.request(target="/200/k")))
    broken = memory.steps(made(fault="reset", at="start").answer(memory.request(target="/200/k")))
    plain = memory.steps(made().answer(memory.request(target="/200/k")))

    assert (Pause(0.5), *plain) == tuple(late)
    assert not [step for step in broken if isinstance(step, Content)]


def test_what_is_foreseen() -> None:
    """An answer that breaks behind the request line needs no more of the request."""
    foreseen = made(fault="reset", at="request-line").foresee("/200/k")

    assert (Reset(),) == foreseen.reply
    assert Foreseen() == made().foresee("/200/k")


def test_begin_is_for_subclasses() -> None:
    """An instance has to say what it is."""
    with pytest.raises(NotImplementedError):
        Instance(memory.site(), ("200", "k"), Options())
