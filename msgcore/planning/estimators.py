"""Reading a campaign for its estimate: message by message, or column by column, and keeping none of it.

How this works: an SMS to one recipient goes to a tally of the kernel, one for each kind of sender; whatever has media
or several recipients is counted here. Both paths end in the same figures, so a campaign may mix them.
"""

from collections import Counter
from collections.abc import Iterable

from msgcore.columns import ArrowProducer
from msgcore.encoding import to_gsm7
from msgcore.kernel.estimates import Tally
from msgcore.kernel.recipients import judge_recipient
from msgcore.numbering import SenderKind, sender_kind
from msgcore.planning.estimates import Destination, Estimate, Totals, billed_segments, findings, ordered
from msgcore.planning.groups import refuse_group
from msgcore.tables.recipient_findings import REFUSALS, Concern, Refusal
from msgcore.wire import Message, MessageKind


class Estimator:
    """Adds up a campaign as it is read; ask :meth:`estimate` at any time.

    >>> estimator = Estimator()
    >>> estimator.add(Message(to="+12015550123", from_="+19195550100", text="hello"))
    >>> estimator.add_columns(["+442079460000", "12015550123"], ["hello", "hello"], sender="+19195550100")
    [None, <Refusal.NOT_E164: 'not E.164'>]
    >>> campaign = estimator.estimate()
    >>> campaign.messages, campaign.refused
    (2, (Finding(reason='not E.164', total=1),))

    With ``strict_numbers`` a recipient that is not in the numbering plan is refused, not only doubted.
    """

    def __init__(self, *, strict_numbers: bool = False) -> None:
        self._strict_numbers = strict_numbers
        self._tallies: dict[SenderKind, Tally] = {}
        self._kind_of_sender: dict[str, SenderKind] = {}
        self._messages: Counter[MessageKind] = Counter()
        self._recipients: Counter[tuple[MessageKind, SenderKind, str | None]] = Counter()
        self._refused: Counter[str] = Counter()
        self._concerns: Counter[Concern] = Counter()

    def add(self, message: Message) -> Refusal | None:
        """Add a message, and return why it is refused, or ``None``; a group is refused for any of its recipients.

        A group from anything but a long code is refused too, and one that its sender is in: see ``plan_group``.
        """
        tally_or_kind = self._sender(message.from_)
        if len(message.to) == 1 and not message.media:
            return self._tally(tally_or_kind).add(message.to[0], message.text)
        judgements = [judge_recipient(recipient, self._strict_numbers) for recipient in message.to]
        kind = message.kind
        refusals = [refusal for _, refusal, _ in judgements]
        if kind is MessageKind.GROUP_MMS:
            refusals.append(refuse_group(message.from_, tally_or_kind, message.to))
        for refusal in refusals:
            if refusal is not None:
                self._refused[refusal] += 1
                return refusal
        self._messages[kind] += 1
        for region, _, concern in judgements:
            self._recipients[kind, tally_or_kind, region] += 1
            if concern is not None:
                self._concerns[concern] += 1
        return None

    def add_columns(
        self, numbers: "list[str | None] | ArrowProducer", texts: "list[str | None] | ArrowProducer", *, sender: str
    ) -> list[Refusal | None] | None:
        """Add an SMS for each row of two columns, all from ``sender``: two lists, or two Arrow columns.

        Lists give a list: why each row is refused, or ``None``. Of Arrow columns refused rows are only counted. A value
        that is missing is refused like any other that cannot be sent.

        Raises:
            NumberError: ``sender`` has not the shape of any sender.
            LocalError: one column is longer than the other. Arrow columns are read by then.
            ColumnError: an Arrow column breaks Arrow's rules.
        """
        tally = self._tally(self._sender(sender))
        if isinstance(numbers, list) and isinstance(texts, list):
            return [REFUSALS[index] for index in tally.add_lists(numbers, texts)]
        if isinstance(numbers, list) or isinstance(texts, list):
            raise TypeError("numbers and texts must be two lists or two Arrow columns, not one of each")
        tally.add_columns(numbers, texts)
        return None

    def add_sendable(self, numbers: "list[str]", texts: "list[str]", *, sender: str) -> bytes:
        """Add an SMS for each row that can be sent; return an octet a row, not 0 where it cannot.

        Such rows are left to the caller, and are in no count: they may be something else than an SMS.

        Raises:
            NumberError: ``sender`` has not the shape of any sender.
        """
        return self._tally(self._sender(sender)).add_lists(numbers, texts, count_refused=False)

    def refuse(self, reason: str) -> None:
        """Count a row that was refused before it became a message."""
        self._refused[reason] += 1

    def merge(self, other: "Estimator") -> None:
        """Add what another estimator has counted."""
        for kind, tally in other._tallies.items():
            self._tally(kind).merge(tally)
        self._messages.update(other._messages)
        self._recipients.update(other._recipients)
        self._refused.update(other._refused)
        self._concerns.update(other._concerns)

    def estimate(self) -> Estimate:
        """Return what was added so far comes to."""
        refused, concerns = Counter(self._refused), Counter(self._concerns)
        gsm7 = ucs2 = shortened = 0
        destinations: list[Destination] = []
        for sender, tally in self._tallies.items():
            refused.update(tally.refused())
            concerns.update(tally.concerns())
            gsm7, ucs2, shortened = (a + b for a, b in zip((gsm7, ucs2, shortened), tally.texts(), strict=True))
            destinations += [
                Destination(MessageKind.SMS, sender, region, *figures) for region, figures in tally.figures().items()
            ]
        sms_recipients = sum(each.recipients for each in destinations)
        sms = Totals(sms_recipients, sms_recipients, sum(each.segments for each in destinations))
        destinations += [Destination(*key, count, count) for key, count in self._recipients.items()]
        return Estimate(
            sms=sms,
            mms=self._totals(MessageKind.MMS),
            group_mms=self._totals(MessageKind.GROUP_MMS),
            gsm7_messages=gsm7,
            ucs2_messages=ucs2,
            shortened_messages=shortened,
            destinations=ordered(destinations),
            refused=findings(refused),
            concerns=findings(concerns),
        )

    def _totals(self, kind: MessageKind) -> Totals:
        recipients = sum(count for key, count in self._recipients.items() if key[0] is kind)
        return Totals(self._messages[kind], recipients, recipients)  # one segment for each

    def _sender(self, sender: str) -> SenderKind:
        kind = self._kind_of_sender.get(sender)
        if kind is None:
            kind = sender_kind(sender)
            if len(self._kind_of_sender) < REMEMBERED_SENDERS:
                self._kind_of_sender[sender] = kind
        return kind

    def _tally(self, kind: SenderKind) -> Tally:
        tally = self._tallies.get(kind)
        if tally is None:
            tally = self._tallies[kind] = Tally(
                self._strict_numbers, lambda text: to_gsm7(text, boundary="character").text
            )
        return tally


