"""Reading a campaign for its estimate, row by row or block by block, with the refused rows set aside.

How this works: a row is *plain* where one look at its columns settles that it is a valid SMS but for its number
and its text: no media, a sender of a known shape, a tag that is not too long. The kernel judges number and text of
plain rows. Whatever it refuses, and every row that is not plain, is read again as ``msgcore send`` reads it, by the
same :class:`RowReader`: so the same rows are refused for the same reasons, only a row that would be sent takes its key,
and a group or an MMS that only looks unusual is counted as what it is.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Protocol

from msgcore.planning import Estimate, Estimator
from msgcore.wire import MessageKind
from msgcore.wire.rules import MAX_TAG_CHARACTERS, PRIORITIES, expiration_problem, sender_problem
from transports.cli.blocks import Block
from transports.cli.progress import ReadingProgress
from transports.cli.rejects import RejectsFile
from transports.cli.report_page.causes import Causes
from transports.cli.rows import RefusedRow, Row

SHOWN_REFUSALS = 8
REMEMBERED_VALUES = 10_000


class PlannedFile(Protocol):
    """What a campaign file of any format has for planning."""

    path: str
    octets: int | None

    @property
    def strict_numbers(self) -> bool:
        """Whether recipients that are not in the numbering plan are refused."""

    @property
    def octets_read(self) -> int:
        """How much of the file has been read."""

    def blocks(self) -> Iterator[Block | Row | RefusedRow]:
        """Yield rows, and blocks of rows."""

    def key_is_new(self, key: str, line: int) -> bool:
        """Tell whether no earlier row has ``key``, and note it."""

    def check_key(self, row: Row | RefusedRow) -> Row | RefusedRow:
        """Return ``row``, or its refusal where an earlier row has its key."""


class CampaignPlan:
    """Adds up a campaign file; what cannot be sent goes, with its reason, to ``rejects``, if that is given.

    ``causes``, if given, take in the texts of SMS: looking at single characters costs time, and only a page shows them.

    ``rows == refused + estimate().messages`` once the file is read.
    """

    def __init__(
        self, campaign: PlannedFile, *, rejects: RejectsFile | None = None, causes: Causes | None = None
    ) -> None:
        self.path = campaign.path
        self.rows = 0
        self.refused = 0
        self.refused_fields: Counter[str] = Counter()
        self.first_refusals: list[tuple[int, str]] = []
        self.was_interrupted = False
        self.stopped_by: str | None = None
        self.rejects = rejects
        self._campaign = campaign
        self._causes = causes
        self._estimator = Estimator(strict_numbers=campaign.strict_numbers)

    def read(self, progress: ReadingProgress) -> None:
        """Read the file to its end; Ctrl-C ends it early, and what was read so far counts."""
        try:
            for item in self._campaign.blocks():
                if isinstance(item, Block):
                    self._take_block(item)
                else:
                    self._take(item)
                progress.update(self._campaign.octets_read, self.rows)
        except KeyboardInterrupt:
            self.was_interrupted = True
        except OSError as error:  # the disk is full, or the file cannot be read to its end
            self.stopped_by = error.strerror or str(error)

    def estimate(self) -> Estimate:
        """Return what the rows read so far come to."""
        return self._estimator.estimate()

    def close_rejects(self) -> None:
        """Close the file of refused rows."""
        assert self.rejects is not None
        try:
            self.rejects.close()
        except OSError as error:  # what the operating system had taken on trust did not fit after all
            self.stopped_by = f"{self.rejects.path} cannot be written: {error.strerror or error}"

    # ------------------------------------------------------------------------------------------------------- one row

    def _take(self, row: Row | RefusedRow) -> None:
        self.rows += 1
        if isinstance(row, RefusedRow):
            self._estimator.refuse(row.finding or ("broken row" if row.field == "row" else f"field {row.field}"))
            self._set_aside(row)
            return
        refusal = self._estimator.add(row.message)
        assert refusal is None, f"line {row.line} was read as a message, and refused: {refusal}"
        if self._causes is not None and row.message.kind is MessageKind.SMS:
            self._causes.add_all([row.message.text])

    def _set_aside(self, row: RefusedRow) -> None:
        self.refused += 1
        self.refused_fields[row.field] += 1
        if len(self.first_refusals) < SHOWN_REFUSALS:
            self.first_refusals.append((row.line, row.reason))
        if self.rejects is not None:
            self.rejects.add(row.line, row.raw, row.reason)

    # ----------------------------------------------------------------------------------------------------- one block

    def _take_block(self, block: Block) -> None:
        """Count a block; whether a key is new is only known row by row, so a block with a second one is read so."""
        counted = Estimator(strict_numbers=self._campaign.strict_numbers)
        unusual = self._add_plain_rows(block, counted)
        rows: dict[int, Row | RefusedRow | None] = {index: block.read(index) for index in unusual}
        if any(block.columns.get("key", ())) and not self._keys_are_new(block, rows):
            for index in range(len(block)):
                row = block.read(index)
                if row is not None:
                    self._take(self._campaign.check_key(row))
            return
        self._estimator.merge(counted)
        if self._causes is not None and "text" in block.columns:
            self._causes.add_all(text for index, text in enumerate(block.columns["text"]) if index not in rows)
        self.rows += len(block) - len(rows)
        for index in unusual:
            row = rows[index]
            if row is not None:
                self._take(row)

    def _add_plain_rows(self, block: Block, counted: Estimator) -> list[int]:
        """Count the rows that are plain and can be sent, and return the indices of all others, in order."""
        count = len(block)
        numbers, texts = block.columns["to"], block.columns.get("text", [""] * count)
        unusual = _not_plain(block)
        default = block.row_reader.sender or ""
        by_sender: dict[str, list[int]] = {}
        senders = [(sender or default).strip() for sender in block.columns.get("from", [""] * count)]
        for sender in set(senders):
            if not _is_sender(sender):
                unusual.update(index for index, each in enumerate(senders) if each == sender)
            elif len(senders) == senders.count(sender) and not unusual:  # by far the most blocks
                return [
                    index
                    for index, refusal in enumerate(counted.add_sendable(numbers, texts, sender=sender))
                    if refusal
                ]
        for index, sender in enumerate(senders):
            if index not in unusual:
                by_sender.setdefault(sender, []).append(index)
        for sender, indices in by_sender.items():
            refusals = counted.add_sendable(
                [numbers[index] for index in indices], [texts[index] for index in indices], sender=sender
            )
            unusual.update(index for index, refusal in zip(indices, refusals, strict=True) if refusal)
        return sorted(unusual)

    def _keys_are_new(self, block: Block, unusual: dict[int, Row | RefusedRow | None]) -> bool:
        """Note the keys of all valid rows, as far as they are new."""
        for index, key in enumerate(block.columns["key"]):
            if not key or (index in unusual and not isinstance(unusual[index], Row)):
                continue
            if not self._campaign.key_is_new(key, block.line_of(index)):
                return False
        return True


def _not_plain(block: Block) -> set[int]:
    """Return the rows with a value that is more than a column can settle."""
    unusual = set(block.beyond_text)
    for name, is_plain in _PLAIN.items():
        column = block.columns.get(name)
        if column is not None and any(column):
            unusual.update(index for index, value in enumerate(column) if value and not is_plain(value))
    unusual.update(
        index
        for index, value in enumerate(block.columns.get("expiration", ()))
        if value and (not _is_expiration(value) or block.row_reader.has_passed(value))
    )
    return unusual


@lru_cache(REMEMBERED_VALUES)
def _is_sender(sender: str) -> bool:
    return sender_problem(sender) is None


@lru_cache(REMEMBERED_VALUES)
def _is_expiration(value: str) -> bool:
    return expiration_problem(value) is None


_PLAIN: dict[str, Callable[[str], bool]] = {
    "media": lambda value: False,
    "tag": lambda value: len(value) <= MAX_TAG_CHARACTERS,
    "priority": lambda value: value in PRIORITIES,
}

__all__ = ["CampaignPlan", "PlannedFile"]
