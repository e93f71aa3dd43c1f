"""Both outboxes keep the contract that msgcore.testing ships."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from msgcore.testing import DurableOutboxContract, MakeOutbox, OpenAgain, OutboxContract
from msgcore.transport import Outbox
from transports import MemoryOutbox, SqliteOutbox


class TestMemoryOutbox(OutboxContract):
    @pytest.fixture
    def make_outbox(self) -> MakeOutbox:
        return MemoryOutbox


class TestSqliteOutbox(DurableOutboxContract):
    @pytest.fixture
    def make_outbox(self, tmp_path: Path) -> Callable[[], SqliteOutbox]:
        numbers = count()
        return lambda: SqliteOutbox(tmp_path / f"{next(numbers)}.outbox")

    @pytest.fixture
    def open_again(self) -> OpenAgain:
        def open_again(outbox: Outbox) -> Outbox:
            assert isinstance(outbox, SqliteOutbox)
            return SqliteOutbox(outbox.path)

        return open_again
