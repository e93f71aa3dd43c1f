"""Runs fuzz targets under atheris: ``python -m tests.fuzz.run TARGET --seconds 60``.

libFuzzer mutates the target's seeds towards code that it has not seen; msgcore and transports are instrumented, the
compiled kernel is not. A finding ends the run with the exception, the input in hexadecimal digits, and a file that
``--replay FILE`` takes; replaying needs no atheris.
"""

import argparse
import importlib
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FINDINGS = Path(__file__).resolve().parents[2] / ".fuzz"
LONGEST_OCTETS = 4096


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run", description="fuzz a decoder")
    parser.add_argument("target", help="the name of a target")
    parser.add_argument("--seconds", type=int, default=60, help="how long (60)")
    parser.add_argument("--findings", type=Path, default=FINDINGS, help="folder for inputs that are found (.fuzz)")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="give the target this input, and nothing else")
    options = parser.parse_args(arguments)
    if options.replay is None:
        return fuzz(parser, options)
    find(parser, options.target).check(options.replay.read_bytes())
    return 0


def find(parser: argparse.ArgumentParser, name: str) -> Any:
    targets = importlib.import_module("tests.fuzz.targets").TARGETS
    if name not in targets:
        parser.error(f"there is no target {name}; there are {', '.join(targets)}")
    return targets[name]


def fuzz(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    try:
        atheris = importlib.import_module("atheris")
    except ModuleNotFoundError:
        find(parser, options.target)  # a wrong name is the nearer mistake
        sys.exit("atheris is not installed here: python -m tests.peers.run --install atheris makes a place where it is")
    with atheris.instrument_imports(include=["msgcore", "transports"]):
        check, seeds = find(parser, options.target)

    def check_and_show(data: bytes) -> None:
        try:
            check(data)
        except BaseException:
            print(f"found by {options.target}: {data.hex()}", flush=True)
            raise

    options.findings.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds):
            (Path(corpus) / str(number)).write_bytes(seed)
        settings = {
            "max_total_time": options.seconds,
            "max_len": LONGEST_OCTETS,
            "artifact_prefix": f"{options.findings}/{options.target}-",
            "verbosity": 0,
            "print_final_stats": 1,
        }
        atheris.Setup([sys.argv[0], *(f"-{name}={value}" for name, value in settings.items()), corpus], check_and_show)
        atheris.Fuzz()  # ends the process
    return 0


if __name__ == "__main__":
    sys.exit(main())
