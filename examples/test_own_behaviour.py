"""A server that refuses for reasons of your own: rules, and a scenario of conftest.py."""

from __future__ import annotations

import requests

from pytest_httpcodes import Received, Section, Stage, StatusServer, refuse, rule
from pytest_httpcodes.resource import Steps


def submit(url: str, token: str) -> requests.Response:
    """Send a form; when its page has expired, send it once more with a fresh token."""
    response = requests.post(url, headers={"X-CSRF-Token": token}, timeout=5)
    if response.status_code == 419:
        response = requests.post(url, headers={"X-CSRF-Token": "fresh"}, timeout=5)
    return response


def test_an_expired_page(status_server: StatusServer) -> None:
    """The scenario of conftest.py is one like any other."""
    form = status_server.scenario(419)

    assert submit(form, "stale").status_code == 201
    assert form.statuses == [419, 201]
    assert form.exchanges[0].why == "the token of the form is missing or stale (RFC 9110, 15.5)"


@rule(Stage.STATE)
def bots_come_later(request: Received) -> Steps | None:
    """Put off whoever says to be a bot."""
    if "bot" not in request.field("user-agent").lower():
        return None
    return refuse(
        request, 503, "bots come later", Section(9110, "15.6.4"), (("Retry-After", "60"),)
    )


def test_a_rule_of_ones_own(status_server: StatusServer) -> None:
    """A resource takes rules, and keeps their order: this one comes before all conditions."""
    page = status_server.resource("the page\n", bots_come_later)
    bot = requests.get(page, headers={"User-Agent": "Examplebot/1.0"}, timeout=5)
    browser = requests.get(page, headers={"User-Agent": "Browser/1.0"}, timeout=5)

    assert (bot.status_code, bot.headers["Retry-After"]) == (503, "60")
    assert browser.text == "the page\n"
