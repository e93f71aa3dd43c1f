"""Decisions as data: group recipients, estimates, pacing and retries. The time is always an argument."""

from msgcore.planning.estimates import (
    Destination,
    Estimate,
    Finding,
    PlaceTotals,
    Price,
    PriceLine,
    QueueForecast,
    Totals,
    billed_segments,
    price_segments,
)
from msgcore.planning.estimators import Estimator, estimate, estimate_columns
from msgcore.planning.groups import GroupPlan, conversation_key, plan_group, refuse_group, reply_all
from msgcore.planning.pacing import Pacing
from msgcore.planning.rate_cards import RateCard, RateKey
from msgcore.planning.rate_limits import PacedQueue, RateLimits, Waiting
from msgcore.planning.recipients import (
    Concern,
    IndividualPlan,
    QuestionableRecipient,
    Refusal,
    RemovedRecipient,
    check_recipient,
    plan_individual,
)
from msgcore.planning.retries import RetryPolicy
from msgcore.planning.sender_pacing import Pace, SenderPacing
from msgcore.planning.shared_queues import SharedQueue
from msgcore.planning.zones import DEFAULT_ZONES, Zones

__all__ = [
    "DEFAULT_ZONES",
    "Concern",
    "Destination",
    "Estimate",
    "Estimator",
    "Finding",
    "GroupPlan",
    "IndividualPlan",
    "Pace",
    "PacedQueue",
    "Pacing",
    "PlaceTotals",
    "Price",
    "PriceLine",
    "QuestionableRecipient",
    "QueueForecast",
    "RateCard",
    "RateKey",
    "RateLimits",
    "Refusal",
    "RemovedRecipient",
    "RetryPolicy",
    "SenderPacing",
    "SharedQueue",
    "Totals",
    "Waiting",
    "Zones",
    "billed_segments",
    "check_recipient",
    "conversation_key",
    "estimate",
    "estimate_columns",
    "plan_group",
    "plan_individual",
    "price_segments",
    "refuse_group",
    "reply_all",
]
