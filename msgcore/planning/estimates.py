"""What a campaign comes to, before any of it is sent.

How this works: the provider cuts the text itself and bills what it cut, and nothing says that it keeps grapheme
clusters whole or knows national languages. So segments are counted as *it* counts them: fewest possible, cut between
characters, with an 8-bit reference. A group message counts, and is billed, once per recipient; MMS has one segment.
The ``segmentCount`` of the 202 is the last word.

Source: Messaging V2, rate limits (segments), group messaging (billing).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from msgcore.encoding import Alphabet, count_segments, detect
from msgcore.errors import LocalError
from msgcore.wire.messages import Message, MessageKind


class Totals(NamedTuple):
    """What the messages of one kind come to; ``segments`` as the provider bills and paces them."""

    messages: int = 0
    recipients: int = 0
    segments: int = 0


_NOTHING = Totals()


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a campaign comes to: totals by kind, and how many SMS texts are in which alphabet.

    ``messages``, ``recipients`` and ``segments`` are those of all kinds together.
    """

    sms: Totals = _NOTHING
    mms: Totals = _NOTHING
    group_mms: Totals = _NOTHING
    gsm7_messages: int = 0
    ucs2_messages: int = 0

    @property
    def messages(self) -> int:
        """How many messages there are."""
        return self.sms.messages + self.mms.messages + self.group_mms.messages

    @property
    def recipients(self) -> int:
        """How many recipients they have; one who gets two messages counts twice."""
        return self.sms.recipients + self.mms.recipients + self.group_mms.recipients

    @property
    def segments(self) -> int:
        """How many segments will be billed."""
        return self.sms.segments + self.mms.segments + self.group_mms.segments

    def seconds_at(self, rate: float) -> float:
        """Return how long the provider needs to send it all, at ``rate`` segments per second.

        >>> Estimate(sms=Totals(100, 100, 250), mms=Totals(40, 40, 40)).seconds_at(5)
        50.0

        SMS and MMS leave queues of their own side by side, each at ``rate``, as :class:`~msgcore.planning.Pacing` has
        it; the longer one counts.
        """
        if not 0 < rate < math.inf:
            raise LocalError(f"rate must be positive and finite, not {rate!r}")
        return float(max(self.sms.segments, self.mms.segments + self.group_mms.segments) / rate)


def billed_segments(message: Message) -> int:
    """Return how many segments the provider will bill, and count against the rate, for ``message``.

    >>> billed_segments(Message(to="+19195550123", from_="+19195550100", text="€" * 81))
    2
    >>> billed_segments(Message(to=["+19195550123", "+19195550124"], from_="+19195550100", text="€" * 81))
    2

    SMS: those of its text. MMS: 1. Group MMS: 1 for each recipient.
    """
    if message.kind is MessageKind.SMS:
        return count_segments(message.text, boundary="character")
    return len(message.to)


def estimate(messages: Iterable[Message]) -> Estimate:
    """Add up what ``messages`` come to, reading them once and keeping none.

    >>> texts = ["Your table is ready", "Dein Tisch für zwei ist fertig 🎉"]
    >>> campaign = estimate(Message(to="+19195550123", from_="+19195550100", text=text) for text in texts)
    >>> campaign.segments, campaign.gsm7_messages, campaign.ucs2_messages
    (2, 1, 1)
    """
    alphabets = dict.fromkeys(Alphabet, 0)
    totals = {kind: [0, 0, 0] for kind in MessageKind}
    for message in messages:
        kind = message.kind
        if kind is MessageKind.SMS:
            alphabets[detect(message.text)] += 1
        total = totals[kind]
        total[0] += 1
        total[1] += len(message.to)
        total[2] += billed_segments(message)
    return Estimate(
        sms=Totals(*totals[MessageKind.SMS]),
        mms=Totals(*totals[MessageKind.MMS]),
        group_mms=Totals(*totals[MessageKind.GROUP_MMS]),
        gsm7_messages=alphabets[Alphabet.GSM7],
        ucs2_messages=alphabets[Alphabet.UCS2],
    )
