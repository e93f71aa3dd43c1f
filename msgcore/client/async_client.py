"""AsyncClient: ``send``, ``send_many`` and ``events`` over any transport."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from types import TracebackType
from typing import Self

from msgcore.client.clock import clock_of
from msgcore.client.sending import Outcome, Sending
from msgcore.delivery import Dispatcher
from msgcore.errors import ClosedError, LocalError, UnsupportedError
from msgcore.planning import Pacing, RetryPolicy
from msgcore.transport import CallbackSource, Clock, Outbox, Transport
from msgcore.wire import Accepted, Event, Message, Response, decode_callbacks, decode_send_response, encode_message


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

    Args:
        transport: moves the bytes; closed with the client.
        application_id: of every message that names none.
        callbacks: where events come from; the transport itself where it is a CallbackSource.
        outbox: reserved for the durable outbox; this release sends from memory only.
        clock: what pacing and back-off go by; the transport's own ``clock`` where it has one.
        rate: the account's segments per second, for ``send_many``; ``None`` does not pace.
        queue_seconds: the depth of the provider's queue in seconds of ``rate``.
        max_in_flight: how many messages ``send_many`` may have out without an answer.
        retry: the back-off of ``send_many`` after refusals.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        application_id: str | None = None,
        callbacks: CallbackSource | None = None,
        outbox: Outbox | None = None,
        clock: Clock | None = None,
        rate: float | None = None,
        queue_seconds: float = 900,
        max_in_flight: int = 64,
        retry: RetryPolicy | None = None,
    ) -> None:
        if outbox is not None:
            raise UnsupportedError("outbox: this release sends from memory only; a durable outbox is not there yet")
        self._transport = transport
        self._application_id = application_id
        if callbacks is None and isinstance(transport, CallbackSource):
            callbacks = transport
        self._callbacks = callbacks
        self._clock: Clock = clock if clock is not None else clock_of(transport)
        self._pacing = Pacing(rate, queue_seconds) if rate is not None else None
        self._retry = retry if retry is not None else RetryPolicy()
        self._max_in_flight = max_in_flight
        self._random_fraction = random.SystemRandom().random
        self._closed = False
        self._closing: asyncio.Task[None] | None = None
        self._open_sendings: set[Sending] = set()
        self._pulls: set[asyncio.Future[bytes | None]] = set()  # callbacks that are waited for
        self._exchanges = 0  # under way
        self._begun = 0  # sends and send_many iterations, ever
        self._changed = asyncio.Event()  # one of the above has changed

    @property
    def clock(self) -> Clock:
        """The clock that this client goes by."""
        return self._clock

    async def send(self, message: Message) -> Accepted:
        """Send one message once and return the provider's answer; nothing is retried.

        Raises:
            MessageError: the message names no application, and neither does the client.
            RejectedError: the provider said no (``RateLimitedError``: its queue is full).
            ResponseError: an answer came that cannot be read.
            TransportError: no answer; ``may_have_been_accepted`` tells whether sending again risks a second message.
        """
        if self._closed:
            raise ClosedError("the client is closed", may_have_been_accepted=False)
        request = encode_message(message, application_id=self._application_id)
        self._begun += 1
        self._exchanges += 1
        try:
            response = await self._transport.exchange(request)
            if not isinstance(response.body, bytes):
                whole = b"".join([chunk async for chunk in response.body])
                response = Response(response.status, response.headers, whole)
            return decode_send_response(response)
        finally:
            self._exchanges -= 1
            self._changed.set()

    async def send_many(self, messages: Iterable[Message] | AsyncIterable[Message]) -> AsyncGenerator[Outcome, None]:
        """Yield each message with its outcome, in order of completion; an outcome is Accepted or a MsgcoreError.

        The input is pulled lazily, never more than one message ahead of what may be sent. Refusals for now (429, 503,
        no connection) are retried with back-off; a message that may have been accepted is never sent again. When the
        provider refuses the account or the client as such (401, 403, ...), what was pulled comes back with that error
        and the iteration then raises it; an error of the input itself is raised likewise, after every outcome.

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

    def stop(self) -> None:
        """Start no more sends: what ``send_many`` has pulled and not sent comes back with ClosedError, which it raises.

        What is in flight is settled as ever, and events go on: for a clean end in the middle of a campaign.
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

    def _open_sending(self) -> Sending:
        if self._closed:
            raise ClosedError("the client is closed", may_have_been_accepted=False)
        dispatcher = Dispatcher(
            pacing=self._pacing,
            retry=self._retry,
            random_fraction=self._random_fraction,
            max_in_flight=self._max_in_flight,
        )
        sending = Sending(dispatcher, self._clock, self.send, self._sending_settled)
        self._begun += 1
        self._open_sendings.add(sending)
        return sending

    def _sending_settled(self, sending: Sending) -> None:
        self._open_sendings.discard(sending)
        self._changed.set()


__all__ = ["AsyncClient"]
