"""Operations for somebody who looks on: messages as they move and as they are drawn, conversations, queues, texts."""

from typing import Any, Final

import msgspec
from starlette.responses import Response

from msgcore.numbering import SenderKind
from msgcore.planning.rate_cards import RateKey
from msgcore.wire import MessageKind
from msgcore.wire.exchange import Request
from msgcore.wire.rules import MAX_TEXT_CHARACTERS
from transports.simulator.answers import JSON_HEADERS
from transports.simulator.course.records import MessageRecord
from transports.simulator.search.history import age
from transports.simulator.service.control.operations import Call, Operation, Parameter, ProblemError, for_accounts
from transports.simulator.service.control.traffic import ShownCallback, shown_callback
from transports.simulator.service.watching.attachments import ShownFile, files_of, show
from transports.simulator.service.watching.conversations import Conversation, conversations
from transports.simulator.service.watching.courses import ShownLeg, Step, course_of, deliveries_of, legs_of
from transports.simulator.service.watching.drawing import Drawing, draw
from transports.simulator.service.watching.feed import Sample
from transports.simulator.service.watching.filters import Filter, read_filter
from transports.simulator.service.watching.states import AccountState, state_of_account
from transports.simulator.service.watching.stream import EventStream, follow, read_position
from transports.simulator.service.watching.summaries import Summary, summary_of
from transports.simulator.usage.totals import rate_card_of

PAGE_LENGTH: Final = 200
MOST_LISTED: Final = 1000
MOST_LOOKED_AT: Final = 100_000
"""A filter that finds nothing must not keep everybody else waiting: the list then goes on from where it was."""
MOST_CALLBACKS: Final = 100


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """Lines of a list, the newest first, and what asks for those behind them."""

    lines: list[Summary]
    next: str | None
    total: int


class ShownMessage(msgspec.Struct, frozen=True, kw_only=True):
    """All about one message. Without a text there is no ``drawing``; why, ``texts_kept`` tells."""

    line: Summary
    application_id: str
    location: str | None
    text: str | None
    texts_kept: int
    files: tuple[ShownFile, ...]
    legs: tuple[ShownLeg, ...]
    course: tuple[Step, ...]
    drawing: Drawing | None
    callbacks: list[ShownCallback]


class NewMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"from_": "from"}):
    """A message to send as if somebody had asked the API to; the application is that of the sender's location."""

    from_: str
    to: str | list[str]
    text: str = ""
    media: list[str] = []
    tag: str | None = None
    priority: str | None = None
    application_id: str | None = None


class SentId(msgspec.Struct, frozen=True):
    """The id of a message that was taken."""

    id: str


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """A text to be drawn, and who is to send it where: that decides its price."""

    text: str
    sender: SenderKind = SenderKind.LONG_CODE
    zone: int | None = 1


class ShownText(msgspec.Struct, frozen=True, kw_only=True):
    """A text drawn, with what it costs: amounts are decimals in text, ``None`` where the rate card has no price.

    ``saving_amounts`` are what it would cost with each of the savings.
    """

    drawing: Drawing
    price: str | None
    currency: str | None
    amount: str | None
    saving_amounts: tuple[str | None, ...]


class ShownQueue(msgspec.Struct, frozen=True, kw_only=True):
    """How the queues stand, how they stood while somebody looked, and which callbacks are next."""

    state: AccountState
    samples: tuple[Sample, ...]
    callbacks: list[ShownCallback]


# -------------------------------------------------------------------------------------------------------------- looking


async def follow_events(call: Call) -> Response:
    """Tell what happens, for as long as somebody listens."""
    feed, tenant = call.service.feed, call.tenant
    if not feed.has_room:
        raise ProblemError(503, "busy", "as many as may are listening already")
    wanted = _filter(call)
    last = read_position(call.headers.get("last-event-id") or call.values.get("after", ""))
    return EventStream(feed, follow(feed, tenant, wanted, last, call.service.life.clock))


