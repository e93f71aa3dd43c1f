"""One connection: it carries one exchange after another, and knows what may have arrived.

How this works. A connection is *idle*, or it has one request out. From the moment a request's first octet is handed to
the event loop, everything that goes wrong says ``may_have_been_accepted=True``: no kernel tells which octets arrived.
After an answer the connection is idle again if both sides keep it, nothing followed the answer, and the request had
gone out whole; else it is closed. It never writes a request twice.

Almost every request goes out in one piece and its answer comes in one, which the kernel reads at a glance. That is the
short way, with as few steps as it takes; everything else is read by ``answer``, which expects a new answer whenever
none is being read.

Each connection has one deadline at a time, a time of the event loop; the pool looks after those of all connections.
"""

import asyncio
import math
import re
import select
from collections.abc import Callable, Mapping
from typing import Protocol, cast

import msgspec

from msgcore.errors import ClosedError, ConnectError, ExchangeTimeoutError, TransportError
from msgcore.kernel.answers import read_whole_answer
from msgcore.wire import Response
from transports.http.answer import AnswerReader, BrokenAnswer
from transports.http.download import BodyStream, Download
from transports.http.limits import Limits


class Answer(Protocol):
    """What an exchange comes to; a future is one, for those who wait."""

    def done(self) -> bool:
        """Whether nobody wants to know any more."""
        ...

    def set_result(self, response: Response, /) -> None:
        """The answer has come."""
        ...

    def set_exception(self, error: TransportError, /) -> None:
        """None comes."""
        ...


class ToldAnswer(msgspec.Struct, gc=False):
    """An answer for somebody who is called, and does not wait; both are called with what the exchange comes to."""

    set_result: Callable[[Response], None]
    set_exception: Callable[[TransportError], None]

    def done(self) -> bool:
        """A connection tells of each exchange once, so it is never too late."""
        return False


_KEEP_ALIVE_SECONDS = re.compile(r"\btimeout\s*=\s*\"?([0-9]{1,6})", re.IGNORECASE)

# Who has answered just now has not closed for being idle: time-outs of servers are seconds. To ask the kernel every
# time costs a fifth of an exchange, and what it knew a turn of the event loop ago, the connection knows, too.
_FRESH_SECONDS = 0.1


class Owner(Protocol):
    """The pool, as a connection needs it."""

    def release(self, connection: "Connection") -> None:
        """The exchange is over and another may follow."""
        ...

    def drop(self, connection: "Connection") -> None:
        """No exchange will follow: its place is free."""
        ...

    def lost(self, connection: "Connection") -> None:
        """It is gone."""
        ...

    def expect(self, deadline: float) -> None:
        """Call ``expire`` of the connections whose deadline has passed, at ``deadline`` or soon after."""
        ...


