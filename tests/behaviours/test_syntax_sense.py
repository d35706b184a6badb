"""JSON content that is well-formed and makes no sense: 422."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_httpcodes import Request, StatusServer
from tests.asking import ask_json
from tests.behaviours.test_syntax import problem, send
from tests.scenarios import SENDERS


@pytest.mark.parametrize("client", SENDERS)
def test_unprocessable(status_server: StatusServer, client: str) -> None:
    """422: well-formed JSON that makes no sense is refused with a pointer to what is wrong."""
    url = status_server.scenario(422)
    answer = SENDERS[client](
        Request("POST", url, {"Content-Type": "application/json"}, b'{"qty": -1}')
    )
    said = json.loads(answer.content)

    assert (422, False) == (answer.status, said["temporary"])
    assert ["#/qty"] == [error["pointer"] for error in said["errors"]]
    assert "must be a whole number" in said["errors"][0]["detail"]
    assert "RFC 9110, 15.5.21" in url.exchanges[0].why


@pytest.mark.parametrize(
    "qty",
    ["0", "-1", "1.0", "1e0", "true", "false", "null", '"1"', "[1]", "{}", f"{2**53}", "9" * 5000],
)
def test_quantities(status_server: StatusServer, qty: str) -> None:
    """422: a quantity is a whole number from 1 on, of which everyone reads the same."""
    answer = send(status_server.scenario(422), f'{{"qty": {qty}}}')

    assert (422, "#/qty") == (answer.status, problem(answer)["errors"][0]["pointer"])


@pytest.mark.parametrize(
    "order", [{"qty": 1}, {"qty": 2**53 - 1}, {"qty": 7, "item": "tea", "": 0}]
)
def test_sense(status_server: StatusServer, order: dict[str, Any]) -> None:
    """An order that makes sense is stored; what else it says is its own affair."""
    answer = send(status_server.scenario(422), json.dumps(order))

    assert (201, order) == (answer.status, ask_json(answer.header("Location") or ""))


def test_several_errors(status_server: StatusServer) -> None:
    """422: everything that is wrong is named at once."""
    answer = send(status_server.scenario(422), '{"item": ""}')
    said = problem(answer)

    assert 422 == answer.status
    assert ["#/qty", "#/item"] == [error["pointer"] for error in said["errors"]]
    assert said["detail"].endswith(", and 1 more")


@pytest.mark.parametrize("content", ["[]", "1", "null", '[{"qty": 1}]'])
def test_no_order(status_server: StatusServer, content: str) -> None:
    """422: what is no object is wrong as a whole."""
    answer = send(status_server.scenario(422), content)

    assert (422, "#") == (answer.status, problem(answer)["errors"][0]["pointer"])


def test_no_sense_to_begin_with(status_server: StatusServer) -> None:
    """400 and 415 come before 422: without syntax and type there is no sense to ask for."""
    url = status_server.scenario(422)
    malformed = send(url, '{"qty": -1')
    other = send(url, '{"qty": -1}', "Content-Type: text/plain")

    assert [400, 415] == [malformed.status, other.status]
