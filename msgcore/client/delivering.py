"""Sends what an outbox holds: claims, enters each attempt before its bytes may leave, and what came of it after.

How this works: one task goes round. In each turn (``attempting``) it takes the results that came in, claims as many
messages as there is room for, asks the dispatcher which of them go now, and has all of it written at once: what came of
the last ones and the attempts that are next share a commit. Only then do the new ones leave (``carriers``). So the disk
is waited for once a turn, however many messages a turn has, and a turn begins when all that was out is back, or a
moment after the first: what a turn costs is shared by as many as can be.

What if the process dies? Before the commit nothing has left. After it, every attempt that may have left is entered and
none of its outcomes is: the next sender finds as many unknowns as were under way, and no more.

Whoever wants outcomes is of the ``audience``; nothing new starts while there is none. A message's outcome is told once
it is durable.
"""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from typing import Final

from msgcore.client.attempting import Attempting
from msgcore.client.audience import Audience, Listener
from msgcore.client.clock import holding
from msgcore.client.watching import Watch
from msgcore.delivery import (
    Books,
    Conclusion,
    Dispatcher,
    Outcome,
    SendState,
    Wait,
    accepted_earlier,
    check_caller_tag,
)
from msgcore.errors import ClosedError, MsgcoreError
from msgcore.transport import Clock, Outbox, Transport
from msgcore.wire import Accepted, Message, Request

SHORTEST_NAP_SECONDS: Final = 0.005

SECONDS_BETWEEN_LOOKS: Final = 0.5
"""How often somebody who waits for ever looks for what other processes have put."""


