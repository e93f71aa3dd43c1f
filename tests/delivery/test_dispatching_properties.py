"""A dispatcher over a model of an outbox: nothing twice without a recorded refusal, never above any limit."""

from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from msgcore.delivery import (
    NEW,
    Attempt,
    Dispatcher,
    Outcome,
    OutcomeClass,
    Refuse,
    Send,
    SendState,
    Standing,
    follow,
)
from msgcore.errors import (
    ConnectError,
    ExchangeTimeoutError,
    MsgcoreError,
    RateLimitedError,
    RejectedError,
    ResponseError,
)
from msgcore.planning import Pacing, RetryPolicy, SenderPacing, billed_segments
from msgcore.wire import Accepted, Message
from tests.delivery.test_dispatcher import accepted

RATE, DEPTH, SENDER_RATE = 2, 2, 1  # a queue of four segments is full soon
SENDERS = ["+19195550100", "+19195550101"]
REFUSALS = [
    RateLimitedError(429, "max-message-queue-size-exceeded", "full"),
    RejectedError(503, "unavailable", "later"),
    RejectedError(500, "internal", "later"),
    ConnectError("no route"),
]
REJECTION = RejectedError(400, "request-validation", "no")
UNKNOWNS = [ExchangeTimeoutError("nothing"), ResponseError("$", "<html>", 502)]
STATE_OF = {
    OutcomeClass.ACCEPTED: SendState.ACCEPTED,
    OutcomeClass.REJECTED: SendState.REJECTED,
    OutcomeClass.REFUSED: SendState.WAITING,
    OutcomeClass.UNKNOWN: SendState.UNKNOWN,
}


class Queue:
    """The provider's queue of one kind, read from its rules: what was let in, less what must have drained since."""

    def __init__(self) -> None:
        self.let_in: list[tuple[float, int]] = []

    def length(self, now: float) -> Fraction:
        """How much waits if all drains at the account's rate, which is the fastest there is."""
        waiting, at = Fraction(0), Fraction(0)
        for when, segments in self.let_in:
            waiting = max(Fraction(0), waiting - (Fraction(when) - at) * RATE) + segments
            at = Fraction(when)
        return max(Fraction(0), waiting - (Fraction(now) - at) * RATE)


