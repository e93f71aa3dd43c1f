"""AddressSanitizer and UndefinedBehaviorSanitizer: the compiled kernel under its own tests, bounds checks on.

They see what tests cannot: a read one octet past a buffer that happens to be harmless today, a shift that is too wide,
a signed overflow. A copy of the tree is built with both and with Cython's bounds and None checks; it is walked along
the edges of its buffers and runs the tests of the kernel, the encoding, the numbers, the fuzzers and the conformance
data. Before it is believed it must convict two small programs that are guilty: a judge that cannot find anything agrees
with everybody. No departures are known. Leaks are not looked for: CPython itself keeps memory to its end.
"""

import os
import shutil
import subprocess
import tomllib
from collections import Counter
from pathlib import Path

from tests.peers.environments import DRIVERS, ROOT, PythonEnvironment
from tests.peers.verdicts import MissingToolError, Verdict

TESTS = ("tests/kernel", "tests/encoding", "tests/numbering", "tests/fuzz", "tests/conformance", "tests/columns")
COPIED = (
    "msgcore",
    "transports",
    "tests",
    "setup.py",
    "pyproject.toml",
    "MANIFEST.in",
    "README.md",
    "LICENSE",
    "NOTICE",
)
BUILD_SECONDS, TEST_SECONDS = 900, 1800

# What each must be convicted of; called as guilty(8), a number that the compiler does not know.
GUILTY = {
    "AddressSanitizer: heap-buffer-overflow": """
        #include <stdlib.h>
        int guilty(int size) {
            volatile char *room = malloc(size);
            int found = room[size];
            free((void *)room);
            return found;
        }
    """,
    "runtime error: signed integer overflow": """
        int guilty(int number) { return number + 2147483647; }
    """,
}


def requirements() -> tuple[str, ...]:
    """What building and testing need, by the pins of the project itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    wanted = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *extras["test"],
        *extras["numbers"],
        *extras["http"],  # its reader of answers is fuzzed too
    ]
    return tuple(requirement for requirement in dict.fromkeys(wanted) if not requirement.startswith("msgcore"))


ENVIRONMENT = PythonEnvironment("sanitizers", requirements())
TREE = ENVIRONMENT.folder / "tree"


def judge() -> Verdict:
    environment = sanitizing_environment()
    unexplained = [
        f"does not convict: {sign}" for sign, source in GUILTY.items() if not convicts(sign, source, environment)
    ]
    copy_tree()
    build = run(["setup.py", "--quiet", "build_ext", "--inplace"], os.environ | SWITCHES, BUILD_SECONDS)
    if build.returncode:
        raise RuntimeError(f"the kernel cannot be built with sanitizers:\n{build.stdout}")
    edges = run([str(DRIVERS / "kernel_edges.py")], environment, TEST_SECONDS)
    if edges.returncode:
        unexplained.append(f"at the edges of buffers: exit code {edges.returncode}\n{edges.stdout[-8000:]}")
    tests = ["-m", "pytest", "-q", "--benchmark-skip", "-p", "no:cacheprovider", "--hypothesis-profile=ci", *TESTS]
    done = run(tests, environment, TEST_SECONDS)
    last = done.stdout.strip().splitlines()[-1:]
    if done.returncode:
        unexplained.append(f"exit code {done.returncode}\n{done.stdout[-8000:]}")
    return Verdict(f"kernel with sanitizers: {' '.join(last)}", Counter(), unexplained)


SWITCHES = {"MSGCORE_SANITIZE": "1", "MSGCORE_DEBUG": "1"}


def sanitizing_environment() -> dict[str, str]:
    if shutil.which("gcc") is None:
        raise MissingToolError("apt-get install gcc")
    libraries = [found for name in ("libasan.so", "libubsan.so") if (found := library(name)) is not None]
    if len(libraries) < 2:
        raise MissingToolError(
            "apt-get install libgcc-12-dev, or the version of your gcc: it brings libasan and libubsan"
        )
    return os.environ | {
        # The interpreter is not built with the sanitizers, so their libraries have to be there before it.
        "LD_PRELOAD": " ".join(libraries),
        "ASAN_OPTIONS": "detect_leaks=0:halt_on_error=1",
        "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
        "PYTHONMALLOC": "malloc",  # each object an allocation of its own, with a guarded edge
        "PYTHONPATH": str(TREE),
    }


def library(name: str) -> str | None:
    """Return where gcc has a library, ``None`` where it has none (it then repeats the name)."""
    path = subprocess.run(
        ["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True
    ).stdout.strip()
    return path if Path(path).is_absolute() else None


def convicts(sign: str, source: str, environment: dict[str, str]) -> bool:
    """Tell whether a guilty program is stopped, and for what it did."""
    program = ENVIRONMENT.folder / "guilty.so"
    compiler = ["gcc", "-shared", "-fPIC", "-O1", "-fsanitize=address,undefined", "-xc", "-", "-o", str(program)]
    subprocess.run(compiler, input=source, text=True, check=True)
    done = run(["-c", f"import ctypes; ctypes.CDLL({str(program)!r}).guilty(8)"], environment, 60)
    return done.returncode != 0 and sign in done.stdout


def copy_tree() -> None:
    """Copy the tree over the last copy; its folder ``build`` stays, so that only what changed is compiled."""
    for name in COPIED:
        source, target = ROOT / name, TREE / name
        if source.is_dir():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.so", "generated"))
        else:
            TREE.mkdir(exist_ok=True)
            shutil.copy2(source, target)


def run(arguments: list[str], environment: dict[str, str], seconds: float) -> "subprocess.CompletedProcess[str]":
    TREE.mkdir(exist_ok=True)
    return subprocess.run(
        [str(ENVIRONMENT.python), *arguments],
        cwd=TREE,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=seconds,
    )
