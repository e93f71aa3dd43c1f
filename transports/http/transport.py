"""HttpTransport: the provider over HTTP/1.1.

How this works. ``fences`` turns a request into the octets of a head, or refuses it; credentials are added here, last,
so that nothing that is kept holds them. ``pool`` finds a connection, ``connect`` makes one, ``connection`` writes the
request once and waits, ``answer`` reads what comes back. None of them retries or follows anything: what an answer
means, and whether a message may be sent again, is decided above, by what the error says.
"""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgcore.errors import ClosedError, LocalError, MsgcoreError, TransportError
from msgcore.wire import Request, Response
from transports.http.authorization import Authorization, basic
from transports.http.connect import Connector
from transports.http.fences import RequestHeads, account_prefix, body_length, check_value
from transports.http.limits import Limits
from transports.http.origin import Origin
from transports.http.pool import Pool
from transports.http.proxy import Proxy
from transports.http.tls import ClientCertificate, client_context, require_verifying


class HttpTransport:
    """Moves requests to the provider, over connections that are kept and shared.

    >>> HttpTransport("https://messaging.bandwidth.com/api/v2", account_id="9900000", user="me", password="secret")
    HttpTransport('https://messaging.bandwidth.com/api/v2', account_id='9900000')

    It never sends a request twice and never follows a redirect. A ``TransportError`` says in ``may_have_been_accepted``
    whether any octet of the request can have left. An answer of up to ``max_body_octets`` comes whole; a longer one to
    a GET comes as a stream that is to be read to its end or closed (``await response.body.aclose()``).

    One transport serves one event loop at a time, and may be made before there is one.

    Args:
        base_url: the part before ``/users/...``; https, or http to this machine.
        account_id: whose messages these are.
        user: of the API user, or the API token of old accounts.
        password: of the API user, or the API secret.
        authorization: instead of user and password: awaited before each request for the value of ``Authorization``,
            such as ``OAuth2ClientCredentials``.
        connect_seconds: for name, TCP, proxy and TLS together.
        write_seconds: for each piece of a request (64 KiB, or what a stream yields) to come and to be taken.
        answer_seconds: from the end of the request to the end of the answer; of a stream, for each piece.
        idle_seconds: how long an unused connection is kept; keep it below what the server does.
        max_connections: at most so many at once; further exchanges wait for their turn, in order.
        max_body_octets: of an answer that is handed over whole.
        ca_file: trust these authorities (PEM) instead of the system's.
        client_certificate: one PEM file, or (certificate, key), or (certificate, key, password of the key).
        ssl_context: instead of the two above; it must verify the server.
        proxy: ``http://[user:password@]host:port``, used by CONNECT.
        trust_env: take the proxy from ``https_proxy``, ``all_proxy`` and ``no_proxy``.
        allow_plaintext: take an http URL that leads to another machine, credentials in the clear.

    Raises:
        LocalError: an argument cannot be used; what is secret is not shown.
    """

    def __init__(
        self,
        base_url: str,
        *,
        account_id: str,
        user: str | None = None,
        password: str | None = None,
        authorization: Authorization | None = None,
        connect_seconds: float = 10.0,
        write_seconds: float = 30.0,
        answer_seconds: float = 30.0,
        idle_seconds: float = 4.0,
        max_connections: int = 64,
        max_body_octets: int = 1_048_576,
        ca_file: str | Path | None = None,
        client_certificate: ClientCertificate | None = None,
        ssl_context: ssl.SSLContext | None = None,
        proxy: str | None = None,
        trust_env: bool = False,
        allow_plaintext: bool = False,
    ) -> None:
        limits = Limits(
            connect_seconds=connect_seconds,
            write_seconds=write_seconds,
            answer_seconds=answer_seconds,
            idle_seconds=idle_seconds,
            max_connections=max_connections,
            max_body_octets=max_body_octets,
        )
        origin = Origin.parse(base_url, allow_plaintext=allow_plaintext)
        self._write_head = RequestHeads(origin, account_prefix(account_id)).write
        self._authorization = _one_of(authorization, user, password)
        self._basic = b"" if self._authorization else _header(basic(user or "", password or ""))
        context = _context(origin, ssl_context, ca_file, client_certificate)
        through = Proxy.choose(origin, proxy, trust_env=trust_env)
        self._pool = Pool(Connector(origin, context, through), limits)
        self._closed = False
        self._shown = f"{str(origin)!r}, account_id={account_id!r}"

    async def exchange(self, request: Request) -> Response:
        """Send a request once and return the answer, whatever its status.

        Raises:
            LocalError: the request holds what must not be sent (a line break in a header, a path out of the account).
            TransportError: no whole answer came; nothing is known but what ``may_have_been_accepted`` says.
            UnauthorizedError: there is no token to send it with.
        """
        if self._closed:
            raise ClosedError("the transport is closed", may_have_been_accepted=False)
        method, headers, body = request.method, request.headers, request.body
        head = self._write_head(method, request.path, request.query, headers)
        length = body_length(method, headers.get("content-length"), body)
        if self._authorization is None:
            return await self._pool.exchange(method, head + self._basic, body, length)
        value = await self._authorize(self._authorization)
        response = await self._pool.exchange(method, head + _header(value), body, length)
        if response.status == 401:
            getattr(self._authorization, "refused", _ignore)(value)
        return response

    def submit(self, request: Request, done: Callable[[Response | TransportError], None]) -> bool:
        """Begin to send a request if a connection is free for it, and call ``done`` with what comes of it.

        Only what goes out in one piece, with a name and a password; return whether it was begun.

        Raises:
            LocalError: as :meth:`exchange` does.
        """
        method, headers, body = request.method, request.headers, request.body
        if self._closed or self._authorization is not None or method == "GET" or not isinstance(body, bytes):
            return False
        head = self._write_head(method, request.path, request.query, headers)
        if "content-length" in headers:
            body_length(method, headers["content-length"], body)
        return self._pool.submit(method, head + self._basic, body, done)

    async def aclose(self) -> None:
        """Start nothing more, let what is on the wire come to its end, and close every connection."""
        self._closed = True
        try:
            await self._pool.aclose()
        finally:
            closing = getattr(self._authorization, "aclose", None)
            if closing is not None:
                await closing()

    async def _authorize(self, authorization: Authorization) -> str:
        try:
            value = await authorization()
        except MsgcoreError:
            raise
        except Exception as error:  # of the caller's own: it may quote a secret, so only its kind is told
            reason = f"no authorization: {type(error).__name__}"
            raise TransportError(reason, may_have_been_accepted=False) from error
        return _usable(value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._shown})"


