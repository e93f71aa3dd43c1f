"""The runner of the judges: what fails a run, what is only said, and what is skipped."""

import os
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tests.peers import environments, run
from tests.peers.environments import DebianEnvironment, PythonEnvironment
from tests.peers.verdicts import InstallError, MissingToolError, RegistryError, Verdict

AGREED = Verdict("3 texts", Counter({"counts CR LF as one": 2}), [])
DISAGREED = Verdict("3 texts", Counter(), ["'a': we say 1, they say 2"])


@pytest.fixture(autouse=True)
def peers_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environments, "PEERS", tmp_path)
    monkeypatch.delenv("CI", raising=False)


class NothingToInstall(PythonEnvironment):
    def _install(self) -> None: ...


def raising(error: Exception) -> Callable[[], Verdict]:
    def judge() -> Verdict:
        raise error

    return judge


def hear(monkeypatch: pytest.MonkeyPatch, judge: Callable[[], Verdict], *arguments: str) -> int:
    module = ModuleType("tests.peers.stand_in")
    vars(module).update(ENVIRONMENT=NothingToInstall("stand_in", ()), judge=judge)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(run, "JUDGES", ("stand_in",))
    return run.main(arguments)


@pytest.mark.parametrize(
    ("judge", "exit_code", "said"),
    [
        (lambda: AGREED, 0, "agreed"),
        (lambda: DISAGREED, 1, "DISAGREED"),
        (raising(ValueError("a surprise")), 1, "FAILED"),
        (raising(InstallError("no such version")), 1, "FAILED"),
        (raising(RegistryError("connection refused")), 0, "NOT INSTALLABLE"),
        (raising(MissingToolError("apt-get install nodejs npm")), 0, "apt-get install nodejs npm"),
    ],
)
def test_only_disagreement_and_our_own_faults_fail_the_run(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    judge: Callable[[], Verdict],
    exit_code: int,
    said: str,
) -> None:
    assert hear(monkeypatch, judge, "--install") == exit_code
    assert said in capsys.readouterr().out


def test_the_table_counts_what_is_explained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hear(monkeypatch, lambda: AGREED, "--install")
    assert "2 x counts CR LF as one" in capsys.readouterr().out


def test_what_is_not_explained_is_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    hear(monkeypatch, lambda: DISAGREED, "--install")
    assert "stand_in: 'a': we say 1, they say 2" in capsys.readouterr().out


def test_without_install_a_missing_judge_is_skipped_with_the_line_to_type(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hear(monkeypatch, lambda: DISAGREED) == 0
    assert "python -m tests.peers.run --install stand_in" in capsys.readouterr().out


def test_ci_installs_without_being_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    assert hear(monkeypatch, lambda: DISAGREED) == 1


def test_another_list_of_packages_is_another_environment() -> None:
    old = NothingToInstall("judge", ("six==1.16.0",))
    old.install()
    assert old.is_installed()
    assert not NothingToInstall("judge", ("six==1.17.0",)).is_installed()


def test_who_may_not_install_packages_of_debian_is_told_the_line_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(MissingToolError, match=r"apt-get install .* no-such-package"):
        DebianEnvironment("judge", ("no-such-package",)).install()


@pytest.mark.parametrize(
    ("output", "error"),
    [
        ("WARNING: Retrying after connection broken by 'NewConnectionError(...)'", RegistryError),
        ("npm error code EAI_AGAIN", RegistryError),
        ("npm error code E503", RegistryError),
        ("E: Failed to fetch http://deb.debian.org/debian/dists/bookworm/InRelease", RegistryError),
        ("E: Unable to locate package tshark", InstallError),
        ("ERROR: No matching distribution found for smsutil==99", InstallError),
        ("npm error code ETARGET", InstallError),
    ],
)
def test_a_silent_registry_is_told_from_a_broken_pin(output: str, error: type[Exception], tmp_path: Path) -> None:
    with pytest.raises(error):
        environments._run([sys.executable, "-c", f"print({output!r}); raise SystemExit(1)"], tmp_path)
