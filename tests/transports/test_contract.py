"""Every transport of ours keeps the contract that msgcore.testing ships."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from msgcore.testing import MakeTransport, TransportContract
from tests.transports.http.provider import provider_over_http
from transports import FileTransport, HttpTransport, SimulatorTransport


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


class TestHttpTransport(TransportContract):
    @pytest.fixture
    def make_transport(self) -> Iterator[MakeTransport]:
        with provider_over_http() as url:
            yield lambda: HttpTransport(url, account_id="9900000", user="me", password="secret")


class TestHttpTransportWithFewerConnectionsThanExchanges(TransportContract):
    @pytest.fixture
    def make_transport(self) -> Iterator[MakeTransport]:
        with provider_over_http() as url:
            yield lambda: HttpTransport(url, account_id="9900000", user="me", password="secret", max_connections=2)
