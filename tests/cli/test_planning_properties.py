"""Reading in blocks against reading row by row: the same figures, the same refusals, the same octets set aside."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from transports.cli import csv_blocks
from transports.cli.blocks import Block
from transports.cli.campaign import Campaign
from transports.cli.parquet import ParquetCampaign
from transports.cli.planning import CampaignPlan
from transports.cli.progress import ReadingProgress
from transports.cli.rejects import RejectsFile
from transports.cli.rows import RefusedRow, Row

HEADER = b"to,from,text,media,tag,priority,expiration,key"


NOW = 1_800_000_000.0  # in 2027


def now() -> float:
    return NOW


class RowByRow(Campaign):
    """The same file, with nothing in blocks."""

    def blocks(self) -> Iterator[Block | Row | RefusedRow]:
        yield from self


def plan(kind: type[Campaign], path: Path, strict: bool) -> tuple[Any, ...]:
    return read_plan(kind(str(path), strict_numbers=strict, now=now))


def read_plan(opened: Campaign | ParquetCampaign) -> tuple[Any, ...]:
    rejects_path = Path(opened.path).with_name(f"rejects-{type(opened).__name__}")
    rejects_path.unlink(missing_ok=True)
    with opened as campaign:
        rejects = RejectsFile(rejects_path, campaign.format, campaign.header)
        read = CampaignPlan(campaign, rejects=rejects)
        read.read(ReadingProgress(None, quiet=True))
        read.close_rejects()
    assert read.stopped_by is None
    octets = rejects_path.read_bytes() if rejects_path.exists() else b""
    return read.estimate(), read.rows, read.refused, read.refused_fields, read.first_refusals, octets


def refused_by_send(path: Path, strict: bool) -> bytes:
    """Return the rejects that a run of ``msgcore send`` has before anything is sent."""
    rejects_path = path.with_name("rejects-send")
    with Campaign(str(path), strict_numbers=strict, now=now) as campaign:
        rejects = RejectsFile(rejects_path, campaign.format, campaign.header)
        for row in campaign:
            if isinstance(row, RefusedRow):
                rejects.add(row.line, row.raw, row.reason)
        rejects.close()
    return rejects_path.read_bytes() if rejects_path.exists() else b""


numbers = st.sampled_from(
    b"+12015550123|+442079460000| +12015550124 |+12015550123;+12015550124|+44207946|12015550123|+19999195550||"
    b'+13101234|+1201555012|+999123|"+12015550123"'.split(b"|")
)
senders = st.sampled_from(
    b"+19195550100|+19195550100|+19195550100|+18885550100||Acme| Acme |not a sender|12345".split(b"|")
)
texts = st.sampled_from(
    b'hello||"a, b"|"two\nlines"|"three\r\n\r\nlines"|"q ""q"""|"never closed|caf\xe9|a\rb|b"c|"x"y'.split(b"|")
) | st.sampled_from([b"It\xe2\x80\x99s " + b"so " * 40, b"a" * 2049, b"\xf0\x9f\x8e\x89", b"\xed\xa0\x80"])
values = {
    "to": numbers,
    "from": senders,
    "text": texts,
    "media": st.sampled_from([b""] * 6 + [b"https://example.com/a.png", b"ftp://x"]),
    "tag": st.sampled_from([b"", b"t1", b"t" * 1025]),
    "priority": st.sampled_from([b"", b"", b"high", b"low"]),
    "expiration": st.sampled_from([b"", b"", b"2030-01-01T00:00:00Z", b"2027-01-15T08:00:00Z", b"tomorrow"]),
    "key": st.sampled_from([b""] * 4 + [b"k1", b"k2", b"k3", b'"k1"']),
}
records = st.tuples(*values.values()).map(b",".join)
odd_lines = st.sampled_from([b"", b"   ", b",,,,,,,", b"a,b", b"\r", b",,,,,,,,"])
line_ends = st.sampled_from([b"\n", b"\n", b"\r\n", b"\r\r\n"])
files = st.lists(st.tuples(st.one_of(records, records, records, odd_lines), line_ends), max_size=25).map(
    lambda lines: b"".join(line + end for line, end in lines)
)


