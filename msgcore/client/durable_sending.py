"""One ``send_many`` or ``deliver`` over an outbox: input goes in as fast as it comes, outcomes come out as they end.

It is used as :class:`Sending` is, by the async and the sync client alike. The difference: what was pulled is durable a
moment later, so input is not held back by the sending, and what has not come to an end when the caller leaves is kept.
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Final

from msgcore.client.audience import Ended, Listener
from msgcore.client.delivering import Delivering
from msgcore.client.following import Following
from msgcore.errors import KeyConflictError, MessageError, MsgcoreError
from msgcore.wire import Message

PUT_AT_ONCE: Final = 1000
FILL_SECONDS: Final = 0.005
"""An input that is slower is put as it comes, so that no message waits for the next one to come along."""


class DurableSending:
    """Puts input into the outbox, and hands back what comes to an end.

    Args:
        has_input: whether messages will come, through :meth:`fill` or :meth:`pull`.
        forever: never be over because nothing is left to be sent.
        on_settled: called once with this object, when nothing is under way any more.
    """

    def __init__(
        self,
        delivering: Delivering,
        following: Following,
        on_settled: Callable[["DurableSending"], None],
        *,
        has_input: bool = True,
        forever: bool = False,
    ) -> None:
        self._delivering = delivering
        self._following = following
        self._on_settled = on_settled
        self._listener = Listener(forever=forever)
        self._forever = forever
        self._lock = threading.Lock()
        self._input: list[Message] = []
        self._has_input = has_input
        self._input_error: BaseException | None = None
        self._pull: asyncio.Task[None] | None = None
        self._listens = False
        self._settled = False

    @property
    def over(self) -> bool:
        """Whether everything has come to an end, or the run was stopped, and all of that has been handed back."""
        listener = self._listener
        if listener.ended or self._input:
            return False
        if listener.error is not None:
            return True
        return self._listens and not self._has_input and listener.is_idle and not self._forever

    def fill(self, messages: Iterator[Message]) -> None:
        """Pull messages for as long as it takes no time, up to one batch."""
        batch: list[Message] = []
        monotonic, until = time.monotonic, time.monotonic() + FILL_SECONDS
        try:
            if self._wants_input:
                for message in messages:
                    batch.append(_checked(message))
                    if len(batch) >= PUT_AT_ONCE or monotonic() >= until:
                        break
                else:
                    self._end_input()
        except BaseException as error:  # raised to the caller once everything has been handed back
            self._end_input(error)
        with self._lock:
            self._input += batch

    def pull(self, messages: AsyncIterator[Message]) -> None:
        """Start pulling a batch, unless one is being pulled."""
        if self._wants_input and self._pull is None:
            self._pull = asyncio.ensure_future(self._pull_batch(messages))

    async def advance(self) -> list[Ended]:
        """Make durable what was pulled, then wait for outcomes, unless more input is wanted; return what ended."""
        listener = self._listener
        if not self._listens:
            await self._following.begin()
            await self._delivering.listen(listener)
            self._listens = True
        listener.told.clear()
        await self._put()
        if not (listener.ended or listener.error is not None or self.over):
            if self._has_input and self._pull is None:
                await asyncio.sleep(0)  # what was put gets its turn before more input is pulled
            else:
                await listener.told.wait()
        with self._lock:
            ended, listener.ended = listener.ended, []
        if ended:
            self._delivering.read()
        return ended

    def raise_what_ended_it(self) -> None:
        """Raise the error of the input, or the one that stopped the run, if there is one."""
        if self._listener.error is not None:
            raise self._listener.error
        if self._input_error is not None:
            raise self._input_error

    def stop(self, error: MsgcoreError) -> None:
        """Start nothing more; ``error`` is raised once what is under way has ended."""
        self._end_input()
        if self._listens:
            self._delivering.stop(error)
        else:
            self._listener.error = error
            self._listener.told.set()

    async def settle(self) -> None:
        """Start nothing more for this, and wait for what is under way; what was pulled is kept."""
        if self._settled:
            return
        self._settled = True
        if self._pull is not None:
            self._pull.cancel()
        try:
            self._delivering.leave(self._listener)
            if self._listens:
                await self._put()
                await self._delivering.settled()
        finally:
            self._on_settled(self)

    @property
    def _wants_input(self) -> bool:
        return self._has_input and len(self._input) < PUT_AT_ONCE and self._listener.error is None

    def _take(self, message: Message) -> None:
        with self._lock:
            self._input.append(_checked(message))

    def _end_input(self, error: BaseException | None = None) -> None:
        self._has_input = False
        if error is not None:
            self._input_error = error

    async def _pull_batch(self, messages: AsyncIterator[Message]) -> None:
        try:
            while self._wants_input:
                self._take(await anext(messages))
                self._listener.told.set()
        except StopAsyncIteration:
            self._end_input()
        except BaseException as error:
            if self._settled:
                raise  # the caller has left, and this pull was cancelled for it
            self._end_input(error)
        finally:
            self._pull = None
            self._listener.told.set()

    async def _put(self) -> None:
        with self._lock:
            batch, self._input = self._input, []
        if not batch:
            return
        try:
            await self._delivering.put(batch)
        except (KeyConflictError, MessageError):
            await self._put_each(batch)

    async def _put_each(self, batch: Sequence[Message]) -> None:
        """Put one by one what cannot be put together: one wrong message costs no other."""
        for message in batch:
            try:
                await self._delivering.put([message])
            except (KeyConflictError, MessageError) as error:
                self._listener.ended.append((message, error))


def _checked(message: Message) -> Message:
    if not isinstance(message, Message):
        raise TypeError(f"expected a Message, got {type(message).__name__}")
    return message


__all__ = ["DurableSending"]
