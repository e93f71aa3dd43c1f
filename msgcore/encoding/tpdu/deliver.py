"""SMS-DELIVER: a short message on its way from the service centre to a phone (3GPP TS 23.040, 9.2.2.1).

How this works. TP-MTI and flags share the first octet; then come originator, protocol identifier, data coding scheme,
the service centre's time stamp, and the user data.
"""

from dataclasses import dataclass
from typing import Final, Self

from msgcore.encoding.tpdu.addresses import Address
from msgcore.encoding.tpdu.content import Content, read_data_coding
from msgcore.encoding.tpdu.fields import check_fields, check_octet
from msgcore.encoding.tpdu.first_octet import HEADER, LOOP_PREVENTION, NO_MORE_MESSAGES, REPLY_PATH, read_first_octet
from msgcore.encoding.tpdu.octets import OctetReader
from msgcore.encoding.tpdu.timestamps import OCTET_COUNT, Timestamp

# 9.2.3.1: TP-MTI from the service centre to the mobile. A mobile shall process the reserved value as SMS-DELIVER.
_DELIVER: Final = 0b00
_RESERVED: Final = 0b11

_STATUS_REPORT: Final = 0x20  # 9.2.3.4: TP-SRI


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsDeliver:
    """A message from the service centre.

    >>> deliver = SmsDeliver.decode(bytes.fromhex("040bc87238880900f10000993092516195800ae8329bfd4697d9ec37"))
    >>> str(deliver.originator), str(deliver.timestamp), deliver.text
    ('27838890001', '1999-03-29T15:16:59+02:00', 'hellohello')

    ``timestamp`` is TP-SCTS, ``protocol_id`` TP-PID (see ``ProtocolIdentifier``), ``more_messages`` what TP-MMS says
    (on the wire it is 0 for more), ``loop_prevention`` TP-LP, ``status_report_indication`` TP-SRI: one goes to the
    sender; and ``reply_path`` TP-RP.
    """

    originator: Address
    timestamp: Timestamp
    content: Content
    protocol_id: int = 0
    more_messages: bool = False
    loop_prevention: bool = False
    status_report_indication: bool = False
    reply_path: bool = False

    def __post_init__(self) -> None:
        """Refuse what has no octets."""
        check_fields(self)
        check_octet("protocol_id", self.protocol_id)

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """Read a whole TPDU, without the service centre's address that modems put before it.

        Raises:
            UserDataError: it is no SMS-DELIVER, ends too early, or goes on behind its user data.
        """
        reader = OctetReader(octets)
        first = read_first_octet(reader, "SMS-DELIVER", _DELIVER, _RESERVED)
        originator = Address.read(reader, "originator")
        protocol_id = reader.octet("protocol_id")
        data_coding = read_data_coding(reader)
        timestamp = Timestamp(reader.take(OCTET_COUNT, "timestamp"))
        content = Content.read(reader, data_coding, has_header=bool(first & HEADER))
        reader.expect_end()
        return cls(
            originator=originator,
            timestamp=timestamp,
            content=content,
            protocol_id=protocol_id,
            more_messages=not first & NO_MORE_MESSAGES,
            loop_prevention=bool(first & LOOP_PREVENTION),
            status_report_indication=bool(first & _STATUS_REPORT),
            reply_path=bool(first & REPLY_PATH),
        )

    def encode(self) -> bytes:
        """Return the octets of the TPDU."""
        return b"".join(
            (
                bytes((self._flags,)),
                self.originator.encode(),
                bytes((self.protocol_id, self.content.data_coding.octet)),
                self.timestamp.octets,
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
            _DELIVER
            | NO_MORE_MESSAGES * (not self.more_messages)
            | LOOP_PREVENTION * self.loop_prevention
            | _STATUS_REPORT * self.status_report_indication
            | HEADER * self.content.has_header
            | REPLY_PATH * self.reply_path
        )


__all__ = ["SmsDeliver"]
