"""The Dashboard API over HTTP: ``/api/accounts/...`` and ``/api/tns/...``.

Who asks is found out by users of their own: what opens the dashboard does not open the messaging API, nor the reverse.
An answer goes out when what it tells is saved; the file of a report goes out piece by piece.
"""

import logging
from collections.abc import Callable
from typing import Final

from msgcore.wire.exchange import Request, Response
from msgcore.wire.mdr import MdrColumns
from transports.simulator.accounts.account import Account
from transports.simulator.accounts.office import Report
from transports.simulator.dashboard import dashboard
from transports.simulator.dashboard.asking import NOT_ALLOWED, TOO_LARGE, UNAUTHORIZED, problem
from transports.simulator.dashboard.reports import filter_of
from transports.simulator.engine import Access
from transports.simulator.provider import Provider
from transports.simulator.service.asgi import (
    DisconnectError,
    Receive,
    Scope,
    Send,
    headers_of,
    read_body,
    respond,
    stream,
    whole_path,
)
from transports.simulator.service.credentials import Doorman, user_in
from transports.simulator.service.life import Life, Saver
from transports.simulator.usage.archive import UsageSource
from transports.simulator.usage.files import stream_zip

DASHBOARD_PATH: Final = "/api"
DASHBOARD_PATHS: Final = (f"{DASHBOARD_PATH}/accounts/", f"{DASHBOARD_PATH}/tns")

_log = logging.getLogger("msgcore.simulator")


class DashboardApi:
    """Answers what is asked below ``/api/accounts`` and ``/api/tns``; ``usage_of`` says where reports are read."""

    def __init__(self, life: Life, saver: Saver, origin: str, usage_of: Callable[[str], UsageSource]) -> None:
        self._life = life
        self._provider: Provider = life.provider
        self._saver = saver
        self._base_url = origin + DASHBOARD_PATH
        self._usage_of = usage_of
        self._doorman = Doorman(lambda account, user: account.office.users.get(user))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = whole_path(scope).removeprefix(f"{DASHBOARD_PATH}/")
        body = await read_body(receive, dashboard.BODY_LIMIT)
        headers = headers_of(scope)
        user = user_in(headers.get("authorization", ""))
        account = self._account(path, user)
        access = await self._doorman.admit(account, headers.get("authorization", ""))
        if access is not Access.GRANTED or account is None:
            await respond(send, _unauthorized(), closes=not body.is_whole)
        elif dashboard.account_in(path) not in (None, account.id):
            await respond(send, problem(403, NOT_ALLOWED, "this user belongs to another account"))
        elif body.octet_count > dashboard.BODY_LIMIT:
            await respond(send, problem(413, TOO_LARGE, f"more than {dashboard.BODY_LIMIT} octets"), closes=True)
        else:
            query = scope["query_string"].decode("latin-1")
            await self._answer(account, user, Request(scope["method"], path, query, headers, body.content), send)

    async def _answer(self, account: Account, user: str, request: Request, send: Send) -> None:
        now = self._life.clock.now()
        self._provider.advance(now)  # a port-in may be due
        answered = dashboard.answer(account, user, request, now, self._base_url)
        if answered.changed:
            self._saver.accounts_changed()
        try:
            await self._life.happened()
        except Exception as error:
            # It is done and may be lost: any answer would claim to know which.
            _log.exception("what has happened could not be saved")
            raise DisconnectError from error
        if answered.report is None:
            await respond(send, answered.response)
        else:
            await self._send_file(account, answered.report, send)

    async def _send_file(self, account: Account, report: Report, send: Send) -> None:
        name = f"mdrs_{report.start}_{report.end}"
        pieces = stream_zip(
            self._usage_of(account.id),
            account.id,
            filter_of(report),
            MdrColumns(report.columns),
            name=name,
            breakdown=report.breakdown,
        )
        headers = {
            "content-type": "application/octet-stream",
            "content-disposition": f'attachment; filename="{name}.zip"',
        }
        await stream(send, headers, pieces)

    def _account(self, path: str, user: str) -> Account | None:
        """Return the account that is asked about; or, where the user is none of its, the one he belongs to."""
        tenant = self._provider.get(dashboard.account_in(path) or "")
        if tenant is not None and user in tenant.account.office.users:
            return tenant.account
        theirs = (each.account for each in self._provider.tenants if user in each.account.office.users)
        # A user whom nobody knows is checked all the same, so that nothing tells that he is unknown.
        return next(theirs, None) or (None if tenant is None else tenant.account)


def _unauthorized() -> Response:
    headers = {"www-authenticate": 'Basic realm="dashboard"'}
    return problem(401, UNAUTHORIZED, "the credentials are missing or wrong", headers)
