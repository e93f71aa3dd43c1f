"""The provider over virtual days, with a receiver that fails as it likes and a machine that dies as it likes.

Beside it runs a store that knows nothing but the records it is given: after every step they are written down as bytes,
and a restart begins with those and nothing else.
"""

import json
from collections import defaultdict
from datetime import datetime
from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.transports.simulator.provider_requests import ACCOUNT, DAY, HANDSET, LONG_CODE, P2P, START, TOLL_FREE, URL
from tests.transports.simulator.requests import create, everything
from transports.simulator import Provider
from transports.simulator.accounts.account import Account
from transports.simulator.accounts.records import AccountRecord, Settings
from transports.simulator.callbacks.schedule import Answer, Delivery, Post
from transports.simulator.course.directives import KNOWN_CODES
from transports.simulator.course.records import MessageRecord
from transports.simulator.inbound import Inbound

RATE = 3
QUEUE_SECONDS = 40
TERMINAL = {"message-delivered", "message-failed"}
SECRET = "the text that nobody keeps"

numbers = st.one_of(
    st.sampled_from([f"+1919555{code}" for code in sorted(KNOWN_CODES)]),
    st.integers(30, 99).map("+191955501{:02}".format),
)
# What a directive does to the number of terminal events: as many as the second of the pair.
directives = st.one_of(
    st.just(("", 1)),
    st.builds(lambda seconds: (f"sim:delay={seconds}s", 1), st.integers(0, 20_000)),
    st.builds(lambda code: (f"x sim:code={code}", 1), st.sampled_from([0, *sorted(KNOWN_CODES)])),
    st.builds(lambda copies: (f"sim:copies={copies},code=0", copies), st.integers(1, 4)),
    st.just(("sim:then=0,code=4720", 2)),
    st.just(("sim:late=20m,code=0", 2)),
    st.just(("sim:order=reversed,code=5600", 1)),
    st.just(("sim:segments=5,code=0", 1)),
)


class Store:
    """Bytes by table and key."""

    def __init__(self) -> None:
        self.account = b""
        self.messages: dict[str, bytes] = {}
        self.deliveries: dict[int, bytes] = {}

    def write(self, provider: Provider) -> None:
        for changes in provider.changes():
            for message in changes.messages.messages:
                self.messages[message.id] = msgspec.msgpack.encode(message)
            for message_id in changes.messages.forgotten:
                self.messages.pop(message_id, None)
            for delivery in changes.deliveries:
                self.deliveries[delivery.id] = msgspec.msgpack.encode(delivery)
            for delivery_id in changes.forgotten_deliveries:
                self.deliveries.pop(delivery_id, None)
        self.account = msgspec.msgpack.encode(provider[ACCOUNT].account.record())

    def read(self) -> Provider:
        provider = Provider(journal=True, inspected=0, seed=len(self.messages))
        provider.restore(
            msgspec.msgpack.decode(self.account, type=AccountRecord),
            [msgspec.msgpack.decode(message, type=MessageRecord) for message in self.messages.values()],
            [msgspec.msgpack.decode(delivery, type=Delivery) for delivery in self.deliveries.values()],
        )
        return provider


