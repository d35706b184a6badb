"""A batch of steps, some of which depend on others: 424 (RFC 4918, 11.4)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_httpcodes.behaviours.strict_json import read
from pytest_httpcodes.behaviours.syntax import processable
from pytest_httpcodes.behaviours.webdav.calls import Call
from pytest_httpcodes.problem import JSON
from pytest_httpcodes.resource import Rule, refuse, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Content, End, Head, Reply

MAX_STEPS = 100
# A step that is to fail does so as if it had met a fault.
_FAILED = 500
_WORDS = ("name", "fails", "needs")


def rules() -> tuple[Rule, ...]:
    """Take only a POST of steps: 400 415 422 for another."""
    return tuple(_for_post(rule) for rule in processable(wrong))


def _for_post(rule: Rule) -> Rule:
    def decide(request: Received) -> Reply | None:
        return rule.decide(request) if request.head.method == "POST" else None

    return Rule(rule.stage, decide)


def wrong(value: Any) -> Mapping[str, str]:
    """Return what is wrong with the JSON of a batch, by JSON Pointers."""
    steps = value.get("steps") if isinstance(value, dict) else None
    if not isinstance(steps, list) or not 1 <= len(steps) <= MAX_STEPS:
        return {"/steps": f"must be an array of 1 to {MAX_STEPS} steps"}
    return dict(_wrong(steps))


def _wrong(steps: list[Any]) -> Iterator[tuple[str, str]]:
    known: list[str] = []
    for number, step in enumerate(steps):
        at = f"/steps/{number}"
        if not isinstance(step, dict) or not isinstance(step.get("name"), str):
            yield at, 'must be an object with a "name", which is a string'
            continue
        for word in step:
            if word not in _WORDS:
                yield at, f"must have no members but {', '.join(_WORDS)}"
        if step["name"] in known:
            yield f"{at}/name", "must be that of no other step"
        if not isinstance(step.get("fails", False), bool):
            yield f"{at}/fails", "must be true or false"
        if step.get("needs") not in (None, *known):
            yield f"{at}/needs", "must be the name of a step before this one"
        known.append(step["name"])


def perform(call: Call) -> Reply:
    """Do the steps: 200 with the status of each, or 424 for the first that depends on a failure.

    Nothing is kept of either; a step is its name.
    """
    request = call.request
    statuses: dict[str, int] = {}
    for step in read(request.content)["steps"]:
        name, needed = step["name"], step.get("needs")
        if needed is not None and statuses[needed] != 200:
            # "the method could not be performed on the resource because the requested action
            # depended on another action and that action failed" (RFC 4918, 11.4)
            detail = f"the step {name!r} depends on {needed!r}, which failed"
            section = Section(4918, "11.4")
            return refuse(request, 424, detail, section, step=name, needs=needed)
        statuses[name] = _FAILED if step.get("fails") else 200
    request.record.why = why("no step depends on one that failed", Section(4918, "11.4"))
    steps = [{"name": name, "status": status} for name, status in statuses.items()]
    data = json.dumps({"steps": steps}, indent=1).encode() + b"\n"
    return (Head(200, (("Content-Type", JSON),)), Content(data), End())