class Dispatching(RuleBasedStateMachine):
    most_in_flight = 3

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.messages: dict[int, Message] = {}
        self.standings: dict[int, Standing] = {}
        self.offered: set[int] = set()
        self.out: dict[int, Message] = {}
        self.queues = {True: Queue(), False: Queue()}
        self.history: dict[int, list[SendState]] = {}
        self.unknowns_in_a_row = 0
        self.dispatcher = self.new_dispatcher()

    def new_dispatcher(self) -> Dispatcher:
        return Dispatcher(
            pacing=Pacing(RATE, DEPTH),
            retry=RetryPolicy(base_seconds=1, cap_seconds=8),
            max_in_flight=self.most_in_flight,
            keeps_refused=False,
        )

    @rule(
        text=st.sampled_from(["short", "x" * 161, "x" * 320]),
        sender=st.sampled_from(SENDERS),
        group=st.booleans(),
        high=st.booleans(),
        expires_in=st.none() | st.integers(0, 20),
    )
    def put(self, text: str, sender: str, group: bool, high: bool, expires_in: int | None) -> None:
        number = len(self.messages) + 1
        expiration = None if expires_in is None else datetime.fromtimestamp(self.now + expires_in, UTC)
        self.messages[number] = Message(
            to=["+19195550123", "+19195550124"] if group else "+19195550123",
            from_=sender,
            text=text,
            priority="high" if high else None,
            expiration=expiration,
        )
        self.standings[number] = NEW
        self.history[number] = []

    @rule()
    def claim(self) -> None:
        due = [
            number
            for number, standing in self.standings.items()
            if standing.state is SendState.WAITING and standing.due_at <= self.now and number not in self.offered
        ]
        for number in due[: self.dispatcher.room]:
            self.offered.add(number)
            self.dispatcher.offer(self.messages[number], ticket=number, attempts=self.standings[number].attempts)

    @rule()
    def go(self) -> None:
        while isinstance(decision := self.dispatcher.next(self.now), Send | Refuse):
            number = decision.ticket
            self.offered.remove(number)
            message, standing = self.messages[number], self.standings[number]
            expiration = message.expiration
            if isinstance(decision, Refuse):
                assert expiration is not None
                self.enter(Outcome(number, standing.attempts, decision.state, self.now))
                continue
            attempting = follow(standing, Attempt(number, standing.attempts + 1, self.now))
            assert attempting is not None, "an attempt that the outbox refuses"
            assert self.unknowns_in_a_row < 10 or not self.out
            self.standings[number] = attempting
            self.history[number].append(SendState.ATTEMPTING)
            self.out[number] = message
            segments = billed_segments(message)
            queue = self.queues[message.kind.value == "sms"]
            queue.let_in.append((self.now, segments))
            assert queue.length(self.now) <= RATE * DEPTH

    @precondition(lambda self: self.out)
    @rule(data=st.data(), kind=st.sampled_from(["accepted", "accepted", "refused", "rejected", "unknown"]))
    def answer(self, data: st.DataObject, kind: str) -> None:
        number = data.draw(st.sampled_from(sorted(self.out)))
        message = self.out.pop(number)
        result: Accepted | MsgcoreError
        if kind == "accepted":
            result = accepted(billed_segments(message) // len(message.to), message.to)
        elif kind == "refused":
            result = data.draw(st.sampled_from(REFUSALS))
        else:
            result = REJECTION if kind == "rejected" else data.draw(st.sampled_from(UNKNOWNS))
        verdict = self.dispatcher.outcome(number, result, self.now)
        if kind == "accepted":
            self.unknowns_in_a_row = 0
        elif kind == "unknown":
            self.unknowns_in_a_row += 1
        if kind in ("refused", "rejected"):  # it never came into the queue
            let_in = self.queues[message.kind.value == "sms"].let_in
            index = max(i for i, (_, segments) in enumerate(let_in) if segments == billed_segments(message))
            del let_in[index]
        state = STATE_OF[verdict.outcome_class]
        due_at = verdict.retry_at or 0.0
        assert due_at == 0.0 or due_at >= self.now
        self.enter(Outcome(number, self.standings[number].attempts, state, self.now, due_at))

    def enter(self, outcome: Outcome) -> None:
        standing = follow(self.standings[outcome.number], outcome)
        assert standing is not None, "an outcome that the outbox refuses"
        self.standings[outcome.number] = standing
        self.history[outcome.number].append(outcome.state)

    @rule(seconds=st.sampled_from([0.0, 0.1, 1.0, 5.0, 30.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def die(self) -> None:
        """The next dispatcher finds what is stored: every open attempt is unknown, and knows nothing of the queue."""
        for number in self.out:
            standing = self.standings[number]
            self.enter(Outcome(number, standing.attempts, SendState.UNKNOWN, self.now))
        self.out.clear()
        self.offered.clear()
        self.unknowns_in_a_row = 0
        self.queues = {True: Queue(), False: Queue()}
        self.dispatcher = self.new_dispatcher()

    @invariant()
    def never_more_out_than_allowed(self) -> None:
        assert len(self.out) == self.dispatcher.in_flight <= self.most_in_flight

    @invariant()
    def nothing_is_attempted_twice_without_a_recorded_refusal(self) -> None:
        for states in self.history.values():
            for earlier, later in pairwise(states):
                if later is SendState.ATTEMPTING:
                    assert earlier is SendState.WAITING


class DispatchingSenders(Dispatching):
    def new_dispatcher(self) -> Dispatcher:
        return Dispatcher(
            pacing=SenderPacing(RATE, sender_rate=SENDER_RATE, depth_seconds=DEPTH),
            retry=RetryPolicy(base_seconds=1, cap_seconds=8),
            max_in_flight=self.most_in_flight,
            keeps_refused=False,
        )


TestDispatching = Dispatching.TestCase
TestDispatchingSenders = DispatchingSenders.TestCase
TestDispatching.settings = TestDispatchingSenders.settings = settings(
    max_examples=150, stateful_step_count=50, deadline=None
)
