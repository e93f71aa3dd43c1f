"""The connections to one origin: at most so many, handed out in the order of asking.

How this works. A connection that becomes free goes to whoever has waited longest, else it rests, and the one that has
rested least is used next, so that those not needed grow old and are closed before the server does it. A place that
becomes free (a connection that ended) is handed on the same way. So while somebody waits, nothing is free: a newcomer
never overtakes.

One timer serves every deadline. It stands at the earliest deadline known when it was set; most have been met when it
rings, and then it is set to the earliest of those that stand. A deadline nearer than the timer moves it, which is rare,
since all exchanges are given the same time. So an exchange costs a comparison, and the timer rings about once in the
shortest time-out, not once a request.
"""

import asyncio
import contextlib
import math
from collections import deque
from collections.abc import AsyncIterable, Callable

from msgcore.errors import ClosedError, ConnectError, LocalError, TransportError
from msgcore.wire import Response
from transports.http.connect import Connector
from transports.http.connection import Connection, ToldAnswer
from transports.http.fences import framing
from transports.http.limits import Limits
from transports.http.upload import PIECE_OCTETS, send_pieces


class Pool:
    """Exchanges requests over a bounded number of connections; serves one event loop at a time."""

    def __init__(self, connector: Connector, limits: Limits) -> None:
        self._connector = connector
        self._limits = limits
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closed = False
        self._forget()

    def _forget(self) -> None:
        self._taken = 0  # places: connections that stand or are being opened
        self._idle: list[Connection] = []
        self._standing: set[Connection] = set()
        self._ending: set[Connection] = set()  # closed by us, and not gone yet
        self._opening: set[asyncio.Timeout] = set()
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = math.inf
        self._emptied: asyncio.Future[None] | None = None

    async def exchange(
        self, method: str, head: bytes, body: bytes | AsyncIterable[bytes], length: int | None
    ) -> Response:
        """Send a request once and return its answer; ``head`` lacks its framing and the empty line.

        Raises:
            TransportError: no answer, or a broken one.
        """
        head += framing(method, length)
        connection = self._take_idle() or await self._take()
        loop = self._loop
        assert loop is not None
        answer: asyncio.Future[Response] = loop.create_future()
        may_stream = method == "GET"
        try:
            if isinstance(body, bytes) and len(body) <= PIECE_OCTETS:
                connection.ask(answer, head + body, loop.time(), may_stream=may_stream)
                return await answer
            connection.begin(answer, may_stream=may_stream)
            return await send_pieces(connection, answer, head, body, length)
        except BaseException:
            connection.abandon(answer)
            raise

    def submit(self, method: str, head: bytes, body: bytes, done: Callable[[Response | TransportError], None]) -> bool:
        """Send a request once if a connection is free, and call ``done`` with its answer; return whether one was."""
        length, loop = len(body), asyncio.get_running_loop()
        if self._loop is not loop or self._is_closed or length > PIECE_OCTETS:
            return False
        now = loop.time()
        connection = self._pop_idle(now)
        if connection is None:
            return False
        connection.ask(ToldAnswer(done, done), head + framing(method, length) + body, now, may_stream=False)
        return True

    async def aclose(self) -> None:
        """Start nothing more, let what is on the wire come to its end, and close every connection.

        Every exchange has a deadline, so this ends; when it is cancelled, what is on the wire is cut off.
        """
        self._is_closed = True
        if self._loop is not asyncio.get_running_loop():
            return  # nothing was ever opened here
        self._refuse_the_waiting()
        for connection in list(self._standing):
            if connection.is_idle:
                connection.close()
            elif connection.is_streaming:  # its exchange has returned, and its reader may take as long as it likes
                connection.fail(self._cut_off(connection))
        try:
            while self._standing or self._ending or self._opening:
                self._emptied = self._emptied or self._loop.create_future()
                await asyncio.shield(self._emptied)
        except asyncio.CancelledError:
            for connection in [*self._standing, *self._ending]:
                connection.fail(self._cut_off(connection))
            raise
        finally:
            self._stop_timer()

    # ------------------------------------------------------------------------------------------ a connection to use

    def _take_idle(self) -> Connection | None:
        if self._loop is not asyncio.get_running_loop() or self._is_closed:
            self._enter_loop()
        assert self._loop is not None
        return self._pop_idle(self._loop.time())

    def _pop_idle(self, now: float) -> Connection | None:
        idle = self._idle
        while idle:
            connection = idle.pop()
            if connection.is_usable(now):
                return connection
        return None

    async def _take(self) -> Connection:
        assert self._loop is not None
        is_first_in_line = False
        while True:
            if self._taken < self._limits.max_connections:  # which is never so while somebody waits
                self._taken += 1
                return await self._open()
            connection = await self._wait(is_first_in_line)
            if connection is None:
                return await self._open()
            if connection.is_usable(self._loop.time()):
                return connection
            is_first_in_line = True

    async def _wait(self, is_first_in_line: bool) -> Connection | None:
        """Wait for a connection, or (``None``) for the place of one."""
        assert self._loop is not None
        turn: asyncio.Future[Connection | None] = self._loop.create_future()
        (self._waiting.appendleft if is_first_in_line else self._waiting.append)(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:  # it came, and nobody is there
                self._hand_on(turn.result())
            else:
                with contextlib.suppress(ValueError):
                    self._waiting.remove(turn)
            raise

    async def _open(self) -> Connection:
        """Open a connection in a place that has been taken."""
        assert self._loop is not None
        connection = Connection(self, self._limits, self._loop)
        timeout = asyncio.timeout(self._limits.connect_seconds)
        self._opening.add(timeout)
        try:
            self._require_open()
            async with timeout:
                await self._connector.connect(self._loop, connection)
        except TimeoutError as error:
            self._hand_on(None)
            self._require_open()
            raise ConnectError(f"{self._connector}: not connected within {self._limits.connect_seconds:g} s") from error
        except BaseException:
            self._hand_on(None)
            raise
        finally:
            self._opening.discard(timeout)
            self._tell_if_empty()
        return self._take_in(connection)

    def _take_in(self, connection: Connection) -> Connection:
        """A connection has been made; while it was, much may have happened."""
        assert self._loop is not None
        self._standing.add(connection)
        if self._is_closed:
            connection.close()
        self._require_open()
        if not connection.is_usable(self._loop.time()):
            raise ConnectError(f"{self._connector}: the peer ended the connection at once")
        return connection

    def _hand_on(self, connection: Connection | None) -> None:
        """A connection, or the place of one, is free."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        if connection is None:
            self._taken -= 1
        else:
            self._idle.append(connection)
            self.expect(connection.deadline)

    # ------------------------------------------------------------------------------------- what the connections say

    def release(self, connection: Connection) -> None:
        """Its exchange is over and it can carry another."""
        if self._is_closed:
            connection.close()
        else:
            self._hand_on(connection)

    def drop(self, connection: Connection) -> None:
        """It will carry no other exchange."""
        if connection in self._standing:
            self._standing.remove(connection)
            self._ending.add(connection)
            with contextlib.suppress(ValueError):
                self._idle.remove(connection)
            self._hand_on(None)

    def lost(self, connection: Connection) -> None:
        """It is gone."""
        self._ending.discard(connection)
        self._tell_if_empty()

    def expect(self, deadline: float) -> None:
        """Look after deadlines at ``deadline`` at the latest."""
        if deadline < self._timer_at:
            self._set_timer(deadline)

    def _set_timer(self, when: float) -> None:
        assert self._loop is not None
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = when
        self._timer = self._loop.call_at(when, self._sweep)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._timer_at = None, math.inf

    def _sweep(self) -> None:
        """Let every deadline that has passed take effect, and wake again at the earliest of the others."""
        assert self._loop is not None
        # A timer may ring early, by the resolution of the clock.
        now = max(self._loop.time(), self._timer_at)
        self._timer, self._timer_at = None, math.inf
        for connection in list(self._standing):
            if connection.deadline <= now:
                connection.expire()
        self.expect(min((connection.deadline for connection in self._standing), default=math.inf))

    # ----------------------------------------------------------------------------------------------- beginning, end

    def _enter_loop(self) -> None:
        self._require_open()
        loop = asyncio.get_running_loop()
        if self._loop is not None and not self._loop.is_closed() and (self._taken or self._ending):
            raise LocalError("the transport has connections on another event loop: close it there first")
        self._forget()  # connections of a loop that is closed are closed
        self._loop = loop

    def _require_open(self) -> None:
        if self._is_closed:
            raise self._closed()

    def _refuse_the_waiting(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(self._closed())
        assert self._loop is not None
        for timeout in self._opening:
            with contextlib.suppress(RuntimeError):  # it is running out at this very moment
                timeout.reschedule(self._loop.time())

    def _tell_if_empty(self) -> None:
        emptied, self._emptied = self._emptied, None
        if emptied is not None and not emptied.done():
            emptied.set_result(None)

    @staticmethod
    def _cut_off(connection: Connection) -> ClosedError:
        return ClosedError("the transport was closed meanwhile", may_have_been_accepted=connection.has_written)

    @staticmethod
    def _closed() -> ClosedError:
        return ClosedError("the transport is closed", may_have_been_accepted=False)


__all__ = ["Pool"]
