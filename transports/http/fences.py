"""What a request may hold, and its head in octets.

How this works: nothing that the caller gives can end a line of the head or leave the account's part of the path. What
frames a message (its length, its connection) and what proves who we are is written here and nowhere else, so a request
that names it is refused. A head is kept for the next request: those of a campaign differ only in their lengths.

Source: RFC 9110, 5 (fields); RFC 9112, 3 (request line) and 6 (lengths); RFC 3986, 3.3 and 3.4 (path and query).
"""

import re
from collections.abc import AsyncIterable, Mapping

from msgcore.errors import LocalError
from transports.http.origin import Origin, has_dot_segment

# HEAD is not here: its answer has the length of a body and no body, which the parser cannot be told.
METHODS = frozenset({"DELETE", "GET", "PATCH", "POST", "PUT"})
_WITHOUT_BODY = frozenset({"DELETE", "GET"})

_PATH = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})+")
_QUERY = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*")
_SEGMENT = re.compile(r"[A-Za-z0-9._~-]+")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")

# Accept-Encoding is not the caller's either: a compressed answer would reach the core as it is.
_OURS = frozenset(
    "accept-encoding authorization connection expect host keep-alive proxy-authorization proxy-connection te trailer "
    "transfer-encoding upgrade".split()
)

_MOST_OCTETS = 65_536


class RequestHeads:
    """Writes the heads of the requests to one account.

    >>> heads = RequestHeads(Origin.parse("https://messaging.bandwidth.com/api/v2"), "/users/9900000/")
    >>> for line in heads.write("POST", "messages", "", {"content-type": "application/json"}).splitlines():
    ...     print(line.decode())
    POST /api/v2/users/9900000/messages HTTP/1.1
    host: messaging.bandwidth.com
    user-agent: msgcore
    content-type: application/json

    What follows (credentials, framing, the empty line) differs from request to request.
    """

    def __init__(self, origin: Origin, prefix: str) -> None:
        self._prefix = origin.path + prefix
        self._host = origin.authority
        self._written: tuple[str, str, str, dict[str, str]] | None = None
        self._head = b""

    def write(self, method: str, path: str, query: str, headers: Mapping[str, str]) -> bytes:
        """Return the head of a request, as far as it is the same for the next."""
        if (method, path, query, headers) != self._written:
            self._head = self._write(method, path, query, headers)
            self._written = method, path, query, dict(headers)  # a copy: the caller may change his own
        return self._head

    def _write(self, method: str, path: str, query: str, headers: Mapping[str, str]) -> bytes:
        if method not in METHODS:
            raise LocalError(f"expected one of the methods {', '.join(sorted(METHODS))}, got {method!r}")
        if not _PATH.fullmatch(path) or path.startswith("/") or has_dot_segment(path):
            raise LocalError(f"expected a percent-encoded path below the account, got {path!r}")
        if not _QUERY.fullmatch(query):
            raise LocalError(f"expected a percent-encoded query, got {query!r}")
        lines = [f"{method} {self._prefix}{path}{'?' if query else ''}{query} HTTP/1.1", f"host: {self._host}"]
        if "user-agent" not in headers:
            lines.append("user-agent: msgcore")
        lines += [check_header(name, value) for name, value in headers.items() if name != "content-length"]
        head = "".join(f"{line}\r\n" for line in lines).encode("latin-1")
        if len(head) > _MOST_OCTETS:
            raise LocalError(f"the head of the request has {len(head)} octets, at most {_MOST_OCTETS} are sent")
        return head


def account_prefix(account_id: str) -> str:
    """Return what stands before the path of every request: ``/users/9900000/``."""
    if not isinstance(account_id, str):
        raise TypeError(f"account_id must be str, not {type(account_id).__name__}")
    if not _SEGMENT.fullmatch(account_id) or has_dot_segment(account_id):
        raise LocalError(f"expected an account id such as '9900000', got {account_id!r}")
    return f"/users/{account_id}/"


def check_header(name: str, value: str) -> str:
    """Return the line of a header; LocalError, without the value, where it cannot be one or is not the caller's."""
    if not _NAME.fullmatch(name):
        raise LocalError(f"expected a header name in lower case, got {name!r}")
    if name in _OURS:
        raise LocalError(f"header {name!r} is written by the transport itself")
    return f"{name}: {check_value(name, value)}"


def check_value(name: str, value: str) -> str:
    """Return the value of a header; LocalError, which does not show it, where it could end its line."""
    if not _VALUE.fullmatch(value):
        raise LocalError(f"header {name!r}: its value has a line break, a control character, or is not Latin-1")
    return value


def body_length(method: str, announced: str | None, body: "bytes | AsyncIterable[bytes]") -> int | None:
    """Return how long a body is, ``None`` where only its end will tell; LocalError where it is not what was announced.

    A streamed body whose length is known is sent with it, since not every server takes one without.
    """
    if announced is not None and not re.fullmatch(r"[0-9]{1,18}", announced):
        raise LocalError(f"header 'content-length': expected digits, got {announced!r}")
    length = None if announced is None else int(announced)
    if isinstance(body, bytes):
        if length is not None and length != len(body):
            raise LocalError(f"header 'content-length' says {length}, the body has {len(body)} octets")
        return len(body)
    if not isinstance(body, AsyncIterable):
        raise TypeError(f"a body must be bytes or an asynchronous iterable of bytes, not {type(body).__name__}")
    if method in _WITHOUT_BODY:
        raise LocalError(f"a {method} has no streamed body")
    return length


def framing(method: str, length: int | None) -> bytes:
    """Return the line that says where a body ends (RFC 9112, 6.3), and the empty line after it."""
    if length is None:
        return b"transfer-encoding: chunked\r\n\r\n"
    if length == 0 and method in _WITHOUT_BODY:
        return b"\r\n"
    return b"content-length: %d\r\n\r\n" % length


__all__ = ["METHODS", "RequestHeads", "account_prefix", "body_length", "check_header", "check_value", "framing"]
