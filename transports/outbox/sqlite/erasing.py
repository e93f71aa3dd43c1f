"""How the content of a final message really goes: from its row, from the pages around it, from the log.

How this works. SQLite zeroes what it deletes (``secure_delete``), but when rows are deleted it also joins pages that
have become empty, and then copies of rows *that stay* are left in the gaps of the pages they came from. Nobody would
ever find those again. So content is not deleted but overwritten, with as many zeros as it had octets: SQLite then
writes over it in its place, in the leaf or in overflow pages, and nothing moves. New content is only ever appended,
which fills the last page and begins another, and moves nothing either.

That leaves rows of zeros. They are deleted only where at least :data:`MARGIN` numbers of dead rows lie between them and
the next content that lives, on both sides. A page is joined with at most two neighbours on each side, and even rows of
the least size fill more pages than that with so many: so every row that is moved is one of zeros.
"""

from itertools import pairwise
from typing import Final

import apsw

from transports.outbox.sqlite.schema import BUSY_MILLISECONDS

MARGIN: Final = 2_000
"""A page of 4,096 octets holds at most 340 rows, since none takes less than 12 octets there: it is five pages."""


def erase(database: apsw.Connection, numbers: str) -> None:
    """Overwrite the content of messages, given as a JSON array of their numbers."""
    database.execute(
        "UPDATE contents SET content = zeroblob(length(content)) WHERE number IN (SELECT value FROM json_each(?))",
        (numbers,),
    )


def reclaim(database: apsw.Connection, above: int, up_to: int) -> None:
    """Delete rows of erased content around these numbers, as far from living content as it takes."""
    [(first, last)] = database.execute("SELECT ifnull(min(number), 0), ifnull(max(number), 0) FROM contents")
    low, high = max(above - MARGIN, first - 1), min(up_to + MARGIN, last)
    living = database.execute(
        "SELECT number FROM contents WHERE number > ? AND number <= ? AND substr(content, 1, 1) <> x'00'", (low, high)
    ).fetchall()
    # What lies outside was not looked at, and behind the last row new content will come: as if they lived. Before the
    # first row there is nothing.
    edge = low - MARGIN if low == first - 1 else low
    for (left,), (right,) in pairwise([(edge,), *living, (high + 1,)]):
        database.execute("DELETE FROM contents WHERE number > ? AND number < ?", (left + MARGIN, right - MARGIN))


def empty_log(database: apsw.Connection) -> bool:
    """Bring the write-ahead log into the file and cut it, so that nothing erased is left in it.

    While somebody reads an older snapshot it stays, and False comes back: the next time does it then.
    """
    database.set_busy_timeout(0)
    try:
        database.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    except apsw.BusyError:
        return False
    finally:
        database.set_busy_timeout(BUSY_MILLISECONDS)
    return True


__all__ = ["MARGIN", "empty_log", "erase", "reclaim"]
