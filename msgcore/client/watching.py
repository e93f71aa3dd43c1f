"""What is told of the sending while it goes on: hooks, and lines of the log.

How this works: everything passes through one :class:`Watch`, so that nothing is logged twice and nothing without it
being redacted. A line says numbers of the outbox, classes and statuses; what identifies a person (numbers, texts, tags,
keys, which may be made of either) is left out unless somebody asks for it. Credentials never come here: the transport
adds them later. Each line has its figures in ``extra`` too, under names that begin with ``msgcore_``.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from msgcore.delivery import Delivery, OutboxCounts, OutcomeClass, SendState, reason_of
from msgcore.errors import ClosedError, MsgcoreError
from msgcore.transport import Hooks
from msgcore.wire import Accepted, Event, Message

logger = logging.getLogger("msgcore.delivery")


class Watch:
    """Tells hooks and the log.

    Args:
        hooks: who wants to know.
        log_content: show numbers, tags and keys in the log; texts are never shown.
    """

    def __init__(self, hooks: Sequence[Hooks] = (), *, log_content: bool = False) -> None:
        self._hooks = tuple(hooks)
        self._log_content = log_content
        self.has_hooks = bool(self._hooks)

    @property
    def sees_everything(self) -> bool:
        """Whether an attempt, or a message that was accepted, makes any difference to anybody."""
        return self.has_hooks or logger.isEnabledFor(logging.DEBUG)

    def begun(self, counts: OutboxCounts, unknowns: int) -> None:
        """Tell that the outbox is ours."""
        extra = {f"msgcore_{name}": count for name, count in counts._asdict().items()}
        logger.info("sending from an outbox: %d waiting, %d unknown", counts.waiting, counts.unknown, extra=extra)
        if unknowns:
            logger.warning(
                "%d attempts were under way when the last sender died: held as unknown until something tells",
                unknowns,
                extra={"msgcore_unknowns": unknowns},
            )

    def attempt(self, number: int, message: Message, attempt: int) -> None:
        """Tell that an attempt is about to leave."""
        if logger.isEnabledFor(logging.DEBUG):
            logger.debug("message %d: attempt %d", number, attempt, extra=self._extra(number, message, attempt))
        for hooks in self._hooks:
            self._call(hooks.on_attempt, message, attempt)

    def outcome(
        self, number: int, message: Message, attempt: int, state: SendState, result: Accepted | MsgcoreError
    ) -> None:
        """Tell what came of an attempt, or of a message without one."""
        level = _LEVELS.get(state, logging.DEBUG)
        if logger.isEnabledFor(level):
            why = "" if isinstance(result, Accepted) else f": {reason_of(result)}"
            extra = self._extra(number, message, attempt) | {"msgcore_state": state.value}
            if isinstance(result, Accepted):
                extra["msgcore_message_id"] = result.id
            else:
                extra["msgcore_reason"] = reason_of(result)
            logger.log(level, "message %d: %s after attempt %d%s", number, state.value, attempt, why, extra=extra)
        for hooks in self._hooks:
            self._call(hooks.on_outcome, message, attempt, state, result)

    def event(self, event: Event, delivery: Delivery | None) -> None:
        """Tell that an event was taken in."""
        if logger.isEnabledFor(logging.DEBUG):
            state = "" if delivery is None else f": {delivery.state.value}"
            id = None if event.message is None else event.message.id
            extra: dict[str, Any] = {"msgcore_event": event.type, "msgcore_message_id": id}
            logger.debug("event %s%s", event.type, state, extra=extra)
        for hooks in self._hooks:
            self._call(hooks.on_event, event, delivery)

    def stopped(self, error: BaseException) -> None:
        """Tell that nothing more is attempted; no error where somebody wanted that."""
        level = logging.INFO if isinstance(error, ClosedError) else logging.ERROR
        reason = reason_of(error) if isinstance(error, MsgcoreError) else type(error).__name__
        logger.log(level, "sending stops, what waits is kept: %s", reason, extra={"msgcore_reason": reason})

    def deaf(self, error: BaseException) -> None:
        """Tell that events are heard no more."""
        reason = reason_of(error) if isinstance(error, MsgcoreError) else type(error).__name__
        logger.error(
            "events are no longer heard, so nothing more is sent: %s", reason, extra={"msgcore_reason": reason}
        )

    def probing(self) -> None:
        """Tell that one message at a time is tried."""
        logger.warning("ten unknown outcomes in a row: one message at a time is tried until one is accepted")

    def note(self, text: str, *values: object, **extra: object) -> None:
        """Tell something else worth a line; neither ``text`` nor ``values`` may identify anybody."""
        logger.info(text, *values, extra={f"msgcore_{name}": value for name, value in extra.items()})

    def _extra(self, number: int, message: Message, attempt: int) -> dict[str, Any]:
        extra: dict[str, Any] = {
            "msgcore_number": number,
            "msgcore_attempt": attempt,
            "msgcore_kind": message.kind.value,
        }
        if self._log_content:
            extra |= {
                "msgcore_to": message.to,
                "msgcore_from": message.from_,
                "msgcore_tag": message.tag,
                "msgcore_key": message.key,
            }
        return extra

    def _call(self, hook: Any, *arguments: object) -> None:
        try:
            hook(*arguments)
        except (Exception, asyncio.CancelledError) as error:  # nobody cancels us in here: it is the hook's own, too
            # It may quote what it was given, so only its kind is told.
            name = getattr(hook, "__qualname__", type(hook).__name__)
            logger.error("a hook failed: %s in %s", type(error).__name__, name)  # noqa: TRY400


_LEVELS = {
    SendState.UNKNOWN: logging.WARNING,
    SendState.REJECTED: logging.INFO,
    SendState.EXPIRED: logging.INFO,
    SendState.SUPPRESSED: logging.INFO,
}

STATE_OF = {
    OutcomeClass.ACCEPTED: SendState.ACCEPTED,
    OutcomeClass.REJECTED: SendState.REJECTED,
    OutcomeClass.STOPPED: SendState.WAITING,
    OutcomeClass.REFUSED: SendState.WAITING,
    OutcomeClass.UNKNOWN: SendState.UNKNOWN,
}
"""Where a message stands after an attempt of this class: a run that stops leaves its messages waiting."""


__all__ = ["STATE_OF", "Watch"]
