"""atheris, libFuzzer for Python: some seconds on every decoder, guided by the code that each input reaches.

Hypothesis draws what we thought of; this keeps whatever input reaches a new line and goes on from there. Each target of
``tests/fuzz`` runs in a process of its own; what ends one, but for its time, is a finding: the input is printed, and
kept under ``.fuzz`` for ``python -m tests.fuzz.run TARGET --replay FILE``. Before it is believed it must find its way
to a fault behind five octets, which blind octets would need days for. No departures are known.
"""

import os
import subprocess
import tomllib
from collections import Counter

from tests.fuzz.targets import TARGETS
from tests.peers.environments import ROOT, PythonEnvironment
from tests.peers.verdicts import Verdict

SECONDS = 4
MOST_SECONDS = 300

GUILTY = """
import sys, atheris
@atheris.instrument_func
def guilty(data):
    if data[:1] == b"s" and data[1:2] == b"e" and data[2:3] == b"p" and data[3:4] == b"t" and data[4:5] == b"!":
        raise IndexError("found")
atheris.Setup([sys.argv[0], "-max_total_time=150", "-artifact_prefix=" + sys.argv[1] + "/"], guilty)
atheris.Fuzz()
"""


def requirements() -> tuple[str, ...]:
    """What the decoders import, by the pins of the project itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return ("atheris>=3.0,<4", *project["dependencies"], *extras["numbers"], *extras["cli"])


ENVIRONMENT = PythonEnvironment("atheris", requirements())


def judge() -> Verdict:
    unexplained = [] if finds_the_guilty() else ["does not find the way to a planted fault"]
    for name in TARGETS:
        done = run(["-m", "tests.fuzz.run", name, f"--seconds={SECONDS}"])
        if done.returncode:
            unexplained.append(f"{name}: exit code {done.returncode}\n{report(done.stdout)}")
    return Verdict(f"{len(TARGETS)} decoders, {SECONDS} seconds each", Counter(), unexplained)


def finds_the_guilty() -> bool:
    done = run(["-c", GUILTY, str(ENVIRONMENT.folder)])
    return done.returncode != 0 and "IndexError: found" in done.stdout


def report(output: str) -> str:
    """Keep what says what was found and how; libFuzzer says more than that."""
    lines = output.splitlines()
    start = next((index for index, line in enumerate(lines) if line.startswith("found by ")), 0)
    return "\n".join(lines[start : start + 40])


def run(arguments: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(ENVIRONMENT.python), *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=MOST_SECONDS,
    )
