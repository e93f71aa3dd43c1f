"""Every CPython of this machine, each with a wheel and a clean virtual environment of its own: ``make test-all``.

How it works. One source distribution is built from the tree, and from that alone one wheel for each version, so a file
that the source distribution forgets is missed here and not by a user. A wheel is looked into, installed without extras
and asked to work so, then installed with what the tests need. The tests run in a copy outside the tree, where nothing
but the installed packages can be imported.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from msgcore.tables import generate

ROOT = Path(__file__).resolve().parents[1]
VENVS = ROOT / ".venvs"
COPIED = ("tests", "examples", "docs", "pyproject.toml")
OLDEST, NEWEST_LOOKED_FOR = 11, 19

# Prints what decides whether a wheel can be built with an interpreter.
PROBE = """
import importlib.util, json, os, sys, sysconfig
print(json.dumps({
    "cpython": sys.implementation.name == "cpython",
    "version": sys.version_info[:3],
    "headers": os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")),
    "pip": importlib.util.find_spec("ensurepip") is not None,
}))
"""

# What somebody has who types `pip install msgcore` and nothing else. Isolated (-I), so the tree is not on the path.
BASE_CHECK = """
import msgcore, sys
assert not {"msgspec", "asyncio"} & set(sys.modules), "import msgcore alone pulls in what it should load lazily"
assert msgcore.__file__.startswith(sys.prefix), msgcore.__file__

import asyncio, importlib.metadata
installed = {distribution.name.lower() for distribution in importlib.metadata.distributions()}
assert installed - {"pip", "setuptools"} == {"msgcore", "msgspec"}, installed
assert msgcore.count_segments("a" * 152 + "\\N{EURO SIGN}" + "b" * 152) == 3
assert msgcore.is_e164("+19195550123")

from transports import SimulatorTransport

async def send():
    async with msgcore.AsyncClient(SimulatorTransport(rate=1), application_id="a-1") as client:
        accepted = await client.send(msgcore.Message(to="+19195550123", from_="+19195550100", text="hello"))
        return accepted, [event.type async for event in client.events()]

