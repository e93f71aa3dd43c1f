"""User data headers and what stands behind them: TP-UD of a short message (3GPP TS 23.040, 9.2.3.24).

How this works. User data with a header begins with UDHL, the number of header octets that follow; then come
information elements, each an identifier, a length and that many octets; then the text, for GSM-7 after fill bits that
bring it to a septet border. An element that is not understood is kept as it is.

Two departures from the letter of 9.2.3.24, both towards saying more. Where the last element does not end with the
header, the standard has a receiver ignore the whole header; here that is a UserDataError, since the text behind it
would be cut at a wrong place. And elements keep their order and repetitions, so that what is decoded encodes to the
same octets.

The reading itself is compiled: ``msgcore.kernel.headers`` and ``msgcore.kernel.user_data``.
"""

from typing import Final

from msgcore.kernel.headers import Concatenation, InformationElement, UserDataHeader
from msgcore.kernel.user_data import UserData, decode_units, decode_user_data

MAX_USER_DATA_OCTETS: Final = 140

__all__ = ["Concatenation", "InformationElement", "UserData", "UserDataHeader", "decode_units", "decode_user_data"]
