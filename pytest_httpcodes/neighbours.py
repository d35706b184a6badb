"""The origins beside one: proxies in front of it, and what is behind its gateways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_httpcodes.origin import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_httpcodes.application import Application
    from pytest_httpcodes.proxy import Proxy
    from pytest_httpcodes.resource import Site
    from pytest_httpcodes.upstream import UpstreamOrigin


class Neighbours(Origin):
    """An origin that opens others beside it, when they are first asked for; they stop with it."""

    # What its proxies may connect to besides this process's origins.
    allow: tuple[str, ...] = ()
    _open: Proxy | None = None
    _asking: Proxy | None = None
    _upstream: UpstreamOrigin | None = None
    _bad_upstream: UpstreamOrigin | None = None

    @property
    def proxy(self) -> Proxy:
        """An open forward proxy for this process's origins, with a port and a journal of its own.

        It has the same limits and the same clock, and stops with this server. It is opened when it
        is first asked for.
        """
        return self._proxy_that(demands=False)

    @property
    def asking_proxy(self) -> Proxy:
        """The forward proxy that demands `user` and `password`, which the scenario of 407 names."""
        return self._proxy_that(demands=True)

    @property
    def upstream(self) -> UpstreamOrigin:
        """The origin behind the gateways of 203, 502 and 504, with a journal of its own.

        What a gateway forwards is at the same path there. It has the same limits and the same
        clock, and stops with this server. It is opened when it is first asked for.
        """
        return self._upstream_that(tls=False)

    def proxy_for(
        self,
        *,
        auth: tuple[str, str] | None = None,
        scheme: str = "basic",
        mode: str | None = None,
        blocked: Iterable[str] = ("blocked.example",),
        allow: Iterable[str] = (),
        timeout: float = 30.0,
    ) -> Proxy:
        """Open a forward proxy that differs from `proxy`; it is an origin of its own, too.

        `auth` is a user and a password that it demands (407), with the `scheme` "basic" or
        "digest". `mode` is "filter", which blocks the hosts of `blocked` and all below them (450);
        "captive", which answers for any host until a `POST` to its page `/login` (511); or
        "transform", which changes the text of a 200 (203). `allow` are servers besides this
        process's origins that it may connect to, as "HOST:PORT"; `timeout` is how long one may be
        silent, in seconds (504). Raises `ValueError` for what is none of these.
        """
        from pytest_httpcodes.proxy import Proxy

        made = Proxy(
            self._host,
            auth=auth,
            scheme=scheme,
            mode=mode,
            blocked=blocked,
            allow=allow,
            timeout=timeout,
            **self._limits(),
        )
        self._others.append(made)
        return made.start()

    def _proxy_that(self, *, demands: bool) -> Proxy:
        # The proxy that scenarios name: open, or one that demands credentials.
        with self._lock:  # two clients may need it at once
            if demands:
                auth = ("user", "password")
                self._asking = self._asking or self.proxy_for(auth=auth, allow=self.allow)
                return self._asking
            self._open = self._open or self.proxy_for(allow=self.allow)
            return self._open

    def _upstream_that(self, *, tls: bool) -> UpstreamOrigin:
        # The origin behind the gateways; under TLS, it has a certificate that nobody vouches for.
        from pytest_httpcodes.upstream import UpstreamOrigin

        front = self._app().site
        with self._lock:  # two clients may need it at once
            known = self._bad_upstream if tls else self._upstream
            if known is not None:
                return known
            made = UpstreamOrigin(front, tls="self-signed" if tls else None, **self._limits())
            if tls:
                self._bad_upstream = made
            else:
                self._upstream = made
            self._others.append(made)
            return made.start()

    def _made(self, site: Site) -> Application:
        site.proxy_url = lambda *, demands: self._proxy_that(demands=demands).url
        site.upstream_url = lambda *, tls: self._upstream_that(tls=tls).url
        return super()._made(site)

    def _limits(self) -> dict[str, Any]:
        # The options of an origin beside this one.
        limits = self.limits
        return {
            "strict": limits.strict,
            "max_target": limits.target,
            "max_field": limits.field,
            "max_head": limits.head,
            "max_fields": limits.fields,
            "max_content": limits.content,
            "head_timeout": self.head_timeout,
            "idle_timeout": self.idle_timeout,
            "keep_octets": self._keep_octets,
            "max_connections": self._max_connections,
            "max_requests": self.max_requests,
            "unsolicited_408": self.unsolicited_408,
            "clock": self.clock,
        }
