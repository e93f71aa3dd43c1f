"""Operations on what happens: time, faults, inbound messages, messages and callbacks."""

import asyncio
import math
import mimetypes
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Collection, Iterable
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote_to_bytes, urlencode, urlsplit

import msgspec

from transports.simulator.callbacks.schedule import STATES, Attempt, Delivery
from transports.simulator.faults import Fault
from transports.simulator.ids import time_text
from transports.simulator.inbound import Attachment, Inbound
from transports.simulator.provider import Tenant
from transports.simulator.search.query import MOST_ROWS, PARAMETERS, Query, read_query
from transports.simulator.service.clock import read_duration
from transports.simulator.service.control.operations import Call, Operation, Parameter, ProblemError, for_accounts

_LONGEST_WAIT_SECONDS: Final = 300.0
_DEFAULT_WAIT_SECONDS: Final = 10.0
_BREATH_SECONDS: Final = 0.02
_OF_PAGES: Final = frozenset({"limit", "sort", "pageToken", "nextPage", "prevPage", "limitTotalCount"})


class ShownClock(msgspec.Struct, frozen=True, kw_only=True):
    """The provider's time."""

    now: float
    time: str
    speed: float
    paused: bool


class ClockChange(msgspec.Struct, frozen=True, kw_only=True):
    """How time is to go on."""

    speed: float | None = None
    paused: bool | None = None


class Jump(msgspec.Struct, frozen=True, kw_only=True):
    """How much time is to pass at once: ``by`` as people write it, such as 15m."""

    by: str


class InboundFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that comes in; its content in Base64."""

    name: str
    content: bytes = b""
    content_type: str | None = None


class InboundMessage(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """What somebody outside sends. An item of ``media`` is a file, or a name or an address, which is never fetched."""

    from_: str
    to: str | list[str]
    text: str = ""
    media: list[str | InboundFile] = []
    carrier: str | None = None


class InboundIds(msgspec.Struct, frozen=True, kw_only=True):
    """The account that got it, and the ids, one for each of its numbers."""

    account_id: str
    message_ids: tuple[str, ...]


class ShownCallback(msgspec.Struct, frozen=True, kw_only=True):
    """Events that travel together, and all attempts so far.

    Texts are not shown. ``text_is_gone``: there was one, and it is forgotten (the delivery has ended, or the simulator
    was started again), so that a post made from now on carries an empty one.
    """

    id: int
    account_id: str
    application_id: str
    inbound: bool
    message_ids: tuple[str, ...]
    events: list[dict[str, Any]]
    created: float
    state: str
    attempts: tuple[Attempt, ...]
    next_try: float | None
    text_is_gone: bool


class Deleted(msgspec.Struct, frozen=True, kw_only=True):
    """How many messages were forgotten."""

    deleted: int


# ----------------------------------------------------------------------------------------------------------------- time


async def show_clock(call: Call) -> ShownClock:
    """Show the time."""
    clock = call.service.life.clock
    return ShownClock(now=clock.now(), time=time_text(clock.now()), speed=clock.speed, paused=clock.paused)


async def change_clock(call: Call) -> ShownClock:
    """Change how time goes on."""
    clock, wanted = call.service.life.clock, call.body
    if wanted.speed is not None:
        clock.change_speed(wanted.speed)
    if wanted.paused is not None:
        (clock.pause if wanted.paused else clock.resume)()
    await call.service.accounts_changed()
    return await show_clock(call)


async def advance(call: Call) -> ShownClock:
    """Let time pass at once."""
    seconds = read_duration(call.body.by)
    try:
        await call.service.life.advance(seconds)
    finally:
        await call.service.accounts_changed()  # however far it has come: its caller may have gone
    return await show_clock(call)


async def reset_all(call: Call) -> None:
    """Forget all messages, media, callbacks and faults; what was set up stays, and so does the time."""
    call.service.provider.reset()
    await call.service.life.happened()


async def reset_account(call: Call) -> None:
    """The same for one account."""
    call.service.provider.reset(call.tenant.account.id)
    await call.service.life.happened()


# --------------------------------------------------------------------------------------------------------------- faults


async def list_faults(call: Call) -> tuple[Fault, ...]:
    """Show the rules in force, each with the count that is left."""
    return call.tenant.faults.rules


async def add_fault(call: Call) -> tuple[Fault, ...]:
    """Put a rule behind the others."""
    call.tenant.faults.add(call.body)
    return call.tenant.faults.rules


async def replace_faults(call: Call) -> tuple[Fault, ...]:
    """Let these rules hold, and no others."""
    call.tenant.faults.replace(call.body)
    return call.tenant.faults.rules


async def clear_faults(call: Call) -> None:
    """Let everything go well again."""
    call.tenant.faults.clear()


# -------------------------------------------------------------------------------------------------------------- inbound


async def receive(call: Call) -> InboundIds:
    """Let a message come in: for the account that the path names, or else for the one that has the number."""
    wanted: InboundMessage = call.body
    to = (wanted.to,) if isinstance(wanted.to, str) else tuple(wanted.to)
    tenant = call.tenant if "account_id" in call.path else _owner(call, to)
    media = tuple(_attachment(item) for item in wanted.media)
    inbound = Inbound(wanted.from_, to, wanted.text, media, wanted.carrier)
    ids = call.service.provider.receive(tenant.account.id, inbound, call.now)
    await call.service.life.happened()
    return InboundIds(account_id=tenant.account.id, message_ids=ids)


def _owner(call: Call, to: tuple[str, ...]) -> Tenant:
    for tenant in call.service.provider.tenants:
        if any(map(tenant.account.owns, to)):
            return tenant
    return call.tenant  # which says what is wrong


def _attachment(item: str | InboundFile) -> Attachment:
    if isinstance(item, InboundFile):
        return Attachment(item.name, item.content, item.content_type or _type_of(item.name))
    if item.startswith("data:"):
        return _data(item)
    name = PurePosixPath(urlsplit(item).path).name
    return Attachment(name, f"a sample file called {name}\n".encode(), _type_of(name))


def _data(url: str) -> Attachment:
    """RFC 2397: a media type, ``;base64`` or not, a comma, and the content."""
    head, comma, content = url.removeprefix("data:").partition(",")
    content_type = head.removesuffix(";base64") or "text/plain"
    if not comma:
        raise ProblemError(400, "invalid", "media: a data URL has a comma before its content")
    try:
        octets = unquote_to_bytes(content)
        octets = b64decode(octets, validate=True) if head.endswith(";base64") else octets
    except (Base64Error, ValueError) as error:
        raise ProblemError(400, "invalid", "media: the content of a data URL is not Base64") from error
    extension = mimetypes.guess_extension(content_type.partition(";")[0]) or ".bin"
    return Attachment(f"file{extension}", octets, content_type)


def _type_of(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


# ------------------------------------------------------------------------------------------------------------- messages


async def find_messages(call: Call) -> list[dict[str, Any]]:
    """Show the messages that a search finds, as search shows them, with the text of the last ones."""
    tenant = call.tenant
    return _found(tenant, _query(call), call.now)


async def wait_for_messages(call: Call) -> list[dict[str, Any]]:
    """Answer as soon as a search finds enough."""
    tenant, query = call.tenant, _query(call, *_WAIT)
    seconds = _number(call, "timeout", _DEFAULT_WAIT_SECONDS, _LONGEST_WAIT_SECONDS)
    count = _number(call, "count", 1, MOST_ROWS)
    if count > query.limit:
        if "limit" in call.values:
            raise ProblemError(400, "invalid", f"count: {count:g} rows are never found with limit {query.limit}")
        query = msgspec.structs.replace(query, limit=math.ceil(count))
    try:
        async with asyncio.timeout(seconds):
            while len(found := _found(tenant, query, call.now)) < count:
                await call.service.life.change()
                await asyncio.sleep(_BREATH_SECONDS)  # a search is dear, and under load something happens all the time
    except TimeoutError as error:
        raise ProblemError(408, "timeout", f"in {seconds:g} s the search did not find {count:g} of them") from error
    return found


async def delete_messages(call: Call) -> Deleted:
    """Forget the finished messages that a search finds."""
    if call.values.keys() & _OF_PAGES:
        raise ProblemError(400, "invalid", f"what is forgotten has no pages: leave out {', '.join(sorted(_OF_PAGES))}")
    deleted = call.tenant.engine.forget(_query(call), call.now)
    await call.service.life.happened()
    return Deleted(deleted=deleted)


def _found(tenant: Tenant, query: Query, now: float) -> list[dict[str, Any]]:
    found = []
    for row in tenant.engine.history.find(query, now)[query.position : query.position + query.limit]:
        inspected = tenant.engine.inspector.get(row.message_id)
        found.append({**msgspec.to_builtins(row), "text": None if inspected is None else inspected.text})
    return found


def _query(call: Call, *others: Parameter) -> Query:
    own = {parameter.name for parameter in others}
    pairs = {name: value for name, value in call.values.items() if name not in own}
    # The API ignores what it does not know; here a slip of the pen would delete everything.
    _check_known(pairs.keys(), PARAMETERS)
    query, errors = read_query(urlencode(pairs or {"limit": "100"}))  # unlike the API, no parameter is everything
    if errors:
        raise ProblemError(400, "invalid", "; ".join(f"{error.field_name}: {error.description}" for error in errors))
    return query


def _check_known(names: Iterable[str], known: Collection[str]) -> None:
    if unknown := sorted(set(names) - set(known)):
        raise ProblemError(400, "invalid", f"unknown parameter {unknown[0]!r}; there are {', '.join(known)}")


def _number(call: Call, name: str, default: float, most: float) -> float:
    text = call.values.get(name)
    try:
        value = default if text is None else float(text)
    except ValueError:
        value = -1.0
    if not 0 < value <= most:
        raise ProblemError(400, "invalid", f"{name}: expected more than 0 and at most {most:g}, got {text!r}")
    return value


# ------------------------------------------------------------------------------------------------------------ callbacks


async def list_callbacks(call: Call) -> list[ShownCallback]:
    """Show all that wait and the last that do not, oldest first."""
    _check_known(call.values.keys(), ("state", "message_id"))
    tenant, state, message_id = call.tenant, call.values.get("state"), call.values.get("message_id")
    if state not in (None, *STATES):
        raise ProblemError(400, "invalid", f"state: expected one of {', '.join(STATES)}, got {state!r}")
    call.service.provider.advance(call.now)  # what has just come in has its callback, if not yet its first attempt
    return [
        shown_callback(tenant, delivery)
        for delivery in tenant.schedule.deliveries()
        if state in (None, delivery.state) and (message_id is None or message_id in delivery.message_ids)
    ]


async def show_callback(call: Call) -> ShownCallback:
    """Show one."""
    return shown_callback(call.tenant, _delivery(call))


async def redo_callback(call: Call) -> ShownCallback:
    """Post it once more, outside of the schedule."""
    delivery = _delivery(call)
    call.tenant.schedule.redo(delivery.id)
    call.service.life.wake()
    return shown_callback(call.tenant, delivery)


def _delivery(call: Call) -> Delivery:
    id = call.path["id"]
    delivery = call.tenant.schedule.get(int(id)) if id.isascii() and id.isdigit() and len(id) < 19 else None
    if delivery is None:
        raise ProblemError(404, "not-found", f"there is no callback {id!r}, or it is forgotten")
    return delivery


def shown_callback(tenant: Tenant, delivery: Delivery) -> ShownCallback:
    """Return a callback as it is shown."""
    return ShownCallback(
        id=delivery.id,
        account_id=tenant.account.id,
        application_id=delivery.application_id,
        inbound=delivery.inbound,
        message_ids=delivery.message_ids,
        events=[msgspec.json.decode(event) for event in delivery.events],
        created=delivery.created,
        state=delivery.state,
        attempts=delivery.attempts,
        next_try=delivery.next_try,
        text_is_gone=tenant.schedule.has_lost_text(delivery),
    )


_QUERY: Final = tuple(Parameter(name, f"as in the API's search: {name}") for name in PARAMETERS)
_WAIT: Final = (
    Parameter("timeout", "real seconds to wait, 10 unless said, at most 300", {"type": "number"}),
    Parameter("count", "how many rows have to be found, 1 unless said", {"type": "integer"}),
)
_Rows = list[dict[str, Any]]

OPERATIONS: Final = (
    Operation("GET", "/clock", "The provider's time", show_clock, gives=ShownClock),
    Operation("PATCH", "/clock", "Let time go faster or slower, hold it, let it go on", change_clock, ClockChange,
              ShownClock),
    Operation("POST", "/clock/advance", "Let time pass at once, retries of callbacks included", advance, Jump,
              ShownClock, takes_long=True),
    Operation("POST", "/reset", "Forget all that has happened, in all accounts", reset_all, status=204),
    Operation("POST", "/accounts/{account_id}/reset", "Forget all that has happened in an account", reset_account,
              status=204),
    *for_accounts((
        Operation("GET", "/faults", "The faults on order, with the counts that are left", list_faults,
                  gives=list[Fault]),
        Operation("POST", "/faults", "Order a fault", add_fault, Fault, list[Fault], 201),
        Operation("PUT", "/faults", "Order these faults and no others", replace_faults, list[Fault], list[Fault]),
        Operation("DELETE", "/faults", "Let everything go well again", clear_faults, status=204),
        Operation("POST", "/inbound", "Let a message come in", receive, InboundMessage, InboundIds, 201),
        Operation("GET", "/messages", "Messages that a search finds, with text while it is remembered", find_messages,
                  gives=_Rows, parameters=_QUERY),
        Operation("GET", "/messages/wait", "The same, as soon as there are enough", wait_for_messages, gives=_Rows,
                  parameters=_QUERY + _WAIT, takes_long=True),
        Operation("DELETE", "/messages", "Forget finished messages that a search finds", delete_messages,
                  gives=Deleted, parameters=tuple(each for each in _QUERY if each.name not in _OF_PAGES)),
        Operation("GET", "/callbacks", "Callbacks with all their attempts", list_callbacks, gives=list[ShownCallback],
                  parameters=(Parameter("state", "waiting, delivered, dropped or nowhere"),
                              Parameter("message_id", "of one message alone"))),
        Operation("GET", "/callbacks/{id}", "One callback", show_callback, gives=ShownCallback),
        Operation("POST", "/callbacks/{id}/redo", "Post it once more by hand; its schedule stays", redo_callback,
                  gives=ShownCallback, status=202),
    )),
)  # fmt: skip
