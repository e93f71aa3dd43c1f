"""A handler: somebody's function for events of some types, and how it is called."""

import asyncio
import inspect
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, Final, Self, TypeAlias

from msgcore.errors import LocalError
from msgcore.planning import RetryPolicy
from msgcore.wire import Event, UnknownEvent

Kind: TypeAlias = str | type[Event]
"""A type of event: its name on the wire, or its class."""

DEFAULT_RETRY: Final = RetryPolicy(base_seconds=1.0, cap_seconds=300.0, factor=4.0, max_attempts=8)
"""A hiccup is over within seconds, an outage of something behind a handler within half an hour."""
_LONGEST_PROBLEM: Final = 500


@dataclass(frozen=True, slots=True)
class Handler:
    """A function that is called for each event of some types."""

    name: str
    function: Callable[[Event], Any]
    types: frozenset[str]
    """Names of types; empty, without ``unknown``: all events."""
    unknown: bool
    """Whether it is called for events that this version does not know."""
    ordered: bool
    concurrency: int
    is_async: bool

    @classmethod
    def of(
        cls,
        function: Callable[[Event], Any],
        kinds: Iterable[Kind],
        *,
        name: str | None = None,
        ordered: bool = False,
        concurrency: int = 16,
    ) -> Self:
        """Make one, its kinds checked.

        Raises:
            LocalError: a kind or the concurrency cannot be.
        """
        types = set()
        unknown = False
        for kind in kinds:
            if kind is UnknownEvent:
                unknown = True
            else:
                types.add(_type_name(kind))
        if concurrency < 1:
            raise LocalError(f"concurrency: expected at least 1, got {concurrency}")
        name = name if name is not None else f"{function.__module__}.{function.__qualname__}"
        called: Any = function.__call__  # type: ignore[operator]  # of an object that is called as if it were a function
        is_async = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(called)
        return cls(name, function, frozenset(types), unknown, ordered, 1 if ordered else concurrency, is_async)

    def wants(self, event: Event) -> bool:
        """Say whether it is called for an event."""
        if not self.types and not self.unknown:
            return True
        return event.type in self.types or (self.unknown and isinstance(event, UnknownEvent))

    async def call(self, event: Event, threads: Executor) -> str | None:
        """Call it; return why it failed, ``None`` where it did not."""
        try:
            if self.is_async:
                await self.function(event)
            else:
                context = copy_context()
                await asyncio.get_running_loop().run_in_executor(threads, context.run, self.function, event)
        except Exception as error:  # somebody else's code: whatever it raises, it has failed
            return f"{type(error).__name__}: {error}"[:_LONGEST_PROBLEM]
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            return f"{type(error).__name__}: something that the handler awaited was cancelled"
        return None


def _type_name(kind: Kind) -> str:
    if isinstance(kind, str):
        return kind
    name = getattr(kind, "type", None)
    if not isinstance(name, str):
        raise LocalError(f"expected the name or the class of an event, got {kind!r}")
    return name


__all__ = ["DEFAULT_RETRY", "Handler", "Kind"]
