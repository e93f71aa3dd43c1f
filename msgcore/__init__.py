"""msgcore: exact carrier-messaging encoding, numbers and plans, and the Messaging V2 protocol over any transport.

Every public name is loaded on first use (PEP 562), so that importing msgcore costs next to nothing and pulls in
neither msgspec nor asyncio.
"""

TYPE_CHECKING = False  # as type checkers take it to be true; the real one costs most of what importing msgcore does

if TYPE_CHECKING:  # what type checkers and editors see; _HOMES says the same to the interpreter
    from msgcore.client import (
        AsyncClient,
        Client,
    )
    from msgcore.delivery import (
        Arrival,
        Attempt,
        Conclusion,
        Delivery,
        DeliveryState,
        Dispatcher,
        Entry,
        HandlerFailure,
        Ledger,
        OutboxCounts,
        Outcome,
        QuarantinedItem,
        SendState,
        StoredEvent,
    )
    from msgcore.encoding import (
        LANGUAGES,
        UNICODE_VERSION,
        Alphabet,
        Analysis,
        ApplicationPorts,
        Change,
        Concatenation,
        IncompleteMessage,
        InformationElement,
        LanguageTable,
        OutsideGsm7,
        ReassembledMessage,
        Reassembler,
        ReferenceCounter,
        Segment,
        Segmentation,
        Substitution,
        UserData,
        UserDataHeader,
        analyze,
        count_segments,
        decode_gsm7,
        decode_user_data,
        detect,
        encode_gsm7,
        pack_septets,
        segment,
        to_gsm7,
        unpack_septets,
    )
    from msgcore.encoding.tpdu import (
        Address,
        CodingGroup,
        Content,
        DataCoding,
        DeliveryStatus,
        EnhancedValidity,
        MessageClass,
        ProtocolIdentifier,
        RelativeValidity,
        SmsDeliver,
        SmsStatusReport,
        SmsSubmit,
        StatusCategory,
        Timestamp,
        TypeOfNumber,
        WaitingKind,
        encode_service_centre,
        split_service_centre,
        submit_tpdus,
    )
    from msgcore.errors import (
        CallbackError,
        ClosedError,
        ColumnError,
        ConnectError,
        EncodingError,
        ExchangeTimeoutError,
        FieldError,
        ForbiddenError,
        KeyConflictError,
        LocalError,
        MdrError,
        MessageError,
        MissingExtraError,
        MsgcoreError,
        NumberError,
        OutboxBusyError,
        OutboxError,
        RateLimitedError,
        RecipientError,
        RejectedError,
        RemoteError,
        ResponseError,
        SegmentLimitError,
        TransportError,
        UnauthorizedError,
        UnknownTransportError,
        UnsupportedError,
        UserDataError,
    )
    from msgcore.kernel.numbers import (
        is_e164,
    )
    from msgcore.numbering import (
        NanpArea,
        NumberCaveat,
        NumberKind,
        NumberStatus,
        PhoneNumber,
        SenderKind,
        is_valid_number,
        nanp_area,
        number_caveats,
        parse_number,
        sender_kind,
    )
    from msgcore.planning import (
        DEFAULT_ZONES,
        Concern,
        Destination,
        Estimate,
        Estimator,
        Finding,
        GroupPlan,
        IndividualPlan,
        PacedQueue,
        Pacing,
        PlaceTotals,
        Price,
        PriceLine,
        QuestionableRecipient,
        QueueForecast,
        RateCard,
        RateKey,
        RateLimits,
        Refusal,
        RemovedRecipient,
        RetryPolicy,
        SharedQueue,
        Totals,
        Waiting,
        Zones,
        check_recipient,
        conversation_key,
        estimate,
        estimate_columns,
        plan_group,
        plan_individual,
        reply_all,
    )
    from msgcore.transport import (
        CallbackSource,
        CallbackStore,
        Clock,
        HandlerStore,
        Outbox,
        Transport,
        open_transport,
    )
    from msgcore.wire import (
        Accepted,
        CallbackMessage,
        CodeCategory,
        DeduplicationKey,
        DeliveryCode,
        Event,
        KnownEvent,
        MdrColumns,
        MdrHeader,
        MdrProblem,
        MdrReader,
        MdrRow,
        Message,
        MessageDelivered,
        MessageFailed,
        MessageKind,
        MessageReceived,
        MessageSending,
        MessageSent,
        Request,
        Response,
        UnknownEvent,
        decode_callbacks,
        delivery_code,
        delivery_codes,
        encode_mdr_header,
        encode_mdr_rows,
    )

