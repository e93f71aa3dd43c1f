"""The V2 API over HTTP: ``/api/v2/users/{account}/...``.

A request is answered by the account's engine; what is done here is what an engine cannot: to read it within limits, to
find out who asks, to obey a fault, and to let nothing out before it is saved. One bare ASGI callable, since every
message comes this way.
"""

import asyncio
import logging
from typing import Final
from urllib.parse import unquote

from msgcore.wire.exchange import Request, Response
from transports.simulator import answers
from transports.simulator.accounts.account import Account
from transports.simulator.engine import MESSAGE_BODY_LIMIT, Access
from transports.simulator.faults import PASS, Verdict
from transports.simulator.provider import Tenant
from transports.simulator.service.asgi import (
    Body,
    DisconnectError,
    Receive,
    Scope,
    Send,
    headers_of,
    read_body,
    respond,
    whole_path,
)
from transports.simulator.service.connection import DROP
from transports.simulator.service.credentials import Doorman
from transports.simulator.service.life import Life
from transports.simulator.service.tokens import Tokens, is_bearer

API_PATH: Final = "/api/v2"
USERS_PATH: Final = f"{API_PATH}/users/"

_log = logging.getLogger("msgcore.simulator")


class MessagingApi:
    """Answers what is asked below ``/api/v2/users/``."""

    def __init__(self, life: Life, doorman: Doorman, tokens: Tokens | None = None) -> None:
        self._life = life
        self._provider = life.provider
        self._doorman = doorman
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        account_id, _, path = whole_path(scope).removeprefix(USERS_PATH).partition("/")
        query = scope["query_string"].decode("latin-1")
        request = Request(scope["method"], path, query, headers_of(scope))
        tenant = self._provider.get(unquote(account_id))
        verdict = tenant.faults.decide(request) if tenant is not None else PASS
        if verdict.drops_before:
            await _drop(scope)
            return
        if verdict.seconds:
            await asyncio.sleep(verdict.seconds)
        body = await read_body(receive, MESSAGE_BODY_LIMIT if tenant is None else tenant.engine.body_limit(request))
        if verdict.drops_after:
            await _drop(scope)
            return
        response = verdict.answer or await self._answer(tenant, request, body, verdict, scope)
        if verdict.loses_answer:
            await _drop(scope)
            return
        await respond(send, response, closes=not body.is_whole)

    async def _answer(
        self, tenant: Tenant | None, request: Request, body: Body, verdict: Verdict, scope: Scope
    ) -> Response:
        access = verdict.access
        if access is Access.GRANTED:
            account = None if tenant is None else tenant.account
            access = await self._admit(account, request.headers.get("authorization", ""))
        request = Request(request.method, request.path, request.query, request.headers, body.content)
        account_id = "" if tenant is None else tenant.account.id
        client = scope.get("client")
        source = client[0] if client else ""
        response = self._provider.handle(account_id, request, self._life.clock.now(), access=access, source=source)
        if response.status == 413 and tenant is not None:
            return answers.too_large(body.octet_count, tenant.engine.body_limit(request))
        try:
            if response.status == 202 and tenant is not None:
                await self._life.accepted(tenant)
            else:
                await self._life.happened()
        except Exception as error:
            # It is done and may be lost: any answer would claim to know which.
            _log.exception("what has happened could not be saved")
            raise DisconnectError from error
        return response

    async def _admit(self, account: Account | None, authorization: str) -> Access:
        if self._tokens is not None and is_bearer(authorization):
            return self._tokens.admit(account, authorization)
        return await self._doorman.admit(account, authorization)


async def _drop(scope: Scope) -> None:
    """Break the connection, as a fault wants it."""
    drop = (scope.get("extensions") or {}).get(DROP)
    if drop is None:
        raise RuntimeError("this server cannot drop a connection: run the simulator with its own")
    drop()
    await asyncio.sleep(0)  # the connection is told so that it expects no answer any more


__all__ = ["API_PATH", "USERS_PATH", "DisconnectError", "MessagingApi"]
