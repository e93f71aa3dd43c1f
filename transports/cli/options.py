"""Options that several commands take, checked before a file is opened: a mistake shows at once, not after an hour."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from msgcore.errors import LocalError
from msgcore.planning.pacing import DEFAULT_DEPTH_SECONDS, capacity_of
from msgcore.wire.rules import sender_problem

Table = TypeVar("Table")


def check_sender(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse a sender that no row could be sent from."""
    if value and (problem := sender_problem(value.strip())):
        raise click.BadParameter(problem)
    return value


def check_rate(context: click.Context, parameter: click.Parameter, value: float) -> float:
    """Refuse a rate at which the provider's queue would hold nothing."""
    try:
        capacity_of(value, DEFAULT_DEPTH_SECONDS)
    except LocalError as error:
        raise click.BadParameter(str(error)) from error
    return value


def check_number(context: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    """Refuse NaN, which is neither too small nor too large for any range."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("nan is not a number")
    return value


def read_table(path: str, read: Callable[[str], Table]) -> Table:
    """Return a table that somebody keeps in a file; UsageError where it is none."""
    try:
        return read(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{path}: this is not UTF-8; save it as UTF-8") from error
    except LocalError as error:
        raise click.UsageError(f"{path}: {error}") from error


__all__ = ["check_number", "check_rate", "check_sender", "read_table"]
