"""Who we are: Basic, or OAuth 2.0 client credentials. Nothing in here shows a secret in a repr or an error.

An authorization is any callable whose result, awaited before each request, is the value of the header
``Authorization``. One with a method ``refused(value)`` is told when the provider answered 401 to that value, one with
``aclose()`` is closed with the transport.

Source: RFC 7617 (Basic); RFC 6749, 4.4 and 5 (client credentials); RFC 6750, 2.1 (bearer tokens).
"""

import asyncio
import base64
import math
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote_plus

import msgspec

from msgcore.errors import ClosedError, LocalError, TransportError, UnauthorizedError
from msgcore.wire import Response
from transports.http.connect import Connector
from transports.http.fences import RequestHeads
from transports.http.limits import Limits
from transports.http.origin import Origin
from transports.http.pool import Pool
from transports.http.proxy import Proxy
from transports.http.tls import ClientCertificate, client_context

Authorization = Callable[[], Awaitable[str]]

BANDWIDTH_TOKEN_URL = "https://api.bandwidth.com/api/v1/oauth2/token"

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750, 2.1: b64token

# A token is replaced before it expires: a request on the way must not arrive with one that just has.
_SECONDS_BEFORE_EXPIRY = 60.0
_SECONDS_UNTOLD = 300.0  # where the answer does not tell how long its token lives


def basic(user: str, password: str) -> str:
    """Return the header of Basic authentication.

    >>> basic("Aladdin", "open sesame")
    'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='
    """
    if not all(isinstance(value, str) for value in (user, password)):
        raise TypeError("user and password must be str")
    if not user or ":" in user or _CONTROL.search(user):
        raise LocalError("user must have characters, and no colon and no control characters among them")
    if _CONTROL.search(password):
        raise LocalError("password must have no control characters (is there a line break at its end?)")
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


class OAuth2ClientCredentials:
    """Gets a bearer token for the client's credentials, shares it, and gets another before it expires or once refused.

    >>> OAuth2ClientCredentials("me", "secret")
    OAuth2ClientCredentials('https://api.bandwidth.com/api/v1/oauth2/token')

    However many requests want a token, one is asked for at a time. No token, no request: the error says
    ``may_have_been_accepted=False``.

    Args:
        client_id: the client's name.
        client_secret: its secret.
        token_url: where tokens are had.
        limits: of the connection to the token endpoint.
        ca_file: as of HttpTransport; so are the others.
        client_certificate: as of HttpTransport.
        proxy: as of HttpTransport.
        trust_env: as of HttpTransport.
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        *,
        token_url: str = BANDWIDTH_TOKEN_URL,
        limits: Limits | None = None,
        ca_file: str | Path | None = None,
        client_certificate: ClientCertificate | None = None,
        proxy: str | None = None,
        trust_env: bool = False,
    ) -> None:
        origin = Origin.parse(token_url)
        path, _, last = origin.path.rpartition("/")
        if not last:
            raise LocalError(f"token_url {str(origin)!r} has no path")
        # RFC 6749, 2.3.1: both are form-encoded before they become user and password.
        self._basic = basic(quote_plus(client_id), quote_plus(client_secret))
        self._url = str(origin)
        context = client_context(ca_file=ca_file, client_certificate=client_certificate)
        through = Proxy.choose(origin, proxy, trust_env=trust_env)
        self._pool = Pool(Connector(origin, context, through), limits if limits is not None else Limits())
        self._heads = RequestHeads(replace(origin, path=path), "/")
        self._path = last
        self._token: _Token | None = None
        self._asking: asyncio.Task[_Token] | None = None

    async def __call__(self) -> str:
        """Return ``Bearer`` and a token that is good for a while.

        Raises:
            UnauthorizedError: the credentials are refused.
            TransportError: no token could be had; nothing was sent to the provider.
        """
        token = self._token
        if token is not None and asyncio.get_running_loop().time() < token.good_until:
            return token.header
        return (await self._ask_once()).header

    def refused(self, value: str) -> None:
        """Forget a token that the provider did not take, unless another is there by now."""
        if self._token is not None and self._token.header == value:
            self._token = None

    async def aclose(self) -> None:
        """Close the connection to the token endpoint."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
        await self._pool.aclose()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url!r})"

    async def _ask_once(self) -> "_Token":
        """Join the request for a token that is under way, or begin one; it outlives whoever is cancelled."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.ensure_future(self._ask())
            self._asking.add_done_callback(_look_at)
        asking = self._asking
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if asking.cancelled() and task is not None and not task.cancelling():  # aclose() did it, to the request
                raise ClosedError("the transport was closed meanwhile", may_have_been_accepted=False) from None
            raise

    async def _ask(self) -> "_Token":
        head = self._heads.write("POST", self._path, "", _TOKEN_HEADERS) + f"authorization: {self._basic}\r\n".encode()
        asked_at = asyncio.get_running_loop().time()
        body = b"grant_type=client_credentials"
        try:
            response = await self._pool.exchange("POST", head, body, len(body))
        except TransportError as error:
            raise _no_token(self._url, str(error)) from error
        self._token = token = self._read(response, asked_at)
        return token

    def _read(self, response: Response, asked_at: float) -> "_Token":
        fields = _fields(response)
        if response.status in (400, 401, 403):  # RFC 6749, 5.2; what is refused here is never the message
            error = fields.get("error")
            kind = error if isinstance(error, str) else "unauthorized"
            raise UnauthorizedError(401, kind, f"{self._url} gives no token: it answers {response.status}")
        if response.status != 200:
            raise _no_token(self._url, f"it answers {response.status}")
        token, seconds = fields.get("access_token"), fields.get("expires_in", _SECONDS_UNTOLD)
        if str(fields.get("token_type", "bearer")).lower() != "bearer":
            raise _no_token(self._url, "its token is no bearer token")
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise _no_token(self._url, "its answer has no usable access_token")
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not math.isfinite(seconds):
            seconds = _SECONDS_UNTOLD
        return _Token(f"Bearer {token}", asked_at + seconds - min(_SECONDS_BEFORE_EXPIRY, seconds / 10))


_TOKEN_HEADERS = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}


class _Token(NamedTuple):
    header: str
    good_until: float  # a time of the event loop


def _look_at(asking: "asyncio.Task[_Token]") -> None:
    """Those who asked may all have gone: an error that nobody sees is no reason for a warning."""
    if not asking.cancelled():
        asking.exception()


def _no_token(url: str, why: str) -> TransportError:
    return TransportError(f"no token from {url}: {why}", may_have_been_accepted=False)


def _fields(response: Response) -> dict[str, Any]:
    try:
        fields = msgspec.json.decode(response.body if isinstance(response.body, bytes) else b"")
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return {}
    return fields if isinstance(fields, dict) else {}


__all__ = ["BANDWIDTH_TOKEN_URL", "Authorization", "OAuth2ClientCredentials", "basic"]
