"""Asking a running simulator: its control API, from the command line."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

DEFAULT_CONTROL_URL = "http://127.0.0.1:8080/control"
# Pushing time by days makes many callbacks, one after another.
_ANSWER_SECONDS = 600

_Command = TypeVar("_Command", bound=Callable[..., Any])


def control_options(command: _Command) -> Callable[..., Any]:
    """Let a command be told which simulator is meant; it gets ``control_url``."""

    @click.option(
        "--control-url",
        metavar="URL",
        envvar="MSGCORE_CONTROL_URL",
        help=f"Which simulator.  [default: {DEFAULT_CONTROL_URL}]",
    )
    @click.option(
        "--ready-file",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="PATH",
        help="Which simulator: the one that wrote this file.",
    )
    @wraps(command)
    def told(*args: Any, control_url: str | None, ready_file: Path | None, **options: Any) -> Any:
        if ready_file is not None and control_url is None:
            control_url = _control_url_in(ready_file)
        return command(*args, control_url=control_url or DEFAULT_CONTROL_URL, **options)

    return told


def ask(control_url: str, method: str, path: str, body: Any = None) -> Any:
    """Ask for an operation and return what it gives; ClickException with the reason if it is refused."""
    data = None if body is None else json.dumps(body).encode()
    url = control_url.rstrip("/") + path
    if not url.startswith(("http://", "https://")):
        raise click.ClickException(f"control URL: expected http:// or https://, got {control_url!r}")
    request = urllib.request.Request(url, data, {"content-type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS) as response:
            content = response.read()
            return json.loads(content) if content else None
    except urllib.error.HTTPError as error:
        raise click.ClickException(_reason(error)) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise click.ClickException(
            f"no simulator answers at {control_url}: {reason}. Start one with msgcore simulator, or say where it is "
            "with --control-url or --ready-file."
        ) from error


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read())["description"])
    except (ValueError, KeyError, TypeError, OSError):
        return f"the simulator answers {error.code}"


def _control_url_in(ready_file: Path) -> str:
    try:
        return str(json.loads(ready_file.read_text(encoding="utf-8"))["control_url"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"ready file {ready_file}: no simulator has written it") from error


__all__ = ["ask", "control_options"]
