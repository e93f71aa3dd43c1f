"""Where SQLite's errors become those of an outbox."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from msgcore.errors import MissingExtraError, OutboxError

try:
    import apsw
except ModuleNotFoundError as error:
    raise MissingExtraError("a store in a file", "outbox") from error


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise what SQLite, the operating system or the decoder says about a file as OutboxError."""
    try:
        yield
    except (apsw.Error, OSError, msgspec.MsgspecError) as error:
        raise OutboxError(f"{path}: {describe(error)}") from error


def describe(error: BaseException) -> str:
    """Say what went wrong in words that somebody can act on."""
    match error:
        case apsw.FullError():
            return f"the disk is full ({error})"
        case apsw.CorruptError() | apsw.NotADBError():
            return f"the file is damaged or no database ({error})"
        case apsw.IOError():
            return f"the disk does not read or write ({error})"
        case apsw.ConstraintError():  # each row is written once: somebody else has
            return f"another dispatcher has written here, although the lock was held ({error})"
        case apsw.BusyError():
            return f"another process does not finish its commit ({error})"
        case msgspec.MsgspecError():
            return f"the file is damaged ({error})"
        case OSError():
            return error.strerror or str(error)
        case _:
            return str(error)


__all__ = ["describe", "translated"]
