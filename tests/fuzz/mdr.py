"""Files of message detail records."""

from msgcore.errors import MdrError
from msgcore.wire import MdrProblem, MdrReader, MdrRow, encode_mdr_header, encode_mdr_rows
from tests.fuzz.target import Target

ROW = MdrRow(
    account_id="9900000",
    message_type="sms",
    message_id="17",
    direction="OUTBOUND",
    source="19195550100",
    destination="19195550123",
    time="2026-01-01T00:00:00.000Z",
    api_error_code=4720,
    tag='order "7",\nnext',
)
FILE = encode_mdr_header() + encode_mdr_rows([ROW, ROW])


def read(content: bytes, size: int) -> list[MdrRow | MdrProblem]:
    reader = MdrReader()
    found = [item for start in range(0, len(content), size) for item in reader.feed(content[start : start + size])]
    return found + reader.finish()


def check_mdr(data: bytes) -> None:
    """Read a file whole and in small pieces: the same comes of it, and its rows are read again as they were."""
    try:
        found = read(data, max(1, len(data)))
    except MdrError:
        return
    assert read(data, 3) == found
    rows = [item for item in found if isinstance(item, MdrRow)]
    again = read(encode_mdr_header() + encode_mdr_rows(rows), 1 << 20)
    assert again == rows
    for item in found:
        if isinstance(item, MdrProblem):
            assert item.raw
            assert item.reason
        else:
            assert item.timestamp.tzinfo is not None


TARGETS = {"mdr": Target(check_mdr, (FILE, b"\xef\xbb\xbf" + FILE, FILE.replace(b"\r\n", b"\n")))}