_HOMES = {
    "msgcore.client": """
        AsyncClient Client
    """,
    "msgcore.delivery": """
        Arrival Attempt Conclusion Delivery DeliveryState Dispatcher Entry HandlerFailure Ledger OutboxCounts Outcome
        QuarantinedItem SendState StoredEvent
    """,
    "msgcore.encoding": """
        LANGUAGES UNICODE_VERSION Alphabet Analysis ApplicationPorts Change Concatenation IncompleteMessage
        InformationElement LanguageTable OutsideGsm7 ReassembledMessage Reassembler ReferenceCounter Segment
        Segmentation Substitution UserData UserDataHeader analyze count_segments decode_gsm7 decode_user_data detect
        encode_gsm7 pack_septets segment to_gsm7 unpack_septets
    """,
    "msgcore.encoding.tpdu": """
        Address CodingGroup Content DataCoding DeliveryStatus EnhancedValidity MessageClass
        ProtocolIdentifier RelativeValidity SmsDeliver SmsStatusReport SmsSubmit StatusCategory
        Timestamp TypeOfNumber WaitingKind encode_service_centre split_service_centre submit_tpdus
    """,
    "msgcore.errors": """
        CallbackError ClosedError ColumnError ConnectError EncodingError ExchangeTimeoutError FieldError
        ForbiddenError KeyConflictError LocalError MdrError MessageError MissingExtraError MsgcoreError NumberError
        OutboxBusyError OutboxError RateLimitedError RecipientError RejectedError RemoteError ResponseError
        SegmentLimitError TransportError UnauthorizedError UnknownTransportError UnsupportedError UserDataError
    """,
    "msgcore.kernel.numbers": """
        is_e164
    """,
    "msgcore.numbering": """
        NanpArea NumberCaveat NumberKind NumberStatus PhoneNumber SenderKind is_valid_number nanp_area
        number_caveats parse_number sender_kind
    """,
    "msgcore.planning": """
        DEFAULT_ZONES Concern Destination Estimate Estimator Finding GroupPlan IndividualPlan PacedQueue
        Pacing PlaceTotals Price PriceLine QuestionableRecipient QueueForecast RateCard RateKey
        RateLimits Refusal RemovedRecipient RetryPolicy SharedQueue Totals Waiting Zones check_recipient
        conversation_key estimate estimate_columns plan_group plan_individual reply_all
    """,
    "msgcore.transport": """
        CallbackSource CallbackStore Clock HandlerStore Outbox Transport open_transport
    """,
    "msgcore.wire": """
        Accepted CallbackMessage CodeCategory DeduplicationKey DeliveryCode Event KnownEvent MdrColumns MdrHeader
        MdrProblem MdrReader MdrRow Message MessageDelivered MessageFailed MessageKind MessageReceived MessageSending
        MessageSent Request Response UnknownEvent decode_callbacks delivery_code delivery_codes encode_mdr_header
        encode_mdr_rows
    """,
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "DEFAULT_ZONES",
    "LANGUAGES",
    "UNICODE_VERSION",
    "Accepted",
    "Address",
    "Alphabet",
    "Analysis",
    "ApplicationPorts",
    "Arrival",
    "AsyncClient",
    "Attempt",
    "CallbackError",
    "CallbackMessage",
    "CallbackSource",
    "CallbackStore",
    "Change",
    "Client",
    "Clock",
    "ClosedError",
    "CodeCategory",
    "CodingGroup",
    "ColumnError",
    "Concatenation",
    "Concern",
    "Conclusion",
    "ConnectError",
    "Content",
    "DataCoding",
    "DeduplicationKey",
    "Delivery",
    "DeliveryCode",
    "DeliveryState",
    "DeliveryStatus",
    "Destination",
    "Dispatcher",
    "EncodingError",
    "EnhancedValidity",
    "Entry",
    "Estimate",
    "Estimator",
    "Event",
    "ExchangeTimeoutError",
    "FieldError",
    "Finding",
    "ForbiddenError",
    "GroupPlan",
    "HandlerFailure",
    "HandlerStore",
    "IncompleteMessage",
    "IndividualPlan",
    "InformationElement",
    "KeyConflictError",
    "KnownEvent",
    "LanguageTable",
    "Ledger",
    "LocalError",
    "MdrColumns",
    "MdrError",
    "MdrHeader",
    "MdrProblem",
    "MdrReader",
    "MdrRow",
    "Message",
    "MessageClass",
    "MessageDelivered",
    "MessageError",
    "MessageFailed",
    "MessageKind",
    "MessageReceived",
    "MessageSending",
    "MessageSent",
    "MissingExtraError",
    "MsgcoreError",
    "NanpArea",
    "NumberCaveat",
    "NumberError",
    "NumberKind",
    "NumberStatus",
    "Outbox",
    "OutboxBusyError",
    "OutboxCounts",
    "OutboxError",
    "Outcome",
    "OutsideGsm7",
    "PacedQueue",
    "Pacing",
    "PhoneNumber",
    "PlaceTotals",
    "Price",
    "PriceLine",
    "ProtocolIdentifier",
    "QuarantinedItem",
    "QuestionableRecipient",
    "QueueForecast",
    "RateCard",
    "RateKey",
    "RateLimitedError",
    "RateLimits",
    "ReassembledMessage",
    "Reassembler",
    "RecipientError",
    "ReferenceCounter",
    "Refusal",
    "RejectedError",
    "RelativeValidity",
    "RemoteError",
    "RemovedRecipient",
    "Request",
    "Response",
    "ResponseError",
    "RetryPolicy",
    "Segment",
    "SegmentLimitError",
    "Segmentation",
    "SendState",
    "SenderKind",
    "SharedQueue",
    "SmsDeliver",
    "SmsStatusReport",
    "SmsSubmit",
    "StatusCategory",
    "StoredEvent",
    "Substitution",
    "Timestamp",
    "Totals",
    "Transport",
    "TransportError",
    "TypeOfNumber",
    "UnauthorizedError",
    "UnknownEvent",
    "UnknownTransportError",
    "UnsupportedError",
    "UserData",
    "UserDataError",
    "UserDataHeader",
    "Waiting",
    "WaitingKind",
    "Zones",
    "analyze",
    "check_recipient",
    "conversation_key",
    "count_segments",
    "decode_callbacks",
    "decode_gsm7",
    "decode_user_data",
    "delivery_code",
    "delivery_codes",
    "detect",
    "encode_gsm7",
    "encode_mdr_header",
    "encode_mdr_rows",
    "encode_service_centre",
    "estimate",
    "estimate_columns",
    "is_e164",
    "is_valid_number",
    "nanp_area",
    "number_caveats",
    "open_transport",
    "pack_septets",
    "parse_number",
    "plan_group",
    "plan_individual",
    "reply_all",
    "segment",
    "sender_kind",
    "split_service_centre",
    "submit_tpdus",
    "to_gsm7",
    "unpack_septets",
]


if not TYPE_CHECKING:  # a type checker that saw this would take every misspelt name for a public one

    def __getattr__(name: str) -> object:
        home = _HOME_OF.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(home), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
