"""Decisions as data: group recipients, estimates, pacing and retries. The time is always an argument."""

from msgcore.planning.groups import GroupPlan, RemovedRecipient, plan_group

__all__ = [
    "GroupPlan",
    "RemovedRecipient",
    "plan_group",
]