class Delivering:
    """Sends from one outbox, for one client.

    Args:
        outbox, transport, clock: where messages are, what moves them, and what everything goes by.
        write: makes the request of a message, with the tag that is to travel.
        new_dispatcher: makes a dispatcher that gives back what is refused.
        books: what is kept in mind; shared with whoever follows the callbacks.
        watch: is told of everything.
        follows: whether accepted messages are followed to their end.
        resend_after: let unknown messages be sent again after so many seconds; ``None`` holds them.
        expire_after: do not send what has waited in the outbox for so many seconds.
    """

    def __init__(
        self,
        outbox: Outbox,
        transport: Transport,
        clock: Clock,
        *,
        write: Callable[[Message, str], Request],
        new_dispatcher: Callable[[], Dispatcher],
        books: Books,
        watch: Watch,
        follows: bool,
        resend_after: float | None,
        expire_after: float,
    ) -> None:
        self.outbox = outbox
        self._clock = clock
        self._hold = holding(clock)
        self._new_dispatcher = new_dispatcher
        self._books = books
        self._watch = watch
        self._follows = follows
        self._resend_after = resend_after
        self._audience = Audience()
        self._woken = asyncio.Event()
        self._in_hand = Attempting(
            outbox,
            transport,
            clock,
            write=write,
            dispatcher=new_dispatcher(),
            books=books,
            watch=watch,
            follows=follows,
            expire_after=expire_after,
            wake=self._woken.set,
        )
        self._is_held_up = False  # by a listener that does not read
        self._running: asyncio.Task[None] | None = None
        self._beginning: asyncio.Task[None] | None = None
        self._settling: asyncio.Future[None] | None = None
        self._failure: BaseException | None = None
        self._is_closing = False
        self.on_accepted: Callable[[], None] | None = None
        """Called when messages were accepted: events about them may follow."""
        self.on_idle: Callable[[], None] | None = None
        """Called when nothing is left to be sent."""

    # ------------------------------------------------------------------------------------------------- for the client

    async def begin(self) -> None:
        """Become the outbox's dispatcher, and take in what it holds; once, however often it is called."""
        if self._beginning is None or (self._beginning.done() and self._beginning.exception() is not None):
            self._beginning = asyncio.ensure_future(self._begin())
        await asyncio.shield(self._beginning)

    async def put(self, messages: Sequence[Message]) -> int:
        """Make messages durable; return how many are new.

        Raises:
            MessageError: a tag leaves no room for ours.
            OutboxError, KeyConflictError: nothing is kept.
        """
        has_high = False
        for message in messages:
            check_caller_tag(message.tag)
            has_high = has_high or message.priority == "high"
        with self._hold():
            new = await self.outbox.put(messages, self._clock.now())
        if new:
            self._in_hand.expect_more(high=has_high)
            self._audience.tell_of_more()
            self._woken.set()
        return new

    async def send(self, message: Message) -> Accepted:
        """Make a message durable, send it, and return what the provider answered."""
        if message.key is None:
            message = message.replace(key=secrets.token_urlsafe(12))
        assert message.key is not None
        await self.begin()
        with self._audience.waiting_for(message.key) as outcome:
            if not await self.put([message]) and not outcome.done():
                with self._hold():
                    [entry] = await self.outbox.find([message.key])
                if entry is not None and (accepted := accepted_earlier(entry)) is not None:
                    return accepted
            self._start()
            return await outcome

    async def listen(self, listener: Listener) -> None:
        """Go on until ``listener`` leaves: everything that comes to an end is told to it."""
        await self.begin()
        self._audience.add(listener)
        self._start()

    def leave(self, listener: Listener) -> None:
        """Tell nothing more to ``listener``; without any, nothing new starts."""
        self._audience.discard(listener)
        self._woken.set()

    async def settled(self) -> None:
        """Return once nothing is under way and everything that was is entered."""
        while self._in_hand.is_under_way and self._failure is None:
            if self._settling is None:
                self._settling = asyncio.get_running_loop().create_future()
            self._woken.set()
            await asyncio.shield(self._settling)

    @property
    def is_busy(self) -> bool:
        """Whether something is under way, or somebody waits for it."""
        return self._in_hand.is_under_way or self._audience.expects_something

    def read(self) -> None:
        """A listener has read its outcomes: if that was waited for, there is room for more."""
        if self._is_held_up:
            self._woken.set()

    def stop(self, error: MsgcoreError) -> None:
        """Start nothing more: whoever listens or waits for an outcome gets ``error``; what is under way is settled."""
        self._in_hand.dispatcher.stop(error)
        self._woken.set()

    async def enter(self, records: Sequence[Outcome | Conclusion]) -> None:
        """Enter what callbacks or the search have told."""
        if records:
            await self.outbox.settle(records)
            self._woken.set()

    async def settle(self) -> None:
        """Start nothing more, and return once what is under way is entered."""
        self._is_closing = True
        if self._beginning is not None:
            await asyncio.gather(self._beginning, return_exceptions=True)
            self.stop(ClosedError("the client is closed", may_have_been_accepted=False))
            await self.settled()

    async def aclose(self) -> None:
        """Give the outbox up, once everything is settled. It is not closed: it is its owner's."""
        if self._beginning is None:
            return
        if self._running is not None:
            self._woken.set()
            await asyncio.gather(self._running, return_exceptions=True)
        self._in_hand.dismiss()
        with self._hold():
            await self.outbox.end()

    # ------------------------------------------------------------------------------------------------------ the turns

    async def _begin(self) -> None:
        with self._hold():
            died_with = await self.outbox.begin(self._clock.now())
            async for entry in self.outbox.entries(SendState.UNKNOWN):
                self._books.restore(entry, self._clock.now())
        self._watch.begun(self.outbox.counts(), died_with)

    def _start(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._is_closing:
            raise ClosedError("the client is closed", may_have_been_accepted=False)
        if self._running is None or self._running.done():
            self._running = asyncio.get_running_loop().create_task(self._run(), name="msgcore-delivering")
            self._running.add_done_callback(self._has_run)
        self._woken.set()

    async def _run(self) -> None:
        try:
            while True:
                self._woken.clear()
                decision = await self._turn()
                if self._is_closing and not self._in_hand.is_under_way:
                    return
                await self._pause(decision)
        except Exception as error:  # the disk: nothing may leave that cannot be entered
            self._fail(error)

    def _has_run(self, running: "asyncio.Task[None]") -> None:
        if running.cancelled():  # with the whole loop: nobody enters anything any more
            self._fail(ClosedError("the sending was cancelled", may_have_been_accepted=True))

    async def _turn(self) -> Wait:
        now, in_hand = self._clock.now(), self._in_hand
        in_hand.take_results(now)
        if self._resend_after is not None and self._books.resend_overdue(now, self._resend_after):
            in_hand.add_records(self._books.take_records(now))
            in_hand.expect_more()
        if self._may_start:
            await in_hand.claim(now)
        decision = in_hand.decide(now) if self._may_start else Wait(None)
        if in_hand.has_to_commit:
            await in_hand.commit()
        self._tell()
        if not self._may_start:
            in_hand.give_back()
        return decision

    @property
    def _may_start(self) -> bool:
        if self._in_hand.dispatcher.stopped_by is not None or self._is_closing:
            return False
        return bool(self._audience) and self._audience.has_room

    # --------------------------------------------------------------------------------------------------- what is told

    def _tell(self) -> None:
        """Tell what has ended, now that it is durable; and who asked for it, that the run has stopped or is idle."""
        in_hand = self._in_hand
        if ended := in_hand.take_ended():
            if self._follows and self.on_accepted is not None:
                self.on_accepted()
            self._audience.tell(ended)
        if not in_hand.is_settled:
            return
        self._has_settled()
        if (error := in_hand.dispatcher.stopped_by) is not None:
            self._stop(error)
        elif in_hand.is_empty and self._has_nothing_left():
            self._audience.tell_of_rest()
            if self.on_idle is not None:
                self.on_idle()

    def _has_nothing_left(self) -> bool:
        if self.outbox.next_due() is not None:
            return False
        return self._resend_after is None or self._books.next_resend(self._resend_after) is None

    def _has_settled(self) -> None:
        if self._settling is not None:
            self._settling.set_result(None)
            self._settling = None

    def _stop(self, error: BaseException) -> None:
        """End what the run was for; another one may begin, with a dispatcher that has not been stopped."""
        self._in_hand.give_back()
        if not self._is_closing:
            self._in_hand.dispatcher = self._new_dispatcher()
        if self._audience:
            self._watch.stopped(error)
        self._audience.dismiss(error)

    def _fail(self, error: BaseException) -> None:
        """Stop for good: what is out can no longer be entered, and is unknown to whoever begins next."""
        self._failure = error
        self._in_hand.abandon()
        self._stop(error)
        self._has_settled()

    async def _pause(self, decision: Wait) -> None:
        """Wait until something has happened, or until it is time for something."""
        now = self._clock.now()
        until = decision.until
        self._is_held_up = not self._audience.has_room
        if self._may_start:
            for other in (
                self.outbox.next_due() if self._in_hand.dispatcher.room else None,
                None if self._resend_after is None else self._books.next_resend(self._resend_after),
                now + SECONDS_BETWEEN_LOOKS if self._audience.stays_forever else None,
            ):
                if other is not None and (until is None or other < until):
                    until = other
        if self._woken.is_set():
            await asyncio.sleep(0)
            return
        if until is None:
            await self._woken.wait()
            return
        sleeper = asyncio.ensure_future(self._clock.sleep_until(max(until, now + SHORTEST_NAP_SECONDS)))
        sleeper.add_done_callback(self._time_has_come)
        try:
            await self._woken.wait()
            if sleeper.done():
                sleeper.result()
        finally:
            sleeper.cancel()

    def _time_has_come(self, sleeper: "asyncio.Future[None]") -> None:
        if not sleeper.cancelled():  # woken by something else meanwhile: no reason to wake once more
            self._woken.set()


__all__ = ["Delivering"]
