"""The rejects file: every refused row as it stood, behind its reason and line, ready to be corrected and sent again.

A file of that name from an earlier run may hold somebody's corrections: it is kept, renamed to ``NAME.old``.

The row's own octets are kept to the letter, broken or not, so that nothing is lost in the writing. The two leading
columns (fields, in JSON Lines) ``reason`` and ``line`` are passed over when the file is sent.
"""

import json
import os
from errno import EACCES, EISDIR, ENOENT
from pathlib import Path
from typing import BinaryIO

from transports.cli.campaign import Format


class RejectsFile:
    """Writes refused rows; the file is made with the first one, so an empty one never lies around."""

    def __init__(self, path: Path, format: Format, header: bytes) -> None:
        """Check that the file can be made; OSError where it cannot."""
        if path.is_dir():
            raise IsADirectoryError(EISDIR, os.strerror(EISDIR), str(path))
        if not path.parent.is_dir():
            raise FileNotFoundError(ENOENT, os.strerror(ENOENT), str(path.parent))
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise PermissionError(EACCES, os.strerror(EACCES), str(path))
        self.path = path
        self.count = 0
        self._format = format
        self._header = header
        self._file: BinaryIO | None = None

    def take_header(self, header: bytes) -> None:
        """Take the header of the file that the next rows stand in, unless one is written already."""
        if self._file is None:
            self._header = header

    def add(self, line: int, raw: bytes, reason: str) -> None:
        """Write one row."""
        if self._file is None:
            self._keep_earlier()
            self._file = self.path.open("wb")
            if self._format == "csv":
                self._file.write(b"reason,line," + _ended(self._header))
        self.count += 1
        self._file.write(_ended(_as_csv(line, raw, reason) if self._format == "csv" else _as_json(line, raw, reason)))

    def close(self) -> None:
        """Close the file; one of an earlier run does not stay in its place when this run had nothing to write."""
        if self._file is not None:
            self._file.close()
        else:
            self._keep_earlier()

    def _keep_earlier(self) -> None:
        if self.path.is_file():
            self.path.replace(self.path.with_name(f"{self.path.name}.old"))


def rejects_path_for(campaign: str, format: Format) -> Path:
    """Return where the rejects of a campaign go unless told: ``campaign.csv`` -> ``campaign.rejects.csv`` beside it."""
    path = Path(f"stdin.{format}" if campaign == "-" else campaign)
    return path.with_name(f"{path.stem}.rejects{path.suffix}")


def unknown_path_for(rejects: Path) -> Path:
    """Return where the rows go that may have been sent: ``campaign.rejects.csv`` -> ``campaign.unknown.csv``."""
    return rejects.with_name(f"{rejects.stem.removesuffix('.rejects')}.unknown{rejects.suffix}")


def _as_csv(line: int, raw: bytes, reason: str) -> bytes:
    quoted = reason.replace('"', '""').replace("\r", " ").replace("\n", " ")
    return f'"{quoted}",{line},'.encode("utf-8", "backslashreplace") + raw


def _as_json(line: int, raw: bytes, reason: str) -> bytes:
    head = json.dumps({"reason": reason, "line": line}).encode()
    rest = raw.strip()
    if not rest.startswith(b"{"):  # not an object: kept beside the reason, to be made one
        return head[:-1] + b", " + rest + b"}"
    return head[:-1] + (b", " if rest[1:].strip() != b"}" else b"") + rest[1:].lstrip()


def _ended(octets: bytes) -> bytes:
    return octets if octets.endswith(b"\n") else octets + b"\n"


__all__ = ["RejectsFile", "rejects_path_for", "unknown_path_for"]
