"""Numbers as callers give them: whole where things are counted, positive and finite where a rate is meant."""

import math
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Real

from msgcore.errors import LocalError


def check_whole(name: str, value: object, *, at_least: int) -> None:
    """Raise unless ``value`` is a whole number, and no smaller than ``at_least``.

    >>> check_whole("burst", 1.5, at_least=1)
    Traceback (most recent call last):
    TypeError: burst must be int, not float
    """
    # Almost always a plain int, which is told at once; the question about a number of any kind costs twenty times that.
    if type(value) is not int and (isinstance(value, bool) or not isinstance(value, Integral)):
        raise TypeError(f"{name} must be int, not {type(value).__name__}")
    if value < at_least:
        raise LocalError(f"{name} must be at least {at_least}, not {value!r}")


def check_positive(name: str, value: float | Fraction) -> None:
    """Raise unless ``value`` is a number above 0, and finite.

    >>> check_positive("rate", 0)
    Traceback (most recent call last):
    msgcore.errors.LocalError: rate must be positive and finite, not 0
    """
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        raise TypeError(f"{name} must be int, float or Fraction, not {type(value).__name__}")
    if not 0 < value < math.inf:
        raise LocalError(f"{name} must be positive and finite, not {value!r}")


def check_time(now: float) -> None:
    """Raise unless ``now`` is a moment: nothing is before or after what is no number."""
    if not math.isfinite(now):
        raise LocalError(f"now must be a finite number of seconds, not {now!r}")


__all__ = ["check_positive", "check_time", "check_whole"]
