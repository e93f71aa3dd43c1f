"""Numbers judged by the numbering plan, whose data is loaded with the first number."""

from functools import cache
from types import ModuleType

from msgcore.errors import MissingExtraError, NumberError
from msgcore.numbering.phone_number import PhoneNumber


def parse_number(text: str, *, region: str | None = None) -> PhoneNumber:
    """Read a telephone number and judge it by the numbering plan.

    >>> number = parse_number("+442070313000")
    >>> number.region, number.kind, number.is_valid
    ('GB', <NumberKind.FIXED_LINE: 'fixed line'>, True)
    >>> parse_number("+4402070313000").reason
    'written with a trunk prefix: should be +442070313000'

    Without ``region`` the string is taken exactly as written. With one (``"GB"``) it is read as people write numbers
    there, and ``e164`` is the result: national and international prefixes, punctuation, digits of other scripts
    (``０２０``), letters for digits (``1-800-FLOWERS``); an extension is read over, since no message reaches one.

    >>> parse_number("(020) 7031-3000 ext. 12", region="GB").e164
    '+442070313000'

    A number that is not in the plan is no error: plan data lags behind new area codes, so look at ``reason``.

    Raises:
        NumberError: the syntax is wrong (not E.164; with a region: no number to be found), or no country, network or
            service has the calling code.
        LocalError: ``region`` is no region of the numbering plan.
        MissingExtraError: the extra ``numbers`` is not installed.
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be str, not {type(text).__name__}")
    number: PhoneNumber = _plan().read_as_written(text) if region is None else _plan().read_leniently(text, region)
    return number


def is_valid_number(text: str) -> bool:
    """Tell whether the numbering plan knows the number, exactly as written.

    >>> is_valid_number("+442070313000"), is_valid_number("+4402070313000"), is_valid_number("020 7031 3000")
    (True, False, False)

    Raises:
        MissingExtraError: the extra ``numbers`` is not installed.
    """
    try:
        return parse_number(text).is_valid
    except NumberError:
        return False


@cache
def _plan() -> ModuleType:
    try:
        from msgcore.numbering import plan
    except ImportError as error:
        raise MissingExtraError("the numbering plan", "numbers") from error
    return plan
