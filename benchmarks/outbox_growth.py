"""Does a message cost more when ten million wait? ``python -m benchmarks.outbox_growth [COUNT ...]``

Without arguments 10 thousand and a million; 10 million take about five minutes and 2.5 GB.
"""

import resource
import sys
import time

from benchmarks.outbox_course import BATCH, course

STEPS = 10


def measure(waiting: int) -> str:
    """Put so many, open the file anew, and take some of them through their lives."""
    with course() as messages:
        started = time.process_time()
        for _ in range(waiting // BATCH):
            messages.put(messages.batch())
        put = (time.process_time() - started) / waiting
        opened = time.perf_counter()
        messages.open_again()
        messages.begin()
        assert messages.outbox.counts().waiting == waiting
        opened = time.perf_counter() - opened
        steps = min(STEPS, waiting // BATCH)
        started = time.process_time()
        for _ in range(steps):
            numbers = messages.claim()
            messages.attempt(numbers)
            messages.accept(numbers)
        sent = (time.process_time() - started) / steps / BATCH
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{waiting:12,} waiting: put {put * 1e6:.1f} us, claimed to accepted {sent * 1e6:.1f} us (CPU), "
        f"opened and counted in {opened * 1e3:.0f} ms, {memory:.0f} MB of memory at most"
    )


if __name__ == "__main__":
    for given in sys.argv[1:] or ("10000", "1000000"):
        print(measure(int(given)), flush=True)
