"""Both stores of callbacks keep the contract that is shipped for others."""

from collections.abc import Callable
from pathlib import Path

import pytest

from msgcore.testing import HandlerStoreContract
from transports import MemoryCallbackStore, SqliteCallbackStore


class TestMemoryCallbackStore(HandlerStoreContract):
    is_durable = False

    @pytest.fixture
    def open_store(self) -> Callable[[], MemoryCallbackStore]:
        return MemoryCallbackStore


class TestSqliteCallbackStore(HandlerStoreContract):
    @pytest.fixture
    def open_store(self, tmp_path: Path) -> Callable[[], SqliteCallbackStore]:
        return lambda: SqliteCallbackStore(tmp_path / "events.db")
