"""Decisions as data: group recipients, estimates, pacing and retries. The time is always an argument."""

from msgcore.planning.groups import GroupPlan, RemovedRecipient, plan_group
from msgcore.planning.pacing import Pacing
from msgcore.planning.retries import RetryPolicy

__all__ = [
    "GroupPlan",
    "Pacing",
    "RemovedRecipient",
    "RetryPolicy",
    "plan_group",
]
