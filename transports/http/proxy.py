"""An HTTP proxy: given, or found in the environment the way other programs find it.

TLS goes through the proxy to the provider (CONNECT), so a proxy sees where we connect to and nothing else.
"""

import base64
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit

from msgcore.errors import LocalError
from transports.http.origin import Origin


@dataclass(frozen=True, slots=True)
class Proxy:
    """Host, port and credentials of a proxy.

    >>> proxy = Proxy.parse("http://me:secret@proxy.example.com:3128")
    >>> str(proxy)
    'proxy proxy.example.com:3128'
    """

    host: str
    port: int
    authorization: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read ``http://[user:password@]host[:port]``; LocalError, which shows no credentials, where it is none."""
        if not isinstance(url, str):
            raise TypeError(f"a proxy must be a URL, not {type(url).__name__}")
        try:
            parts = urlsplit(url)
            user, password = parts.username, parts.password
        except ValueError:
            raise LocalError("the proxy's URL cannot be read") from None  # the cause would quote it
        if parts.scheme == "https":
            raise LocalError("a proxy is reached by http://; the TLS inside it is ours and the provider's")
        if parts.scheme != "http":
            raise LocalError(f"expected a proxy http://host:port, got scheme {parts.scheme!r}")
        bare = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        origin = Origin.parse(bare, allow_plaintext=True)
        if parts.path not in ("", "/") or parts.query or parts.fragment:
            raise LocalError(f"the proxy {origin.host!r} has a path, and proxies have none")
        return cls(origin.host, origin.port, None if user is None else _basic(unquote(user), unquote(password or "")))

    @classmethod
    def choose(cls, origin: Origin, url: str | None, *, trust_env: bool) -> Self | None:
        """Return the proxy that was given, else the one of the environment where that is trusted."""
        if url is not None:
            return cls.parse(url)
        return cls.from_environment(origin) if trust_env else None

    @classmethod
    def from_environment(cls, origin: Origin) -> Self | None:
        """Return the proxy that ``https_proxy``, ``http_proxy``, ``all_proxy`` and ``no_proxy`` name for an origin."""
        import urllib.request  # slow to import, and rarely needed

        proxies = urllib.request.getproxies_environment()
        url = proxies.get(origin.scheme) or proxies.get("all")
        bypassed = urllib.request.proxy_bypass_environment  # type: ignore[attr-defined]  # not in typeshed
        if not url or bypassed(f"{origin.host}:{origin.port}", proxies):
            return None
        return cls.parse(url if "://" in url else f"http://{url}")

    def connect_request(self, target: str) -> bytes:
        """Write the request that asks for a tunnel to ``target``."""
        lines = [f"CONNECT {target} HTTP/1.1", f"host: {target}"]
        if self.authorization is not None:
            lines.append(f"proxy-authorization: {self.authorization}")
        return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("ascii")

    def __str__(self) -> str:
        return f"proxy {self.host}:{self.port}"


def _basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


__all__ = ["Proxy"]
