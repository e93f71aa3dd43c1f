"""How long does a message take from a campaign row to its delivery receipt, and where does the time go?

A round takes the first 2000 lines of the example campaign through one more stage than the benchmark above it: read and
check; plus encode the request and read the answer; plus the simulated provider; plus the client with pacing, events and
the ledger. The queue is deep enough that pacing is computed and never binds.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from msgcore.client import AsyncClient
from msgcore.delivery import Ledger
from msgcore.wire import Accepted, Message, decode_send_response, encode_message
from transports import SimulatorTransport
from transports.cli.campaign import Campaign, Row

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "campaign.csv"
LINES = 2000
RATE = 1000
APPLICATION_ID = "93de2206-9669-4e07-948d-329f4b722ee2"


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("campaign") / "campaign.csv"
    path.write_bytes(b"".join(EXAMPLE.read_bytes().splitlines(keepends=True)[: LINES + 1]))
    return path


def read(campaign: Path) -> list[Message]:
    with Campaign(str(campaign)) as rows:
        return [row.message for row in rows if isinstance(row, Row)]


def read_and_encode(campaign: Path) -> int:
    return len([encode_message(message, application_id=APPLICATION_ID) for message in read(campaign)])


def read_and_exchange(campaign: Path) -> int:
    async def scenario() -> int:
        provider = SimulatorTransport(rate=RATE, callback_types=())
        accepted = 0
        for message in read(campaign):
            response = await provider.exchange(encode_message(message, application_id=APPLICATION_ID))
            accepted += decode_send_response(response).segment_count is not None
        return accepted

    return asyncio.run(scenario())


def send_and_follow(campaign: Path) -> int:
    async def scenario() -> int:
        ledger = Ledger()
        provider = SimulatorTransport(rate=RATE)
        async with AsyncClient(provider, application_id=APPLICATION_ID, rate=RATE) as client:

            async def follow() -> None:
                async for event in client.events():
                    ledger.record(event, client.clock.now())

            following = asyncio.ensure_future(follow())
            async for _, outcome in client.send_many(read(campaign)):
                assert isinstance(outcome, Accepted)
                ledger.accepted(outcome.id, outcome.to, client.clock.now())
            await following
        return ledger.outcomes.total()

    return asyncio.run(scenario())


STAGES: dict[str, Callable[[Path], int]] = {
    "1-read": lambda campaign: len(read(campaign)),
    "2-encode": read_and_encode,
    "3-exchange": read_and_exchange,
    "4-send-and-follow": send_and_follow,
}


@pytest.mark.benchmark(group="a campaign, stage upon stage")
@pytest.mark.parametrize("stage", STAGES)
def test_stage(benchmark: BenchmarkFixture, campaign: Path, stage: str) -> None:
    # Some rows are refused and long texts take several lines; a group has several outcomes.
    assert benchmark(STAGES[stage], campaign) > LINES * 0.8