async def list_recent(call: Call) -> Listed:
    """Show lines about messages."""
    tenant, wanted = call.tenant, _filter(call)
    limit = call.whole_number("limit", PAGE_LENGTH, MOST_LISTED)
    before = _read_cursor(call.values.get("before"))
    engine, lines, looked_at, cursor = tenant.engine, list[Summary](), 0, None
    for message in engine.history.newest():
        if before is not None and age(message) >= before:
            continue
        if len(lines) == limit or looked_at == MOST_LOOKED_AT:
            break
        looked_at, cursor = looked_at + 1, message
        if wanted.fits(message, engine.inspector):
            lines.append(summary_of(message, engine))
    else:
        cursor = None  # there are no more
    return Listed(lines=lines, next=None if cursor is None else _cursor(cursor), total=len(engine.history))


async def show_message(call: Call) -> ShownMessage:
    """Show all about one message."""
    tenant, message = call.tenant, _message(call)
    engine = tenant.engine
    inspected = engine.inspector.get(message.id)
    deliveries = deliveries_of(message.id, tenant)
    location = engine.account.location_of(message.legs[0].to if message.inbound else message.sender)
    return ShownMessage(
        line=summary_of(message, engine),
        application_id=message.application_id,
        location=None if location is None else location.name or location.id,
        text=None if inspected is None else inspected.text,
        texts_kept=engine.inspector.limit,
        files=() if inspected is None else files_of(inspected, engine, call.now),
        legs=legs_of(message),
        course=course_of(message, deliveries),
        drawing=None if inspected is None or message.is_mms else draw(inspected.text),
        callbacks=[shown_callback(tenant, delivery) for delivery in deliveries],
    )


async def list_conversations(call: Call) -> list[Conversation]:
    """Show what phones and numbers of the account have said to each other."""
    return conversations(call.tenant.engine, call.now)


async def show_file(call: Call) -> Response:
    """Show a picture, or give out a file."""
    file = call.tenant.engine.media.get(call.values.get("name", ""), call.now)
    if file is None:
        raise ProblemError(404, "not-found", "there is no such file, or its 48 hours are over")
    return show(file)


async def show_queue(call: Call) -> ShownQueue:
    """Show what waits."""
    tenant, feed = call.tenant, call.service.feed
    sample = feed.sample(tenant, call.now)
    return ShownQueue(
        state=state_of_account(tenant, call.service.life.clock, sample),
        samples=feed.samples(tenant),
        callbacks=[shown_callback(tenant, delivery) for delivery in tenant.schedule.line(MOST_CALLBACKS)],
    )


async def draw_text(call: Call) -> ShownText:
    """Draw a text as it would travel, and say what it would cost."""
    wanted: Text = call.body
    if len(wanted.text) > MAX_TEXT_CHARACTERS:
        raise ProblemError(
            400, "invalid", f"text: expected at most {MAX_TEXT_CHARACTERS} characters, got {len(wanted.text)}"
        )
    drawing = draw(wanted.text)
    office = call.tenant.account.office
    card = rate_card_of(office.prices, office.currency)
    price = card.get(RateKey(MessageKind.SMS, wanted.sender, wanted.zone))

    def amount(segment_count: int) -> str | None:
        return None if price is None else f"{price * segment_count:f}"

    return ShownText(
        drawing=drawing,
        price=None if price is None else f"{price:f}",
        currency=card.currency,
        amount=amount(drawing.segment_count),
        saving_amounts=tuple(amount(saving.segment_count) for saving in drawing.savings),
    )


# -------------------------------------------------------------------------------------------------------------- sending


async def send(call: Call) -> SentId:
    """Send a message as the API would."""
    return await _send(call, call.body)


