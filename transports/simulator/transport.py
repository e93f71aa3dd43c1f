"""The simulator as a transport: the provider in your own process, in virtual or in real time."""

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterable, Collection
from typing import Literal

import msgspec

from msgcore.client import SystemClock
from msgcore.errors import ClosedError, ConnectError, ExchangeTimeoutError, LocalError
from msgcore.transport import Clock
from msgcore.wire.exchange import Request, Response
from transports.simulator.accounts.account import SAMPLE_APPLICATION_ID
from transports.simulator.accounts.profiles import V2_NOW, profile_named
from transports.simulator.accounts.records import DEFAULT_DEPTH_SECONDS
from transports.simulator.clock import VirtualClock
from transports.simulator.engine import CALLBACK_TYPES, DEFAULT_ACCOUNT_ID, Engine
from transports.simulator.faults import Faults
from transports.simulator.inbound import Inbound


class SimulatorTransport:
    """A provider of your own: it answers requests, and it is the source of the callbacks that follow.

    >>> from msgcore.wire.callbacks import decode_callbacks
    >>> from msgcore.wire.messages import Message, encode_message
    >>> async def send() -> list[str]:
    ...     provider = SimulatorTransport(rate=1)
    ...     message = Message(to="+19195554720", from_="+19195550100", text="hi")
    ...     request = encode_message(message, application_id=provider.application_id)
    ...     seen = [str((await provider.exchange(request)).status)]
    ...     while (body := await provider.next_callback()) is not None:
    ...         seen += [event.type for event in decode_callbacks(body)]
    ...     return seen
    >>> asyncio.run(send())
    ['202', 'message-sent', 'message-failed']

    ``clock`` is ``"virtual"`` (time jumps to the next thing that happens, once every task waits), ``"real"``, or any
    clock; the other options are those of the engine. Both the client and this transport must go by the same clock.

    ``profile`` is the API as it is, or ``"v2-2019"``. ``faults`` are rules that spoil requests, ``receive`` lets a
    message come in from outside.

    A request is answered without suspending its task: a task that does nothing but exchange keeps the loop to itself.
    Callbacks that nobody reads are kept; where nobody will, say ``callback_types=()``.
    """

    def __init__(
        self,
        *,
        rate: float = 1,
        seed: int = 0,
        clock: Literal["virtual", "real"] | Clock = "virtual",
        account_id: str = DEFAULT_ACCOUNT_ID,
        queue_seconds: float = DEFAULT_DEPTH_SECONDS,
        applications: Collection[str] | None = None,
        calling_codes: Collection[int] | None = None,
        callback_types: Collection[str] = CALLBACK_TYPES,
        profile: str = V2_NOW.name,
    ) -> None:
        self.clock: Clock = _clock(clock)
        self.application_id = min(applications) if applications else SAMPLE_APPLICATION_ID
        self._engine = Engine.open(
            rate=rate,
            seed=seed,
            account_id=account_id,
            queue_seconds=queue_seconds,
            applications=applications,
            calling_codes=calling_codes,
            callback_types=callback_types,
            profile=profile_named(profile),
        )
        self.faults = Faults(seed)
        self._ready: deque[bytes] = deque()
        self._waiting: dict[asyncio.Future[None], float] = {}  # readers of callbacks, and until when they sleep
        self._closed = False

    @property
    def account_id(self) -> str:
        """The account that answers."""
        return self._engine.account_id

    @property
    def rate(self) -> float:
        """How many segments go out per second, of each queue."""
        return self._engine.rate

    @property
    def queue_capacity(self) -> int:
        """How many segments each queue holds."""
        return self._engine.queue_capacity

    @property
    def queued_segments(self) -> int:
        """How many segments wait in the SMS queue now."""
        return self._engine.queued_segments(self.clock.now())

    @property
    def queued_mms(self) -> int:
        """How many MMS wait in the MMS queue now, those of a group counted per recipient."""
        return self._engine.queued_segments(self.clock.now(), mms=True)

    @property
    def open_message_count(self) -> int:
        """How many accepted messages still have an event to come."""
        return self._engine.open_message_count

    async def exchange(self, request: Request) -> Response:
        """Answer a request as the provider would, at the clock's present time.

        Raises:
            TransportError: one of ``faults`` wants it so.
        """
        self._require_open()
        verdict = self.faults.decide(request)
        if verdict.drops_before:
            raise ConnectError("a fault that was asked for: the connection is dropped")
        if verdict.seconds:
            await self.clock.sleep_until(self.clock.now() + verdict.seconds)
        if not isinstance(request.body, bytes):
            request = msgspec.structs.replace(request, body=await _read(request.body))
            self._require_open()
        if verdict.drops_after:
            raise ExchangeTimeoutError("a fault that was asked for: the connection is dropped, nothing was done")
        if verdict.answer is not None:
            return verdict.answer
        response = self._engine.handle(request, self.clock.now(), access=verdict.access)
        self._look_again()
        if verdict.loses_answer:
            raise ExchangeTimeoutError("a fault that was asked for: the answer is lost")
        return response

    def receive(self, inbound: Inbound) -> tuple[str, ...]:
        """Let a message come in from outside; returns the ids, one for each number of the account that gets it."""
        self._require_open()
        ids = self._engine.receive(inbound, self.clock.now())
        self._look_again()
        return ids

    def _look_again(self) -> None:
        if self._waiting and (due := self._engine.next_due()) is not None:
            self._wake_readers(due)

    async def next_callback(self) -> bytes | None:
        """Wait for the next callback body; ``None`` once nothing that was accepted can still cause one."""
        while not self._closed:
            for callback in self._engine.advance(self.clock.now()):
                self._ready.append(callback.body)
                if callback.inbound:
                    self._engine.settle_inbound(callback.message_id, taken=True)
            if self._ready:
                return self._ready.popleft()
            due = self._engine.next_due()
            if due is None:
                return None
            await self._sleep_until(due)
        return None

    async def aclose(self) -> None:
        """Close: exchanges are refused from now on, and readers of callbacks get ``None``."""
        self._closed = True
        self._wake_readers(-math.inf)

    def _require_open(self) -> None:
        if self._closed:
            raise ClosedError("the simulator transport is closed", may_have_been_accepted=False)

    async def _sleep_until(self, due: float) -> None:
        """Sleep until ``due``, or until an exchange brings something earlier."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        alarm = asyncio.ensure_future(self._wake_at(due, woken))
        self._waiting[woken] = due
        try:
            await woken
        finally:
            del self._waiting[woken]
            alarm.cancel()

    async def _wake_at(self, due: float, woken: asyncio.Future[None]) -> None:
        try:
            await self.clock.sleep_until(due)
        except Exception as error:  # of somebody's own clock: it belongs to the reader
            if not woken.done():
                woken.set_exception(error)
        else:
            _wake(woken)

    def _wake_readers(self, due: float) -> None:
        """Wake the readers who sleep towards something later than ``due``."""
        for woken, until in self._waiting.items():
            if until > due:
                _wake(woken)


def _wake(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)


def _clock(clock: Literal["virtual", "real"] | Clock) -> Clock:
    if clock == "virtual":
        return VirtualClock()
    if clock == "real":
        return SystemClock()
    if isinstance(clock, Clock):
        return clock
    raise LocalError(f"clock: expected 'virtual', 'real' or an object with now and sleep_until, got {clock!r}")


async def _read(stream: AsyncIterable[bytes]) -> bytes:
    return b"".join([chunk async for chunk in stream])
