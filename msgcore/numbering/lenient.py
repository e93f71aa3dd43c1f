"""``parse_number(text, region=...)``: numbers as people write them, for which the extra ``numbers`` is loaded."""

from functools import cache
from types import ModuleType

from msgcore.errors import MissingExtraError
from msgcore.kernel.phone_numbers import PhoneNumber, parse_number, read_leniently_with


def read_leniently(text: str, region: str) -> PhoneNumber:
    """Read a number as people write it in ``region``; see ``parse_number``."""
    if not isinstance(text, str):
        raise TypeError(f"text must be str, not {type(text).__name__}")
    if not isinstance(region, str):
        raise TypeError(f"region must be str, not {type(region).__name__}")
    number: PhoneNumber = _reader().read_leniently(text, region)
    return number


@cache
def _reader() -> ModuleType:
    try:
        from msgcore.numbering import phonenumbers_reader
    except ImportError as error:
        raise MissingExtraError("reading numbers as people write them", "numbers") from error
    return phonenumbers_reader


# The kernel stands below this package and cannot import it.
read_leniently_with(read_leniently)

__all__ = ["parse_number"]
