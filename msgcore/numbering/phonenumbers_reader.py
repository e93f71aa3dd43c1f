"""Numbers as people write them, read through the PyPI package ``phonenumbers``: libphonenumber's reader.

The reader drops prefixes and punctuation, understands digits of other scripts and letters for digits, and moves what
has to be moved (Argentina's mobile mark). Its result is brought into E.164 form and judged by our own plan.
"""

import phonenumbers

from msgcore.errors import LocalError, NumberError
from msgcore.kernel.numbers import is_e164
from msgcore.kernel.phone_numbers import PhoneNumber


def read_leniently(text: str, region: str) -> PhoneNumber:
    """Read a number as people write it in ``region``, bring it into E.164 form and judge that."""
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise LocalError(f"region must be an ISO 3166-1 code of the numbering plan such as 'US', not {region!r}")
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise NumberError(text, 0, _reason(error, region)) from error
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not is_e164(e164):  # Germany's plan has room for more than E.164's 15 digits
        raise NumberError(text, 0, f"more than the 15 digits of E.164, read in region {region}")
    return PhoneNumber(e164)


def _reason(error: phonenumbers.NumberParseException, region: str) -> str:
    match error.error_type:
        case error.INVALID_COUNTRY_CODE:
            return "no country, network or service has this calling code"
        case error.TOO_LONG:
            return f"more than the 15 digits of E.164, read in region {region}"
        case error.NOT_A_NUMBER:
            return f"expected a telephone number as written in region {region}"
        case _:
            return f"expected at least 2 digits after the prefixes of region {region}"
