"""SMS-SUBMIT: a short message on its way from a phone to the service centre (3GPP TS 23.040, 9.2.2.2).

How this works. TP-MTI and flags share the first octet; then come reference, destination, protocol identifier, data
coding scheme, validity period in the form the first octet names, and the user data.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from msgcore.encoding.segmentation import Segment
from msgcore.encoding.tpdu.addresses import Address
from msgcore.encoding.tpdu.content import Content, read_data_coding
from msgcore.encoding.tpdu.data_coding import MessageClass
from msgcore.encoding.tpdu.fields import check_fields, check_octet
from msgcore.encoding.tpdu.first_octet import HEADER, REPLY_PATH, read_first_octet
from msgcore.encoding.tpdu.octets import OctetReader
from msgcore.encoding.tpdu.timestamps import OCTET_COUNT, Timestamp
from msgcore.encoding.tpdu.validity import ENHANCED_OCTETS, EnhancedValidity, RelativeValidity, ValidityPeriod
from msgcore.errors import UserDataError

_SUBMIT: Final = 0b01  # 9.2.3.1: TP-MTI from the mobile to the service centre

_REJECT_DUPLICATES: Final = 0x04  # 9.2.3.25: TP-RD
_STATUS_REPORT: Final = 0x20  # 9.2.3.5: TP-SRR

# 9.2.3.3: TP-VPF, bits 4 and 3
_VALIDITY_FORM: Final = 0x18
_ENHANCED: Final = 0x08
_RELATIVE: Final = 0x10
_ABSOLUTE: Final = 0x18


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsSubmit:
    """A message to the service centre.

    >>> submit = SmsSubmit(destination=Address.of("+46708251358"), content=Content(bytes.fromhex("e8329bfd06"), 5))
    >>> submit.encode().hex()
    '01000b916407281553f8000005e8329bfd06'
    >>> SmsSubmit.decode(submit.encode()) == submit
    True

    ``destination`` is a number, whether made or decoded: 9.1.2.5 has octets for a name, but nobody is reached by one.
    ``message_reference`` is TP-MR, ``protocol_id`` TP-PID (see ``ProtocolIdentifier``), ``request_status_report``
    TP-SRR, ``reject_duplicates`` TP-RD and ``reply_path`` TP-RP.
    """

    destination: Address
    content: Content
    message_reference: int = 0
    protocol_id: int = 0
    validity: ValidityPeriod | None = None
    request_status_report: bool = False
    reject_duplicates: bool = False
    reply_path: bool = False

    def __post_init__(self) -> None:
        """Refuse what has no octets, and what would reach nobody."""
        check_fields(self)
        check_octet("message_reference", self.message_reference)
        check_octet("protocol_id", self.protocol_id)
        if self.destination.is_name:
            raise ValueError(f"destination must be a number, nobody is reached by the name {self.destination.value!r}")

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """Read a whole TPDU, without the service centre's address that modems put before it.

        Raises:
            UserDataError: it is no SMS-SUBMIT, is for a name, ends too early, or goes on behind its user data.
        """
        reader = OctetReader(octets)
        first = read_first_octet(reader, "SMS-SUBMIT", _SUBMIT)
        message_reference = reader.octet("message_reference")
        destination = _read_destination(reader)
        protocol_id = reader.octet("protocol_id")
        data_coding = read_data_coding(reader)
        validity = _read_validity(reader, first & _VALIDITY_FORM)
        content = Content.read(reader, data_coding, has_header=bool(first & HEADER))
        reader.expect_end()
        return cls(
            destination=destination,
            content=content,
            message_reference=message_reference,
            protocol_id=protocol_id,
            validity=validity,
            request_status_report=bool(first & _STATUS_REPORT),
            reject_duplicates=bool(first & _REJECT_DUPLICATES),
            reply_path=bool(first & REPLY_PATH),
        )

    def encode(self) -> bytes:
        """Return the octets of the TPDU."""
        form, validity = _write_validity(self.validity)
        return b"".join(
            (
                bytes((self._flags | form, self.message_reference)),
                self.destination.encode(),
                bytes((self.protocol_id, self.content.data_coding.octet)),
                validity,
                self.content.encode(),
            )
        )

    @property
    def text(self) -> str | None:
        """The text of this message alone, or None for 8-bit data."""
        return self.content.text

    @property
    def _flags(self) -> int:
        return (
            _SUBMIT
            | _REJECT_DUPLICATES * self.reject_duplicates
            | _STATUS_REPORT * self.request_status_report
            | HEADER * self.content.has_header
            | REPLY_PATH * self.reply_path
        )


def _read_destination(reader: OctetReader) -> Address:
    start = reader.offset
    destination = Address.read(reader, "destination")
    if destination.is_name:
        raise UserDataError("destination.type", start + 1, f"expected a number, got the name {destination.value!r}")
    return destination


def _read_validity(reader: OctetReader, form: int) -> ValidityPeriod | None:
    if form == _RELATIVE:
        return RelativeValidity(reader.octet("validity"))
    if form == _ENHANCED:
        return EnhancedValidity(reader.take(ENHANCED_OCTETS, "validity"))
    if form == _ABSOLUTE:
        return Timestamp(reader.take(OCTET_COUNT, "validity"))
    return None


def _write_validity(validity: ValidityPeriod | None) -> tuple[int, bytes]:
    if validity is None:
        return 0, b""
    if isinstance(validity, RelativeValidity):
        return _RELATIVE, bytes((validity.octet,))
    if isinstance(validity, EnhancedValidity):
        return _ENHANCED, validity.octets
    return _ABSOLUTE, validity.octets


def submit_tpdus(
    segmentation: Iterable[Segment],
    *,
    to: Address | str,
    message_reference: int = 0,
    message_class: MessageClass | None = None,
    protocol_id: int = 0,
    validity: ValidityPeriod | None = None,
    request_status_report: bool = False,
    reject_duplicates: bool = False,
    reply_path: bool = False,
) -> tuple[SmsSubmit, ...]:
    """Return one SMS-SUBMIT for each segment; references count on from ``message_reference``, modulo 256.

    >>> from msgcore.encoding.segmentation import segment
    >>> [submit.encode().hex() for submit in submit_tpdus(segment("hello"), to="+46708251358")]
    ['01000b916407281553f8000005e8329bfd06']

    A ``str`` is read by ``Address.of``.

    Raises:
        NumberError: ``to`` is meant as a number, but is none.
        ValueError: ``to`` is a name, a number that is too long, or empty; or a field is no octet.
    """
    destination = to if isinstance(to, Address) else Address.of(to)
    message_reference = check_octet("message_reference", message_reference)
    return tuple(
        SmsSubmit(
            destination=destination,
            content=Content.of_segment(segment, message_class),
            message_reference=(message_reference + index) % 256,
            protocol_id=protocol_id,
            validity=validity,
            request_status_report=request_status_report,
            reject_duplicates=reject_duplicates,
            reply_path=reply_path,
        )
        for index, segment in enumerate(segmentation)
    )


__all__ = ["SmsSubmit", "submit_tpdus"]
