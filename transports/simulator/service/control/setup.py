"""Operations on what is set up: accounts, credentials, applications, locations, numbers, settings and rates."""

import re
import secrets
import uuid
from typing import Any, Final

import msgspec

from transports.simulator.accounts.account import SAMPLE_ACCOUNT_ID
from transports.simulator.accounts.records import (
    Application,
    CallbackCredential,
    Credential,
    Location,
    Number,
    NumberClass,
    Settings,
    class_by_form,
)
from transports.simulator.provider import Tenant
from transports.simulator.service.control.operations import Call, Operation, ProblemError, changed, for_accounts
from transports.simulator.service.credentials import hash_password
from transports.simulator.service.settings import Ready, ServiceSettings

_ACCOUNT_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class NewAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account like the sample one. What is not given is made up."""

    id: str | None = None
    rate: float | None = None
    callback_url: str | None = None
    callback_user: str | None = None
    callback_password: str | None = None
    user: str | None = None
    password: str | None = None
    dashboard_user: str | None = None
    dashboard_password: str | None = None


class NewCredential(msgspec.Struct, frozen=True, kw_only=True):
    """A pair that opens the API. What is not given is made up."""

    user: str | None = None
    password: str | None = None


class ShownCredential(msgspec.Struct, frozen=True, kw_only=True):
    """A pair that opens the API, without its password."""

    user: str
    created: float | None


class GivenCredential(msgspec.Struct, frozen=True, kw_only=True):
    """A pair that opens the API, told once: only a hash of the password is kept."""

    user: str
    password: str


class NewNumber(msgspec.Struct, frozen=True, kw_only=True):
    """A number; its class is that of its form, its location the first, unless it is said."""

    number: str
    number_class: NumberClass | None = None
    location_id: str | None = None
    rate: float | None = None
    enabled: bool = True
    campaign_id: str | None = None


class ShownApplication(msgspec.Struct, frozen=True, kw_only=True):
    """An application, its passwords left out."""

    id: str
    name: str
    callback_url: str | None
    inbound_url: str | None
    outbound_url: str | None
    callback_user: str | None
    inbound_user: str | None
    outbound_user: str | None
    callback_types: tuple[str, ...] | None
    batch_limit: int


class ShownAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account as it stands."""

    id: str
    settings: Settings
    users: tuple[str, ...]
    applications: tuple[ShownApplication, ...]
    locations: tuple[Location, ...]
    numbers: tuple[Number, ...]
    opt_outs: tuple[tuple[str, str], ...]
    queued_segments: int
    queued_mms: int
    open_messages: int
    callbacks: dict[str, int]


# ------------------------------------------------------------------------------------------------------------ accounts


async def list_accounts(call: Call) -> list[ShownAccount]:
    """Show all accounts."""
    return [_shown(tenant, call.now) for tenant in call.service.provider.tenants]


async def show_account(call: Call) -> ShownAccount:
    """Show one account."""
    return _shown(call.tenant, call.now)


async def open_account(call: Call) -> Ready:
    """Open an account that nobody else uses."""
    wanted: NewAccount = call.body or NewAccount()
    account_id = wanted.id or _free_id(call)
    if not _ACCOUNT_ID.fullmatch(account_id):
        raise ProblemError(400, "invalid", "id: expected 1 to 64 of A-Z, a-z, 0-9, _ and -")
    fields = {name: getattr(wanted, name) for name in wanted.__struct_fields__ if name != "id"}
    ready = call.service.open_account(account_id, ServiceSettings(**fields))
    await call.service.accounts_changed()
    return ready


async def close_account(call: Call) -> None:
    """Close an account and forget all that belongs to it."""
    call.service.provider.remove(call.tenant.account.id)
    await call.service.accounts_changed()


async def change_settings(call: Call) -> Settings:
    """Change some settings; the others stay."""
    tenant = call.tenant
    if unknown := sorted(call.body.keys() - set(Settings.__struct_fields__)):
        raise ProblemError(400, "invalid", f"unknown field {unknown[0]!r}")
    settings: Settings = changed(tenant.account.settings, call.body)
    tenant.engine.change_settings(settings, call.now)
    await call.service.accounts_changed()
    return settings


def _free_id(call: Call) -> str:
    while True:
        account_id = f"99{secrets.randbelow(10**5):05d}"
        if account_id != SAMPLE_ACCOUNT_ID and call.service.provider.get(account_id) is None:
            return account_id


# -------------------------------------------------------------------------------------------------- what belongs to one


async def list_credentials(call: Call) -> list[ShownCredential]:
    """Show who may use the API, oldest first; nobody can show a password again."""
    return [ShownCredential(user=pair.user, created=pair.created) for pair in call.tenant.account.credentials]


async def add_credential(call: Call) -> GivenCredential:
    """Make a pair, or give a user another password."""
    wanted: NewCredential = call.body or NewCredential()
    user = wanted.user or f"user-{secrets.token_hex(4)}"
    password = wanted.password or secrets.token_urlsafe(18)
    call.tenant.account.put_credential(Credential(user, hash_password(password), call.now))
    await call.service.accounts_changed()
    return GivenCredential(user=user, password=password)


async def remove_credential(call: Call) -> None:
    """Forget a pair."""
    await _remove(call, "credential", call.path["user"])


async def add_application(call: Call) -> ShownApplication:
    """Make an application with an id of its own."""
    application = msgspec.convert({**call.body, "id": str(uuid.uuid4())}, Application)
    return await _put_application(call, application)


async def put_application(call: Call) -> ShownApplication:
    """Make an application, or replace it whole."""
    return await _put_application(call, call.body)


