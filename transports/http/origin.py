"""Where requests go: scheme, host and port, read once from a URL and checked.

An http URL sends credentials and texts in the clear, so it is taken only for this machine, unless asked for.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import SplitResult, urlsplit

from msgcore.errors import LocalError

_PORTS = {"http": 80, "https": 443}
# RFC 1123, 2.1, and RFC 3986, 3.2.2, of which this is the part that names of the DNS and addresses need.
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9_.])?|[0-9A-Fa-f:.]{2,45}")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)*")


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port, and the path below which everything lies.

    >>> Origin.parse("https://messaging.bandwidth.com/api/v2")
    Origin(scheme='https', host='messaging.bandwidth.com', port=443, path='/api/v2')
    >>> str(Origin.parse("http://[::1]:8080/"))
    'http://[::1]:8080'
    """

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, url: str, *, allow_plaintext: bool = False) -> Self:
        """Read a URL; LocalError where it cannot be one to send to. Its user part is never shown."""
        if not isinstance(url, str):
            raise TypeError(f"a URL must be str, not {type(url).__name__}")
        parts, port = _split(url)
        host, path = parts.hostname or "", parts.path.rstrip("/")
        if parts.scheme not in _PORTS:
            raise LocalError(f"expected a URL that begins https:// or http://, got scheme {parts.scheme!r}")
        if parts.username is not None or parts.password is not None:
            raise LocalError(f"the URL of {host!r} names a user: credentials are arguments of their own")
        if parts.query or parts.fragment:
            raise LocalError(f"the URL of {host!r} has a query or a fragment, and requests bring their own")
        if not _HOST.fullmatch(host):
            raise LocalError(f"{host!r} is no host name or address (write an international name as xn--...)")
        if not _PATH.fullmatch(path) or has_dot_segment(path):
            raise LocalError(f"{path!r} is no plain path")
        if parts.scheme == "http" and not allow_plaintext and not is_loopback(host):
            raise LocalError(
                f"http://{host} would carry credentials and texts in the clear: use https, or allow_plaintext=True"
            )
        return cls(parts.scheme, host, _PORTS[parts.scheme] if port is None else port, path)

    @property
    def authority(self) -> str:
        """Host and port as the header ``Host`` has them (RFC 9110, 7.2): without the scheme's own port."""
        return self._host if self.port == _PORTS[self.scheme] else f"{self._host}:{self.port}"

    @property
    def tunnel(self) -> str:
        """Host and port as CONNECT has them (RFC 9110, 9.3.6): the port always."""
        return f"{self._host}:{self.port}"

    @property
    def _host(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine by its very name, without asking anybody."""
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761, 6.3
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def has_dot_segment(path: str) -> bool:
    """Tell whether a path has a segment ``.`` or ``..``, however encoded, that a server would resolve away."""
    return any(re.fullmatch(r"(?:\.|%2[eE]){1,2}", segment) for segment in path.split("/"))


def _split(url: str) -> tuple[SplitResult, int | None]:
    if not url.isprintable() or " " in url:  # urlsplit would drop some of it silently
        raise LocalError("a URL has no blanks and no control characters")
    try:
        return (parts := urlsplit(url)), parts.port
    except ValueError:
        # Not the reason of urllib, nor itself as a cause: they quote the URL, which may name a password.
        raise LocalError("the URL cannot be read: its host or its port is malformed") from None


__all__ = ["Origin", "has_dot_segment", "is_loopback"]
