"""A resource that is served under TLS alone, on the same connection: 426 (RFC 2817)."""

from __future__ import annotations

from pytest_httpcodes import authority
from pytest_httpcodes.behaviours.document import Document
from pytest_httpcodes.behaviours.inside import UPGRADE, inside_tls, offers_tls
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.request import Element, Request
from pytest_httpcodes.resource import Resource, Rule, Stage, refuse
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Reply

_READ = ("GET", "HEAD", "OPTIONS")


class UpgradeRequired(Scenario):
    """426: a request in clear has to offer to go on under TLS (RFC 2817, 4.2).

    With `Upgrade: TLS/1.0` and `Connection: Upgrade` the answer is a 101; then the client does a
    TLS handshake on the same connection, for which it has to trust `ca_file`, and the answer of
    the same request follows inside TLS, as do those of all later requests. URLs stay those of
    "http". "the TLS handshake cannot begin immediately after the 426 response".

    `ca.pem` below it is that file, in clear, for clients that cannot see it. The relief is that
    request alone; the handshake is left to the client. Needs the extra `tls`.
    """

    code = 426
    on_wire = "the connection goes on under TLS"

    def begin(self) -> Resource:
        """Return a document that is for TLS alone; raises `MissingExtra`."""
        pem = self.represent(authority.authority().ca_pem, "application/pem-certificate-chain")
        self.put("ca.pem", Document(self.site, self._trusted, pem, methods=_READ))
        return self.document("inside TLS\n", Rule(Stage.UPGRADE, self._demand), inside_tls)

    @property
    def _trusted(self) -> str:
        return f"{self.path}/ca.pem"

    def _demand(self, request: Received) -> Reply | None:
        if request.secured or offers_tls(request):
            return None
        # "The server SHOULD include a message body in the 426 response which indicates in human
        # readable form the reason for the error" (RFC 2817, 4.2).
        detail = (
            "this is for TLS alone; offer it with Upgrade: TLS/1.0 and Connection: Upgrade, and "
            f"trust {self._trusted}"
        )
        link = (self._trusted, "What to trust")
        return refuse(request, 426, detail, Section(2817, "4.2"), UPGRADE, link=link)

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask in clear."""
        return (Request("GET", url),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Offer TLS; the handshake comes after the 101."""
        return (Request("GET", url, (("Upgrade", "TLS/1.0"), ("Connection", "Upgrade"))),)
