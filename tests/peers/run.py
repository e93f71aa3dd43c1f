"""The judges from outside: ``make test-peers``.

Each judge is a module beside this one. Its docstring says what it judges, why it is believed and where it is known to
depart from the standard; it has an ``ENVIRONMENT`` to install and a function ``judge``. ``make test-peers`` and CI
(``CI=true``) install what a judge needs; without ``--install`` a judge that is not there is skipped, with the line to
type. The run fails where a judge disagrees, fails to work, or cannot be installed by its own fault. A registry that
does not answer is said loudly and fails nothing: it says nothing about this code.
"""

import argparse
import importlib
import os
import sys
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from typing import NamedTuple, Protocol, cast

from tests.peers.environments import Environment
from tests.peers.verdicts import InstallError, MissingToolError, RegistryError, Verdict

JUDGES = (
    "split_sms",
    "sms_segments_calculator",
    "smsutil",
    "python_messaging",
    "gsmcodecs",
    "wcwidth",
    "official_sdk",
    "official_sdk_client",
    "official_node_sdk",
    "numbers_node",
    "numbers_python",
    "schemathesis",
    "page",
    "kills",
    "tshark",
    "gammu",
    "sanitizers",
    "atheris",
)
MOST_SHOWN = 20


class Judge(Protocol):
    ENVIRONMENT: Environment

    def judge(self) -> Verdict: ...


class Outcome(Enum):
    AGREED = "agreed"
    DISAGREED = "DISAGREED"
    FAILED = "FAILED"
    NOT_INSTALLABLE = "NOT INSTALLABLE"
    SKIPPED = "skipped"


FATAL = {Outcome.DISAGREED, Outcome.FAILED}


class Row(NamedTuple):
    name: str
    outcome: Outcome
    seconds: float
    remarks: list[str]


def hear(name: str, *, install: bool) -> Row:
    """Install a judge if asked to, and hear it."""
    print(f"hearing {name}", flush=True)
    started = time.monotonic()
    outcome, remarks = _hear(name, install=install)
    return Row(name, outcome, time.monotonic() - started, remarks)


def _hear(name: str, *, install: bool) -> tuple[Outcome, list[str]]:
    judge = cast(Judge, importlib.import_module(f"tests.peers.{name}"))
    if not install and not judge.ENVIRONMENT.is_installed():
        return Outcome.SKIPPED, [f"not installed: python -m tests.peers.run --install {name}"]
    try:
        judge.ENVIRONMENT.install()
        verdict = judge.judge()
    except MissingToolError as error:
        return Outcome.SKIPPED, [f"type: {error}"]
    except RegistryError as error:
        print(f"!!! {name}: a registry did not answer\n{error}", flush=True)
        return Outcome.NOT_INSTALLABLE, ["a registry did not answer: nothing was judged"]
    except InstallError as error:
        print(error, flush=True)
        return Outcome.FAILED, ["cannot be installed, see above"]
    except Exception:  # whatever it is, the other judges are heard
        traceback.print_exc()
        return Outcome.FAILED, ["did not work, see above"]
    for line in verdict.unexplained[:MOST_SHOWN]:
        print(f"{name}: {line}", flush=True)
    remarks = [verdict.compared, *(f"{count} x {reason}" for reason, count in sorted(verdict.explained.items()))]
    if verdict.agreed:
        return Outcome.AGREED, remarks
    return Outcome.DISAGREED, [f"{len(verdict.unexplained)} without explanation, see above", *remarks]


def print_table(rows: Sequence[Row]) -> None:
    width = max(len(row.name) for row in rows)
    print()
    for row in rows:
        print(f"{row.name:{width}}  {row.outcome.value:15}  {row.seconds:4.0f} s  {row.remarks[0]}")
        for remark in row.remarks[1:]:
            print(f"{'':{width}}  {'':15}          {remark}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.peers.run", description="hear the judges from outside")
    parser.add_argument("--install", action="store_true", help="install what is missing (CI=true does so too)")
    parser.add_argument("names", nargs="*", metavar="JUDGE", help=f"of {', '.join(JUDGES)}; without any, all")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(JUDGES):
        parser.error(f"there is no judge {', '.join(sorted(unknown))}; there are {', '.join(JUDGES)}")
    install = options.install or os.environ.get("CI") == "true"
    # Most of what a judge does happens in processes of its own, so as many are heard at once as there are processors.
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        rows = list(pool.map(lambda name: hear(name, install=install), options.names or JUDGES))
    print_table(rows)
    return int(any(row.outcome in FATAL for row in rows))


if __name__ == "__main__":
    sys.exit(main())
