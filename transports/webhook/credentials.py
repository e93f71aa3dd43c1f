"""Who may post: Basic credentials, told in a time that does not depend on how near they come.

The provider posts without credentials first and answers a challenge; whoever sends them at once is let in too.
Source: RFC 7617; Messaging V2 API, callbacks.
"""

import hmac
from base64 import b64decode
from collections.abc import Iterable
from enum import Enum, auto
from hashlib import blake2b
from secrets import token_bytes
from typing import Final

from msgcore.errors import LocalError


class Verdict(Enum):
    """What a request's credentials are worth."""

    GRANTED = auto()
    MISSING = auto()
    WRONG = auto()


class Credentials:
    """The pairs of user and password that open a receiver; without any it is open to all.

    >>> credentials = Credentials([("hooks", "secret")])
    >>> credentials.judge(b""), credentials.judge(b"Basic aG9va3M6c2VjcmV0")
    (<Verdict.MISSING: 2>, <Verdict.GRANTED: 1>)

    Raises:
        LocalError: a user contains a colon, which Basic credentials cannot carry, or a password is empty.
    """

    __slots__ = ("_digests", "_key")

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        # Digests are all of one length, and compared whole: neither the time nor a memory dump tells a password.
        self._key: Final = token_bytes(32)
        self._digests: Final = [self._digest(pair) for user, password in pairs for pair in _octets(user, password)]

    def judge(self, authorization: bytes) -> Verdict:
        """Say what the value of a header ``Authorization`` opens; empty: there is none."""
        if not self._digests:
            return Verdict.GRANTED
        if not authorization:
            return Verdict.MISSING
        digest = self._digest(_pair_in(authorization))
        # All are compared, or the time would tell which of them it was.
        is_known = False
        for known in self._digests:
            is_known |= hmac.compare_digest(digest, known)
        return Verdict.GRANTED if is_known else Verdict.WRONG

    def _digest(self, pair: bytes) -> bytes:
        return blake2b(pair, key=self._key, digest_size=32).digest()


def _octets(user: str, password: str) -> set[bytes]:
    """Return the octets that stand for a pair: RFC 7617 leaves the coding open, and both of these are written."""
    if ":" in user:
        raise LocalError("credentials: a user cannot contain a colon")
    if not password:
        raise LocalError("credentials: a password cannot be empty")
    pair = f"{user}:{password}"
    forms = {pair.encode()}
    if pair.isascii():
        return forms
    try:
        return forms | {pair.encode("latin-1")}
    except UnicodeEncodeError:
        return forms


def _pair_in(authorization: bytes) -> bytes:
    """Return what is inside the header; what is no Basic has no pair, and no user is called so."""
    scheme, _, encoded = authorization.partition(b" ")
    if scheme.lower() != b"basic":
        return b""
    try:
        return b64decode(encoded.strip(), validate=True)
    except ValueError:
        return b""


__all__ = ["Credentials", "Verdict"]
