"""The server without pytest: `StatusServer` is a context manager, for unittest and anything else.

`python -m unittest` runs these tests too.
"""

from __future__ import annotations

import unittest

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from pytest_httpcodes import StatusServer


class RetryTest(unittest.TestCase):
    """A server for a part of a test: it stops where its block ends."""

    def test_a_script_is_used_up(self) -> None:
        """With `exact`, the end of the block complains if there was one request more or less."""
        with StatusServer() as server, requests.Session() as session:
            session.mount(server.url, HTTPAdapter(max_retries=Retry(3, status_forcelist=[503])))
            response = session.get(server.script(503, 503, "done", exact=True))

        assert response.text == "done"


class RedirectTest(unittest.TestCase):
    """A server for each test: it stops when the test is over."""

    def setUp(self) -> None:
        """Start it."""
        self.server = StatusServer().start()
        self.addCleanup(self.server.stop)

    def test_a_chain_is_followed(self) -> None:
        """The answer at the end knows those that led to it."""
        chain = self.server.redirects(301, 302, 307)
        response = requests.get(chain, timeout=5)

        assert chain.statuses == [301, 302, 307, 200]
        assert len(response.history) == 3

    def test_a_form_is_sent_once(self) -> None:
        """After a 303, what became of it is fetched with a GET."""
        form = self.server.redirects(303)
        requests.post(form, data={"name": "Ada"}, timeout=5)

        assert [exchange.method for exchange in form.exchanges] == ["POST", "GET"]
        assert [exchange.content for exchange in form.exchanges] == [b"name=Ada", b""]
