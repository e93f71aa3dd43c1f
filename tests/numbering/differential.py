"""Our plan against libphonenumber's: ``python -m tests.numbering.differential [COUNT [SEED]]``.

Every property of a number must be the same, with classes of their own for the two ways in which we mean to differ:

``rewritten``
    libphonenumber drops a trunk prefix or moves digits; we say that the number is not valid as written. Where what it
    makes of the number is valid, our reason must name just that.
``without area code``
    valid, and possible to us; libphonenumber's length test calls it local (Canada's 310 numbers).
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneNumberType, ValidationResult
from phonenumbers.re_util import enable_pattern_cache

from msgcore.errors import NumberError
from msgcore.numbering import NumberKind, NumberStatus, PhoneNumber, is_valid_number, parse_number
from tests.numbering.generated_numbers import e164, generate

SEED = 20260101

KINDS = {
    PhoneNumberType.MOBILE: NumberKind.MOBILE,
    PhoneNumberType.FIXED_LINE: NumberKind.FIXED_LINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberKind.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.TOLL_FREE: NumberKind.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE: NumberKind.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST: NumberKind.SHARED_COST,
    PhoneNumberType.VOIP: NumberKind.VOIP,
    PhoneNumberType.PERSONAL_NUMBER: NumberKind.PERSONAL,
    PhoneNumberType.PAGER: NumberKind.PAGER,
    PhoneNumberType.UAN: NumberKind.UAN,
    PhoneNumberType.VOICEMAIL: NumberKind.VOICEMAIL,
    PhoneNumberType.UNKNOWN: NumberKind.UNKNOWN,
}
LENGTHS = {
    ValidationResult.IS_POSSIBLE: NumberStatus.NOT_IN_THE_PLAN,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: NumberStatus.LOCAL_ONLY,
    ValidationResult.TOO_SHORT: NumberStatus.TOO_SHORT,
    ValidationResult.TOO_LONG: NumberStatus.TOO_LONG,
    ValidationResult.INVALID_LENGTH: NumberStatus.INVALID_LENGTH,
}


class Difference(NamedTuple):
    """What is not as it should be about one number."""

    text: str
    ours: str
    theirs: str


def judge(text: str) -> str | Difference:
    """Return the class that a number falls in, or what is different."""
    try:
        ours = parse_number(text)
    except NumberError:
        ours = None
    try:
        theirs = phonenumbers.parse(text)
    except phonenumbers.NumberParseException as error:
        return _compare_refusals(text, ours, error)
    if ours is None:
        return Difference(text, "NumberError", repr(theirs))
    if e164(theirs) != text:
        return _compare_rewritten(text, ours, theirs)
    return _compare(text, ours, theirs)


def _compare_refusals(
    text: str, ours: PhoneNumber | None, error: phonenumbers.NumberParseException
) -> str | Difference:
    if error.error_type == error.INVALID_COUNTRY_CODE and ours is None:
        return "unknown calling code"
    # No digit or one after the calling code, or a calling code alone that may not be one.
    if len(text) <= 3 and ours is None:
        return "unknown calling code"
    if ours is not None and len(ours.national_number) < 2 and ours.status is NumberStatus.TOO_SHORT:
        return "too short to be read"
    return Difference(text, repr(ours), repr(error))


def _compare_rewritten(text: str, ours: PhoneNumber, theirs: phonenumbers.PhoneNumber) -> str | Difference:
    if phonenumbers.is_valid_number(theirs):
        agrees = ours.reason == f"written with a trunk prefix: should be {e164(theirs)}"
    else:
        agrees = ours.status not in (NumberStatus.TRUNK_PREFIX, NumberStatus.VALID)
    agrees = agrees and ours.kind is NumberKind.UNKNOWN and not ours.is_valid and not is_valid_number(text)
    return "rewritten" if agrees else Difference(text, repr(ours), f"rewritten as {e164(theirs)}")


def _compare(text: str, ours: PhoneNumber, theirs: phonenumbers.PhoneNumber) -> str | Difference:
    valid = phonenumbers.is_valid_number(theirs)
    length = phonenumbers.is_possible_number_with_reason(theirs)
    region = phonenumbers.region_code_for_number(theirs)
    expected = (
        theirs.country_code,
        phonenumbers.national_significant_number(theirs),
        None if region == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY else region,
        KINDS[phonenumbers.number_type(theirs)],
        valid,
        NumberStatus.VALID if valid else LENGTHS[length],
        valid or length == ValidationResult.IS_POSSIBLE,
    )
    found = (
        ours.calling_code,
        ours.national_number,
        ours.region,
        ours.kind,
        is_valid_number(text) and ours.is_valid,
        ours.status,
        ours.is_possible,
    )
    if found != expected:
        return Difference(text, repr(found), repr(expected))
    if valid and length != ValidationResult.IS_POSSIBLE:
        return "without area code" if text.startswith("+1310") else Difference(text, repr(found), f"length {length}")
    return ours.status.value


def run(texts: Iterable[str], report: Callable[[Difference], object]) -> Counter[str]:
    """Judge all, report each difference, and count the classes."""
    enable_pattern_cache()
    classes: Counter[str] = Counter()
    for text in texts:
        verdict = judge(text)
        if isinstance(verdict, Difference):
            report(verdict)
            verdict = "DIFFERENT"
        classes[verdict] += 1
    return classes


def main(count: int = 1_000_000, seed: int = SEED) -> int:
    classes = run(generate(count, seed), print)
    for name, size in classes.most_common():
        print(f"{size:>9,}  {name}")
    print(f"{count:>9,}  numbers, seed {seed}: {classes['DIFFERENT']:,} differences")
    return 1 if classes["DIFFERENT"] else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
