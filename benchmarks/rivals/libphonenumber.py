"""libphonenumber in Python (``phonenumbers``) and in Rust (``rphonenumbers``): the same questions, the same two calls.

Both read and then ask, as their documentation shows. The Python package keeps its regular expressions, once told to.
"""

from collections.abc import Callable
from types import ModuleType
from typing import NamedTuple


class Rival(NamedTuple):
    """The questions that a rival answers about one string."""

    is_valid: Callable[[str], bool]
    classify: Callable[[str], tuple[int, str | None, int, bool] | None]


def load(package: ModuleType) -> Rival:
    """Bind the functions of a package once, as a program in a hurry would."""
    parse, refusal = package.parse, package.NumberParseException
    is_valid_number, number_type, region_of = (
        package.is_valid_number,
        package.number_type,
        package.region_code_for_number,
    )

    def is_valid(text: str) -> bool:
        try:
            return bool(is_valid_number(parse(text)))
        except refusal:
            return False

    def classify(text: str) -> tuple[int, str | None, int, bool] | None:
        try:
            number = parse(text)
        except refusal:
            return None
        return number.country_code, region_of(number), number_type(number), is_valid_number(number)

    return Rival(is_valid, classify)
