"""Whom a browser speaks for: this server's own page, or somebody else's that is open on the same machine.

The server asks nobody for a password on its page and its control API: it listens to this machine alone unless told
otherwise. But a browser on this machine shows pages of the whole world, and each can make it send requests here. What
tells them apart: ``Sec-Fetch-Site``, which no page can forge, and ``Origin``, from browsers that do not know the first;
another port of this machine is another site, too. A page can also make a name of its own mean this machine (DNS
rebinding): then all looks like one site, apart from the name in ``Host``.
"""

from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from transports.simulator.service.asgi import Scope, headers_of

_OWN: Final = frozenset({"same-origin", "none"})
"""``none`` is somebody who types an address."""


class Visitors:
    """Says who is sent away. ``origin`` is where the server can be reached."""

    def __init__(self, origin: str) -> None:
        self._hosts = {"localhost", urlsplit(origin).hostname}

    def refusal(self, scope: Scope, *, by_link: bool = False) -> str | None:
        """Return why a request is refused, ``None`` for one that is welcome.

        ``by_link`` welcomes who follows a link from another site: a page may be linked to, and does nothing by that.
        """
        headers = headers_of(scope)
        site = headers.get("sec-fetch-site", "none")
        if site not in _OWN and not (by_link and headers.get("sec-fetch-mode") == "navigate"):
            return "this came from a web page of another site"
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != headers.get("host"):
            return "this came from a web page of another site"
        host = _host_in(headers.get("host", ""))
        if host is None:
            return "the header Host names no server"
        server: Any = scope.get("server") or ("",)
        if _is_loopback(server[0]) and _is_name(host) and host not in self._hosts:
            return f"{host!r} is not the name of this server"
        return None


def _host_in(header: str) -> str | None:
    """Return the name or address without its port, ``None`` for what is neither."""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:  # half of a bracket
        return None


def _is_loopback(address: str) -> bool:
    return not _is_name(address) and bool(address) and ip_address(address.partition("%")[0]).is_loopback


def _is_name(host: str) -> bool:
    # A page can make any name of its own mean this machine, but not an address.
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return bool(host)
    return False
