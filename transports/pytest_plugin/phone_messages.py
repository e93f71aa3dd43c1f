"""A message as it stands with one of its recipients, and how many of them are shown to somebody who reads a failure."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgcore.wire import delivery_code

MOST_SHOWN = 30
_TEXT_WIDTH = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneMessage:
    """A message of the account and one of its recipients.

    ``status`` is ``queued``, ``sent``, ``delivered``, ``failed`` and what else the provider's search says, in lower
    case; ``code`` is the delivery code, 0 for none. ``text`` is ``None`` where the simulator has forgotten it (it
    remembers the last messages alone), ``tag`` where there is none, or no callback has told of it yet.
    """

    id: str
    from_: str
    to: str
    text: str | None
    tag: str | None
    kind: str
    status: str
    code: int
    segment_count: int

    @property
    def has_arrived(self) -> bool:
        """Whether it is on the recipient's phone."""
        return self.status == "delivered"

    @property
    def outcome(self) -> str:
        """The status, with the name of the code where there is one.

        >>> failed = PhoneMessage(id="1", from_="+19195550100", to="+19195554720", text="hi", tag=None, kind="sms",
        ...     status="failed", code=4720, segment_count=1)
        >>> failed.outcome
        'failed: 4720 invalid-destination-address'
        """
        return f"{self.status}: {self.code} {delivery_code(self.code).name}" if self.code else self.status


def table_of(messages: Sequence[PhoneMessage]) -> str:
    """Return the last messages as lines in columns, oldest first."""
    rows = [("to", "from", "outcome", "tag", "text")]
    rows += [(each.to, each.from_, each.outcome, each.tag or "", _shown(each.text)) for each in messages[-MOST_SHOWN:]]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    if len(messages) > MOST_SHOWN:
        lines.insert(1, f"  ... and {len(messages) - MOST_SHOWN:,} before")
    return "\n".join(line.rstrip() for line in lines)


def _shown(text: str | None) -> str:
    if text is None:
        return "(forgotten)"
    # repr leaves nothing in it that a terminal would obey.
    return repr(text if len(text) <= _TEXT_WIDTH else f"{text[:_TEXT_WIDTH]}…")


__all__ = ["PhoneMessage", "table_of"]
