"""What the page of a run shows beyond its report: added up while the run goes on, in a memory that does not grow."""

from collections import Counter

from msgcore.encoding import Alphabet, detect
from msgcore.kernel.recipients import judge_recipient
from msgcore.numbering import SenderKind, sender_kind
from msgcore.planning import Destination, Estimate, Totals
from msgcore.wire import Message, MessageKind
from transports.cli.report_page.causes import Causes
from transports.cli.report_page.throughput import Throughput

_Key = tuple[MessageKind, SenderKind, str | None]


class SendFigures:
    """Adds up a run: where its segments go, what they are written in, when they are taken and when they leave.

    Segments are those that the provider has told, so that they agree with its bill; what look-alikes would save is our
    own count.
    """

    def __init__(self) -> None:
        self.causes = Causes()
        self.taken = Throughput()
        self.left = Throughput()
        self._messages: Counter[MessageKind] = Counter()
        self._recipients: Counter[_Key] = Counter()
        self._segments: Counter[_Key] = Counter()
        self._gsm7_messages = 0

    def accept(self, message: Message, segments: int, now: float) -> None:
        """Count an accepted message with all its segments, those to every recipient together."""
        self.taken.add(now, segments)
        kind, sender = message.kind, sender_kind(message.from_)
        self._messages[kind] += 1
        for recipient in message.to:
            region, _, _ = judge_recipient(recipient, False)
            self._recipients[kind, sender, region] += 1
            self._segments[kind, sender, region] += segments // len(message.to)
        if kind is MessageKind.SMS:
            if detect(message.text) is Alphabet.GSM7:
                self._gsm7_messages += 1
            else:
                self.causes.add(message.text, segments)

    def leave(self, segments: int, sent_at: float) -> None:
        """Count segments that have left the provider's queue."""
        self.left.add(sent_at, segments)

    def estimate(self) -> Estimate:
        """Return what was accepted, in the form of an estimate: zones and prices follow from it."""
        return Estimate(
            sms=self._totals(MessageKind.SMS),
            mms=self._totals(MessageKind.MMS),
            group_mms=self._totals(MessageKind.GROUP_MMS),
            gsm7_messages=self._gsm7_messages,
            ucs2_messages=self.causes.messages,
            shortened_messages=self.causes.shortened,
            destinations=tuple(
                Destination(*key, recipients, self._segments[key])
                for key, recipients in sorted(self._recipients.items(), key=lambda item: str(item[0]))
            ),
        )

    def _totals(self, kind: MessageKind) -> Totals:
        recipients = sum(count for key, count in self._recipients.items() if key[0] is kind)
        segments = sum(count for key, count in self._segments.items() if key[0] is kind)
        return Totals(self._messages[kind], recipients, segments)


__all__ = ["SendFigures"]
