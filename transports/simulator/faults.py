"""Faults on order: which of the next requests meet with what. The server obeys; nothing here touches a connection.

A rule says what happens (*what*), to whom (*method*, *path*), how often (*count*, ``None`` for ever) and with which
chance (*share*). Of the rules that fit a request the first one whose chance comes up is used and counted down; one that
is used up is gone.
"""

from collections.abc import Iterable
from enum import StrEnum
from random import Random
from typing import Final, NamedTuple

import msgspec

from msgcore.errors import LocalError
from msgcore.wire.exchange import Request, Response
from msgcore.wire.rejections import encode_rejection
from transports.simulator.engine import Access

_TYPES: Final = {
    429: "max-message-queue-size-exceeded",
    500: "internal-server-error",
    502: "bad-gateway",
    503: "service-unavailable",
    504: "gateway-timeout",
}

# RFC 9110, 15.3.5, 15.3.6, 15.4.5: what follows such a head is taken for the next answer.
_WITHOUT_CONTENT: Final = frozenset({204, 205, 304})


class FaultKind(StrEnum):
    """What can go wrong."""

    ANSWER = "answer"
    """Nothing is done, and ``status`` is answered."""
    SLOW = "slow"
    """All goes well, ``seconds`` late."""
    DROP_BEFORE = "drop-before"
    """The connection is dropped before the request is read: nothing is done."""
    DROP_AFTER = "drop-after"
    """The request is read and thrown away, and the connection dropped: nothing is done, and the client cannot know."""
    LOSE_ANSWER = "lose-answer"
    """The request is done, and the connection is dropped instead of the answer: the hardest of all."""
    REFUSE_ACCESS = "refuse-access"
    """Good credentials are refused: 401."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A rule. ``path`` fits what begins with it: ``messages``, ``media/``, or everything.

    >>> Fault(what=FaultKind.ANSWER, status=503, count=3).fits(Request("POST", "messages"))
    True
    """

    what: FaultKind
    count: int | None = 1
    share: float = 1.0
    method: str | None = None
    path: str = ""
    status: int = 503
    seconds: float = 0.0
    retry_after_seconds: int | None = None

    def fits(self, request: Request) -> bool:
        """Whether a request is one of those meant."""
        return self.method in (None, request.method) and request.path.startswith(self.path)


class Verdict(NamedTuple):
    """What a server has to do with a request; the default is to let it pass.

    In this order: drop (``drops_before``), wait ``seconds``, read the request, drop (``drops_after``), answer with
    ``answer`` if there is one, or handle the request with ``access``; drop (``loses_answer``) or answer.
    """

    seconds: float = 0.0
    answer: Response | None = None
    access: Access = Access.GRANTED
    drops_before: bool = False
    drops_after: bool = False
    loses_answer: bool = False


PASS: Final = Verdict()


class Faults:
    """The rules in force, and their chance.

    >>> faults = Faults(seed=1)
    >>> faults.add(Fault(what=FaultKind.ANSWER, status=503, count=1, method="POST"))
    >>> faults.decide(Request("POST", "messages")).answer.status, faults.decide(Request("POST", "messages"))
    (503, Verdict(seconds=0.0, answer=None, access=<Access.GRANTED: 'granted'>, drops_before=False, drops_after=False, \
loses_answer=False))
    """

    __slots__ = ("_random", "_rules")

    def __init__(self, seed: int = 0) -> None:
        self._random = Random(seed)
        self._rules: list[tuple[Fault, int | None]] = []  # with how often it may still happen

    @property
    def rules(self) -> tuple[Fault, ...]:
        """What is in force, each with the count that is left."""
        return tuple(msgspec.structs.replace(fault, count=left) for fault, left in self._rules)

    def add(self, fault: Fault) -> None:
        """Put a rule behind the others."""
        if fault.count is not None and fault.count < 1:
            raise LocalError(f"count: expected at least 1, got {fault.count}")
        if not 0 < fault.share <= 1:
            raise LocalError(f"share: expected more than 0 and at most 1, got {fault.share!r}")
        if not 200 <= fault.status <= 599:
            raise LocalError(f"status: expected 200 to 599, got {fault.status}")
        if not fault.seconds >= 0:
            raise LocalError(f"seconds: expected 0 or more, got {fault.seconds!r}")
        if fault.retry_after_seconds is not None and fault.retry_after_seconds < 0:
            raise LocalError(f"retry_after_seconds: expected 0 or more, got {fault.retry_after_seconds}")
        self._rules.append((fault, fault.count))

    def replace(self, faults: Iterable[Fault]) -> None:
        """Let these rules hold, and no others."""
        before, self._rules = self._rules, []
        try:
            for fault in faults:
                self.add(fault)
        except LocalError:
            self._rules = before
            raise

    def clear(self) -> None:
        """Let everything go well again."""
        self._rules.clear()

    def decide(self, request: Request) -> Verdict:
        """Return what a request meets with; its body is not looked at."""
        for index, (fault, left) in enumerate(self._rules):
            if not fault.fits(request) or (fault.share < 1 and self._random.random() >= fault.share):
                continue
            if left is not None and left > 1:
                self._rules[index] = (fault, left - 1)
            elif left is not None:
                del self._rules[index]
            return _verdict(fault)
        return PASS


def _verdict(fault: Fault) -> Verdict:
    match fault.what:
        case FaultKind.ANSWER:
            return Verdict(fault.seconds, answer=_answer(fault))
        case FaultKind.SLOW:
            return Verdict(fault.seconds)
        case FaultKind.DROP_BEFORE:
            return Verdict(fault.seconds, drops_before=True)
        case FaultKind.DROP_AFTER:
            return Verdict(fault.seconds, drops_after=True)
        case FaultKind.LOSE_ANSWER:
            return Verdict(fault.seconds, loses_answer=True)
    return Verdict(fault.seconds, access=Access.UNKNOWN)


def _answer(fault: Fault) -> Response:
    seconds = fault.retry_after_seconds
    headers = {} if seconds is None else {"retry-after": str(seconds)}
    if fault.status in _WITHOUT_CONTENT:
        return Response(fault.status, headers)
    type_ = _TYPES.get(fault.status, "fault-on-order")
    return encode_rejection(fault.status, type_, "a fault that was asked for", headers=headers)
