"""Who asks: Basic credentials checked against hashes.

How this works. Of a password only a scrypt hash is kept. One check costs tens of milliseconds, on purpose, so it runs
in a thread, one at a time, and its verdict is remembered: under a digest of what was sent, keyed with octets that this
process alone knows, and together with the hash it was checked against, so that a changed credential forgets it. Who
names an unknown user is kept as busy as who gives a wrong password, and nothing here is ever written to a log.
"""

import asyncio
import hmac
import secrets
from base64 import b64decode, b64encode
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b, scrypt
from typing import Final, TypeVar

from transports.simulator.accounts.account import Account
from transports.simulator.engine import Access

# RFC 7914: cost 2**14, block size 8 is 16 MiB and about 50 ms.
_COST: Final = 2**14
_BLOCK_SIZE: Final = 8
_MEMORY_BYTES: Final = 64 * 2**20
_REMEMBERED: Final = 1000

_Value = TypeVar("_Value")


def hash_password(password: str) -> str:
    """Return what a password can be checked against, salted: two of the same password differ."""
    salt = secrets.token_bytes(16)
    return f"scrypt${b64encode(salt).decode()}${b64encode(_digest(password, salt)).decode()}"


def matches(password: str, verifier: str) -> bool:
    """Return whether a password is the one that was hashed, in a time that does not tell how near it was.

    >>> matches("secret", hash_password("secret")), matches("Secret", hash_password("secret"))
    (True, False)
    """
    method, _, rest = verifier.partition("$")
    salt, _, digest = rest.partition("$")
    if method != "scrypt":
        return False
    return hmac.compare_digest(_digest(password, b64decode(salt)), b64decode(digest))


def _digest(password: str, salt: bytes) -> bytes:
    # Half a surrogate pair cannot come over HTTP, but a caller in process may pass one.
    octets = password.encode(errors="surrogatepass")
    return scrypt(octets, salt=salt, n=_COST, r=_BLOCK_SIZE, p=1, maxmem=_MEMORY_BYTES)


class Doorman:
    """Says who may do what with an account; ``verifier_of`` finds what a user's password is checked against."""

    def __init__(self, verifier_of: Callable[[Account, str], str | None] | None = None) -> None:
        self._verifier_of = verifier_of or _verifier
        self._key = secrets.token_bytes(32)
        self._nobody = hash_password(secrets.token_hex(16))
        # Apart, so that somebody who guesses cannot push out those who know.
        self._good: OrderedDict[bytes, tuple[str, str]] = OrderedDict()
        self._bad: OrderedDict[bytes, tuple[str, str | None]] = OrderedDict()
        self._one_at_a_time = asyncio.Lock()

    async def admit(self, account: Account | None, authorization: str) -> Access:
        """Return what the value of an ``Authorization`` header opens."""
        if account is None or not authorization:
            return Access.UNKNOWN
        digest = blake2b(f"{account.id}\0{authorization}".encode(), key=self._key, digest_size=16).digest()
        remembered = self._remembered(account, digest)
        if remembered is not None:
            return remembered
        pair = _read_basic(authorization)
        if pair is None:
            return Access.UNKNOWN
        async with self._one_at_a_time:
            remembered = self._remembered(account, digest)  # somebody before us in the line may have asked the same
            return await self._check(account, digest, *pair) if remembered is None else remembered

    def _remembered(self, account: Account, digest: bytes) -> Access | None:
        good = self._good.get(digest)
        if good is not None and self._verifier_of(account, good[0]) == good[1]:
            return Access.GRANTED
        bad = self._bad.get(digest)
        if bad is not None and self._verifier_of(account, bad[0]) == bad[1]:
            return Access.UNKNOWN
        return None

    async def _check(self, account: Account, digest: bytes, user: str, password: str) -> Access:
        verifier = self._verifier_of(account, user)
        fits = await asyncio.to_thread(matches, password, verifier or self._nobody)
        if verifier is not None and fits:
            _remember(self._good, digest, (user, verifier))
            return Access.GRANTED
        _remember(self._bad, digest, (user, verifier))
        return Access.UNKNOWN


def user_in(authorization: str) -> str:
    """Return the user whom Basic credentials name, an empty text where there are none."""
    pair = _read_basic(authorization)
    return "" if pair is None else pair[0]


def _verifier(account: Account, user: str) -> str | None:
    credential = account.credential(user)
    return None if credential is None else credential.verifier


def _remember(verdicts: OrderedDict[bytes, _Value], digest: bytes, value: _Value) -> None:
    verdicts[digest] = value
    if len(verdicts) > _REMEMBERED:
        verdicts.popitem(last=False)


def _read_basic(authorization: str) -> tuple[str, str] | None:
    """RFC 7617, 2: the scheme, and Base64 of user, colon, password; UTF-8 here."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        return None
    return (user, password) if colon else None
