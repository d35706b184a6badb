"""What nginx answers where it logs a code of its own: 494 495 496 497, all of them as a 400."""

from __future__ import annotations

from pytest_httpcodes.exchange import Exchange
from pytest_httpcodes.problem import Body
from pytest_httpcodes.resource import Steps, reply

# What the page says (nginx, `ngx_http_special_response.c`).
PAGES = {
    494: "Request Header Or Cookie Too Large",
    495: "The SSL certificate error",
    496: "No required SSL certificate was sent",
    497: "The plain HTTP request was sent to HTTPS port",
}


def as_nginx(record: Exchange, code: int) -> Steps:
    """Return the 400 that nginx has for a code of `PAGES`, and note that it logs that."""
    record.logged = code
    said = PAGES[code]
    page = (
        f"<html>\r\n<head><title>400 {said}</title></head>\r\n<body>\r\n"
        f"<center><h1>400 Bad Request</h1></center>\r\n"
        f"<center>{said}</center>\r\n</body>\r\n</html>\r\n"
    )
    fields = (("Cache-Control", "no-store"), ("Connection", "close"))
    return reply(400, Body("text/html", page.encode()), fields)
