"""SMS-STATUS-REPORT: what became of a message that was submitted (3GPP TS 23.040, 9.2.2.3).

How this works. TP-MTI and flags share the first octet; then come the reference and recipient of that message, when the
service centre got it, when its fate was known, and the status. TP-PI may follow: it says which of protocol identifier,
data coding scheme and user data come behind it.
"""

from dataclasses import dataclass
from typing import Final, Self

from msgcore.encoding.tpdu.addresses import Address
from msgcore.encoding.tpdu.content import Content, read_data_coding
from msgcore.encoding.tpdu.data_coding import PLAIN_GSM7, DataCoding
from msgcore.encoding.tpdu.fields import check_fields, check_octet
from msgcore.encoding.tpdu.first_octet import HEADER, LOOP_PREVENTION, NO_MORE_MESSAGES, read_first_octet
from msgcore.encoding.tpdu.octets import OctetReader
from msgcore.encoding.tpdu.status import DeliveryStatus
from msgcore.encoding.tpdu.timestamps import OCTET_COUNT, Timestamp

_STATUS_REPORT: Final = 0b10  # 9.2.3.1: TP-MTI from the service centre to the mobile

_OF_A_COMMAND: Final = 0x20  # 9.2.3.26: TP-SRQ

# 9.2.3.27: TP-PI
_HAS_PROTOCOL_ID: Final = 0x01
_HAS_DATA_CODING: Final = 0x02
_HAS_USER_DATA: Final = 0x04
_KNOWN: Final = _HAS_PROTOCOL_ID | _HAS_DATA_CODING | _HAS_USER_DATA
_EXTENSION: Final = 0x80


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsStatusReport:
    """A report about the message that ``message_reference`` and ``recipient`` name.

    >>> report = SmsStatusReport.decode(bytes.fromhex("06050b916407281553f8" "11506001000040" "11506001001040" "00"))
    >>> str(report.recipient), report.status.category.name, report.status.meaning
    ('+46708251358', 'COMPLETED', 'received by the recipient')
    >>> str(report.discharge_time)
    '2011-05-06T10:00:01+01:00'

    ``timestamp`` is TP-SCTS of the message, ``discharge_time`` TP-DT, ``status`` TP-ST, ``of_command`` TP-SRQ: the
    report answers an SMS-COMMAND; ``more_messages`` is what TP-MMS says (on the wire it is 0 for more), and
    ``loop_prevention`` TP-LP. ``protocol_id``, ``data_coding`` and ``content`` are None where the report leaves them
    out; a content without its data coding scheme is GSM-7.
    """

    message_reference: int
    recipient: Address
    timestamp: Timestamp
    discharge_time: Timestamp
    status: DeliveryStatus
    protocol_id: int | None = None
    data_coding: DataCoding | None = None
    content: Content | None = None
    more_messages: bool = False
    loop_prevention: bool = False
    of_command: bool = False

    def __post_init__(self) -> None:
        """Refuse what has no octets."""
        check_fields(self)
        check_octet("message_reference", self.message_reference)
        if self.protocol_id is not None:
            check_octet("protocol_id", self.protocol_id)
        if self.data_coding is not None and self.data_coding.is_compressed:
            raise ValueError("compressed user data is not supported")
        stated = self.data_coding or PLAIN_GSM7
        if self.content is not None and self.content.data_coding != stated:
            raise ValueError(f"data_coding says {stated}, the content has {self.content.data_coding}")

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """Read a whole TPDU, without the service centre's address that modems put before it.

        Raises:
            UserDataError: it is no SMS-STATUS-REPORT, ends too early, or goes on behind its last field.
        """
        reader = OctetReader(octets)
        first = read_first_octet(reader, "SMS-STATUS-REPORT", _STATUS_REPORT)
        message_reference = reader.octet("message_reference")
        recipient = Address.read(reader, "recipient")
        timestamp = Timestamp(reader.take(OCTET_COUNT, "timestamp"))
        discharge_time = Timestamp(reader.take(OCTET_COUNT, "discharge_time"))
        status = DeliveryStatus(reader.octet("status"))
        protocol_id, data_coding, content = _read_optional(reader, has_header=bool(first & HEADER))
        return cls(
            message_reference=message_reference,
            recipient=recipient,
            timestamp=timestamp,
            discharge_time=discharge_time,
            status=status,
            protocol_id=protocol_id,
            data_coding=data_coding,
            content=content,
            more_messages=not first & NO_MORE_MESSAGES,
            loop_prevention=bool(first & LOOP_PREVENTION),
            of_command=bool(first & _OF_A_COMMAND),
        )

    def encode(self) -> bytes:
        """Return the octets of the TPDU."""
        return b"".join(
            (
                bytes((self._flags, self.message_reference)),
                self.recipient.encode(),
                self.timestamp.octets,
                self.discharge_time.octets,
                bytes((self.status.code,)),
                self._encode_optional(),
            )
        )

    def _encode_optional(self) -> bytes:
        indicator, fields = 0, b""
        if self.protocol_id is not None:
            indicator, fields = _HAS_PROTOCOL_ID, bytes((self.protocol_id,))
        if self.data_coding is not None:
            indicator, fields = indicator | _HAS_DATA_CODING, fields + bytes((self.data_coding.octet,))
        if self.content is not None:
            indicator, fields = indicator | _HAS_USER_DATA, fields + self.content.encode()
        return bytes((indicator,)) + fields if indicator else b""

    @property
    def text(self) -> str | None:
        """The text that the report carries, or None without one."""
        return None if self.content is None else self.content.text

    @property
    def _flags(self) -> int:
        return (
            _STATUS_REPORT
            | NO_MORE_MESSAGES * (not self.more_messages)
            | LOOP_PREVENTION * self.loop_prevention
            | _OF_A_COMMAND * self.of_command
            | HEADER * (self.content is not None and self.content.has_header)
        )


def _read_optional(reader: OctetReader, *, has_header: bool) -> tuple[int | None, DataCoding | None, Content | None]:
    """Take TP-PI, and what it announces, from ``reader``."""
    if not reader.has_more:
        return None, None, None
    indicator, may_go_on = _read_indicator(reader)
    protocol_id = reader.octet("protocol_id") if indicator & _HAS_PROTOCOL_ID else None
    data_coding = read_data_coding(reader) if indicator & _HAS_DATA_CODING else None
    content = None
    if indicator & _HAS_USER_DATA:
        content = Content.read(reader, data_coding or PLAIN_GSM7, has_header=has_header)
    # 9.2.3.27: a reserved bit "shall mean that additional information will follow the TP-User-Data, so a receiving
    # entity shall discard any octets following the TP-User-Data"
    if not may_go_on:
        reader.expect_end()
    return protocol_id, data_coding, content


def _read_indicator(reader: OctetReader) -> tuple[int, bool]:
    """Take TP-PI with its extensions; returns the first octet, and whether anything in it or them is reserved."""
    indicator = octet = reader.octet("parameter_indicator")
    while octet & _EXTENSION:
        octet = reader.octet("parameter_indicator")
    return indicator, bool(indicator & ~_KNOWN)


__all__ = ["SmsStatusReport"]