def _one_of(authorization: Authorization | None, user: str | None, password: str | None) -> Authorization | None:
    if (authorization is None) == (user is None and password is None):
        raise LocalError("expected user and password, or authorization, and not both")
    if authorization is None and (user is None or password is None):
        raise LocalError("expected user and password, got only one of them")
    if authorization is not None and not callable(authorization):
        raise TypeError(f"authorization must be callable, not {type(authorization).__name__}")
    return authorization


def _context(
    origin: Origin,
    context: ssl.SSLContext | None,
    ca_file: str | Path | None,
    client_certificate: ClientCertificate | None,
) -> ssl.SSLContext | None:
    """Return what TLS goes by. All of it is checked and read now, and not when the first message waits for it."""
    if context is None:
        return (
            client_context(ca_file=ca_file, client_certificate=client_certificate) if origin.scheme == "https" else None
        )
    if ca_file is not None or client_certificate is not None:
        raise LocalError("ssl_context stands instead of ca_file and client_certificate, not beside them")
    return require_verifying(context)


def _header(value: str) -> bytes:
    return f"authorization: {value}\r\n".encode("latin-1")


def _usable(value: object) -> str:
    """Return a value of the caller's as it may stand in a head.

    What is wrong with it is no fault of the message: a LocalError would be that, and reject a whole campaign for good.
    """
    if not isinstance(value, str):
        reason = f"no authorization: expected str, got {type(value).__name__}"
        raise TransportError(reason, may_have_been_accepted=False)
    try:
        return check_value("authorization", value)
    except LocalError as error:
        raise TransportError(f"no authorization: {error}", may_have_been_accepted=False) from None


def _ignore(value: str) -> Any:
    """An authorization that does not want to know."""


__all__ = ["HttpTransport"]
