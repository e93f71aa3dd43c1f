"""CallbackReceiver: an ASGI application that answers a callback once its events are durable, and not before.

How this works. A body is cut into its items and these are handed to the store, raw; only when they are durable the
answer is 200. What cannot be kept in time is answered 503, and the provider posts it again: it does so for 24 hours
after everything but 2xx. So an event of an unknown type, with an odd time or with nothing in it that makes sense is
answered 200 as well, kept, and nobody's reason to post the other events of its array again.

The provider waits 10 seconds. The time here is shorter, since what was answered a moment too late is posted again. A
client that is slow to send has the same time.

Nothing of a body is decoded before the answer beyond what recognises it. Handlers run after it: see
``transports.webhook.handlers``.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from msgcore.client.clock import SystemClock
from msgcore.delivery import Arrival
from msgcore.errors import CallbackError, LocalError, OutboxError
from msgcore.planning import RetryPolicy
from msgcore.transport import CallbackStore, Clock, HandlerStore
from msgcore.wire import callback_items
from transports.webhook.counters import Counters
from transports.webhook.credentials import Credentials, Verdict
from transports.webhook.handlers import DEFAULT_RETRY, Handler, Kind
from transports.webhook.requests import (
    Answer,
    DisconnectError,
    Head,
    Receive,
    Scope,
    Send,
    TooLargeError,
    read_body,
    read_head,
)
from transports.webhook.running import HandlerRunner

ANSWER_SECONDS: Final = 8.0
"""How long a callback may take from its first octet to its answer; the provider gives up after 10."""
BODY_OCTETS: Final = 4 * 2**20
"""How long a body may be: thousands of events, where the provider has been seen to post one."""

_logger: Final = logging.getLogger("msgcore.receiver")

_CLOSES: Final = (b"connection", b"close")
_TAKEN: Final = Answer(200)
_METHOD: Final = Answer(405, "Callbacks are posted.\n", [(b"allow", b"POST")])
_NOWHERE: Final = Answer(404, "Callbacks are taken elsewhere.\n")
_FORM: Final = Answer(415, "Expected application/json.\n", [(b"accept", b"application/json")])
_CODED: Final = Answer(415, "Expected a body without content coding.\n", [(b"accept-encoding", b"identity")])
_TOO_LARGE: Final = Answer(413, "The body is too long.\n", [_CLOSES])
_TOO_SLOW: Final = Answer(408, "The body did not come in time.\n", [_CLOSES])
_UNAVAILABLE: Final = Answer(503, "The events cannot be kept now; please post them again.\n")

# What a form on anybody's web page can be made to post, with the credentials that a browser remembers. The provider
# posts application/json; whatever else says that it is JSON, or nothing at all, is read.
_FORMS: Final = (b"application/x-www-form-urlencoded", b"multipart/form-data", b"text/plain")

_Function = TypeVar("_Function", bound=Callable[..., Any])


class CallbackReceiver:
    """Takes callbacks over HTTP into a store; any ASGI server runs it, any ASGI framework mounts it.

    >>> from transports import MemoryCallbackStore
    >>> receiver = CallbackReceiver(MemoryCallbackStore(), credentials=[("hooks", "secret")])
    >>> @receiver.on("message-received")
    ... async def answer(event):
    ...     print(event.message.text)

    Run it with ``uvicorn module:receiver``, or mount it and enter it as a context where the outer application starts;
    else its handlers start with the first callback. The store is the caller's to close.

    Args:
        store: where events are kept before they are answered.
        credentials: pairs of user and password, each of which opens it; without any it is open to everybody.
        path: where callbacks are taken, below where it is mounted; ``None`` takes them anywhere.
        answer_seconds: after which a callback that is not durable is answered 503, and a body not whole 408.
        max_body_octets: longer ones are answered 413.
        clock: what events are dated by, and what attempts of handlers wait by.
        retry: when a handler that failed is tried again, and how often.
        stop_seconds: how long handlers that run have to come to their end when the receiver is closed.
    """

    def __init__(
        self,
        store: CallbackStore,
        *,
        credentials: Iterable[tuple[str, str]] = (),
        path: str | None = None,
        answer_seconds: float = ANSWER_SECONDS,
        max_body_octets: int = BODY_OCTETS,
        clock: Clock | None = None,
        retry: RetryPolicy = DEFAULT_RETRY,
        stop_seconds: float = 10.0,
    ) -> None:
        if path is not None and not path.startswith("/"):
            raise LocalError(f"path: expected one that begins with a slash, got {path!r}")
        if not answer_seconds > 0:
            raise LocalError(f"answer_seconds: expected more than 0, got {answer_seconds!r}")
        self._store = store
        self._credentials = Credentials(credentials)
        self._path = path
        self._answer_seconds = answer_seconds
        self._max_body_octets = max_body_octets
        self._clock: Clock = clock if clock is not None else SystemClock()
        self._retry = retry
        self._stop_seconds = stop_seconds
        self._counters = Counters()
        self._handlers: list[Handler] = []
        self._runner: HandlerRunner | None = None
        self._starting: asyncio.Task[None] | None = None
        self._has_started = False
        self._is_failing = False
        self._refusals = {Verdict.MISSING: _challenge("missing"), Verdict.WRONG: _challenge("wrong")}

    @property
    def counters(self) -> Counters:
        """What has happened so far: a copy."""
        return replace(self._counters)

    def on(
        self, *kinds: Kind, name: str | None = None, ordered: bool = False, concurrency: int = 16
    ) -> Callable[[_Function], _Function]:
        """Let a function, plain or async, handle events: of these types, given by name or class, or of all.

        It is called at least once for each event that comes from its first start on, after the answer; a restart goes
        on where it was. A plain function runs in a thread. When it raises, it is called again by the retry policy, and
        in the end the event is a dead letter (``store.failures()``).

        Args:
            kinds: ``"message-received"``, ``MessageFailed``, ...; ``UnknownEvent`` for what this version does not know.
            name: under which its progress is kept; its qualified name, unless it is given. Another one begins anew.
            ordered: one event at a time, in the order in which they came; one that fails holds up those behind it.
            concurrency: how many events at a time otherwise.

        Raises:
            LocalError: the name is taken, the receiver has started, or the store cannot keep progress.
        """

        def register(function: _Function) -> _Function:
            self._register(Handler.of(function, kinds, name=name, ordered=ordered, concurrency=concurrency))
            return function

        return register

    async def start(self) -> None:
        """Start the handlers; a server that speaks of its lifespan, and the first callback, do it too.

        Raises:
            OutboxError: the store cannot tell how far they have come.
        """
        # From here on a new handler hears of every event, so nothing may be taken before.
        if self._has_started:
            return
        if self._starting is None or self._starting.done():
            self._starting = asyncio.ensure_future(self._start())
        await asyncio.shield(self._starting)

    async def redo(self, handler: str | None = None) -> int:
        """Try dead letters again, of all handlers or one, as if they had not failed; return how many there are.

        Any process that has the store open may be asked; the one that runs the handlers finds it within seconds.
        """
        await self.start()
        return 0 if self._runner is None else await self._runner.redo(handler)

    async def aclose(self) -> None:
        """Let handlers that run come to their end and keep how far they are; a second call does nothing."""
        runner, self._runner, self._has_started = self._runner, None, False
        if runner is not None:
            await runner.aclose(self._stop_seconds)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Speak ASGI."""
        match scope["type"]:
            case "http":
                await self._http(scope, receive, send)
            case "lifespan":
                await self._lifespan(receive, send)
            case "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 1003})  # RFC 6455, 7.4.1: data it cannot accept
            case other:
                raise LocalError(f"expected an ASGI scope of http or lifespan, got {other!r}")

    # --------------------------------------------------------------------------------------------------------- inside

    def _register(self, handler: Handler) -> None:
        if self._has_started or self._starting is not None:
            raise LocalError(f"handler {handler.name!r}: the receiver has started; name handlers before")
        if any(handler.name == other.name for other in self._handlers):
            raise LocalError(f"handler {handler.name!r}: the name is taken; give another with name=")
        if not isinstance(self._store, HandlerStore):
            raise LocalError(f"handler {handler.name!r}: {type(self._store).__name__} cannot keep how far it has come")
        self._handlers.append(handler)

    async def _start(self) -> None:
        if self._handlers:
            assert isinstance(self._store, HandlerStore), "handlers are registered over no other"
            runner = HandlerRunner(self._store, self._handlers, self._retry, self._clock, self._counters)
            await runner.start()
            self._runner = runner
        self._has_started = True

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self.start()
                except OutboxError as error:
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    return
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.aclose()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._counters.requests += 1
        head = read_head(scope)
        answer = self._refusal(scope, head)
        if answer is None:
            answer = await self._take(receive)
        if answer is not None:
            try:
                await answer.give(send)
            except OSError:  # ASGI 2.4: the client is gone, and the provider will post again what was kept
                _logger.debug("a client went before its answer")

    def _refusal(self, scope: Scope, head: Head) -> Answer | None:
        """Return what a request is answered whose body is not looked at; ``None`` for all others."""
        counters = self._counters
        if scope["method"] != "POST":
            counters.misdirected += 1
            return _METHOD
        if self._path is not None and _path_below_mount(scope) != self._path:
            counters.misdirected += 1
            return _NOWHERE
        verdict = self._credentials.judge(head.authorization)
        if verdict is Verdict.MISSING:
            counters.challenged += 1
            return self._refusals[verdict]
        if verdict is Verdict.WRONG:
            counters.unauthorized += 1
            return self._refusals[verdict]
        if head.content_type.lower().startswith(_FORMS):
            counters.unsupported += 1
            return _FORM
        if head.content_encoding.lower() not in (b"", b"identity"):
            counters.unsupported += 1
            return _CODED
        if self._is_too_long(head.content_length):
            counters.too_large += 1
            return _TOO_LARGE
        return None

    def _is_too_long(self, content_length: bytes) -> bool:
        digits = content_length.lstrip(b"0")
        # Servers check the header; should one not, a number of thousands of digits is not for int() to read.
        return digits.isdigit() and (len(digits) > 18 or int(digits) > self._max_body_octets)

    async def _take(self, receive: Receive) -> Answer | None:
        """Read and keep a callback; ``None`` where nobody is there to be answered."""
        counters = self._counters
        items: list[bytes] | None = None
        try:
            async with asyncio.timeout(self._answer_seconds):
                body = await read_body(receive, self._max_body_octets)
                items = callback_items(body)
                if not self._has_started:
                    await self.start()
                arrivals = await self._store.add(items, self._clock.now())
        except DisconnectError:
            counters.disconnected += 1
            return None
        except TooLargeError:
            counters.too_large += 1
            return _TOO_LARGE
        except CallbackError as error:
            counters.malformed += 1
            return Answer(400, f"{error.path}: no JSON, or neither an array nor an object\n")
        except TimeoutError:
            if items is None:
                counters.too_slow += 1
                return _TOO_SLOW
            return self._unavailable(f"not durable within {self._answer_seconds} seconds")
        except OutboxError as error:
            return self._unavailable(str(error))
        self._count(arrivals)
        return _TAKEN

    def _count(self, arrivals: Sequence[Arrival]) -> None:
        counters = self._counters
        counters.accepted += 1
        for arrival in arrivals:
            if arrival is Arrival.NEW:
                counters.new_events += 1
            elif arrival is Arrival.REPEATED:
                counters.repeated_events += 1
            else:
                counters.quarantined_items += 1
        if self._is_failing:
            self._is_failing = False
            _logger.warning("events are kept again")

    def _unavailable(self, reason: str) -> Answer:
        self._counters.unavailable += 1
        if not self._is_failing:  # once, and not for every callback while a disk is full
            self._is_failing = True
            _logger.error("events cannot be kept, callbacks are answered 503: %s", reason)
        return _UNAVAILABLE


def _challenge(credentials: str) -> Answer:
    # Without the challenge the provider would not come again.
    challenge = (b"www-authenticate", b'Basic realm="callbacks", charset="UTF-8"')
    return Answer(401, f"The credentials are {credentials}.\n", [challenge])


def _path_below_mount(scope: Scope) -> str:
    """Return the path below the mount, which servers leave in it and some frameworks cut."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "").rstrip("/")
    if root and (path == root or path.startswith(f"{root}/")):
        path = path[len(root) :]
    return path or "/"


__all__ = ["CallbackReceiver"]
