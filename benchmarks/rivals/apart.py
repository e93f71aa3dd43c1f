"""Rivals that live apart from us, in the environments that ``make test-peers`` keeps, and time themselves.

They get the same texts in the same run. What they answer is judged by ``tests/peers``; here only the time counts.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.peers import python_messaging, smsutil
from tests.peers.environments import Environment
from tests.peers.verdicts import InstallError, MissingToolError, RegistryError

TIMED = Path(__file__).parent / "timed"

ENVIRONMENTS: dict[str, Environment] = {
    "smsutil": smsutil.ENVIRONMENT,
    "python_messaging": python_messaging.ENVIRONMENT,
}


class NotMeasuredError(Exception):
    """Something is not there to be measured; the text says why."""


def nanoseconds(name: str, texts: Sequence[str], rounds: int = 5) -> float:
    """Return the least time that a rival took for one text over some rounds.

    Raises:
        NotMeasuredError: it could not be installed.
    """
    environment = ENVIRONMENTS[name]
    try:
        environment.install()
    except (MissingToolError, RegistryError, InstallError) as error:
        raise NotMeasuredError(f"{name} cannot be installed: {error}") from error
    answers: list[dict[str, Any]] = environment.ask(
        str(TIMED / f"{name}.py"), [{"texts": list(texts), "rounds": rounds}]
    )
    assert answers[0]["segments"] >= len(texts)
    return float(answers[0]["nanoseconds"])
