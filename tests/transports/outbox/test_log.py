"""Several processes open a file that is new, and want its log at the same moment."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from transports.outbox.log import keep_log


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[apsw.Connection, apsw.Connection]]:
    path = str(tmp_path / "new.db")
    with closing(apsw.Connection(path)) as other, closing(apsw.Connection(path)) as database:
        other.execute("CREATE TABLE things (thing)")
        yield other, database


@pytest.mark.parametrize("kind", ["IMMEDIATE", "EXCLUSIVE"])
def test_who_wants_a_log_waits_for_somebody_who_writes(two: tuple[apsw.Connection, apsw.Connection], kind: str) -> None:
    other, database = two
    other.execute(f"BEGIN {kind}")

    def let_it_finish(_: int) -> bool:
        if other.in_transaction:
            other.execute("COMMIT")
        return True

    database.set_busy_handler(let_it_finish)
    keep_log(database)
    assert database.pragma("journal_mode") == "wal"


def test_who_wants_a_log_waits_no_longer_than_for_anything_else(two: tuple[apsw.Connection, apsw.Connection]) -> None:
    other, database = two
    other.execute("BEGIN IMMEDIATE")
    database.set_busy_timeout(1)
    with pytest.raises(apsw.BusyError):
        keep_log(database)
    other.execute("COMMIT")
    keep_log(database)
    assert database.pragma("journal_mode") == "wal"
