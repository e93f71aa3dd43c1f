"""Files of detail records: CSV, or a ZIP of such, read piece by piece, whatever their size."""

import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple

import click

from msgcore.errors import MdrError
from msgcore.wire import MdrProblem, MdrReader, MdrRow
from transports.cli.rejects import RejectsFile

try:
    from lzma import LZMAError
except ModuleNotFoundError:  # a Python without it unpacks nothing of that kind, and says so by RuntimeError
    LZMAError = RuntimeError  # type: ignore[misc, assignment]

_PIECE_OCTETS: Final = 1 << 18
# What zipfile raises for an archive that is broken, locked by a password, or packed in a way that nobody has; the names
# of its members may be no UTF-8.
_ZIP_ERRORS: Final = (
    zipfile.BadZipFile, zlib.error, LZMAError, UnicodeDecodeError, RuntimeError, NotImplementedError, EOFError,
)  # fmt: skip


class CsvFile(NamedTuple):
    """One CSV: the name it is told by, its octets where that is known, and how it is opened."""

    name: str
    octets: int | None
    open: "Callable[[], IO[bytes]]"


@contextmanager
def opened(path: str) -> Iterator[list[CsvFile]]:
    """Return the CSV files of a path: itself, or those of a ZIP; ``-`` is standard input.

    Raises:
        ClickException: it cannot be read.
    """
    if path == "-":
        yield [CsvFile("standard input", None, lambda: sys.stdin.buffer)]
        return
    with _told(path), open(path, "rb") as file:
        is_zip = file.read(4) in (b"PK\3\4", b"PK\5\6")
    if not is_zip:
        yield [CsvFile(path, Path(path).stat().st_size, lambda: open(path, "rb"))]  # noqa: SIM115  the reader closes it
        return
    with _told(path):
        archive = zipfile.ZipFile(path)
    with archive:
        members = [each for each in archive.infolist() if each.filename.lower().endswith(".csv")]
        if not members:
            raise click.ClickException(f"{path}: there is no CSV in this ZIP")
        yield [_member(archive, path, each) for each in members]


def _member(archive: zipfile.ZipFile, path: str, member: zipfile.ZipInfo) -> CsvFile:
    return CsvFile(f"{path}, {member.filename}", member.file_size, lambda: archive.open(member))


def read(
    file: CsvFile,
    take: Callable[[MdrRow], None],
    refuse: Callable[[MdrProblem], None],
    rejects: RejectsFile | None,
    show: Callable[[int], None],
) -> None:
    """Read a file to its end, row by row; ``show`` is told how many octets were read.

    Raises:
        ClickException: it cannot be read, or is no file of detail records.
    """
    reader = MdrReader()
    with _told(file.name), file.open() as stream:
        while piece := stream.read(_PIECE_OCTETS):
            _hand_out(reader, reader.feed(piece), take, refuse, rejects)
            show(len(piece))
        _hand_out(reader, reader.finish(), take, refuse, rejects)


def _hand_out(
    reader: MdrReader,
    found: list[MdrRow | MdrProblem],
    take: Callable[[MdrRow], None],
    refuse: Callable[[MdrProblem], None],
    rejects: RejectsFile | None,
) -> None:
    for item in found:
        if isinstance(item, MdrRow):
            take(item)
            continue
        refuse(item)
        if rejects is not None:
            rejects.take_header(reader.header_line)
            rejects.add(item.line, item.raw, item.reason)


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Say which file it is that cannot be read."""
    try:
        yield
    except MdrError as error:
        raise click.ClickException(f"{name}: {error}") from error
    except OSError as error:
        raise click.ClickException(f"{name}: {error.strerror or error}") from error
    except _ZIP_ERRORS as error:
        raise click.ClickException(f"{name}: this ZIP cannot be read: {error}") from error