async def change_application(call: Call) -> ShownApplication:
    """Change some of an application; the rest stays."""
    application = call.tenant.account.application(call.path["id"])
    if application is None:
        raise ProblemError(404, "not-found", f"there is no application {call.path['id']!r}")
    return await _put_application(call, changed(application, {**call.body, "id": application.id}))


async def remove_application(call: Call) -> None:
    """Forget an application that no location uses."""
    await _remove(call, "application", call.path["id"])


async def put_location(call: Call) -> Location:
    """Make a location, or replace it whole."""
    location: Location = call.body
    call.tenant.account.put_location(location)
    await call.service.accounts_changed()
    return location


async def remove_location(call: Call) -> None:
    """Forget a location that has no numbers."""
    await _remove(call, "location", call.path["id"])


async def put_number(call: Call) -> Number:
    """Make a number, change it or move it."""
    account, wanted = call.tenant.account, call.body
    locations = account.locations
    number_class = wanted.number_class or class_by_form(wanted.number)
    number = Number(
        number=wanted.number,
        number_class=number_class,
        location_id=wanted.location_id or (locations[0].id if locations else ""),
        rate=wanted.rate,
        enabled=wanted.enabled,
        campaign_id=wanted.campaign_id,
        since=call.now,
        a2p_state="OFF" if number_class is NumberClass.P2P_LONG_CODE else "SYSTEM_DEFAULT",
    )
    account.put_number(number)
    await call.service.accounts_changed()
    return number


async def remove_number(call: Call) -> None:
    """Give a number back."""
    await _remove(call, "number", call.path["number"])


async def _put_application(call: Call, application: Application) -> ShownApplication:
    call.tenant.account.put_application(application)
    await call.service.accounts_changed()
    return _shown_application(application)


async def _remove(call: Call, what: str, key: str) -> None:
    account = call.tenant.account
    if getattr(account, what)(key) is None:
        raise ProblemError(404, "not-found", f"there is no {what} {key!r}")
    getattr(account, f"remove_{what}")(key)
    await call.service.accounts_changed()


# -------------------------------------------------------------------------------------------------------------- showing


def _shown(tenant: Tenant, now: float) -> ShownAccount:
    record, counts = tenant.account.record(), tenant.schedule.counts
    return ShownAccount(
        id=record.id,
        settings=record.settings,
        users=tuple(credential.user for credential in record.credentials),
        applications=tuple(map(_shown_application, record.applications)),
        locations=record.locations,
        numbers=record.numbers,
        opt_outs=record.opt_outs,
        queued_segments=tenant.engine.queued_segments(now),
        queued_mms=tenant.engine.queued_segments(now, mms=True),
        open_messages=tenant.engine.open_message_count,
        callbacks={
            "waiting": tenant.schedule.waiting_count,
            "delivered": counts.delivered,
            "dropped": counts.dropped,
            "nowhere": counts.nowhere,
            "attempts": counts.attempts,
        },
    )


def _shown_application(application: Application) -> ShownApplication:
    types = application.callback_types
    return ShownApplication(
        id=application.id,
        name=application.name,
        callback_url=application.callback_url,
        inbound_url=application.inbound_url,
        outbound_url=application.outbound_url,
        callback_user=_user(application.callback_credential),
        inbound_user=_user(application.inbound_credential),
        outbound_user=_user(application.outbound_credential),
        callback_types=None if types is None else tuple(sorted(types)),
        batch_limit=application.batch_limit,
    )


def _user(credential: CallbackCredential | None) -> str | None:
    return None if credential is None else credential.user


_Fields = dict[str, Any]

OPERATIONS: Final = (
    Operation("GET", "/accounts", "All accounts", list_accounts, gives=list[ShownAccount]),
    Operation(
        "POST", "/accounts", "Open an account of your own; its password is told once", open_account, NewAccount, Ready,
        201, optional_body=True,
    ),
    Operation("GET", "/accounts/{account_id}", "One account", show_account, gives=ShownAccount),
    Operation("DELETE", "/accounts/{account_id}", "Close an account", close_account, status=204),
    *for_accounts((
        Operation("PATCH", "/settings", "Rate, queue, zones and what else holds for an account", change_settings,
                  _Fields, Settings),
        Operation("GET", "/credentials", "The users of the API, without their passwords", list_credentials,
                  gives=list[ShownCredential]),
        Operation("POST", "/credentials", "A pair that opens the API; its password is told once", add_credential,
                  NewCredential, GivenCredential, 201, optional_body=True),
        Operation("DELETE", "/credentials/{user}", "Forget a pair", remove_credential, status=204),
        Operation("POST", "/applications", "An application with an id of its own", add_application, _Fields,
                  ShownApplication, 201),
        Operation("PUT", "/applications/{id}", "An application, whole", put_application, Application,
                  ShownApplication, key="id"),
        Operation("PATCH", "/applications/{id}", "Some of an application", change_application, _Fields,
                  ShownApplication),
        Operation("DELETE", "/applications/{id}", "Forget an application", remove_application, status=204),
        Operation("PUT", "/locations/{id}", "A location, with its services and zones", put_location, Location,
                  Location, key="id"),
        Operation("DELETE", "/locations/{id}", "Forget a location", remove_location, status=204),
        Operation("PUT", "/numbers/{number}", "A number, its class and its rate", put_number, NewNumber, Number,
                  key="number"),
        Operation("DELETE", "/numbers/{number}", "Give a number back", remove_number, status=204),
    )),
)  # fmt: skip
