"""The credentials that callbacks need: a user among the options, the password in the environment."""

import os
from collections.abc import Sequence
from typing import Final

import click

PASSWORD_VARIABLE: Final = "MSGCORE_CALLBACK_PASSWORD"
_LOOPBACK: Final = {"127.0.0.1", "::1", "localhost"}


def callback_credentials(option: str, user: str | None, variable: str) -> tuple[tuple[str, str], ...]:
    """Return the pair of user and password, or none where ``option`` gave no user.

    Raises:
        click.UsageError: the variable of that name holds no password.
    """
    if user is None:
        return ()
    password = os.environ.get(variable)
    if not password:
        raise click.UsageError(f"{option} needs a password in the environment variable {variable}")
    return ((user, password),)


def warn_of_open_door(option: str, credentials: Sequence[tuple[str, str]], host: str) -> None:
    """Say so where others than this machine can post events, and need no credentials."""
    if not credentials and host not in _LOOPBACK:
        click.echo(f"msgcore: without {option}, anybody who reaches this address can post events", err=True)


__all__ = ["PASSWORD_VARIABLE", "callback_credentials", "warn_of_open_door"]
