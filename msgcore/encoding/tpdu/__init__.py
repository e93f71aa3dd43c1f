"""Short messages as the transfer layer carries them: SMS-SUBMIT, SMS-DELIVER, SMS-STATUS-REPORT (3GPP TS 23.040)."""

from msgcore.encoding.tpdu.addresses import Address, TypeOfNumber, encode_service_centre, split_service_centre
from msgcore.encoding.tpdu.content import Content
from msgcore.encoding.tpdu.data_coding import CodingGroup, DataCoding, MessageClass, WaitingKind
from msgcore.encoding.tpdu.deliver import SmsDeliver
from msgcore.encoding.tpdu.protocol_id import ProtocolIdentifier
from msgcore.encoding.tpdu.status import DeliveryStatus, StatusCategory
from msgcore.encoding.tpdu.status_report import SmsStatusReport
from msgcore.encoding.tpdu.submit import SmsSubmit, submit_tpdus
from msgcore.encoding.tpdu.timestamps import Timestamp
from msgcore.encoding.tpdu.validity import EnhancedValidity, RelativeValidity, ValidityPeriod

__all__ = [
    "Address",
    "CodingGroup",
    "Content",
    "DataCoding",
    "DeliveryStatus",
    "EnhancedValidity",
    "MessageClass",
    "ProtocolIdentifier",
    "RelativeValidity",
    "SmsDeliver",
    "SmsStatusReport",
    "SmsSubmit",
    "StatusCategory",
    "Timestamp",
    "TypeOfNumber",
    "ValidityPeriod",
    "WaitingKind",
    "encode_service_centre",
    "split_service_centre",
    "submit_tpdus",
]
