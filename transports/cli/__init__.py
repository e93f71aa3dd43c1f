"""The ``msgcore`` command."""

import sys

from msgcore.errors import MissingExtraError


def main() -> None:
    """Run the command line; without the extra ``cli`` say what to install."""
    try:
        import click  # noqa: F401  (only asked whether it is there)
        import rich  # noqa: F401
    except ModuleNotFoundError:
        sys.exit(f"msgcore: {MissingExtraError('the command line', 'cli')}")
    try:
        from transports.cli.command import cli
    except KeyboardInterrupt:
        sys.exit("Aborted!")  # what click says once it is there to say it

    cli(prog_name="msgcore")


__all__ = ["main"]