@settings(deadline=None)  # it writes files
@given(files, st.sampled_from([60, 200, 1000]), st.booleans(), st.booleans())
@example(b"+12015550123,+19195550100,hi,,,,,k\n" * 3, 1000, False, True)
@example(b"+999123,+19195550100,hi,,,,,k\n+12015550123,+19195550100,hi,,,,,k\n", 1000, False, True)
def test_blocks_give_what_single_rows_give_and_send_refuses(
    body: bytes, block_octets: int, strict: bool, ends: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "campaign.csv"
        path.write_bytes(HEADER + b"\n" + (body if ends else body.rstrip(b"\r\n")))
        # That a file is in another encoding as a whole is seen, or not, before either way of reading begins.
        with (
            mock.patch.object(Campaign, "_check_encoding"),
            mock.patch.object(csv_blocks, "BLOCK_OCTETS", block_octets),
        ):
            planned = plan(Campaign, path, strict)
            assert planned == plan(RowByRow, path, strict)
            assert planned[-1] == refused_by_send(path, strict)


@pytest.mark.parametrize("length", [1 << 16, (1 << 20) - 40, 1 << 20, (1 << 20) + 5])
def test_very_long_lines_are_refused_alike(tmp_path: Path, length: int) -> None:
    path = tmp_path / "campaign.csv"
    row = b"+12015550123,+19195550100,%b,,,,,\n"
    for text in (b"a" * length, b'"' + b"a" * length + b'"', b'"' + b'""' * (length // 2) + b'"'):
        path.write_bytes(HEADER + b"\n" + row % b"hi" + row % text + row % b"hi")
        both = [plan(kind, path, False) for kind in (Campaign, RowByRow)]
        assert both[0] == both[1]
        assert both[0][1:3] == (3, 1)


# ------------------------------------------------------------------------------------------------------------ Parquet

SENDER = "+19195550100"
strings = {
    "to": ["+12015550123", "+442079460000", "+12015550123;+12015550124", "12015550123", ""],
    "text": ["hello", "It’s " + "so " * 40, "", "a" * 2049],
    "media": ["https://example.com/a.png", "ftp://x", ""],
    "tag": ["t1", ""],
    "priority": ["high", "low"],
    "expiration": ["2030-01-01T00:00:00Z", "2027-01-15T08:00:00Z", "tomorrow"],
    "key": ["k1", "k2", "k3", "k4"],
}


@st.composite
def columns(draw: st.DrawFn) -> dict[str, list[Any]]:
    """Draw columns of one type each, as Parquet has them."""
    count = draw(st.integers(1, 8))
    drawn: dict[str, list[Any]] = {"from": [SENDER] * count}
    for name, pool in strings.items():
        text = st.sampled_from(pool)
        other = st.sampled_from(
            [st.lists(text, max_size=2), st.integers(0, 2), st.booleans(), st.lists(st.integers(0, 1), max_size=1)]
        )
        values = draw(st.just(text) | st.just(text) | other)
        drawn[name] = draw(st.lists(values | st.none(), min_size=count, max_size=count))
    return drawn


@settings(deadline=None)  # it writes files
@given(columns(), st.booleans())
@example({"to": ["+12015550123"], "from": [SENDER], "text": ["hello"], "media": [["https://example.com/a.png"]]}, True)
@example({"to": ["+12015550123"] * 2, "from": [SENDER] * 2, "text": ["hello"] * 2, "key": [1, 1]}, False)
def test_parquet_gives_what_json_lines_give(table: dict[str, list[Any]], strict: bool) -> None:
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    rows = [
        {name: value for name, value in zip(table, row, strict=True) if value is not None}
        for row in zip(*table.values(), strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder:
        parquet.write_table(pyarrow.table(table), Path(folder) / "campaign.parquet")
        lines = Path(folder) / "campaign.jsonl"
        lines.write_bytes(b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows))
        found = read_plan(ParquetCampaign(str(Path(folder) / "campaign.parquet"), strict_numbers=strict, now=now))
        assert found == plan(Campaign, lines, strict)
