"""The engine over virtual days, against what it promises: whatever is sent, whenever, and however time passes."""

import json
from collections import defaultdict
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.transports.simulator.requests import START, create, read
from transports.simulator import Callback, Engine
from transports.simulator.course.directives import KNOWN_CODES

RATE = 2
QUEUE_SECONDS = 60
CAPACITY = RATE * QUEUE_SECONDS
TERMINAL = {"message-delivered", "message-failed"}
EXPIRED = 4360
RECEIPT_SECONDS = 7200

numbers = st.one_of(
    st.sampled_from([f"+1919555{code}" for code in sorted(KNOWN_CODES)]),
    st.sampled_from(["+19195559902", "+19195554720", "+19195555100"]),
    st.integers(0, 99).map("+191955501{:02}".format),
    st.integers(0, 9999).map("+44770090{:04}".format),
)
tags = st.one_of(
    st.none(),
    st.text(max_size=5),
    st.builds("sim:delay={}s".format, st.integers(0, 90_000)),
    st.builds("o sim:code={}".format, st.sampled_from([0, *sorted(KNOWN_CODES)])),
)


class EngineOverDays(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.engine = Engine.open(rate=RATE, queue_seconds=QUEUE_SECONDS)
        self.now = START
        self.accepted: dict[str, dict[str, Any]] = {}
        self.events: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        self.last_due = START
        self.left: dict[bool, list[tuple[float, int]]] = {False: [], True: []}  # by "is MMS": (when, segments)

    def take(self, callbacks: list[Callback]) -> None:
        for callback in callbacks:
            assert self.last_due <= callback.due <= self.now
            self.last_due = callback.due
            [event] = json.loads(callback.body)
            message = event["message"]
            assert message["id"] in self.accepted
            assert event["to"] in message["to"]
            self.events[message["id"], event["to"]].append(event)
            if event["type"] not in TERMINAL:
                self.left[event["type"] == "message-sending"].append((callback.due, message["segmentCount"]))

    @rule(
        to=st.one_of(numbers, st.lists(numbers, min_size=1, max_size=10, unique=True)),
        text=st.integers(1, 600).map("a".__mul__),
        tag=tags,
        priority=st.sampled_from([None, "default", "high"]),
        expires_in=st.one_of(st.none(), st.integers(1, 200)),
        sender=st.sampled_from(["+19195550100", "+18005550100", "72345"]),
        times=st.integers(1, 20),
    )
    def send(
        self,
        to: str | list[str],
        text: str,
        tag: str | None,
        priority: str | None,
        expires_in: int | None,
        sender: str,
        times: int,
    ) -> None:
        expiration = None
        if expires_in is not None:
            whole = int(self.now - START) + expires_in
            expiration = (
                f"2026-01-{whole // 86400 + 1:02}T{whole // 3600 % 24:02}:{whole // 60 % 60:02}:{whole % 60:02}Z"
            )
        fields = {"text": text, "tag": tag, "priority": priority, "expiration": expiration, "from_": sender}
        is_mms = not isinstance(to, str) and len(to) > 1
        segments = len(to) if is_mms else 1 if len(text) <= 160 else -(-len(text) // 153)
        for _ in range(times):
            queued = self.engine.queued_segments(self.now, mms=is_mms)
            response = self.engine.handle(create(to, **fields), self.now)
            if response.status == 400:
                assert expires_in == 1  # rounding down to whole seconds may bring it to the present
                return
            assert response.status == (202 if queued + segments <= CAPACITY else 429)
            if response.status == 202:
                self.accepted[read(response)["id"]] = read(response)

    @rule(seconds=st.one_of(st.floats(0, 5), st.floats(0, 90), st.floats(0, 20_000)))
    @precondition(lambda self: self.now < START + 20 * 86400)
    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def fetch(self) -> None:
        self.take(self.engine.advance(self.now))

    @rule(steps=st.integers(1, 10))
    def step(self, steps: int) -> None:
        for _ in range(steps):
            due = self.engine.next_due()
            if due is None or due > START + 20 * 86400:
                return
            self.now = max(self.now, due)
            self.take(self.engine.advance(self.now))

    @invariant()
    def queues_are_never_above_capacity(self) -> None:
        for mms in (False, True):
            assert 0 <= self.engine.queued_segments(self.now, mms=mms) <= CAPACITY

    def teardown(self) -> None:
        self.now += 30 * 86400
        self.take(self.engine.advance(self.now))
        assert self.engine.next_due() is None
        assert self.engine.open_message_count == 0
        for accepted in self.accepted.values():
            for recipient in accepted["to"]:
                self.check_course(accepted, recipient)
        assert sum(map(len, self.events.values())) <= 2 * sum(len(each["to"]) for each in self.accepted.values())
        for left in self.left.values():
            self.check_rate(left)

    def check_course(self, accepted: dict[str, Any], recipient: str) -> None:
        """One event on the way, unless the provider itself finds fault, then exactly one end: the one asked for."""
        events = self.events[accepted["id"], recipient]
        found = [event["type"] for event in events]
        on_the_way = "message-sending" if len(accepted["to"]) > 1 else "message-sent"
        code = events[-1].get("errorCode", 0)
        wanted = wanted_code(accepted, recipient)
        assert code == wanted or (code == EXPIRED and "expiration" in accepted)
        assert found == [on_the_way] * leaves(code) + ["message-failed" if code else "message-delivered"]
        for event in events:
            assert event["message"].get("tag") == accepted.get("tag")
            assert event["message"]["segmentCount"] == accepted["segmentCount"]
        if code == 9902 and "sim:delay" not in accepted.get("tag", ""):
            assert abs(seconds_between(*events) - RECEIPT_SECONDS) < 0.01

    def check_rate(self, left: list[tuple[float, int]]) -> None:
        for first, (opened, burst) in enumerate(left):
            gone = 0
            for closed, segments in left[first:]:
                gone += segments
                assert gone <= (closed - opened) * RATE + burst + 1e-5


def wanted_code(accepted: dict[str, Any], recipient: str) -> int:
    """What the tag says, or else the rules for who sends to whom, or else the number."""
    _, directs, code = accepted.get("tag", "").partition("sim:code=")
    if directs:
        return int(code)
    if len(accepted["to"]) > 1 and accepted["from"] != "+19195550100":
        return 4001
    if accepted["from"] == recipient:
        return 4401
    ends_in_code = recipient.startswith("+1919555") and int(recipient[-4:]) in KNOWN_CODES
    return int(recipient[-4:]) if ends_in_code else 0


def leaves(code: int) -> bool:
    """Digit 2 tells who finds a failure: 6 and 7 the carrier, 9 nobody; 5999 is the provider's own."""
    return code == 0 or code == 9999 or code == 9902 or str(code)[1] in "67"


def seconds_between(first: dict[str, Any], second: dict[str, Any]) -> float:
    return (datetime.fromisoformat(second["time"]) - datetime.fromisoformat(first["time"])).total_seconds()


TestEngineOverDays = EngineOverDays.TestCase
TestEngineOverDays.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
