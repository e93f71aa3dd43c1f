"""The numbering plan, asked through the PyPI package ``phonenumbers``: libphonenumber's metadata and its reader.

How this works: a number is read in one of two ways. Without a region it is judged *exactly as written*: ``+``, then
ASCII digits, and no digit more or less than the plan has. With a region it is read as people write it there, and
brought into E.164 form. libphonenumber reads leniently by nature: it drops a trunk prefix after the calling code
(``+44 020 ...``) and moves Argentina's mobile mark. The first way compares its result with what was written, so that
nothing is mended silently.
"""

from dataclasses import replace

import phonenumbers

from msgcore.errors import LocalError, NumberError
from msgcore.kernel.numbers import is_e164
from msgcore.numbering.e164 import check_e164
from msgcore.numbering.phone_number import NumberKind, PhoneNumber

LONGEST_CALLING_CODE = 3
UNKNOWN_CALLING_CODE = "no country, network or service has this calling code"
NOT_IN_THE_PLAN = "not in the plan"
TOO_LONG = "too long"
TOO_SHORT = "too short"

_LENGTH_REASONS = {
    phonenumbers.ValidationResult.IS_POSSIBLE: None,
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "local only",
    phonenumbers.ValidationResult.TOO_SHORT: TOO_SHORT,
    phonenumbers.ValidationResult.TOO_LONG: TOO_LONG,
    phonenumbers.ValidationResult.INVALID_LENGTH: "invalid length",
}

_KINDS = {
    phonenumbers.PhoneNumberType.MOBILE: NumberKind.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE: NumberKind.FIXED_LINE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberKind.FIXED_LINE_OR_MOBILE,
    phonenumbers.PhoneNumberType.TOLL_FREE: NumberKind.TOLL_FREE,
    phonenumbers.PhoneNumberType.PREMIUM_RATE: NumberKind.PREMIUM_RATE,
    phonenumbers.PhoneNumberType.SHARED_COST: NumberKind.SHARED_COST,
    phonenumbers.PhoneNumberType.VOIP: NumberKind.VOIP,
    phonenumbers.PhoneNumberType.PERSONAL_NUMBER: NumberKind.PERSONAL,
    phonenumbers.PhoneNumberType.PAGER: NumberKind.PAGER,
    phonenumbers.PhoneNumberType.UAN: NumberKind.UAN,
    phonenumbers.PhoneNumberType.VOICEMAIL: NumberKind.VOICEMAIL,
}


def read_as_written(text: str) -> PhoneNumber:
    """Judge an E.164 string by the plan, no digit added, dropped or moved."""
    check_e164(text)
    calling_code = _calling_code(text)
    national_number = text[1 + len(str(calling_code)) :]
    try:
        parsed = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        # The syntax and the calling code are right, so what is left is a national number of no or one digit.
        return PhoneNumber(text, calling_code, national_number, None, NumberKind.UNKNOWN, False, TOO_SHORT)
    proper = _e164(parsed)
    if proper == text:
        return _judge(parsed)
    written = _judge(_number(calling_code, national_number))
    if phonenumbers.is_valid_number(parsed):
        reason = f"written with a trunk prefix: should be {proper}"
    else:
        reason = written.reason or NOT_IN_THE_PLAN
    return replace(written, kind=NumberKind.UNKNOWN, reason=reason)


def read_leniently(text: str, region: str) -> PhoneNumber:
    """Read a number as people write it in ``region``, bring it into E.164 form and judge that."""
    if not isinstance(region, str):
        raise TypeError(f"region must be str, not {type(region).__name__}")
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise LocalError(f"region must be an ISO 3166-1 code of the numbering plan such as 'US', not {region!r}")
    try:
        return _judge(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException as error:
        raise NumberError(text, 0, _lenient_reason(error, region)) from error


def _lenient_reason(error: phonenumbers.NumberParseException, region: str) -> str:
    match error.error_type:
        case error.INVALID_COUNTRY_CODE:
            return UNKNOWN_CALLING_CODE
        case error.TOO_LONG:
            return f"more digits than any number has, read in region {region}"
        case error.NOT_A_NUMBER:
            return f"expected a telephone number as written in region {region}"
        case _:
            return f"expected at least 2 digits after the prefixes of region {region}"


def _calling_code(text: str) -> int:
    # ITU-T E.164, 6.2.1: no calling code begins like another one, so at most one of the three prefixes is known.
    for length in range(1, LONGEST_CALLING_CODE + 1):
        calling_code = int(text[1 : 1 + length])
        if calling_code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return calling_code
    raise NumberError(text, 1, UNKNOWN_CALLING_CODE)


def _number(calling_code: int, national_number: str) -> phonenumbers.PhoneNumber:
    """Build what libphonenumber would hold for these digits, had it not mended them."""
    zeros = len(national_number[:-1]) - len(national_number[:-1].lstrip("0"))
    return phonenumbers.PhoneNumber(
        country_code=calling_code,
        national_number=int(national_number),
        italian_leading_zero=True if zeros else None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )


def _judge(number: phonenumbers.PhoneNumber) -> PhoneNumber:
    calling_code = number.country_code
    assert calling_code is not None  # every number here was parsed, or built with one
    e164 = _e164(number)
    reason = _reason(number, e164)
    region = phonenumbers.region_code_for_number(number)
    return PhoneNumber(
        e164=e164,
        calling_code=calling_code,
        national_number=phonenumbers.national_significant_number(number),
        region=None if region == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY else region,
        kind=_KINDS.get(phonenumbers.number_type(number), NumberKind.UNKNOWN),
        is_possible=reason in (None, NOT_IN_THE_PLAN),
        reason=reason,
    )


def _reason(number: phonenumbers.PhoneNumber, e164: str) -> str | None:
    if not is_e164(e164):
        return TOO_LONG  # Germany's plan has room for more than E.164's 15 digits
    if phonenumbers.is_valid_number(number):
        return None  # asked first: Canada's 310 numbers are in the plan although they have no area code
    return _LENGTH_REASONS[phonenumbers.is_possible_number_with_reason(number)] or NOT_IN_THE_PLAN


def _e164(number: phonenumbers.PhoneNumber) -> str:
    e164: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return e164