accepted, events = asyncio.run(send())
assert accepted.segment_count == 1 and events == ["message-sent", "message-delivered"], (accepted, events)
"""
MISSING_EXTRA_LINE = re.compile(r"pip install ['\"]?msgcore\[cli\]")


class Interpreter(NamedTuple):
    """A Python of this machine; ``problem`` says why no wheel can be built with it."""

    path: str
    version: tuple[int, int, int]
    problem: str | None

    @property
    def minor(self) -> str:
        return f"{self.version[0]}.{self.version[1]}"


class Row(NamedTuple):
    version: str
    wheel: str
    tests: str
    seconds: str
    verdict: str


class StepError(Exception):
    """A step of one version failed; its text is what the step printed."""


# --------------------------------------------------------------------------------------------------------- interpreters


def candidates() -> Iterator[str]:
    yield sys.executable
    for minor in range(OLDEST, NEWEST_LOOKED_FOR + 1):
        if found := shutil.which(f"python3.{minor}"):
            yield found
    yield from map(str, sorted(Path.home().glob(".pyenv/versions/*/bin/python3"), reverse=True))


def probe(path: str) -> Interpreter | None:
    """Return what a path leads to, or ``None`` where that is no CPython that we support."""
    try:
        answer = subprocess.run([path, "-c", PROBE], capture_output=True, text=True, timeout=60)
        found = json.loads(answer.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None  # a shim of a version that is not chosen here, a Python 2, a broken link
    major, minor, micro = found["version"]
    if not found["cpython"] or (major, minor) < (3, OLDEST):
        return None
    problem = None
    if not found["headers"]:
        problem = f"no C headers: apt-get install python{major}.{minor}-dev"
    elif not found["pip"]:
        problem = f"no ensurepip: apt-get install python{major}.{minor}-venv"
    return Interpreter(path, (major, minor, micro), problem)


def find_interpreters() -> list[Interpreter]:
    """Return one interpreter for each minor version, the first that can build where there are several."""
    chosen: dict[str, Interpreter] = {}
    for path in candidates():
        found = probe(path)
        if found and (found.minor not in chosen or (chosen[found.minor].problem and not found.problem)):
            chosen[found.minor] = found
    return sorted(chosen.values(), key=lambda interpreter: interpreter.version)


# ---------------------------------------------------------------------------------------------------------------- steps


def run(command: Sequence[str | Path], *, cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a step to its end; returns what it printed, or raises that."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean_environment() | (env or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode:
        raise StepError(f"$ {' '.join(map(str, command))}\n{done.stdout}\n(exit code {done.returncode})")
    return done.stdout


def clean_environment() -> dict[str, str]:
    # A PYTHONPATH could bring the tree back in; MSGCORE_DEBUG would build another kernel than the one users get.
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "MSGCORE_", "VIRTUAL_ENV", "COV_"))
    }


def build_sdist(out: Path) -> Path:
    run([sys.executable, "-P", "-m", "build", "--sdist", "--outdir", out, ROOT], cwd=out)
    [sdist] = out.glob("*.tar.gz")
    return sdist


def build_wheel(python: Path, sdist: Path, out: Path) -> Path:
    run([python, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-cache-dir", "--wheel-dir", out, sdist], cwd=out)
    [wheel] = out.glob("*.whl")
    return wheel


def check_contents(wheel: Path) -> None:
    """Raise unless a wheel holds all that is imported, and nothing that only a compiler reads."""
    names = set(zipfile.ZipFile(wheel).namelist())
    too_much = sorted(name for name in names if name.endswith((".c", ".h", ".pyx", ".pxd")) or "/sources/" in name)
    if too_much:
        raise StepError(f"the wheel holds what is only for building: {', '.join(too_much)}")
    missing = sorted(wanted_files() - names)
    missing += [
        f"{pyx}.*.so"
        for pyx in (source.relative_to(ROOT).with_suffix("") for source in ROOT.glob("msgcore/kernel/*.pyx"))
        if not any(name.startswith(f"{pyx}.") and name.endswith((".so", ".pyd")) for name in names)
    ]
    if missing:
        raise StepError(f"the wheel lacks {', '.join(missing)}")


def wanted_files() -> set[str]:
    """Every module, stub and mark of the tree, and the modules that the tables become."""
    tree = {
        str(path.relative_to(ROOT))
        for package in ("msgcore", "transports")
        for path in (ROOT / package).rglob("*")
        if (path.suffix in (".py", ".pyi") or path.name == "py.typed") and "generated" not in path.parts
    }
    with tempfile.TemporaryDirectory() as folder:
        tables = [name for name in generate.generate(Path(folder)) if name.endswith(".py")]
    return tree | {f"msgcore/tables/generated/{name}" for name in ["__init__.py", *tables]}


def install(python: Path, requirement: str) -> None:
    run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement], cwd=VENVS)


def check_base_install(python: Path, folder: Path) -> None:
    run([python, "-I", "-W", "error", "-c", BASE_CHECK], cwd=folder)
    answer = subprocess.run([python.parent / "msgcore", "--help"], cwd=folder, capture_output=True, text=True)
    if answer.returncode == 0 or not MISSING_EXTRA_LINE.search(answer.stderr) or "Traceback" in answer.stderr:
        raise StepError(f"msgcore without its extra: expected the pip line, got {answer.stdout}{answer.stderr}")


def run_tests(python: Path, folder: Path) -> str:
    """Run the tests of a copy; returns how many there were."""
    report = folder / "junit.xml"
    command: list[str | Path] = [
        python,
        "-m",
        "pytest",
        "-q",
        "--numprocesses=auto",
        "--dist=worksteal",
        "--benchmark-skip",
        "-p",
        "no:cacheprovider",
        f"--junitxml={report}",
    ]
    # Hypothesis' own profile for such runs: no deadline, which a busy machine would miss, and the same examples always.
    output = run([*command, "--hypothesis-profile=ci"], cwd=folder)
    print(*(line for line in output.splitlines() if line.startswith("SKIPPED")), sep="\n", flush=True)
    suite = ElementTree.parse(report).getroot().find("testsuite")
    assert suite is not None
    skipped = int(suite.attrib["skipped"])
    ran = int(suite.attrib["tests"]) - skipped
    if not ran:
        raise StepError("no test ran")
    return f"{ran} + {skipped} skipped" if skipped else str(ran)


def copy_tests(folder: Path) -> None:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)


# ----------------------------------------------------------------------------------------------------------- the matrix


def judge(interpreter: Interpreter, sdist: Path, work: Path) -> Row:
    """Take one version through all steps."""
    if interpreter.problem:
        return Row(interpreter.minor, "-", "-", "-", f"skipped, {interpreter.problem}")
    started = time.monotonic()
    size = tests = "-"
    step = "set-up"
    venv, folder = VENVS / interpreter.minor, work / interpreter.minor
    python = venv / "bin" / "python"
    try:
        folder.mkdir()
        say(interpreter, step := "virtual environment")
        run([interpreter.path, "-m", "venv", "--clear", venv], cwd=work)
        say(interpreter, step := "wheel")
        wheel = build_wheel(python, sdist, folder)
        size = f"{wheel.stat().st_size / 1024:.0f} KiB"
        check_contents(wheel)
        say(interpreter, step := "install without extras")
        install(python, str(wheel))
        check_base_install(python, folder)
        say(interpreter, step := "install with extra test")
        install(python, f"{wheel}[test]")
        say(interpreter, step := "tests")
        copy_tests(folder)
        tests = run_tests(python, folder)
        verdict = "passed"
    except StepError as error:
        print(error, flush=True)
        verdict = f"FAILED: {step}"
    return Row(".".join(map(str, interpreter.version)), size, tests, f"{time.monotonic() - started:.0f}", verdict)


def say(interpreter: Interpreter, step: str) -> None:
    print(f"{interpreter.minor}: {step}", flush=True)


def print_table(rows: Sequence[Row]) -> None:
    table = [Row("version", "wheel", "tests", "seconds", "verdict"), *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    print()
    for row in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def main() -> int:
    parser = argparse.ArgumentParser(description="test an installed wheel on every CPython of this machine")
    parser.add_argument("only", nargs="*", metavar="VERSION", help="such as 3.12; without any, all that are there")
    only = parser.parse_args().only
    interpreters = [found for found in find_interpreters() if not only or found.minor in only]
    if not interpreters:
        print(f"no CPython {', '.join(only) or f'3.{OLDEST} or later'} is on this machine")
        return 1
    VENVS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="msgcore-matrix-") as name:
        work = Path(name).resolve()
        print("sdist", flush=True)
        try:
            sdist = build_sdist(work)
        except StepError as error:
            print(error)
            return 1
        rows = [judge(interpreter, sdist, work) for interpreter in interpreters]
    print_table(rows)
    # A version that cannot be built with is named and passed over; that none could be is a failure.
    return int(any("FAILED" in row.verdict for row in rows) or not any(row.verdict == "passed" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
