"""The msgcore command itself: version, help, and what it says when its extra is missing."""

import subprocess
import sys
from importlib import metadata

import pytest
from click.testing import CliRunner

from msgcore import UNICODE_VERSION
from transports.cli.command import cli

WITHOUT_CLICK = """
import sys
sys.modules["click"] = None
from transports.cli import main
main()
"""

INTERRUPTED_WHILE_LOADING = """
import sys
class Interrupt:
    def find_spec(self, name, path, target=None):
        if name == "transports.cli.command":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupt())
from transports.cli import main
main()
"""


def test_the_version_is_that_of_the_distribution() -> None:
    result = CliRunner().invoke(cli, ["--version"])
    assert result.stdout == f"msgcore, version {metadata.version('msgcore')} (Unicode {UNICODE_VERSION})\n"


@pytest.mark.parametrize("command", [[], ["analyze"], ["codes"], ["send"]], ids=lambda command: " ".join(command))
def test_help_shows_usage_options_and_examples(command: list[str]) -> None:
    result = CliRunner().invoke(cli, [*command, "--help"])
    assert result.exit_code == 0
    for part in ("Usage:", "Options:", "Examples:"):
        assert part in result.stdout


@pytest.mark.parametrize("command", ["analyze", "send"])
def test_help_explains_every_exit_status(command: str) -> None:
    assert "Exit status:" in CliRunner().invoke(cli, [command, "--help"]).stdout


def test_without_its_extra_the_command_says_what_to_install() -> None:
    run = subprocess.run([sys.executable, "-c", WITHOUT_CLICK], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr == "msgcore: the command line needs the extra 'cli': pip install 'msgcore[cli]'\n"


def test_ctrl_c_while_the_command_is_loaded_is_one_line() -> None:
    arguments = [sys.executable, "-c", INTERRUPTED_WHILE_LOADING]
    run = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (1, "Aborted!\n")
