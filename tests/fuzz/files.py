"""Files that people hand over: campaigns in CSV and in JSON Lines, and recordings to replay."""

import atexit
import shutil
import tempfile
from collections.abc import Coroutine
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from msgcore.errors import TransportError
from msgcore.wire import Message, Response, encode_message
from tests.fuzz.target import Target
from transports.cli.campaign import Campaign, CampaignError, Format, RefusedRow, Row
from transports.file import FileTransport

Result = TypeVar("Result")

REQUEST = encode_message(Message(to="+19195550123", from_="+19195550100", text="hello"), application_id="a-1")


@cache
def folder() -> Path:
    """One folder for the life of the process; a file in it is written over each time."""
    path = tempfile.mkdtemp(prefix="msgcore-fuzz-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return Path(path)


def file_of(data: bytes, name: str) -> Path:
    path = folder() / name
    path.write_bytes(data)
    return path


def read_campaign(data: bytes, format: Format) -> tuple[bytes, list[Row | RefusedRow]]:
    with Campaign(str(file_of(data, "campaign")), format=format) as rows:
        return rows.header, list(rows)


def check_campaign(data: bytes, format: Format) -> None:
    """Read a campaign to its end; a row alone, below the header, is the same message."""
    try:
        header, rows = read_campaign(data, format)
    except CampaignError:
        return
    lines = [row.line for row in rows]
    assert lines == sorted(set(lines))
    for row in rows:
        if isinstance(row, RefusedRow):
            assert row.field
            assert row.reason
    taken = [row for row in rows if isinstance(row, Row)]
    if taken:
        _, [again] = read_campaign(header.rstrip(b"\r\n") + b"\n" * bool(header) + taken[-1].raw, format)
        assert isinstance(again, Row)
        assert again.message == taken[-1].message


def check_csv(data: bytes) -> None:
    check_campaign(data, "csv")


def check_jsonl(data: bytes) -> None:
    check_campaign(data, "jsonl")


def check_recording(data: bytes) -> None:
    """Replay two exchanges: each is answered, or fails as it was recorded, or it is said why it cannot be replayed."""
    transport = FileTransport(file_of(data, "recording"), "replay")
    for _ in range(2):
        try:
            response = run(transport.exchange(REQUEST))
        except TransportError as error:
            str(error)
        else:
            assert isinstance(response, Response)
            assert isinstance(response.body, bytes)
    run(transport.aclose())


def run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run what never waits, without the cost of a loop."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        value: Result = stop.value
        return value
    raise AssertionError("a file transport waited for something")


@cache
def recording() -> bytes:
    """What is recorded of two exchanges with a spool."""
    path = folder() / "recorded"
    transport = FileTransport(path, "record", FileTransport(folder() / "spooled"))
    run(transport.exchange(REQUEST))
    run(transport.exchange(REQUEST))
    run(transport.aclose())
    return path.read_bytes()


CSV = (
    b"to,from,text,media,tag,key\r\n"
    b'+19195550123,+19195550100,"hello, you",,t-1,k-1\r\n'
    b'+19195550123;+19195550124,+19195550100,"two\r\nlines",https://ex.am/a.png,,k-2\r\n'
)
REJECTS = b"reason,line,to,from,text\nkey: 'k-1' stands in line 2 already,3,+19195550123,+19195550100,hello\n"
JSONL = (
    b'{"to": "+19195550123", "from": "+19195550100", "text": "hello", "key": "k-1"}\n'
    b'{"to": ["+19195550123", "+19195550124"], "from": "+19195550100", "media": ["https://ex.am/a.png"]}\n'
)
ERROR = b'{"type":"ConnectError","reason":"refused","may_have_been_accepted":false}'


def recorded_error() -> bytes:
    line = recording().split(b"\n")[0]
    return line[: line.index(b',"response":')] + b',"error":' + ERROR + b"}\n"


TARGETS = {
    "campaign_csv": Target(check_csv, (CSV, b"\xef\xbb\xbf" + CSV, REJECTS)),
    "campaign_jsonl": Target(check_jsonl, (JSONL, b'{"reason": "r", "line": 1, ' + JSONL[1:])),
    "recording": Target(check_recording, (recording(), recorded_error())),
}
