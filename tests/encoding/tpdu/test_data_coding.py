"""Data coding schemes and statuses, by examples and over all octets."""

import pytest

from msgcore.encoding.alphabet import Alphabet
from msgcore.encoding.tpdu import (
    CodingGroup,
    DataCoding,
    DeliveryStatus,
    MessageClass,
    StatusCategory,
    WaitingKind,
)

GSM7, UCS2, DATA = Alphabet.GSM7, Alphabet.UCS2, None
GENERAL, DELETE, CLASS = CodingGroup.GENERAL, CodingGroup.DELETE, CodingGroup.CLASS
DISCARD, STORE = CodingGroup.WAITING_DISCARD, CodingGroup.WAITING_STORE


@pytest.mark.parametrize(
    ("octet", "group", "alphabet", "message_class"),
    [
        (0x00, GENERAL, GSM7, None),
        (0x03, GENERAL, GSM7, None),  # bits 1 and 0 have no meaning while bit 4 is 0
        (0x04, GENERAL, DATA, None),
        (0x08, GENERAL, UCS2, None),
        (0x0C, GENERAL, GSM7, None),  # the reserved alphabet
        (0x10, GENERAL, GSM7, MessageClass.FLASH),
        (0x15, GENERAL, DATA, MessageClass.EQUIPMENT),
        (0x1A, GENERAL, UCS2, MessageClass.SIM),
        (0x40, DELETE, GSM7, None),
        (0x5B, DELETE, UCS2, MessageClass.TERMINAL),
        (0x80, CodingGroup.RESERVED, GSM7, None),
        (0xBF, CodingGroup.RESERVED, GSM7, None),
        (0xC8, DISCARD, GSM7, None),
        (0xD0, STORE, GSM7, None),
        (0xE9, STORE, UCS2, None),
        (0xF0, CLASS, GSM7, MessageClass.FLASH),
        (0xF5, CLASS, DATA, MessageClass.EQUIPMENT),
        (0xFA, CLASS, GSM7, MessageClass.SIM),  # bit 3 is reserved
    ],
)
def test_coding_groups(
    octet: int, group: CodingGroup, alphabet: Alphabet | None, message_class: MessageClass | None
) -> None:
    coding = DataCoding(octet)
    assert (coding.group, coding.alphabet, coding.message_class) == (group, alphabet, message_class)


@pytest.mark.parametrize(
    ("octet", "waiting", "active"),
    [
        (0xC0, WaitingKind.VOICEMAIL, False),
        (0xC9, WaitingKind.FAX, True),
        (0xDA, WaitingKind.EMAIL, True),
        (0xE3, WaitingKind.OTHER, False),
        (0x08, None, False),
        (0xF8, None, False),
    ],
)
def test_message_waiting(octet: int, waiting: WaitingKind | None, active: bool) -> None:
    assert (DataCoding(octet).waiting, DataCoding(octet).is_indication_active) == (waiting, active)


def test_only_two_groups_can_be_compressed() -> None:
    compressed = [octet for octet in range(256) if DataCoding(octet).is_compressed]
    assert compressed == [*range(0x20, 0x40), *range(0x60, 0x80)]


@pytest.mark.parametrize("alphabet", [GSM7, UCS2, DATA])
@pytest.mark.parametrize("message_class", [None, *MessageClass])
def test_a_coding_is_made_by_what_it_means(alphabet: Alphabet | None, message_class: MessageClass | None) -> None:
    coding = DataCoding.of(alphabet, message_class)
    assert (coding.group, coding.alphabet, coding.message_class) == (GENERAL, alphabet, message_class)


@pytest.mark.parametrize(
    ("code", "category", "meaning"),
    [
        (0x00, StatusCategory.COMPLETED, "received by the recipient"),
        (0x01, StatusCategory.COMPLETED, "forwarded to the recipient, delivery cannot be confirmed"),
        (0x02, StatusCategory.COMPLETED, "replaced by the service centre"),
        (0x03, StatusCategory.GIVEN_UP, "service rejected"),  # reserved
        (0x10, StatusCategory.COMPLETED, "specific to the service centre: 0x10"),
        (0x20, StatusCategory.TRYING, "congestion"),
        (0x25, StatusCategory.TRYING, "error in the recipient's equipment"),
        (0x26, StatusCategory.GIVEN_UP, "service rejected"),
        (0x3F, StatusCategory.TRYING, "specific to the service centre: 0x3f"),
        (0x40, StatusCategory.PERMANENT_ERROR, "remote procedure error"),
        (0x46, StatusCategory.PERMANENT_ERROR, "validity period expired"),
        (0x49, StatusCategory.PERMANENT_ERROR, "message does not exist"),
        (0x4A, StatusCategory.GIVEN_UP, "service rejected"),
        (0x62, StatusCategory.GIVEN_UP, "no response from the recipient"),
        (0x63, StatusCategory.GIVEN_UP, "service rejected"),
        (0x7F, StatusCategory.GIVEN_UP, "specific to the service centre: 0x7f"),
        (0x80, StatusCategory.GIVEN_UP, "service rejected"),
        (0xFF, StatusCategory.GIVEN_UP, "service rejected"),
    ],
)
def test_statuses(code: int, category: StatusCategory, meaning: str) -> None:
    status = DeliveryStatus(code)
    assert (status.category, status.meaning) == (category, meaning)
    assert status.is_final == (category is not StatusCategory.TRYING)


def test_reserved_statuses() -> None:
    reserved = [code for code in range(256) if DeliveryStatus(code).is_reserved]
    assert reserved == [
        *range(0x03, 0x10), *range(0x26, 0x30), *range(0x4A, 0x50), *range(0x66, 0x70), *range(0x80, 0x100),
    ]  # fmt: skip


def test_one_status_alone_proves_delivery() -> None:
    assert [code for code in range(256) if DeliveryStatus(code).is_delivered] == [0]


@pytest.mark.parametrize("octet", [-1, 256])
def test_what_is_no_octet_is_refused(octet: int) -> None:
    with pytest.raises(ValueError, match="0 to 255"):
        DataCoding(octet)
    with pytest.raises(ValueError, match="0 to 255"):
        DeliveryStatus(octet)
