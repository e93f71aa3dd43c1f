"""Decisions as data: group recipients, estimates, pacing and retries. The time is always an argument."""

from msgcore.planning.estimates import Estimate, Totals, billed_segments, estimate
from msgcore.planning.groups import GroupPlan, RemovedRecipient, plan_group
from msgcore.planning.pacing import Pacing
from msgcore.planning.retries import RetryPolicy

__all__ = [
    "Estimate",
    "GroupPlan",
    "Pacing",
    "RemovedRecipient",
    "RetryPolicy",
    "Totals",
    "billed_segments",
    "estimate",
    "plan_group",
]