class Connection(asyncio.Protocol):
    """A connection to the peer of a pool; every method is for that pool alone."""

    def __init__(self, owner: Owner, limits: Limits, loop: asyncio.AbstractEventLoop) -> None:
        self.deadline = math.inf
        self.has_written = False  # whether an octet of the present request may have left
        self._owner = owner
        self._limits = limits
        self._loop = loop
        self._now = loop.time
        self._transport: asyncio.Transport | None = None
        self._reader = AnswerReader(limits.max_head_octets)
        self._most_at_a_glance = min(limits.max_head_octets, limits.max_body_octets)
        self._poll: select.poll | None = None
        self._fresh_until = -math.inf
        self._is_dropped = False
        self._answer: Answer | None = None
        self._download: Download | None = None
        self._drained: asyncio.Future[None] | None = None
        self._may_stream = False
        self._is_writing = False  # pieces of the request are still to come
        self._is_asked = False  # the request went out in one piece, and nothing has come since

    # ------------------------------------------------------------------------------------------------ the exchange

    def ask(self, answer: Answer, octets: bytes, now: float, *, may_stream: bool) -> None:
        """Take on an exchange, which ``answer`` is told the end of, and write its request."""
        self._answer = answer
        self._may_stream = may_stream
        self.has_written = self._is_asked = True  # from here on the peer may have it, and the answer is due
        deadline = self.deadline = now + self._limits.answer_seconds
        self._owner.expect(deadline)
        assert self._transport is not None
        self._transport.write(octets)

    def begin(self, answer: Answer, *, may_stream: bool) -> None:
        """Take on an exchange whose request comes in pieces; nothing is written yet."""
        self._answer = answer
        self._may_stream = may_stream
        self.has_written = self._is_asked = False

    def expect_piece(self) -> None:
        """A piece of the request has to come and to leave within the time for writing."""
        self._is_writing = True
        self._expect_within(self._limits.write_seconds)

    async def write_piece(self, octets: bytes) -> None:
        """Write a piece of the request, and return when the event loop takes more."""
        self.has_written = True
        assert self._transport is not None
        self._transport.write(octets)
        if self._drained is not None:
            await self._drained

    def end_request(self) -> None:
        """The last piece is written; now the answer is due."""
        self._is_writing = False
        self._expect_within(self._limits.answer_seconds)

    def abandon(self, answer: "asyncio.Future[Response]") -> None:
        """Nobody waits for ``answer`` any more: an exchange under way is cut off."""
        if self._answer is answer:
            self._answer = None
            if self.has_written:
                self.abort()
            else:
                self._is_writing = False
                self.deadline = self._now() + self._limits.idle_seconds
                self._owner.release(self)
        elif answer.done() and not answer.cancelled():
            answer.exception()  # nobody else will look at it

    def fail(self, error: TransportError) -> None:
        """End the exchange, if there is one, and the connection."""
        answer, self._answer = self._answer, None
        download, self._download = self._download, None
        self.abort()
        if answer is not None and not answer.done():
            answer.set_exception(error)
        if download is not None:
            download.end(error)

    def expire(self) -> None:
        """The deadline has passed."""
        if self.is_idle:
            self.close()
        elif not self.has_written:
            self.fail(ConnectError(f"the request's body did not begin within {self._limits.write_seconds:g} s"))
        elif self._is_writing:
            self.fail(ExchangeTimeoutError(f"the request did not go on for {self._limits.write_seconds:g} s"))
        else:
            what = "no whole answer came" if self._download is None else "the answer did not go on"
            self.fail(ExchangeTimeoutError(f"{what} within {self._limits.answer_seconds:g} s"))

    # ------------------------------------------------------------------------------------------- between two exchanges

    @property
    def is_idle(self) -> bool:
        """Whether no exchange is under way."""
        return self._answer is None and self._download is None

    @property
    def is_streaming(self) -> bool:
        """Whether an answer is being read piece by piece, its exchange having returned."""
        return self._download is not None

    def is_usable(self, now: float) -> bool:
        """Tell whether a request may be written now; a connection that the peer has given up is closed, unwritten."""
        if self._is_dropped:
            return False
        assert self._transport is not None
        is_fresh = now < self._fresh_until
        if self._transport.is_closing() or self.deadline <= now or (not is_fresh and self._has_spoken()):
            self.close()
            return False
        return True

    def _has_spoken(self) -> bool:
        """Ask the kernel for what the loop has not seen yet: the peer has closed, or says something unasked."""
        return self._poll is not None and bool(self._poll.poll(0))

    def close(self) -> None:
        """Close an idle connection."""
        self._drop()
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once; what was not sent yet is dropped."""
        self._drop()
        if self._transport is not None:
            self._transport.abort()

    def _drop(self) -> None:
        self.deadline = math.inf
        if not self._is_dropped:
            self._is_dropped = True
            self._owner.drop(self)

    def _expect_within(self, seconds: float) -> None:
        deadline = self.deadline = self._now() + seconds
        self._owner.expect(deadline)

    def _idle_seconds(self, told: str) -> float:
        """RFC 9112 leaves it to both sides; a server that tells its time in Keep-Alive is left one second earlier."""
        if (found := _KEEP_ALIVE_SECONDS.search(told)) is None:
            return self._limits.idle_seconds
        return min(self._limits.idle_seconds, max(int(found[1]) - 1.0, 0.0))

    # ------------------------------------------------------------------------------------------------ what comes back

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; after a tunnel the pool calls this itself, with the transport above it."""
        self._transport = cast(asyncio.Transport, transport)
        sock = transport.get_extra_info("socket")
        if sock is not None and hasattr(select, "poll"):  # Windows has none
            closed = getattr(select, "POLLRDHUP", 0)
            # Under TLS what can be read need not be for us: session tickets come after the handshake.
            wanted = closed if transport.get_extra_info("ssl_object") else closed | select.POLLIN
            self._poll = select.poll()
            self._poll.register(sock.fileno(), wanted)

    def data_received(self, data: bytes) -> None:
        """Take in a part of the answer; where none is due, give the connection up."""
        if self._is_asked:
            self._is_asked = False
            whole = read_whole_answer(data, self._most_at_a_glance)
            if whole is not None and (answer := self._answer) is not None and not self._is_dropped:
                self._answer = None
                response = Response(*whole)
                self._go_on(response.headers)
                if not answer.done():
                    answer.set_result(response)
                return
        if self.is_idle:
            self.abort()
            return
        if not self.has_written:  # a body in pieces, of which none has come yet
            self.fail(ConnectError("the peer answered before anything was asked"))
            return
        reader = self._reader
        try:
            reader.feed(data)
        except BrokenAnswer as error:
            self.fail(self._unknown(f"the answer {error}"))
            return
        if self._download is not None:
            self._download.add(reader.take())
        elif reader.body_octets > self._limits.max_body_octets:
            self._stream()
        if reader.is_complete and not self.is_idle:
            self._finish()

    def eof_received(self) -> None:
        """The peer sends no more, and so will not answer any more either."""
        self._reader.end()
        if self.is_idle:
            self.close()
        elif self._reader.is_complete:
            self._finish()
        else:
            self.fail(self._closed("the peer closed the connection"))

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, by whomever."""
        if not self.is_idle:
            self.fail(self._closed("the connection was closed" if exc is None else f"the connection was lost: {exc}"))
        self._drop()
        self._poll = None
        self.resume_writing()
        self._owner.lost(self)

    def pause_writing(self) -> None:
        """The peer takes less than is written."""
        if self._drained is None:
            self._drained = self._loop.create_future()

    def resume_writing(self) -> None:
        """The peer has caught up."""
        drained, self._drained = self._drained, None
        if drained is not None and not drained.done():
            drained.set_result(None)

    def _finish(self) -> None:
        reader = self._reader
        answer, self._answer = self._answer, None
        download, self._download = self._download, None
        response = Response(reader.status, reader.headers, b"".join(reader.take()))
        is_reusable = reader.is_reusable
        reader.expect()
        if download is not None:
            self.read_on(True)
        if self._is_writing:  # an answer before its request was whole leaves the peer in the middle of it
            self.abort()
        elif is_reusable and not self._is_dropped:
            self._go_on(response.headers)
        else:
            self.close()
        if download is not None:
            download.end()
        elif answer is not None and not answer.done():
            answer.set_result(response)

    def _go_on(self, headers: Mapping[str, str]) -> None:
        """An answer has come: another exchange may follow, for as long as the peer surely keeps the connection."""
        now, told = self._now(), headers.get("keep-alive")
        self._fresh_until = now + _FRESH_SECONDS
        self.deadline = now + (self._limits.idle_seconds if told is None else self._idle_seconds(told))
        self._owner.release(self)

    def _stream(self) -> None:
        """The answer is too long to be handed over whole."""
        if not self._may_stream or self._is_writing:
            most = self._limits.max_body_octets
            self.fail(self._unknown(f"the answer (status {self._reader.status}) has more than {most} octets"))
            return
        answer, self._answer = self._answer, None
        self.deadline = math.inf
        download = self._download = Download(self, self._loop)
        download.add(self._reader.take())
        if answer is None or answer.done():
            self.abort()
        else:
            answer.set_result(Response(self._reader.status, self._reader.headers, BodyStream(download)))

    def _closed(self, why: str) -> TransportError:
        if not self.has_written:
            return ConnectError(f"{why} before anything was written")
        begun = f" after the head of an answer, status {self._reader.status}" if self._reader.status else ""
        return ClosedError(f"{why}{begun or ' before an answer'}", may_have_been_accepted=True)

    def _unknown(self, why: str) -> TransportError:
        return TransportError(why, may_have_been_accepted=True)

    # ---------------------------------------------------------------------------------------------- for the download

    def read_on(self, go_on: bool) -> None:
        """Read further from the peer, or no further for now; either may be said twice."""
        if self._transport is not None and not self._is_dropped:
            (self._transport.resume_reading if go_on else self._transport.pause_reading)()

    def expect_answer(self, awaited: bool) -> None:
        """Let the deadline run, because somebody waits for the next piece of the answer, or let it rest."""
        if awaited:
            self._expect_within(self._limits.answer_seconds)
        else:
            self.deadline = math.inf


__all__ = ["Answer", "Connection", "Owner", "ToldAnswer"]
