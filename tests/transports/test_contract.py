"""Every transport of ours keeps the contract that msgcore.testing ships."""

from pathlib import Path

import pytest

from msgcore.testing import MakeTransport, TransportContract
from transports import FileTransport, SimulatorTransport


class TestSimulatorTransport(TransportContract):
    @pytest.fixture
    def make_transport(self) -> MakeTransport:
        return lambda: SimulatorTransport(rate=1000)


class TestSimulatorTransportInRealTime(TransportContract):
    @pytest.fixture
    def make_transport(self) -> MakeTransport:
        return lambda: SimulatorTransport(rate=1000, clock="real")


class TestFileTransportSpooling(TransportContract):
    @pytest.fixture
    def make_transport(self, tmp_path: Path) -> MakeTransport:
        return lambda: FileTransport(tmp_path / "spool.jsonl")


class TestFileTransportRecording(TransportContract):
    @pytest.fixture
    def make_transport(self, tmp_path: Path) -> MakeTransport:
        return lambda: FileTransport(tmp_path / "record.jsonl", "record", SimulatorTransport(rate=1000))
