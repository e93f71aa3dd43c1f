"""Reading in blocks against reading row by row: the same figures, the same refusals, the same octets set aside."""

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
from transports.cli.planning import CampaignPlan
from transports.cli.progress import ReadingProgress
from transports.cli.rejects import RejectsFile
from transports.cli.rows import RefusedRow, Row

HEADER = b"to,from,text,media,tag,priority,expiration,key"


class RowByRow(Campaign):
    """The same file, with nothing in blocks."""

    def blocks(self) -> Iterator[Block | Row | RefusedRow]:
        yield from self


def plan(kind: type[Campaign], path: Path, strict: bool) -> tuple[Any, ...]:
    rejects_path = path.with_name(f"rejects-{kind.__name__}.csv")
    rejects_path.unlink(missing_ok=True)
    with kind(str(path), check_numbers=False) as campaign:
        rejects = RejectsFile(rejects_path, campaign.format, campaign.header)
        read = CampaignPlan(campaign, strict_numbers=strict, rejects=rejects)
        read.read(ReadingProgress(None, quiet=True))
        read.close_rejects()
    assert read.stopped_by is None
    octets = rejects_path.read_bytes() if rejects_path.exists() else b""
    return read.estimate(), read.rows, read.refused, read.refused_fields, read.first_refusals, octets


numbers = st.sampled_from(
    b"+12015550123|+442079460000| +12015550124 |+12015550123;+12015550124|+44207946|12015550123|+19999195550||"
    b'+13101234|+1201555012|"+12015550123"'.split(b"|")
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
    "expiration": st.sampled_from([b"", b"", b"2030-01-01T00:00:00Z", b"tomorrow"]),
    "key": st.sampled_from([b""] * 8 + [b"k1", b"k2", b"k3", b'"k1"']),
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
def test_blocks_give_what_single_rows_give(body: bytes, block_octets: int, strict: bool, ends: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "campaign.csv"
        path.write_bytes(HEADER + b"\n" + (body if ends else body.rstrip(b"\r\n")))
        # That a file is in another encoding as a whole is seen, or not, before either way of reading begins.
        with (
            mock.patch.object(Campaign, "_check_encoding"),
            mock.patch.object(csv_blocks, "BLOCK_OCTETS", block_octets),
        ):
            assert plan(Campaign, path, strict) == plan(RowByRow, path, strict)


@pytest.mark.parametrize("length", [1 << 16, (1 << 20) - 40, 1 << 20, (1 << 20) + 5])
def test_very_long_lines_are_refused_alike(tmp_path: Path, length: int) -> None:
    path = tmp_path / "campaign.csv"
    row = b"+12015550123,+19195550100,%b,,,,,\n"
    for text in (b"a" * length, b'"' + b"a" * length + b'"', b'"' + b'""' * (length // 2) + b'"'):
        path.write_bytes(HEADER + b"\n" + row % b"hi" + row % text + row % b"hi")
        both = [plan(kind, path, False) for kind in (Campaign, RowByRow)]
        assert both[0] == both[1]
        assert both[0][1:3] == (3, 1)
