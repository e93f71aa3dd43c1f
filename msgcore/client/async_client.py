"""AsyncClient: ``send``, ``send_many`` and ``events`` over any transport."""

import asyncio
import math
import random
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Sequence
from types import TracebackType
from typing import Literal, Self

from msgcore.client.answers import whole
from msgcore.client.clock import clock_of
from msgcore.client.delivering import Delivering
from msgcore.client.durable_sending import DurableSending
from msgcore.client.following import Following
from msgcore.client.sending import Outcome, Sending
from msgcore.client.watching import Watch
from msgcore.delivery import Books, Dispatcher, Ledger, SuppressionList, Suppressions, Window
from msgcore.errors import ClosedError, LocalError
from msgcore.planning import Pace, Pacing, RetryPolicy, SenderPacing
from msgcore.transport import CallbackSource, CallbackStore, Clock, Hooks, Outbox, Transport
from msgcore.wire import (
    Accepted,
    Event,
    FoundMessage,
    Message,
    Request,
    decode_callbacks,
    decode_search,
    decode_send_response,
    encode_message,
    encode_search,
)


class AsyncClient:
    """Sends messages and yields their events, over any transport.

    >>> import asyncio
    >>> from msgcore import AsyncClient, Message
    >>> from transports import SimulatorTransport
    >>> async def main() -> list[str]:
    ...     async with AsyncClient(SimulatorTransport(rate=10), application_id="demo") as client:
    ...         await client.send(Message(to="+19195550123", from_="+19195550100", text="hello"))
    ...         return [event.type async for event in client.events()]
    >>> asyncio.run(main())
    ['message-sent', 'message-delivered']

    With an outbox every message is made durable before it is sent, every attempt before its bytes leave, and what died
    with an earlier process is taken up again: see ``docs/delivery.md``. The outbox and a store of callbacks stay open:
    they are their owner's.

    Args:
        transport: moves the bytes; closed with the client.
        application_id: of every message that names none.
        callbacks: where events come from: a source, or (with an outbox) the store that a receiver fills; the transport
            itself where it is a CallbackSource.
        outbox: keeps messages, attempts and outcomes; without one, all of that is lost with the process.
        clock: what pacing and back-off go by; the transport's own ``clock`` where it has one.
        rate: the account's segments per second; ``None`` does not pace. Single sends without an outbox are not paced.
        sender_rate: segments per second of each sender, as P2P long codes have it.
        queue_seconds: the depth of the provider's queue in seconds of ``rate``.
        latency_seconds: how much later than others a message may arrive; as much of the queue is left free.
        max_in_flight: how many messages may be out without an answer.
        retry: the back-off after refusals. With an outbox nothing is ever given up.
        suppressions: who has opted out; by default a list in memory, fed by the events.
        opt_out_scope: whether an opt-out holds for all senders, or only for the one that was answered.
        on_unknown: what becomes of messages that stay unknown: ``"hold"``, or ``"resend"``, which may reach somebody
            twice.
        unknown_after: after how many seconds they are resent.
        search_unknowns: ask the provider's search for them too.
        expire_after: do not send what has waited in the outbox for so many seconds.
        retry_failed: send once more what has failed for a reason that passes; never after 9902, and no group.
        hooks: who watches the sending.
        log_content: show numbers, tags and keys in the log. Texts are never shown.
        reader: under which name the place in the store of callbacks is kept; senders that share one need one each.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        application_id: str | None = None,
        callbacks: CallbackSource | CallbackStore | None = None,
        outbox: Outbox | None = None,
        clock: Clock | None = None,
        rate: float | None = None,
        sender_rate: float | None = None,
        queue_seconds: float = 900,
        latency_seconds: float = 0.0,
        max_in_flight: int = 64,
        retry: RetryPolicy | None = None,
        suppressions: Suppressions | None = None,
        opt_out_scope: Literal["account", "sender"] = "account",
        on_unknown: Literal["hold", "resend"] = "hold",
        unknown_after: float = 3600.0,
        search_unknowns: bool = True,
        expire_after: float = math.inf,
        retry_failed: bool = False,
        hooks: Sequence[Hooks] = (),
        log_content: bool = False,
        reader: str = "msgcore-sender",
    ) -> None:
        self._transport = transport
        self._application_id = application_id
        if callbacks is None and isinstance(transport, CallbackSource):
            callbacks = transport
        if isinstance(callbacks, CallbackStore) and outbox is None:
            raise LocalError("callbacks: a store is read on from where it was left, so it needs an outbox beside it")
        self._callbacks = callbacks
        self._clock: Clock = clock if clock is not None else clock_of(transport)
        self._pacing = _pace(rate, sender_rate, queue_seconds, latency_seconds)
        self._retry = retry if retry is not None else RetryPolicy()
        self._max_in_flight = max_in_flight
        self._suppressions = suppressions if suppressions is not None else SuppressionList()
        self._random_fraction = random.SystemRandom().random
        self._closed = False
        self._closing: asyncio.Task[None] | None = None
        self._open_sendings: set[Sending | DurableSending] = set()
        self._pulls: set[asyncio.Future[bytes | None]] = set()  # callbacks that are waited for
        self._exchanges = 0  # under way
        self._begun = 0  # sends and send_many iterations, ever
        self._changed = asyncio.Event()  # one of the above has changed
        self._delivering: Delivering | None = None
        self._following: Following | None = None
        self._books = Books()
        if outbox is not None:
            if not isinstance(outbox, Outbox):
                raise TypeError(f"outbox must be an Outbox, not {type(outbox).__name__}")
            if on_unknown not in ("hold", "resend"):
                raise LocalError(f"on_unknown must be 'hold' or 'resend', not {on_unknown!r}")
            watch = Watch(hooks, log_content=log_content)
            self._delivering = Delivering(
                outbox,
                transport,
                self._clock,
                write=self._write,
                new_dispatcher=lambda: self._new_dispatcher(keeps_refused=False),
                books=self._books,
                watch=watch,
                follows=callbacks is not None,
                resend_after=unknown_after if on_unknown == "resend" else None,
                expire_after=expire_after,
            )
            self._following = Following(
                callbacks,
                self._clock,
                delivering=self._delivering,
                books=self._books,
                watch=watch,
                suppressions=self._suppressions,
                opt_out_scope=opt_out_scope,
                reader=reader,
                search=self._search if search_unknowns else None,
                retry_failed=retry_failed,
            )
        elif hooks:
            raise LocalError("hooks: they watch what is made durable, so they need an outbox")

    @property
    def clock(self) -> Clock:
        """The clock that this client goes by."""
        return self._clock

    @property
    def ledger(self) -> Ledger:
        """What became of the accepted messages, with an outbox; what is settled is forgotten after a while."""
        return self._books.ledger

    async def send(self, message: Message) -> Accepted:
        """Send one message once and return the provider's answer; nothing is retried.

        With an outbox the message is durable first, and from then on it is sent even if nobody waits here any more; a
        refusal for now is retried. A key that was accepted before is not sent again: what is known of it comes back.

        Raises:
            MessageError: the message names no application, and neither does the client.
            RejectedError: the provider said no (``RateLimitedError``: its queue is full).
            ResponseError: an answer came that cannot be read.
            TransportError: no answer; ``may_have_been_accepted`` tells whether sending again risks a second message.
        """
        if self._closed:
            raise ClosedError("the client is closed", may_have_been_accepted=False)
        self._begun += 1
        if self._delivering is None or self._following is None:
            request = encode_message(message, application_id=self._application_id)
            self._exchanges += 1
            try:
                return await self._exchange(request)
            finally:
                self._exchanges -= 1
                self._changed.set()
        await self._following.begin()
        return await self._delivering.send(message)

    async def put(self, messages: Sequence[Message]) -> int:
        """Make messages durable in the outbox, to be sent by whoever delivers; return how many are new.

        Raises:
            MessageError: a tag has more than 984 characters, which leave no room for the mark that travels behind it.
            KeyConflictError: a key is kept already, for a message with other content.
            OutboxError: they cannot be made durable. None of them is kept, in all three cases.
        """
        self._require_open()
        if self._delivering is None:
            raise LocalError("there is no outbox to put messages into: pass outbox=...")
        return await self._delivering.put(messages)

    async def deliver(self, *, forever: bool = False) -> AsyncGenerator[Outcome, None]:
        """Send what waits in the outbox, and yield each message that comes to an end with its outcome.

        This is how a campaign goes on after its process died. It ends when nothing waits any more; with ``forever`` it
        goes on with whatever anybody puts there. Leaving early, :meth:`stop` and errors are as in :meth:`send_many`.
        """
        sending = self._open_delivery(forever=forever)
        try:
            while not sending.over:
                for outcome in await sending.advance():
                    yield outcome
            sending.raise_what_ended_it()
        finally:
            await sending.settle()

    async def wait_until_final(self) -> None:
        """With an outbox and callbacks: return once every accepted message is final, as far as it can be."""
        if self._following is None or self._callbacks is None:
            raise LocalError("expected an outbox and a source of callbacks to follow messages by")
        await self._following.wait_until_final()

    async def send_many(self, messages: Iterable[Message] | AsyncIterable[Message]) -> AsyncGenerator[Outcome, None]:
        """Yield each message with its outcome, in order of completion; an outcome is Accepted or a MsgcoreError.

        With an outbox the input is made durable as fast as it comes, and the outcomes are those of everything that the
        outbox sends meanwhile, also of messages from earlier; what was accepted before does not come again. A refusal
        for now is retried without end, and what a stopped run has not sent is kept.

        Without one the input is pulled lazily, never more than one message ahead of what may be sent. Refusals for now
        (429, 503, no connection) are retried with back-off; a message that may have been accepted is never sent again.
        When the provider refuses the account or the client as such (401, 403, ...), what was pulled comes back with
        that error and the iteration then raises it; an error of the input is raised likewise, after all outcomes.

        A plain iterable is pulled in this thread, so one that blocks until an outcome has come blocks for ever: such an
        input must be asynchronous. Leaving early starts no new send and settles those in flight: at once with
        ``contextlib.aclosing``, otherwise when the iterator is collected, at the latest when the client closes.
        """
        sending = self._open_sending()
        try:
            if isinstance(messages, AsyncIterable):
                source = aiter(messages)
                while not sending.over:
                    sending.pull(source)
                    for outcome in await sending.advance():
                        yield outcome
            else:
                plain_source = iter(messages)
                while not sending.over:
                    sending.fill(plain_source)
                    for outcome in await sending.advance():
                        yield outcome
            sending.raise_what_ended_it()
        finally:
            await sending.settle()

    async def events(self) -> AsyncGenerator[Event, None]:
        """Yield the events of callbacks as they come, each as often as it was posted.

        Over a source that knows its own end (the simulator) the iteration ends when everything that this client sent
        is final and no send is under way; before the first send it waits for one. Over a live source it goes on until
        the client closes.

        Raises:
            CallbackError: a callback body is not JSON; single items that cannot be read come as UnknownEvent.
        """
        async for event in self._events(wait_for_first_send=True):
            yield event

    async def _events(self, *, wait_for_first_send: bool) -> AsyncGenerator[Event, None]:
        if self._callbacks is None:
            raise LocalError("no source of callbacks: pass callbacks=..., or a transport that is a CallbackSource")
        if self._following is not None:
            async for event in self._followed_events(self._following, wait_for_first_send=wait_for_first_send):
                yield event
            return
        assert isinstance(self._callbacks, CallbackSource)
        while not self._closed:
            self._changed.clear()
            begun = self._begun
            body = await self._next_callback(self._callbacks)
            if body is not None:
                for event in decode_callbacks(body):
                    yield event
            elif begun == self._begun:  # else something was sent meanwhile that may cause one: ask again
                if (begun or not wait_for_first_send) and not self._exchanges and not self._open_sendings:
                    return
                if not self._closed:
                    await self._changed.wait()

    async def _followed_events(self, following: Following, *, wait_for_first_send: bool) -> AsyncGenerator[Event, None]:
        assert self._delivering is not None
        async with following.subscribed() as subscriber:
            while not self._closed:
                while subscriber.events:
                    yield subscriber.events.popleft()
                    following.read()
                if subscriber.error is not None:
                    raise subscriber.error
                has_ended = following.is_exhausted and not self._delivering.is_busy and not self._open_sendings
                if has_ended and (self._begun or not wait_for_first_send):
                    return
                subscriber.changed.clear()
                await subscriber.changed.wait()

    def stop(self) -> None:
        """Start no more sends: what ``send_many`` has pulled and not sent comes back with ClosedError, which it raises.

        What is in flight is settled as ever, and events go on: for a clean end in the middle of a campaign. With an
        outbox nothing comes back: what was not sent is kept there.
        """
        self._stop_sendings("sending was stopped")

    async def aclose(self) -> None:
        """Settle what is in flight, then close the transport; whoever calls it again waits for the same."""
        if self._closing is None:
            self._closed = True
            self._closing = asyncio.ensure_future(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        self._stop_sendings("the client is closed")
        while self._exchanges:
            self._changed.clear()
            await self._changed.wait()
        self._changed.set()  # whoever waits for a first send learns that there will be none
        for pull in self._pulls:
            pull.cancel()
        try:
            if self._delivering is not None and self._following is not None:
                await self._delivering.settle()
                await self._following.stop()
                await self._delivering.aclose()
        finally:
            await self._transport.aclose()

    def _stop_sendings(self, reason: str) -> None:
        for sending in tuple(self._open_sendings):
            sending.stop(ClosedError(reason, may_have_been_accepted=False))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _next_callback(self, source: CallbackSource) -> bytes | None:
        pull = asyncio.ensure_future(source.next_callback())
        self._pulls.add(pull)
        try:
            return await pull
        except (asyncio.CancelledError, ClosedError):
            task = asyncio.current_task()
            if self._closed and not (task is not None and task.cancelling()):
                return None  # the client was closed, not the task cancelled
            raise
        finally:
            self._pulls.discard(pull)

    def _open_sending(self) -> Sending | DurableSending:
        if self._delivering is not None:
            return self._open_delivery(has_input=True)
        self._require_open()
        sending = Sending(self._new_dispatcher(), self._clock, self.send, self._sending_settled)
        self._begun += 1
        self._open_sendings.add(sending)
        return sending

    def _open_delivery(self, *, has_input: bool = False, forever: bool = False) -> DurableSending:
        self._require_open()
        if self._delivering is None or self._following is None:
            raise LocalError("there is no outbox to deliver from: pass outbox=...")
        sending = DurableSending(
            self._delivering, self._following, self._sending_settled, has_input=has_input, forever=forever
        )
        self._begun += 1
        self._open_sendings.add(sending)
        return sending

    def _require_open(self) -> None:
        if self._closed:
            raise ClosedError("the client is closed", may_have_been_accepted=False)

    def _new_dispatcher(self, *, keeps_refused: bool = True) -> Dispatcher:
        return Dispatcher(
            pacing=self._pacing,
            retry=self._retry,
            random_fraction=self._random_fraction,
            max_in_flight=self._max_in_flight,
            suppressions=self._suppressions,
            keeps_refused=keeps_refused,
        )

    def _write(self, message: Message, tag: str) -> Request:
        return encode_message(message, application_id=self._application_id, tag=tag)

    async def _exchange(self, request: Request) -> Accepted:
        response = await self._transport.exchange(request)
        if not isinstance(response.body, bytes):
            response = await whole(response)
        return decode_send_response(response)

    async def _search(self, window: Window) -> list[FoundMessage]:
        """Return everything that the provider has from a sender to a recipient in a window of time."""
        found: list[FoundMessage] = []
        token = None
        while True:
            request = encode_search(
                sender=window.sender, recipient=window.recipient, since=window.since, until=window.until, token=token
            )
            page = decode_search(await whole(await self._transport.exchange(request)))
            found += page.messages
            if page.next_token is None or page.next_token == token:
                return found
            token = page.next_token

    def _sending_settled(self, sending: Sending | DurableSending) -> None:
        self._open_sendings.discard(sending)
        self._changed.set()
        if self._following is not None:
            self._following.look()


def _pace(rate: float | None, sender_rate: float | None, depth: float, latency: float) -> Pace | None:
    if rate is None:
        if sender_rate is not None:
            raise LocalError("sender_rate: a sender's rate counts within the account's, so rate is needed too")
        return None
    if sender_rate is None:
        return Pacing(rate, depth, latency_seconds=latency)
    return SenderPacing(rate, sender_rate=sender_rate, depth_seconds=depth, latency_seconds=latency)


__all__ = ["AsyncClient"]
