"""Where judges live: a folder each under ``.peers/``, so that none meets our packages or another judge's.

How it works. An environment is a list of pinned packages. Once they are installed, the list is written beside them:
another list is another environment, made afresh. A judge is asked through a driver, a small script that runs inside
the environment, knows nothing of msgcore, and answers each JSON line of its input with one JSON line.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.peers.verdicts import InstallError, MissingToolError, RegistryError

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / ".peers"
DRIVERS = Path(__file__).parent / "drivers"

INSTALL_SECONDS = 300
ANSWER_SECONDS = 120

# How pip, npm and apt tell that nobody answered; all else that stops them is about what was asked for.
_NO_ANSWER = re.compile(
    r"NewConnectionError|ConnectTimeout|ReadTimeout|Connection (?:refused|reset|aborted)|RemoteDisconnected"
    r"|[Nn]ame resolution|Name or service not known|Could not fetch URL|HTTP error 5\d\d|ProxyError"
    r"|Temporary failure resolving|Failed to fetch|Could not connect to"
    r"|ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ERR_SOCKET_TIMEOUT|\bE5\d\d\b"
)

_INSTALLING = threading.RLock()  # two judges may share an environment, and all share the packages of the system


@dataclass(frozen=True)
class Environment(ABC):
    name: str
    packages: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return PEERS / self.name

    @property
    def _list(self) -> Path:
        return self.folder / "installed.json"

    def is_installed(self) -> bool:
        return self._list.exists() and json.loads(self._list.read_text()) == list(self.packages)

    def install(self) -> None:
        """Install the packages, unless they are there.

        Raises:
            MissingToolError, RegistryError, InstallError: why that cannot be.
        """
        with _INSTALLING:
            if self.is_installed():
                return
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
            self._install()
            self._list.write_text(json.dumps(self.packages))

    @abstractmethod
    def _install(self) -> None: ...

    @abstractmethod
    def _driver_command(self, driver: Path) -> list[str]: ...

    def ask(self, driver: str, questions: Sequence[Any], seconds: float = ANSWER_SECONDS) -> list[Any]:
        """Put questions to a driver; returns as many answers, in order."""
        done = subprocess.run(
            self._driver_command(DRIVERS / driver),
            input="".join(f"{json.dumps(question)}\n" for question in questions),
            cwd=self.folder,
            capture_output=True,
            encoding="utf-8",
            timeout=seconds,
        )
        if done.returncode:
            raise RuntimeError(f"{driver} ended with exit code {done.returncode}:\n{done.stderr}")
        # Not splitlines(): a line separator may stand in a JSON string as it is.
        answers = [json.loads(line) for line in done.stdout.split("\n")[:-1]]
        if len(answers) != len(questions):
            raise RuntimeError(f"{driver} gave {len(answers)} answers to {len(questions)} questions:\n{done.stderr}")
        return answers


class PythonEnvironment(Environment):
    """Packages of PyPI in a virtual environment."""

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def _install(self) -> None:
        _run([sys.executable, "-m", "venv", str(self.folder)], self.folder)
        pip = [str(self.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, *self.packages], self.folder)

    def _driver_command(self, driver: Path) -> list[str]:
        return [str(self.python), "-I", "-X", "utf8", str(driver)]


class NodeEnvironment(Environment):
    """Packages of the npm registry; their install scripts are not run."""

    def _install(self) -> None:
        for tool in ("node", "npm"):
            if shutil.which(tool) is None:
                raise MissingToolError("apt-get install nodejs npm")
        (self.folder / "package.json").write_text('{"private": true}')
        npm = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        _run([*npm, *self.packages], self.folder)

    def _driver_command(self, driver: Path) -> list[str]:
        return ["node", str(driver)]


class DebianEnvironment(Environment):
    """Packages of Debian. They belong to the whole machine, so root alone gets them installed."""

    def is_installed(self) -> bool:
        query = ["dpkg-query", "--show", "--showformat=${db:Status-Status}\n", *self.packages]
        if shutil.which(query[0]) is None:
            return False
        done = subprocess.run(query, capture_output=True, text=True)
        return done.returncode == 0 and set(done.stdout.split()) == {"installed"}

    def install(self) -> None:
        with _INSTALLING:
            if not self.is_installed():
                self._install()
        self.folder.mkdir(parents=True, exist_ok=True)

    def _install(self) -> None:
        line = ["apt-get", "install", "--yes", "--no-install-recommends", *self.packages]
        if shutil.which("apt-get") is None or os.geteuid() != 0:
            raise MissingToolError(" ".join(line))
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        # Images of containers come without lists of packages; a list that cannot be had is otherwise a mere warning.
        _run(["apt-get", "--option", "APT::Update::Error-Mode=any", "update"], ROOT, environment)
        _run(line, ROOT, environment)

    def _driver_command(self, driver: Path) -> list[str]:
        return ["/usr/bin/python3", "-I", "-X", "utf8", str(driver)]  # the one that Debian's packages are for


class OwnEnvironment(Environment):
    """Nothing but the project itself, where it stands: for judges that break it rather than compare it."""

    def is_installed(self) -> bool:
        return True

    def install(self) -> None: ...

    def _install(self) -> None: ...

    def _driver_command(self, driver: Path) -> list[str]:
        return [sys.executable, str(driver)]


class BrowserEnvironment(PythonEnvironment):
    """Packages of PyPI, and Debian's Chromium for them to drive: they come without a browser of their own."""

    chromium = DebianEnvironment("chromium", ("chromium",))

    def is_installed(self) -> bool:
        return super().is_installed() and self.chromium.is_installed()

    def _install(self) -> None:
        self.chromium.install()
        super()._install()


def _run(command: list[str], cwd: Path, environment: dict[str, str] | None = None) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=INSTALL_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise RegistryError(f"{' '.join(command)}: no end after {INSTALL_SECONDS} seconds") from error
    if done.returncode:
        text = f"$ {' '.join(command)}\n{done.stdout}"
        raise RegistryError(text) if _NO_ANSWER.search(done.stdout) else InstallError(text)
