"""The whole server as one ASGI application: the V2 API, the control API, the page, and the life of the provider."""

import asyncio
import logging
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from msgcore.errors import LocalError, MissingExtraError
from msgcore.wire.exchange import Response
from transports.simulator import answers
from transports.simulator.accounts.account import SAMPLE_ACCOUNT_ID, SAMPLE_APPLICATION_ID, Account
from transports.simulator.accounts.profiles import profile_named
from transports.simulator.accounts.records import Application, CallbackCredential, Credential
from transports.simulator.inspector import DEFAULT_INSPECTED
from transports.simulator.provider import Provider
from transports.simulator.service.asgi import (
    DisconnectError,
    Receive,
    Scope,
    Send,
    headers_of,
    read_body,
    respond,
    whole_path,
)
from transports.simulator.service.callbacks import Poster
from transports.simulator.service.clock import ServiceClock
from transports.simulator.service.connection import DROP
from transports.simulator.service.control.app import CONTROL_PATH, ControlApi
from transports.simulator.service.credentials import Doorman, hash_password
from transports.simulator.service.dashboard import DASHBOARD_PATH, DASHBOARD_PATHS, DashboardApi
from transports.simulator.service.description import DESCRIPTION_PATH, describe_api
from transports.simulator.service.life import Forgetful, Life, Saver
from transports.simulator.service.messaging import API_PATH, USERS_PATH, MessagingApi
from transports.simulator.service.page import PAGE_PATH, Page
from transports.simulator.service.settings import Ready, ServiceSettings
from transports.simulator.service.tokens import FORM_LIMIT, TOKEN_PATH, Tokens
from transports.simulator.service.watching.feed import Feed
from transports.simulator.usage.archive import UsageSource

if TYPE_CHECKING:
    from transports.simulator.service.store import ClockRecord, Store

_log = logging.getLogger("msgcore.simulator")


