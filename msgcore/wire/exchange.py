"""One exchange with the provider, free of any transport: what the core writes and what it reads.

The core builds a :class:`Request` whole and reads a :class:`Response` whole; a transport only moves them. Paths are
relative to ``/users/{account}/``, so that neither an origin nor an account nor a credential stands in a recording.
"""

from collections.abc import AsyncIterable, Mapping

import msgspec


class Request(msgspec.Struct, frozen=True):
    """A request as the core writes it.

    >>> Request("POST", "messages", headers={"content-type": "application/json"}, body=b"{}").path
    'messages'

    ``path`` is percent-encoded and relative to ``/users/{account}/``; ``query`` is percent-encoded, without ``?``;
    header names are lower case.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    body: bytes | AsyncIterable[bytes] = b""


class Response(msgspec.Struct, frozen=True):
    """An answer as a transport hands it back: header names in lower case, the body without transfer coding."""

    status: int
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    body: bytes | AsyncIterable[bytes] = b""
