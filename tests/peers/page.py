"""The simulator's page, used in Debian's Chromium through Playwright (PyPI) as a person uses it.

Every view is driven: what the empty page teaches is run as it stands (with curl, and with the provider's own SDK, whose
message is then seen), a message is watched on its way, callbacks fail and are redone, time is pushed, phones talk,
numbers are bought and used, a token is made and revoked, detail records are downloaded and read back here. Texts that
are markup have to stay texts, a page of another site has to get nowhere, and 10,000 messages have to stay smooth.

Then every view is looked at in light and dark, wide and narrow: names, roles and references of all that can be used,
and the contrast of every text with its ground, computed from what the browser has computed (4.5:1, WCAG 2.2, 1.4.3).
Pictures of all of it are in ``.peers/page/pictures``, for people to look at.
"""

import csv
import struct
import zipfile
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

from msgcore import analyze
from msgcore.wire.mdr import MdrHeader
from tests.peers.environments import BrowserEnvironment
from tests.peers.verdicts import Verdict
from tests.transports.simulator.service.running import running

ENVIRONMENT = BrowserEnvironment("page", ("playwright==1.65.2", "bandwidth-sdk==23.3.1"))

CHECKS = (
    "empty_page_teaches",
    "messages_move",
    "searches_find",
    "markup_stays_text",
    "callbacks_fail_and_are_redone",
    "phones_talk",
    "queue_fills",
    "clock_is_held_sped_and_pushed",
    "faults_are_switched",
    "numbers_are_bought_and_used",
    "zones_and_prices_hold",
    "tokens_are_made_and_revoked",
    "records_are_downloaded",
    "texts_are_counted_while_one_types",
    "everything_goes_by_keyboard",
    "other_pages_get_nowhere",
    "a_restarted_page_goes_on",
    "nothing_is_left_behind",
    "look_at_every_view",
    "ten_thousand_stay_smooth",
)
MOST_SECONDS = 600


def judge(checks: tuple[str, ...] = CHECKS) -> Verdict:
    pictures = ENVIRONMENT.folder / "pictures"
    pictures.mkdir(exist_ok=True)
    (pictures / "picture.png").write_bytes(gradient(280, 180))
    with running(user="ann", password="swordfish") as simulator:
        ready = {name: getattr(simulator.ready, name) for name in simulator.ready.__struct_fields__}
        questions = [{"ready": ready, "folder": str(pictures)}, *({"check": check} for check in checks)]
        _, *answers = ENVIRONMENT.ask("page", questions, MOST_SECONDS)
    unexplained = []
    for check, answer in zip(checks, answers, strict=True):
        print(f"page: {check}: {answer['figures']}", flush=True)
        unexplained += [f"{check}: {problem}" for problem in answer["problems"]]
        unexplained += [f"{check}: {problem}" for problem in judge_figures(answer["figures"])]
    return Verdict(f"{len(checks)} uses of the page", Counter(), unexplained)


def judge_figures(figures: dict[str, Any]) -> list[str]:
    """What the page has shown or given out, held against what the core says."""
    problems = []
    for text, shown in figures.get("counted", {}).items():
        found = analyze(text, boundary="character")
        expected = [found.alphabet.value, found.segment_count, found.unit_count, found.units_left]
        if shown != expected:
            problems.append(f"{text[:20]!r} is shown as {shown}, but is {expected}")
    if "csv" in figures:
        plain = Path(figures["csv"]).read_bytes()
        with zipfile.ZipFile(figures["zip"]) as archive:
            zipped = b"".join(archive.read(name) for name in archive.namelist())
        if plain != zipped:
            problems.append("the CSV is not what is in the ZIP")
        names, *lines = csv.reader(plain.decode().splitlines())
        header = MdrHeader(names)
        rows = [header.read(cells) for cells in lines]
        outcomes = Counter((row.message_type, row.status) for row in rows)
        if outcomes != Counter({("sms", "DELIVERED"): 2, ("sms", "FAILED"): 1, ("mms", "DELIVERED"): 2}):
            problems.append(f"the records read back are {outcomes}")
    return problems


def gradient(width: int, height: int) -> bytes:
    """A picture (PNG): no file of somebody else's is needed to send one."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(
        b"\0" + b"".join(bytes((250 - y // 3, 140 + x // 4, 90 + y // 2)) for x in range(width)) for y in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