async def send_again(call: Call) -> SentId:
    """Send another message like one that was sent, for as long as its text is remembered."""
    message = _message(call)
    inspected = call.tenant.engine.inspector.get(message.id)
    if inspected is None:
        raise ProblemError(404, "not-found", f"the text of message {message.id} is not remembered (any more)")
    if message.inbound:
        raise ProblemError(400, "invalid", "this message came in; only what was sent can be sent again")
    return await _send(
        call,
        NewMessage(
            from_=inspected.sender,
            to=list(inspected.to),
            text=inspected.text,
            media=list(inspected.media),
            tag=inspected.tag,
            priority=inspected.priority,
            application_id=message.application_id,
        ),
    )


async def _send(call: Call, wanted: NewMessage) -> SentId:
    account = call.tenant.account
    application = account.application_of(wanted.from_)
    application_id = wanted.application_id or (application.id if application is not None else "")
    fields = {**msgspec.to_builtins(wanted), "applicationId": application_id}
    fields.pop("application_id", None)
    request = Request("POST", "messages", headers=JSON_HEADERS, body=msgspec.json.encode(fields))
    response = call.service.provider.handle(account.id, request, call.now)
    assert isinstance(response.body, bytes), "the engine answers with whole bodies"
    answer: dict[str, Any] = msgspec.json.decode(response.body)
    if response.status != 202:
        reasons = [f"{error['fieldName']}: {error['description']}" for error in answer.get("fieldErrors", [])]
        raise ProblemError(response.status, answer["type"], "; ".join(reasons) or answer["description"])
    await call.service.life.happened()
    return SentId(answer["id"])


# -------------------------------------------------------------------------------------------------------------- reading


def _filter(call: Call) -> Filter:
    return read_filter(call.values.get("q", ""))


def _message(call: Call) -> MessageRecord:
    message = call.tenant.engine.history.get(call.path["id"])
    if message is None:
        raise ProblemError(404, "not-found", f"there is no message {call.path['id']!r}, or it is forgotten")
    return message


def _cursor(message: MessageRecord) -> str:
    created, order, id = age(message)
    return f"{created!r}~{order}~{id}"


def _read_cursor(text: str | None) -> tuple[float, int, str] | None:
    if text is None:
        return None
    try:
        created, order, id = text.split("~")
        return float(created), int(order), id
    except ValueError as error:
        raise ProblemError(400, "invalid", f"before: expected what a list gave as next, got {text!r}") from error


_Q: Final = Parameter("q", "what to find: words, or to:, from:, tag:, text:, status:, kind:, direction:, code:, id:")

OPERATIONS: Final = for_accounts((
    Operation("GET", "/events", "What happens, as server-sent events: messages, and the state once a second",
              follow_events, media_type="text/event-stream",
              parameters=(_Q, Parameter("after", "where to go on, for who cannot send Last-Event-ID"))),
    Operation("GET", "/messages/recent", "Lines about messages, the newest first", list_recent, gives=Listed,
              parameters=(_Q, Parameter("before", "what the list before gave as next"),
                          Parameter("limit", f"how many, {PAGE_LENGTH} unless said", {"type": "integer"}))),
    Operation("GET", "/messages/{id}", "All about a message: its way, its segments drawn, its callbacks", show_message,
              gives=ShownMessage),
    Operation("POST", "/messages", "Send a message, without credentials", send, NewMessage, SentId, 201),
    Operation("POST", "/messages/{id}/again", "Send another message like this one", send_again, gives=SentId,
              status=201),
    Operation("GET", "/conversations", "What phones and numbers have said, as far as it is remembered",
              list_conversations, gives=list[Conversation]),
    Operation("GET", "/files", "A file of a message", show_file, media_type="*/*",
              parameters=(Parameter("name", "what the message says"),)),
    Operation("GET", "/queue", "What waits: segments, and callbacks in the order of their turns", show_queue,
              gives=ShownQueue),
    Operation("POST", "/texts", "A text drawn as it would travel: alphabet, segments, units, savings", draw_text, Text,
              ShownText),
))  # fmt: skip
