"""What the carriers do with a message that has left: how long it takes, and what they say.

No carrier publishes its latency: the ranges are believable values, ASSUMED, and meant to keep events apart and in a
lifelike order rather than to predict anything. Within a range the draw is squared, so most are near the fast end.
"""

from enum import Enum
from typing import Final, NamedTuple

from transports.simulator.accounts.profiles import Profile
from transports.simulator.accounts.records import NumberClass
from transports.simulator.course.records import DELIVERED, NO_DIRECTIVE, Action, Directive, Step

RECEIPT_EXPIRED: Final = 9902
RECEIPT_TIMEOUT_SECONDS: Final = 2 * 3600  # a toll-free or short code SMS without a receipt by then is 9902

_END: Final = int(Action.END)
_SECOND_COPY_SECONDS: Final = 1.0
"""Between the copies of an event, and between two ends."""


class Delay(NamedTuple):
    """A range of seconds; ``at`` turns a random number of [0, 1) into one of them."""

    shortest: float
    longest: float

    def at(self, luck: float) -> float:
        """Return the delay for a draw.

        >>> Delay(1, 10).at(0.0), Delay(1, 10).at(0.5)
        (1.0, 3.25)
        """
        return self.shortest + (self.longest - self.shortest) * luck * luck


# From the turn in the queue to the provider's own refusal.
CHECK_DELAY: Final = Delay(0.05, 0.5)


class Route(Enum):
    """How a message travels: the delay from leaving the queue to its last event, and who confirmed it."""

    LOCAL_SMS = (Delay(0.2, 3.0), "Message delivered to carrier.")
    """SMS from a long code: local numbers get no handset receipts, so delivered means that the carrier took it."""
    RECEIPTED_SMS = (Delay(1.0, 10.0), "Message delivered to handset.")
    """SMS from a toll-free number, a short code or an alphanumeric sender."""
    MMS = (Delay(2.0, 20.0), "Message delivered to carrier.")
    """MMS and group MMS, from any sender."""
    MMS_CENTRE = (Delay(0.2, 2.0), "Message delivered to carrier.")
    """The same without MMS receipts: delivered means that the provider's own MMS centre has it."""

    def __init__(self, delay: Delay, delivered_description: str) -> None:
        self.delay = delay
        self.delivered_description = delivered_description


def route_of(number_class: NumberClass, profile: Profile, *, is_mms: bool) -> Route:
    """Return the route of a message by its kind and the class of its sender.

    >>> from transports.simulator.accounts.profiles import V2_NOW
    >>> [route_of(each, V2_NOW, is_mms=False).name for each in (NumberClass.A2P_LONG_CODE, NumberClass.SHORT_CODE)]
    ['LOCAL_SMS', 'RECEIPTED_SMS']
    """
    if is_mms:
        return Route.MMS if profile.has_mms_receipts else Route.MMS_CENTRE
    return Route.LOCAL_SMS if number_class.is_long_code else Route.RECEIPTED_SMS


_CARRIERS: Final = ("Verizon", "TMobile", "AT&T", "other")


def carrier_of(recipient: str) -> str:
    """Return the carrier of a recipient: made up, but always the same for a number.

    >>> carrier_of("+19195550123"), carrier_of("+19195550124")
    ('other', 'Verizon')
    """
    return _CARRIERS[ord(recipient[-1]) % len(_CARRIERS)]


def steps_of_a_failure(now: float, code: int, directive: Directive, luck: float) -> tuple[Step, ...]:
    """Plan what follows when the provider itself finds a message at fault, in its turn at ``now``: nothing leaves."""
    delay = CHECK_DELAY.at(luck) if directive.delay is None else directive.delay
    return _ends(now + delay, code, directive)


def steps_after_leaving(left: float, code: int, directive: Directive, route: Route, luck: float) -> tuple[Step, ...]:
    """Plan what follows once a message has left: mostly one step, its end.

    >>> steps_after_leaving(100.0, 0, NO_DIRECTIVE, Route.MMS, 0.5)
    ((106.5, 2, 0, 106.5),)
    """
    if directive is NO_DIRECTIVE and code != RECEIPT_EXPIRED:  # as nearly always
        when = left + route.delay.at(luck)
        return ((when, _END, code, when),)
    if directive.late is not None:  # given up, and then the receipt comes all the same
        expired = left + RECEIPT_TIMEOUT_SECONDS
        return _end(expired, RECEIPT_EXPIRED), *_ends(expired + directive.late, code, directive)
    delay = directive.delay
    if delay is None:
        # A receipt that does not come is waited for as long as the provider waits.
        delay = RECEIPT_TIMEOUT_SECONDS if code == RECEIPT_EXPIRED else route.delay.at(luck)
    ends = _ends(left + delay, code, directive)
    if directive.order is None:
        return ends
    return *ends, (ends[-1][0] + _SECOND_COPY_SECONDS, Action.ANNOUNCE, DELIVERED, left)


def _ends(first: float, code: int, directive: Directive) -> tuple[Step, ...]:
    """Return all the ends that a directive asks for, the first of them at ``first``."""
    codes = [code] if directive.then is None else [code, directive.then]
    ends = [_end(first + index * _SECOND_COPY_SECONDS, code) for index, code in enumerate(codes)]
    last, _, code, shown = ends[-1]
    for copy in range(1, directive.copies or 1):
        # A copy is the same event once more, as a callback that is retried although it had arrived.
        ends.append((last + copy * _SECOND_COPY_SECONDS, _END, code, shown))
    return tuple(ends)


def _end(when: float, code: int) -> Step:
    return when, _END, code, when
