"""The test's end of the callbacks: it takes them as an application would, or fails them on order.

Both providers, the one in this process and the server, post here. With a handler the application under test decides;
what is failed on order never comes to it.
"""

import http.client
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from urllib.parse import urlsplit

from msgcore.errors import CallbackError, LocalError
from msgcore.wire import Event, MessageDelivered, UnknownEvent, decode_callbacks

Handler = Callable[[bytes], int | None]
_ANSWER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One post of a callback: its events, and what was answered; ``None`` is no answer at all."""

    events: tuple[Event, ...]
    status: int | None

    @property
    def is_success(self) -> bool:
        """Whether the provider counts it as taken: any 2xx."""
        return self.status is not None and 200 <= self.status < 300


class Callbacks:
    """Where the callbacks of an account go.

    >>> callbacks = Callbacks()
    >>> callbacks.fail_next(2)
    >>> [callbacks.take(b"[]") for _ in range(3)]
    [503, 503, 200]
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._failures: list[int | None] = []
        self._handler: Handler | None = None
        self._attempts: list[Attempt] = []
        self._tags: dict[str, str] = {}
        self._arrived: list[str] = []
        self._errors: list[BaseException] = []

    def fail_next(self, count: int = 1, *, status: int | None = 503) -> None:
        """Answer the next ``count`` posts with ``status``, or not at all (``None``); the provider will try again.

        Time is the provider's: the next try comes three minutes later, so let time pass with ``clock.advance``.
        """
        if count < 1:
            raise LocalError(f"count: expected at least 1, got {count!r}")
        with self._lock:
            self._failures += [status] * count

    def deliver_to(self, handler: Handler | str | None) -> None:
        """Let posts go on to the application under test: a function of the body, or an http URL; ``None`` is neither.

        A function returns the status that is answered; ``None`` is 200, and an exception 500, which fails no test by
        itself: it is in :attr:`errors`, and shown with a failure.
        """
        self._handler = _posting_to(handler) if isinstance(handler, str) else handler

    @property
    def attempts(self) -> list[Attempt]:
        """All posts so far, in order."""
        with self._lock:
            return list(self._attempts)

    @property
    def events(self) -> list[Event]:
        """The events that were taken (2xx), in order; one that was posted twice is in here twice."""
        return [event for attempt in self.attempts if attempt.is_success for event in attempt.events]

    @property
    def errors(self) -> list[BaseException]:
        """What the handler has raised."""
        with self._lock:
            return list(self._errors)

    def tag_of(self, message_id: str) -> str | None:
        """Return the tag of a message, once any callback has told of it."""
        with self._lock:
            return self._tags.get(message_id)

    @property
    def arrived_count(self) -> int:
        """How many of :meth:`arrived_ids` there are."""
        with self._lock:
            return len(self._arrived)

    def arrived_ids(self, start: int = 0) -> list[str]:
        """Return the ids of messages that a post has called delivered, whatever became of the post."""
        with self._lock:
            return self._arrived[start:]

    def take(self, body: bytes) -> int | None:
        """Take a post and return the status to answer with. For those who post."""
        events = _events_in(body)
        with self._lock:
            for event in events:
                self._note(event)
            is_failed = bool(self._failures)
            status = self._failures.pop(0) if is_failed else 200
        if not is_failed and self._handler is not None:
            status = self._ask(self._handler, body)  # without the lock: it may look at what has come so far
        with self._lock:
            self._attempts.append(Attempt(events, status))
        return status

    def describe(self) -> str:
        """Return what was posted, for somebody who reads a failure."""
        attempts = self.attempts
        if not attempts:
            return "callbacks: none was posted"
        statuses = ", ".join("no answer" if each.status is None else str(each.status) for each in attempts[-20:])
        lines = [f"callbacks: {len(attempts)} posted, answered {'... ' if len(attempts) > 20 else ''}{statuses}"]
        lines += [f"  the handler raised {error!r}" for error in self.errors]
        return "\n".join(lines)

    def _note(self, event: Event) -> None:
        if isinstance(event, UnknownEvent):
            return
        if event.message.tag is not None:
            self._tags[event.message.id] = event.message.tag
        if isinstance(event, MessageDelivered):
            self._arrived.append(event.message.id)

    def _ask(self, handler: Handler, body: bytes) -> int:
        try:
            status = handler(body)
        except Exception as error:
            with self._lock:
                self._errors.append(error)
            return 500
        return 200 if status is None else int(status)


def _events_in(body: bytes) -> tuple[Event, ...]:
    try:
        return tuple(decode_callbacks(body))
    except CallbackError:
        return ()


def _posting_to(url: str) -> Handler:
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise LocalError(f"handler: expected a function, or a URL that begins with http://, got {url!r}")
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"

    def post(body: bytes) -> int:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_ANSWER_SECONDS)
        try:
            connection.request("POST", path, body, {"content-type": "application/json; charset=utf-8"})
            return connection.getresponse().status
        finally:
            connection.close()

    return post


__all__ = ["Attempt", "Callbacks", "Handler"]
