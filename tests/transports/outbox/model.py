"""What an outbox is, in the plainest words: one dictionary, looked through from end to end for every question.

Written for itself, without the rules that the outboxes decide by, so that it can be their judge.
"""

from dataclasses import dataclass, field

from msgcore.delivery import Attempt, Conclusion, Delivery, OutboxCounts, Outcome, SendState
from msgcore.wire import Message

FINAL = ("rejected", "expired", "suppressed")


@dataclass
class Item:
    message: Message
    state: str = "waiting"
    attempts: int = 0
    due_at: float = 0.0
    since: float = 0.0
    ids: list[str] = field(default_factory=list)
    deliveries: tuple[Delivery, ...] = ()
    is_claimed: bool = False
    is_erased: bool = False

    @property
    def is_final(self) -> bool:
        return self.state in FINAL or self.deliveries != ()


class Model:
    def __init__(self) -> None:
        self.items: dict[int, Item] = {}
        self.last_number = 0

    # -------------------------------------------------------------------------------------------------------- questions

    def number_of(self, key: str) -> int | None:
        return next((n for n, item in self.items.items() if item.message.key == key), None)

    def accepted_as(self, message_id: str) -> int | None:
        return next((n for n, item in self.items.items() if message_id in item.ids), None)

    def counts(self) -> OutboxCounts:
        counts = dict.fromkeys(OutboxCounts._fields, 0)
        for item in self.items.values():
            counts["final" if item.deliveries else item.state] += 1
        return OutboxCounts(**counts)

    def due(self, now: float) -> list[int]:
        ready = [n for n, i in self.items.items() if i.state == "waiting" and not i.is_claimed and i.due_at <= now]
        return sorted(ready, key=lambda n: (self.items[n].message.priority != "high", n))

    def next_due(self) -> float | None:
        waiting = [i.due_at for i in self.items.values() if i.state == "waiting" and not i.is_claimed]
        return min(waiting, default=None)

    # ----------------------------------------------------------------------------------------------------- what happens

    def put(self, messages: list[Message]) -> int | None:
        """None: a conflict."""
        new: list[Message] = []
        for message in messages:
            same = [m for m in new if m.key == message.key]
            same += [i.message for i in self.items.values() if i.message.key == message.key]
            if any(one != message for one in same):
                return None
            if not same:
                new.append(message)
        for message in new:
            self.last_number += 1
            self.items[self.last_number] = Item(message)
        return len(new)

    def enter(self, record: Attempt | Outcome | Conclusion) -> bool:
        item = self.items.get(record.number)
        if item is None:
            return False
        match record:
            case Attempt():
                entered = self._attempt(item, record)
            case Conclusion():
                entered = self._conclude(item, record)
            case Outcome(state=SendState.ACCEPTED):
                entered = self._accept(item, record)
            case Outcome():
                entered = self._settle(item, record)
        if entered:
            item.is_claimed = False
            item.is_erased |= item.is_final
        return entered

    def _attempt(self, item: Item, attempt: Attempt) -> bool:
        if item.state != "waiting" or attempt.attempt != item.attempts + 1:
            return False
        item.state, item.attempts, item.since, item.due_at = "attempting", attempt.attempt, attempt.at, 0.0
        return True

    def _settle(self, item: Item, outcome: Outcome) -> bool:
        arrows = {
            "waiting": ("rejected", "expired", "suppressed"),
            "attempting": ("waiting", "unknown", "rejected"),
            "unknown": ("waiting",),
        }
        if outcome.attempt != item.attempts or outcome.state.value not in arrows.get(item.state, ()):
            return False
        item.state, item.since = outcome.state.value, outcome.at
        item.due_at = outcome.due_at if item.state == "waiting" else 0.0
        return True

    def _accept(self, item: Item, outcome: Outcome) -> bool:
        if outcome.attempt < 1 or outcome.attempt > item.attempts or item.deliveries:
            return False
        was_accepted = item.state == "accepted"
        is_new_id = outcome.message_id is not None and outcome.message_id not in item.ids
        if was_accepted and not is_new_id:
            return False
        if not was_accepted:
            item.state, item.since, item.due_at, item.ids = "accepted", outcome.at, 0.0, []
        if is_new_id:
            item.ids.append(str(outcome.message_id))
        return True

    def _conclude(self, item: Item, conclusion: Conclusion) -> bool:
        if item.state != "accepted" or not conclusion.deliveries or conclusion.deliveries == item.deliveries:
            return False
        if not item.deliveries:
            item.since = conclusion.at
        item.deliveries = conclusion.deliveries
        return True

    def end(self) -> int:
        left_open = [item for item in self.items.values() if item.state == "attempting"]
        for item in left_open:
            item.state = "unknown"
        for item in self.items.values():
            item.is_claimed = False
        return len(left_open)

    def purge(self, before: float) -> int:
        old = [number for number, item in self.items.items() if item.is_final and item.since < before]
        for number in old:
            del self.items[number]
        return len(old)
