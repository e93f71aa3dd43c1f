"""A machine's clock that somebody sets while programs run.

How this works: a few lines of C stand before the C library and add an offset to the time of day, for everything in a
program that asks for it: Python, SQLite, the event loop. Nothing else is touched: what counts on (the monotonic clock)
and every wait is as it is when somebody sets a real clock. The offset stands in a file that all programs have mapped,
so it jumps for all of them at the same moment, and is there for those that are started later.
"""

import mmap
import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

_SOURCE = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile long long *offset_seconds;

__attribute__((constructor)) static void map_offset(void) {
    int file = open(getenv("MSGCORE_SOAK_CLOCK"), O_RDONLY);
    void *mapped = mmap(NULL, sizeof *offset_seconds, PROT_READ, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) abort();
    close(file);
    offset_seconds = mapped;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = syscall(SYS_clock_gettime, clock, now);
    if (!failed && offset_seconds && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += *offset_seconds;
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    int failed = syscall(SYS_gettimeofday, now, zone);
    if (!failed && now && offset_seconds) now->tv_sec += *offset_seconds;
    return failed;
}

time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}
"""


class MachineClock:
    """The time of day of the programs that are started with its :attr:`environment`."""

    def __init__(self, folder: Path) -> None:
        library, offset = folder / "clock.so", folder / "clock.offset"
        compiler = [os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O2", "-x", "c", "-", "-o", str(library)]
        subprocess.run(compiler, input=_SOURCE.encode(), check=True)
        offset.write_bytes(bytes(8))
        with offset.open("r+b") as file:
            self._mapped = mmap.mmap(file.fileno(), 8)
        self.environment = {"LD_PRELOAD": str(library), "MSGCORE_SOAK_CLOCK": str(offset)}
        self.offset_seconds = 0

    def jump_to(self, offset_seconds: int) -> None:
        """Let it be so much ahead of the true time, or behind it, from now on."""
        self._mapped[:] = offset_seconds.to_bytes(8, sys.byteorder, signed=True)
        self.offset_seconds = offset_seconds

    def check(self) -> None:
        """Find out whether a program is really told what it should be."""
        asked = [sys.executable, "-c", "import time; print(time.time())"]
        told = float(subprocess.run(asked, env=os.environ | self.environment, check=True, capture_output=True).stdout)
        assert abs(told - time.time() - self.offset_seconds) < 60, f"the clock said {told}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._mapped.close()


__all__ = ["MachineClock"]
