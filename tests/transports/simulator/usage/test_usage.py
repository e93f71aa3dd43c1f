"""Usage records: kept narrow, read page by page, and written into files of any size in the same memory."""

import asyncio
import io
import tracemalloc
import zipfile
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import pytest

from msgcore.wire import MdrColumns, MdrReader, MdrRow
from transports.simulator.ids import message_id
from transports.simulator.usage import archive
from transports.simulator.usage.archive import BLOCK_RECORDS, UsageFilter, UsageMemory, read_pages
from transports.simulator.usage.files import day_range_ms, stream_csv, stream_zip
from transports.simulator.usage.records import UsageRecord, rows_of
from transports.simulator.usage.totals import UsageTotals

START = 1_767_225_600  # 2026-01-01


def record(index: int, **changes: Any) -> UsageRecord:
    now = START + index
    fields: dict[str, Any] = {
        "id": message_id(now, Random(index)), "leg": 0, "ended": now + 3.0, "inbound": False, "is_mms": False,
        "sender": "+19195550100", "to": "+12125550123", "zone": 1, "status": 4, "code": 0, "segment_count": 2,
        "number_class": "a2p-long-code", "size": 161, "text_length": 161, "attachment_count": 0, "recipient_count": 1,
        "campaign_id": "", "campaign_class": "", "site_id": "400001", "location": "home", "application_id": "a",
        "tag": "", "carried": True,
    }  # fmt: skip
    return UsageRecord(**{**fields, **changes})


def filled(count: int, **changes: Any) -> UsageMemory:
    memory = UsageMemory()
    for index in range(count):
        memory.add(record(index, **changes))
    return memory


EVERYTHING = UsageFilter()


def read(memory: UsageMemory, wanted: UsageFilter = EVERYTHING) -> list[UsageRecord]:
    async def all_pages() -> list[UsageRecord]:
        return [each async for page in read_pages(memory, wanted) for each in page]

    return asyncio.run(all_pages())


def joined(pieces: AsyncIterator[bytes]) -> bytes:
    async def join() -> bytes:
        return b"".join([piece async for piece in pieces])

    return asyncio.run(join())


def rows_in(content: bytes) -> int:
    reader = MdrReader()
    return len([row for row in reader.feed(content) + reader.finish() if isinstance(row, MdrRow)])


def test_all_records_are_read_again_in_order_blocks_and_what_is_in_none() -> None:
    count = 2 * BLOCK_RECORDS + 7
    assert read(filled(count)) == [record(index) for index in range(count)]


def test_a_time_is_read_without_its_neighbours() -> None:
    memory = filled(3 * BLOCK_RECORDS)
    since, until = (START + 500) * 1000, (START + 2500) * 1000
    assert [each.received_ms for each in read(memory, UsageFilter(since, until))] == list(range(since, until, 1000))


def test_the_oldest_blocks_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_BLOCKS", 2)
    memory = filled(5 * BLOCK_RECORDS)
    assert read(memory)[0] == record(3 * BLOCK_RECORDS)
    memory.clear()
    assert read(memory) == []


def test_who_is_reading_while_all_is_forgotten_finds_the_end() -> None:
    memory = filled(3 * BLOCK_RECORDS)

    async def go() -> int:
        pages = 0
        async for _ in read_pages(memory, UsageFilter()):
            pages += 1
            memory.clear()
        return pages

    assert asyncio.run(go()) == 1


@pytest.mark.parametrize(
    "changes, count",
    [({}, 3), ({"segment_count": 255}, 255), ({"is_mms": True}, 1), ({"is_mms": True, "leg": 2}, 1)],
)
def test_a_segment_of_an_sms_is_a_row_and_so_is_an_mms(changes: dict[str, Any], count: int) -> None:
    rows = list(rows_of(record(0, **{"segment_count": 3, **changes}), "9900000"))
    assert [row.segment_number for row in rows] == list(range(1, count + 1))
    assert {row.message_id for row in rows} == {record(0).id}
    assert rows[0].time == "2026-01-01T00:00:00.000Z"


def test_a_zip_is_cut_into_files_that_a_spreadsheet_takes() -> None:
    memory = filled(25)
    content = joined(stream_zip(memory, "9900000", UsageFilter(), MdrColumns.ALL, name="mdrs", rows_per_file=20))
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        assert made.testzip() is None
        assert made.namelist() == ["mdrs.csv", "mdrs_2.csv", "mdrs_3.csv"]
        assert [rows_in(made.read(name)) for name in made.namelist()] == [20, 20, 10]


def test_files_of_a_breakdown_have_names_of_their_own() -> None:
    memory = filled(0)
    names = ["a/b", "a-b", "A-B", "", "none", "x" * 100_000]
    for index, name in enumerate(names):
        memory.add(record(index, location=name))
    pieces = stream_zip(memory, "9900000", EVERYTHING, MdrColumns.ALL, name="mdrs", breakdown="Location")
    with zipfile.ZipFile(io.BytesIO(joined(pieces))) as opened:
        found = opened.namelist()
        assert len({name.casefold() for name in found}) == len(names)
        assert max(map(len, found)) < 100
        assert [opened.read(name).count(b"\r\n") for name in found] == [3] * len(names)


def test_an_empty_report_has_its_header() -> None:
    content = joined(stream_zip(UsageMemory(), "1", UsageFilter(), MdrColumns.ALL, name="m", breakdown="Location"))
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        assert made.read("m.csv").startswith(b"AccountId,")


@pytest.mark.parametrize("stream", [stream_csv, lambda *arguments: stream_zip(*arguments, name="m")])
def test_a_file_ten_times_as_long_takes_no_more_memory(stream: Any) -> None:
    def peak(count: int) -> tuple[int, int]:
        memory = filled(count, segment_count=10)

        async def write() -> int:
            return sum([len(piece) async for piece in stream(memory, "1", UsageFilter(), MdrColumns.ALL)])

        tracemalloc.start()
        octets = asyncio.run(write())
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return octets, most

    peak(BLOCK_RECORDS)  # what is loaded and cached the first time
    (short, short_peak), (long, long_peak) = peak(BLOCK_RECORDS), peak(10 * BLOCK_RECORDS)
    assert long > 9 * short
    assert long_peak < 1.2 * short_peak + 2**20


def test_totals_are_the_sums_of_the_rows() -> None:
    totals = UsageTotals()
    records = [record(index, segment_count=index % 5 + 1, code=4720 * (index % 2)) for index in range(50)]
    for each in records:
        totals.add(each)
    assert sum(line.segments for line in totals.lines()) == sum(each.row_count for each in records)
    assert UsageTotals(totals.lines()).lines() == totals.lines()
    assert {line.key for line in totals.touched()} == {line.key for line in totals.lines()}
    assert totals.touched() == []


def test_days_are_whole_and_both_ends_belong_to_them() -> None:
    assert day_range_ms("2026-01-01", "2026-01-01") == (START * 1000, (START + 86400) * 1000)
    assert day_range_ms("9999-12-31", "9999-12-31")[1] == 253_402_300_800_000  # the last day there is