class Service:
    """A provider that can be asked over HTTP.

    ``origin`` is where it can be reached, such as ``http://127.0.0.1:8080``: addresses of media begin with it. To be
    used as a context, in the loop that it is for: time passes only inside.

    Raises:
        LocalError: a setting cannot be, or the data folder cannot be used.
    """

    def __init__(self, settings: ServiceSettings, origin: str) -> None:
        self.origin: Final = origin
        store = None if settings.data is None else open_store(settings.data)
        kept_clock = None if store is None else store.load_clock()
        seed = secrets.randbits(63) if settings.seed is None else settings.seed
        if kept_clock is not None:
            seed ^= time.time_ns()  # who goes on must not give the ids it has given before
        self.provider: Final = Provider(
            profile=profile_named(settings.profile),
            seed=seed,
            base_url=origin + API_PATH,
            interval_seconds=settings.retry_seconds,
            history_limit=settings.history,
            media_limit=settings.media_octets,
            inspected=DEFAULT_INSPECTED if settings.inspects else 0,
            journal=store is not None,
        )
        clock = _clock(settings.speed, kept_clock)
        saver: Saver = Forgetful()
        if store is not None:
            for account in store.load():
                self.provider.restore(*account)
            store.keep(self.provider, lambda: _clock_record(clock))
            saver = store
        self.life: Final = Life(self.provider, clock, Poster(allows_private=settings.allows_private_callbacks), saver)
        self.feed: Final = Feed(self.life)
        self._saver = saver
        self._store = store
        self._users_before = [user for each in self.provider.tenants[:1] for user in _users(each.account)]
        self._dashboard_users_before = [
            user for each in self.provider.tenants[:1] for user in each.account.office.users
        ]
        try:
            self.ready: Final = self._set_up(settings)
        except LocalError:
            if store is not None:
                store.abandon()
            raise
        doorman = Doorman()
        self._tokens = Tokens(self.provider, doorman) if self.provider.profile.has_tokens else None
        self._messaging = MessagingApi(self.life, doorman, self._tokens)
        self._dashboard = DashboardApi(self.life, saver, origin, self.usage_of)
        self._control = ControlApi(self)
        self._page = Page(origin)
        token_url = None if self._tokens is None else origin + TOKEN_PATH
        description = msgspec.json.encode(describe_api(self.provider.base_url, self.ready.account_id, token_url))
        self._description = Response(200, answers.JSON_HEADERS, description)

    async def __aenter__(self) -> "Service":
        if self._store is not None:
            await self._store.open()
        await self.life.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.life.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; whatever goes wrong in here is logged without what was asked, and answered with a 500."""
        if scope["type"] != "http":
            return
        path = whole_path(scope)
        try:
            if path.startswith(USERS_PATH):
                await self._messaging(scope, receive, send)
            elif path == CONTROL_PATH or path.startswith(CONTROL_PATH + "/"):
                await self._control(scope, receive, send)
            elif path == TOKEN_PATH and self._tokens is not None:
                body = await read_body(receive, FORM_LIMIT)
                authorization = headers_of(scope).get("authorization", "")
                response = await self._tokens.answer(scope["method"], authorization, body.content)
                await respond(send, response, closes=not body.is_whole)
            elif path.startswith(DASHBOARD_PATHS):
                await self._dashboard(scope, receive, send)
            elif path == DESCRIPTION_PATH and scope["method"] == "GET":
                await respond(send, self._description)
            elif path == "/" or path.startswith(PAGE_PATH):
                await self._page(scope, receive, send)
            else:
                await respond(send, answers.unknown_path(path, self.life.clock.now()))
        except DisconnectError:
            scope["extensions"][DROP]()
        except asyncio.CancelledError:
            # The server stops, and has waited for this long enough: that is no fault to be logged.
            scope["extensions"][DROP]()
            await asyncio.sleep(0)  # the connection is told so that it expects no answer any more
        except Exception:
            _log.exception("a request could not be answered")
            await respond(send, answers.server_fault(), closes=True)

    async def accounts_changed(self) -> None:
        """Save what somebody has changed by hand, in accounts or in time, and look what follows from it."""
        self._saver.accounts_changed()
        await self.life.happened()

    @property
    def earlier_users(self) -> tuple[str, ...]:
        """The users of a data folder that an earlier run has made, and whose passwords stay good."""
        return tuple(user for user in self._users_before if user != self.ready.user)

    @property
    def earlier_dashboard_users(self) -> tuple[str, ...]:
        """The same of the dashboard."""
        return tuple(user for user in self._dashboard_users_before if user != self.ready.dashboard_user)

    def usage_of(self, account_id: str) -> UsageSource:
        """Return where the usage records of an account are read: in the store, or in memory."""
        if self._store is not None:
            return self._store.usage_of(account_id)
        return self.provider[account_id].usage.memory

    def open_account(self, account_id: str, settings: ServiceSettings) -> Ready:
        """Open an account as the sample one, with credentials of its own; LocalError where there is one of that id."""
        self.provider.add(Account.sample(account_id))
        try:
            return self._prepare(account_id, settings)
        except LocalError:
            self.provider.remove(account_id)
            raise

    # ----------------------------------------------------------------------------------------------------------- set up

    def _set_up(self, settings: ServiceSettings) -> Ready:
        tenants = self.provider.tenants
        if not tenants:
            return self.open_account(SAMPLE_ACCOUNT_ID, settings)
        return self._prepare(tenants[0].account.id, settings)

    def _prepare(self, account_id: str, settings: ServiceSettings) -> Ready:
        tenant = self.provider[account_id]
        account = tenant.account
        if settings.rate is not None:
            changed = msgspec.structs.replace(account.settings, rate=settings.rate)
            tenant.engine.change_settings(changed, self.life.clock.now())
        applications = account.applications
        application = applications[0] if applications else Application(id=SAMPLE_APPLICATION_ID)
        account.put_application(_with_callbacks(application, settings))
        is_token = self.provider.profile.name == "v2-2019"
        user, password = _pair(
            settings.user, settings.password, _users(account), _API_OPTIONS,
            secrets.token_hex(24) if is_token else f"user-{secrets.token_hex(4)}",
        )  # fmt: skip
        users = account.office.users
        dashboard_user, dashboard_password = _pair(
            settings.dashboard_user, settings.dashboard_password, list(users), _DASHBOARD_OPTIONS,
            f"dashboard-{secrets.token_hex(4)}",
        )  # fmt: skip
        account.put_credential(Credential(user, hash_password(password), self.life.clock.now()))
        users[dashboard_user] = hash_password(dashboard_password)
        return Ready(
            base_url=self.provider.base_url,
            control_url=self.origin + CONTROL_PATH,
            dashboard_url=self.origin + DASHBOARD_PATH,
            page_url=self.origin + "/",
            account_id=account_id,
            user=user,
            password=password,
            dashboard_user=dashboard_user,
            dashboard_password=dashboard_password,
            application_id=application.id,
            numbers=tuple(number.number for number in account.numbers),
        )


_API_OPTIONS: Final = "--password or MSGCORE_SIMULATOR_PASSWORD"
_DASHBOARD_OPTIONS: Final = "--dashboard-password or MSGCORE_DASHBOARD_PASSWORD"


def _users(account: Account) -> list[str]:
    return [credential.user for credential in account.credentials]


def _pair(
    user: str | None, password: str | None, earlier: list[str], options: str, made_up_user: str
) -> tuple[str, str]:
    """Return a pair that opens something: what is given, the rest made up.

    Of a password only a hash is kept, so who starts again without one gets another pair; the old ones stay good.
    """
    if user is not None and password is None and user in earlier:
        raise LocalError(
            f"user {user!r} has a password already, and only a hash of it is kept: give it again, or a new one "
            f"({options}), or no user, and another pair is made"
        )
    if user is None and password is not None and earlier:
        user = earlier[0]
    return user or made_up_user, password or secrets.token_urlsafe(18)


def _with_callbacks(application: Application, settings: ServiceSettings) -> Application:
    changed: dict[str, Any] = {}
    if settings.callback_url is not None:
        changed["callback_url"] = settings.callback_url
    if settings.callback_user is not None or settings.callback_password is not None:
        changed["callback_credential"] = CallbackCredential(
            settings.callback_user or "", settings.callback_password or ""
        )
    return msgspec.structs.replace(application, **changed)


def open_store(folder: Path) -> "Store":
    """Return the store in a folder; MissingExtraError without what it is made of."""
    try:
        from transports.simulator.service.store import Store
    except ModuleNotFoundError as error:
        raise MissingExtraError("a simulator with a data folder", "simulator") from error
    return Store(folder)


def _clock(speed: float | None, kept: "ClockRecord | None") -> ServiceClock:
    if kept is None:
        return ServiceClock(time.time(), speed=1.0 if speed is None else speed)
    # While nobody was there, time went on as before.
    passed = 0.0 if kept.paused else max(0.0, time.time() - kept.machine_time) * kept.speed
    speed = kept.speed if speed is None else speed
    return ServiceClock(kept.provider_time + passed, speed=speed, paused=kept.paused)


def _clock_record(clock: ServiceClock) -> "ClockRecord":
    from transports.simulator.service.store import ClockRecord

    return ClockRecord(clock.now(), time.time(), clock.speed, clock.paused)
