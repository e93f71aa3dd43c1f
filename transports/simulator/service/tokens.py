"""Bearer tokens, as the API of today has them beside passwords: client credentials for a token, good for an hour.

The client id and secret are a pair that opens the API anyway. Tokens are in memory only, as digests, and what they open
ends with the pair they were given for. Their hour is a real one, however fast the provider's time goes: who holds a
token counts it by a clock of its own.

Source: Messaging V2 API, authentication; RFC 6749, 4.4 (client credentials) and 5 (answers); RFC 6750.
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from typing import Final, NamedTuple
from urllib.parse import parse_qs

import msgspec

from msgcore.wire.exchange import Response
from transports.simulator.accounts.account import Account
from transports.simulator.answers import JSON_HEADERS
from transports.simulator.engine import Access
from transports.simulator.provider import Provider
from transports.simulator.service.credentials import Doorman, user_in

TOKEN_PATH: Final = "/api/v1/oauth2/token"
TOKEN_SECONDS: Final = 3600
FORM_LIMIT: Final = 4096

_MOST_TOKENS: Final = 10_000
_SCHEME: Final = "bearer "
# RFC 6749, 5.1: "MUST include the HTTP Cache-Control response header field with a value of no-store".
_HEADERS: Final = JSON_HEADERS | {"cache-control": "no-store"}


class _Grant(NamedTuple):
    account_id: str
    user: str
    verifier: str
    ends_at: float


class Tokens:
    """Gives out tokens, and says what they open."""

    def __init__(self, provider: Provider, doorman: Doorman, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._provider = provider
        self._doorman = doorman
        self._monotonic = monotonic
        self._grants: OrderedDict[bytes, _Grant] = OrderedDict()  # oldest first

    async def answer(self, method: str, authorization: str, form: bytes) -> Response:
        """Answer a request for a token."""
        if method != "POST":
            return _refusal(405, "invalid_request", {"allow": "POST"})
        account = await self._account(authorization)
        if account is None:
            return _refusal(401, "invalid_client", {"www-authenticate": 'Basic realm="messaging"'})
        wanted = parse_qs(form.decode("latin-1")).get("grant_type", [])
        if wanted != ["client_credentials"]:
            return _refusal(400, "unsupported_grant_type" if len(wanted) == 1 else "invalid_request")
        token = secrets.token_urlsafe(32)
        self._keep(token, account, user_in(authorization))
        body = {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS}
        return Response(200, _HEADERS, msgspec.json.encode(body))

    def admit(self, account: Account | None, authorization: str) -> Access:
        """Return what the value of an ``Authorization`` header opens that carries a token."""
        grant = self._grants.get(_digest(authorization[len(_SCHEME) :].strip()))
        if grant is None or account is None or grant.account_id != account.id or grant.ends_at <= self._monotonic():
            return Access.UNKNOWN
        credential = account.credential(grant.user)
        return Access.GRANTED if credential and credential.verifier == grant.verifier else Access.UNKNOWN

    async def _account(self, authorization: str) -> Account | None:
        user = user_in(authorization)
        accounts = [tenant.account for tenant in self._provider.tenants]
        named = [account for account in accounts if account.credential(user)]
        for account in named or accounts[:1]:  # an unknown client takes as long as a wrong secret
            if await self._doorman.admit(account, authorization) is Access.GRANTED:
                return account
        return None

    def _keep(self, token: str, account: Account, user: str) -> None:
        credential = account.credential(user)
        if credential is None:
            return  # taken away meanwhile: a token that opens nothing
        now, grants = self._monotonic(), self._grants
        grants[_digest(token)] = _Grant(account.id, user, credential.verifier, now + TOKEN_SECONDS)
        while len(grants) > _MOST_TOKENS or next(iter(grants.values())).ends_at <= now:
            grants.popitem(last=False)


def is_bearer(authorization: str) -> bool:
    """Whether the value of an ``Authorization`` header carries a token."""
    return authorization[: len(_SCHEME)].lower() == _SCHEME


def _digest(token: str) -> bytes:
    # 256 random bits need no salt and no slowness: nobody can guess them.
    return sha256(token.encode("latin-1", "replace")).digest()


def _refusal(status: int, error: str, headers: dict[str, str] | None = None) -> Response:
    return Response(status, _HEADERS | (headers or {}), msgspec.json.encode({"error": error}))


__all__ = ["FORM_LIMIT", "TOKEN_PATH", "TOKEN_SECONDS", "Tokens", "is_bearer"]
