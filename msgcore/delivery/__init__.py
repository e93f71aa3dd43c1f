"""What becomes of messages, decided without I/O: the dispatcher sends, the ledger follows."""

from msgcore.delivery.books import (
    Books,
    OpenAttempt,
    Window,
    is_about,
)
from msgcore.delivery.dispatcher import (
    Dispatcher,
    Done,
    Refuse,
    Send,
    Verdict,
    Wait,
)
from msgcore.delivery.earlier import accepted_earlier
from msgcore.delivery.ledger import (
    Delivery,
    DeliveryState,
    Ledger,
    LedgerReport,
)
from msgcore.delivery.outcomes import (
    OutcomeClass,
    classify_outcome,
    may_be_sent_again,
    reason_of,
)
from msgcore.delivery.records import (
    Arrival,
    Attempt,
    Conclusion,
    Entry,
    HandlerFailure,
    OutboxCounts,
    Outcome,
    QuarantinedItem,
    SendState,
    StoredEvent,
)
from msgcore.delivery.standings import (
    NEW,
    Count,
    Standing,
    follow,
)
from msgcore.delivery.suppression import (
    ANY_SENDER,
    OptOut,
    SuppressionList,
    Suppressions,
    opt_out_of,
)
from msgcore.delivery.wire_tags import (
    MAX_CALLER_TAG_CHARACTERS,
    WireTag,
    check_caller_tag,
    marked_tag,
    read_wire_tag,
    wire_key,
    wire_tag,
)

__all__ = [
    "ANY_SENDER",
    "MAX_CALLER_TAG_CHARACTERS",
    "NEW",
    "Arrival",
    "Attempt",
    "Books",
    "Conclusion",
    "Count",
    "Delivery",
    "DeliveryState",
    "Dispatcher",
    "Done",
    "Entry",
    "HandlerFailure",
    "Ledger",
    "LedgerReport",
    "OpenAttempt",
    "OptOut",
    "OutboxCounts",
    "Outcome",
    "OutcomeClass",
    "QuarantinedItem",
    "Refuse",
    "Send",
    "SendState",
    "Standing",
    "StoredEvent",
    "SuppressionList",
    "Suppressions",
    "Verdict",
    "Wait",
    "Window",
    "WireTag",
    "accepted_earlier",
    "check_caller_tag",
    "classify_outcome",
    "follow",
    "is_about",
    "marked_tag",
    "may_be_sent_again",
    "opt_out_of",
    "read_wire_tag",
    "reason_of",
    "wire_key",
    "wire_tag",
]