class ProviderOverDays(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.provider = Provider(journal=True, inspected=0)
        self.provider.add(
            Account.sample(settings=Settings(rate=RATE, queue_seconds=QUEUE_SECONDS, honours_opt_outs=False), url=URL)
        )
        self.store = Store()
        self.store.write(self.provider)
        self.now = START
        self.expected: dict[str, tuple[list[str], int]] = {}  # message id -> recipients, terminal events for each
        self.inbound: set[str] = set()
        self.taken: dict[str, list[dict[str, Any]]] = defaultdict(list)  # what the receiver has said 2xx to
        self.waiting: list[Post] = []
        self.answered_at: dict[int, float] = {}  # by delivery, of what the schedule itself has posted

    @rule(
        to=st.one_of(numbers, st.lists(numbers, min_size=1, max_size=4, unique=True)),
        sender=st.sampled_from([LONG_CODE, P2P, P2P, TOLL_FREE]),
        directive=directives,
        segments=st.integers(1, 6),
        high=st.booleans(),
        times=st.integers(1, 8),
    )
    def send(
        self, to: str | list[str], sender: str, directive: tuple[str, int], segments: int, high: bool, times: int
    ) -> None:
        tag, ends = directive
        fields = {"from_": sender, "tag": tag or None, "text": SECRET + "a" * (150 * (segments - 1))}
        for _ in range(times):
            response = self.provider.handle(ACCOUNT, create(to, priority="high" if high else None, **fields), self.now)
            assert isinstance(response.body, bytes)
            self.store.write(self.provider)  # before the answer leaves
            if response.status == 202:
                accepted = json.loads(response.body)
                self.expected[accepted["id"]] = (accepted["to"], ends)
            else:
                assert response.status == 429

    @rule(group=st.booleans())
    def receive(self, group: bool) -> None:
        inbound = Inbound(HANDSET, (LONG_CODE, P2P) if group else (LONG_CODE,), SECRET)
        self.inbound |= set(self.provider.receive(ACCOUNT, inbound, self.now))

    @rule(seconds=st.one_of(st.floats(0, 5), st.floats(0, 300), st.floats(0, 30_000)))
    @precondition(lambda self: self.now < START + 12 * DAY)
    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.provider.advance(self.now)

    @rule(statuses=st.lists(st.sampled_from([200, 204, 200, 500, 403, None]), min_size=1, max_size=10))
    def post(self, statuses: list[int | None]) -> None:
        self.provider.advance(self.now)
        posts = self.due(len(statuses))
        # what was never tried goes first
        schedule = self.provider[ACCOUNT].schedule
        fresh = [not delivery.attempts for post in posts if (delivery := schedule.get(post.delivery_id))]
        assert len(fresh) == len(posts)
        assert fresh == sorted(fresh, reverse=True)
        for post, status in zip(posts, statuses, strict=False):
            self.answer(post, status)

    def due(self, limit: int | None = None) -> list[Post]:
        posts = [post for _, post in self.provider.due(self.now, limit)]
        interval = self.provider[ACCOUNT].schedule.interval_seconds
        for post in posts:
            assert self.now >= self.answered_at.get(post.delivery_id, -DAY) + interval
        return posts

    def answer(self, post: Post, status: int | None) -> None:
        if status in (200, 204):
            for event in json.loads(post.body):
                self.taken[event["message"]["id"]].append(event)
        assert self.provider.answered(ACCOUNT, post.id, Answer(status, 3), self.now) is None
        self.answered_at[post.delivery_id] = self.now

    @rule()
    def fail_until_a_retry_meets_something_new(self) -> None:
        self.provider.advance(self.now)
        for post in self.due():
            self.answer(post, 500)
        self.receive(group=True)
        self.now += self.provider[ACCOUNT].schedule.interval_seconds
        self.post([500, 200, 200])

    @rule()
    def leave_posts_unanswered(self) -> None:
        self.waiting += self.due(2)

    @rule()
    def answer_late(self) -> None:
        waiting, self.waiting = self.waiting, []
        for post in waiting:
            self.answer(post, None)

    @rule()
    def die_and_come_back(self) -> None:
        self.store.write(self.provider)
        self.provider = self.store.read()
        self.waiting = []

    @rule(seconds=st.floats(0.1, 2))
    def die_while_messages_are_on_their_way(self, seconds: float) -> None:
        for sender in (LONG_CODE, P2P, TOLL_FREE):
            self.send(HANDSET, sender, ("", 1), segments=2, high=False, times=2)
        self.pass_time(seconds)
        self.die_and_come_back()

    @invariant()
    def the_queues_hold_no_more_than_they_can(self) -> None:
        for mms in (False, True):
            engine = self.provider[ACCOUNT].engine
            assert 0 <= engine.queued_segments(self.now, mms=mms) <= RATE * QUEUE_SECONDS

    @invariant()
    def no_text_is_written_down(self) -> None:
        self.store.write(self.provider)
        assert SECRET.encode() not in b"".join([*self.store.messages.values(), *self.store.deliveries.values()])

    def teardown(self) -> None:
        for post in self.waiting:
            self.answer(post, 500)
        while (due := self.provider.next_due(self.now)) is not None:
            self.now = max(self.now, due)
            self.provider.advance(self.now)
            for post in self.due():
                self.answer(post, 200)
        engine = self.provider[ACCOUNT].engine
        assert engine.open_message_count == 0
        assert self.provider[ACCOUNT].schedule.waiting_count == 0
        for message_id, (recipients, ends) in self.expected.items():
            dropped = self.dropped(message_id)
            for recipient in recipients:
                found = [
                    each for each in self.taken[message_id] if each["to"] == recipient and each["type"] in TERMINAL
                ]
                assert len(found) == ends - dropped.count(recipient), (message_id, found)
        for message_id in self.inbound:
            assert len(self.taken[message_id]) == 1 - len(self.dropped(message_id))
        self.check_days()
        for kind in ("message-sent", "message-sending"):
            events = [event for events in self.taken.values() for event in events if event["type"] == kind]
            # Between the segments of a P2P message lie others: only its last is known to be in a window.
            check_rate(RATE, [(event, 1 if event["message"]["from"] == P2P else segments(event)) for event in events])
            own = [event for event in events if event["message"]["from"] == P2P]
            in_order = all("priority" not in event["message"] for event in own)
            check_rate(1, [(event, segments(event) if in_order else 1) for event in own])
        assert SECRET not in everything(self.provider)

    def check_days(self) -> None:
        """What was given up had been tried for a day."""
        schedule = self.provider[ACCOUNT].schedule
        for delivery in schedule.deliveries():
            if delivery.state == "dropped":
                first = delivery.first_try
                assert first is not None
                assert self.answered_at[delivery.id] + schedule.interval_seconds > first + DAY

    def dropped(self, message_id: str) -> list[str]:
        """For whom an end was given up: a day had passed. Deliveries that are forgotten were not among so few."""
        return [
            event["to"]
            for delivery in self.provider[ACCOUNT].schedule.deliveries()
            if delivery.state == "dropped"
            for event in map(json.loads, delivery.events)
            if event["message"]["id"] == message_id and event["type"] in {*TERMINAL, "message-received"}
        ]


def segments(event: dict[str, Any]) -> int:
    count: int = event["message"]["segmentCount"]
    return count


def check_rate(rate: float, events: list[tuple[dict[str, Any], int]]) -> None:
    """In no window more segments have left than the rate allows, whatever was restarted meanwhile."""
    # Each once: what the receiver's answer was lost of comes again.
    once = {(event["message"]["id"], event["to"]): (moment(event["time"]), count) for event, count in events}
    left = sorted(once.values())
    for start, (opened, _) in enumerate(left):
        gone = 0
        for closed, count in left[start + 1 :]:
            gone += count
            assert gone <= (closed - opened + 0.01) * rate, rate


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


TestProviderOverDays = ProviderOverDays.TestCase
TestProviderOverDays.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