REMEMBERED_SENDERS = 10_000  # a campaign has a few; whatever comes in as one, memory stays bounded


def estimate(messages: Iterable[Message], *, strict_numbers: bool = False) -> Estimate:
    """Add up what ``messages`` come to, reading them once and keeping none.

    >>> texts = ["Your table is ready", "Dein Tisch für zwei ist fertig 🎉"]
    >>> campaign = estimate(Message(to="+19195550123", from_="+19195550100", text=text) for text in texts)
    >>> campaign.segments, campaign.gsm7_messages, campaign.ucs2_messages
    (2, 1, 1)
    >>> campaign.by_zone()
    (PlaceTotals(place=1, recipients=2, segments=2),)

    A message to a number of an impossible length is refused: it is counted in ``refused`` and in no total. So is a
    group from anything but a long code, and one that its sender is in. A number that is not in the numbering plan is a
    concern, with ``strict_numbers`` a refusal.
    """
    estimator = Estimator(strict_numbers=strict_numbers)
    for message in messages:
        estimator.add(message)
    return estimator.estimate()


def estimate_columns(
    numbers: "list[str | None] | ArrowProducer",
    texts: "list[str | None] | ArrowProducer",
    *,
    sender: str,
    strict_numbers: bool = False,
) -> Estimate:
    """Add up what a column of texts comes to, each sent from ``sender`` to the number in the same row.

    >>> campaign = estimate_columns(["+12015550123", "+442079460000"], ["hello", "a" * 161], sender="+19195550100")
    >>> campaign.by_region()
    (PlaceTotals(place='GB', recipients=1, segments=2), PlaceTotals(place='US', recipients=1, segments=1))

    Two lists of ``str``, or two Arrow columns, which may be streams of chunks: they are read as they come, so a hundred
    million rows take no more memory than one chunk of each. Refused rows are counted by reason.

    Raises:
        NumberError: ``sender`` has not the shape of any sender.
        LocalError: one column is longer than the other.
        ColumnError: an Arrow column breaks Arrow's rules.
    """
    estimator = Estimator(strict_numbers=strict_numbers)
    estimator.add_columns(numbers, texts, sender=sender)
    return estimator.estimate()


__all__ = ["Estimator", "billed_segments", "estimate", "estimate_columns"]
