"""What a judge may say, and what may keep it from judging."""

from collections import Counter
from typing import NamedTuple


class Verdict(NamedTuple):
    """What came of comparing: how much, which known departures were met and how often, and what nothing explains."""

    compared: str
    explained: Counter[str]
    unexplained: list[str]

    @property
    def agreed(self) -> bool:
        return not self.unexplained


class MissingToolError(Exception):
    """A judge needs a program that is not on this machine; the text is the line to type."""


class RegistryError(Exception):
    """A package registry did not answer, which is no fault of ours; the text is what was printed."""


class InstallError(Exception):
    """A judge could not be installed although its registry answered: a pin or a build is broken."""
