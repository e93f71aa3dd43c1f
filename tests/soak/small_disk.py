"""A disk that is small and gets full: a file system in memory, mounted for a scenario and made larger while it goes on.

Whoever may not mount one (it takes the rights of root) is told so by :class:`NoDiskError`.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAGE_OCTETS = 4096


class NoDiskError(Exception):
    """Nobody here may mount a file system; the text is what ``mount`` said."""


class SmallDisk:
    """A mounted file system whose size is what we say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def leave_room(self, octets: int) -> None:
        """Make it so large, or so small, that this much can still be written."""
        status = os.statvfs(self.folder)
        taken = (status.f_blocks - status.f_bfree) * status.f_frsize
        size = (taken + octets) // PAGE_OCTETS * PAGE_OCTETS
        _run("mount", "-o", f"remount,size={size}", str(self.folder))


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Mount one at ``folder``, and take it away at the end with all that it holds.

    Raises:
        NoDiskError: it cannot be mounted.
    """
    folder.mkdir(exist_ok=True)
    try:
        _run("mount", "-t", "tmpfs", "-o", f"size={PAGE_OCTETS}", "msgcore-soak", str(folder))
    except (OSError, subprocess.CalledProcessError) as error:
        folder.rmdir()
        said = error.stderr.strip() if isinstance(error, subprocess.CalledProcessError) else str(error)
        raise NoDiskError(said) from error
    try:
        yield SmallDisk(folder)
    finally:
        _run("umount", "--lazy", str(folder))  # a program that is being killed may have a file open yet


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)
