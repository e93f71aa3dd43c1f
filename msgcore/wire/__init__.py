"""The bytes of the Messaging V2 API, written and read: messages, answers, callbacks, delivery codes, MDRs."""

from msgcore.wire.accepted import Accepted, decode_accepted, decode_send_response, encode_accepted
from msgcore.wire.callbacks import decode_callbacks, encode_callbacks
from msgcore.wire.codes import CodeCategory, DeliveryCode, delivery_code, delivery_codes
from msgcore.wire.events import (
    CallbackMessage,
    DeduplicationKey,
    Event,
    KnownEvent,
    MessageDelivered,
    MessageFailed,
    MessageReceived,
    MessageSending,
    MessageSent,
    UnknownEvent,
)
from msgcore.wire.exchange import Request, Response
from msgcore.wire.mdr import (
    MdrColumns,
    MdrHeader,
    MdrRow,
    encode_mdr_header,
    encode_mdr_rows,
    mdr_column_names,
)
from msgcore.wire.mdr_reader import MdrProblem, MdrReader
from msgcore.wire.messages import Message, MessageKind, decode_fields, decode_message, encode_message
from msgcore.wire.rejections import decode_rejection, encode_rejection
from msgcore.wire.routing import Route, callback_items, route_callbacks, route_item
from msgcore.wire.rules import check_fields
from msgcore.wire.search import FoundMessage, SearchPage, decode_search, encode_search

__all__ = [
    "Accepted",
    "CallbackMessage",
    "CodeCategory",
    "DeduplicationKey",
    "DeliveryCode",
    "Event",
    "FoundMessage",
    "KnownEvent",
    "MdrColumns",
    "MdrHeader",
    "MdrProblem",
    "MdrReader",
    "MdrRow",
    "Message",
    "MessageDelivered",
    "MessageFailed",
    "MessageKind",
    "MessageReceived",
    "MessageSending",
    "MessageSent",
    "Request",
    "Response",
    "Route",
    "SearchPage",
    "UnknownEvent",
    "callback_items",
    "check_fields",
    "decode_accepted",
    "decode_callbacks",
    "decode_fields",
    "decode_message",
    "decode_rejection",
    "decode_search",
    "decode_send_response",
    "delivery_code",
    "delivery_codes",
    "encode_accepted",
    "encode_callbacks",
    "encode_mdr_header",
    "encode_mdr_rows",
    "encode_message",
    "encode_rejection",
    "encode_search",
    "mdr_column_names",
    "route_callbacks",
    "route_item",
]
