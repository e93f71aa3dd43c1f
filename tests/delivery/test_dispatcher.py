"""The dispatcher: what goes out when, and what each kind of answer does to the run."""

import pytest

from msgcore.delivery import Dispatcher, Done, OutcomeClass, Refuse, Send, SendState, Verdict, Wait, classify_outcome
from msgcore.errors import (
    ClosedError,
    ConnectError,
    ExchangeTimeoutError,
    ForbiddenError,
    MessageError,
    MsgcoreError,
    RateLimitedError,
    RejectedError,
    ResponseError,
    UnauthorizedError,
)
from msgcore.planning import Pacing, RetryPolicy
from msgcore.wire import Accepted, Message, MessageKind

UNAVAILABLE = RejectedError(503, "unavailable", "later")
QUEUE_FULL = RateLimitedError(429, "max-message-queue-size-exceeded", "full")
TIMED_OUT = ExchangeTimeoutError("no answer in 10 s")


def message(text: str = "hello", to: str | tuple[str, ...] = "+19195550123") -> Message:
    return Message(to=to, from_="+19195550100", text=text)


def accepted(segment_count: int = 1, to: tuple[str, ...] = ("+19195550123",)) -> Accepted:
    return Accepted(
        id="1", owner="+19195550100", time="2026-01-01T00:00:00Z", segment_count=segment_count, to=to,
        from_="+19195550100", direction="out", application_id="a", text="hello",
    )  # fmt: skip


def dispatcher_with(count: int, **options: object) -> Dispatcher:
    dispatcher = Dispatcher(**options)  # type: ignore[arg-type]
    for number in range(count):
        dispatcher.offer(message(f"message {number}"))
    return dispatcher


def send(dispatcher: Dispatcher, now: float = 0.0) -> Send:
    decision = dispatcher.next(now)
    assert isinstance(decision, Send), decision
    return decision


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (accepted(), OutcomeClass.ACCEPTED),
        (ResponseError("$", "no JSON", 202), OutcomeClass.ACCEPTED),
        (RejectedError(400, "request-validation", "no"), OutcomeClass.REJECTED),
        (RejectedError(413, "too-large", "no"), OutcomeClass.REJECTED),
        (MessageError("applicationId", "required"), OutcomeClass.REJECTED),
        (UnauthorizedError(401, "unauthorized", "no"), OutcomeClass.STOPPED),
        (ForbiddenError(403, "forbidden", "no"), OutcomeClass.STOPPED),
        (RejectedError(404, "not-found", "no"), OutcomeClass.STOPPED),
        (RejectedError(407, "proxy", "no"), OutcomeClass.STOPPED),
        (RejectedError(415, "unsupported-content-type", "no"), OutcomeClass.STOPPED),
        (ResponseError("$", "moved", 301), OutcomeClass.STOPPED),
        (ClosedError("closed", may_have_been_accepted=False), OutcomeClass.STOPPED),
        (QUEUE_FULL, OutcomeClass.REFUSED),
        (RejectedError(503, "unavailable", "no"), OutcomeClass.REFUSED),
        (RejectedError(500, "internal", "no"), OutcomeClass.REFUSED),
        (ConnectError("no route"), OutcomeClass.REFUSED),
        (TIMED_OUT, OutcomeClass.UNKNOWN),
        (ClosedError("reset", may_have_been_accepted=True), OutcomeClass.UNKNOWN),
        (ResponseError("$", "timeout", 408), OutcomeClass.UNKNOWN),
        (ResponseError("$", "<html>", 500), OutcomeClass.UNKNOWN),
        (ResponseError("$", "<html>", 502), OutcomeClass.UNKNOWN),
        (ResponseError("$", "odd", 200), OutcomeClass.UNKNOWN),
    ],
    ids=lambda value: f"{type(value).__name__}-{getattr(value, 'status', '')}",
)
def test_a_result_is_of_the_class_that_says_whether_something_may_have_been_sent(
    result: Accepted | MsgcoreError, expected: OutcomeClass
) -> None:
    assert classify_outcome(result) is expected


def test_an_empty_closed_run_is_done_at_once() -> None:
    dispatcher = Dispatcher()
    assert dispatcher.next(0.0) == Wait(None)
    dispatcher.close()
    assert dispatcher.next(0.0) == Done()


def test_no_more_are_in_flight_than_allowed() -> None:
    dispatcher = dispatcher_with(3, max_in_flight=2)
    first = send(dispatcher)
    send(dispatcher)
    assert dispatcher.next(0.0) == Wait(None)
    assert dispatcher.outcome(first.ticket, accepted(), 0.0).is_final
    assert isinstance(dispatcher.next(0.0), Send)


def test_input_is_wanted_only_while_a_message_could_go_out() -> None:
    dispatcher = dispatcher_with(0, max_in_flight=1)
    wanted = [dispatcher.wants_more]
    dispatcher.offer(message())
    wanted.append(dispatcher.wants_more)
    send(dispatcher)
    wanted.append(dispatcher.wants_more)
    assert wanted == [True, False, False]


def test_a_run_is_done_when_its_last_result_is_in() -> None:
    dispatcher = dispatcher_with(1)
    ticket = send(dispatcher).ticket
    dispatcher.close()
    assert dispatcher.next(0.0) == Wait(None)
    dispatcher.outcome(ticket, accepted(), 0.0)
    assert dispatcher.next(0.0) == Done()


@pytest.mark.parametrize("refusal", [QUEUE_FULL, ConnectError("no route")], ids=["429", "no-connection"])
def test_what_concerns_the_account_holds_the_run_and_is_tried_again_before_all_others(refusal: MsgcoreError) -> None:
    dispatcher = dispatcher_with(2, random_fraction=lambda: 0.5, retry=RetryPolicy(base_seconds=4))
    first = send(dispatcher, 10.0)
    assert dispatcher.outcome(first.ticket, refusal, 10.0) == Verdict(OutcomeClass.REFUSED, 12.0)
    assert dispatcher.next(10.0) == Wait(12.0)
    assert send(dispatcher, 12.0) == first


def test_a_single_503_rests_its_own_message_and_no_other() -> None:
    dispatcher = dispatcher_with(3, random_fraction=lambda: 0.5, retry=RetryPolicy(base_seconds=4))
    refused = send(dispatcher, 10.0)
    assert dispatcher.outcome(refused.ticket, UNAVAILABLE, 10.0) == Verdict(OutcomeClass.REFUSED, 12.0)
    assert send(dispatcher, 10.0).ticket == 2
    assert send(dispatcher, 12.0) == refused


def test_three_waves_of_503_hold_the_run() -> None:
    dispatcher = dispatcher_with(5, random_fraction=lambda: 0.5, retry=RetryPolicy(base_seconds=4))
    for now in (10.0, 10.1, 10.2):
        dispatcher.outcome(send(dispatcher, now).ticket, UNAVAILABLE, now)
    assert dispatcher.next(18.0) == Wait(18.2)  # the third ceiling is 16 seconds


def test_what_was_out_together_is_one_wave() -> None:
    dispatcher = dispatcher_with(5, random_fraction=lambda: 0.5, retry=RetryPolicy(base_seconds=4))
    out = [send(dispatcher, 10.0) for _ in range(4)]
    verdicts = [dispatcher.outcome(each.ticket, QUEUE_FULL, 10.1) for each in out]
    assert {verdict.retry_at for verdict in verdicts} == {12.1}


def test_a_full_queue_holds_the_run_though_its_wave_began_with_a_503() -> None:
    dispatcher = dispatcher_with(3, random_fraction=lambda: 0.5, retry=RetryPolicy(base_seconds=4))
    one, other = send(dispatcher, 10.0), send(dispatcher, 10.0)
    dispatcher.outcome(one.ticket, UNAVAILABLE, 10.1)
    assert dispatcher.outcome(other.ticket, QUEUE_FULL, 10.2) == Verdict(OutcomeClass.REFUSED, 12.2)
    assert dispatcher.next(10.2) == Wait(12.1)
    assert dispatcher.next(12.1) == Wait(12.2)


def test_what_is_refused_when_its_wave_was_waited_for_holds_the_run_once_more_and_no_longer() -> None:
    dispatcher = dispatcher_with(3, random_fraction=lambda: 0.5, retry=RetryPolicy(base_seconds=4))
    first, second, third = send(dispatcher, 10.0), send(dispatcher, 10.0), send(dispatcher, 10.0)
    dispatcher.outcome(first.ticket, QUEUE_FULL, 10.1)
    for late in (second, third):  # slow answers of a moment, with one back-off for them all
        assert dispatcher.outcome(late.ticket, QUEUE_FULL, 15.0) == Verdict(OutcomeClass.REFUSED, 17.0)
    assert dispatcher.next(15.0) == Wait(17.0)
    assert [send(dispatcher, 17.0) for _ in range(3)] == [first, second, third]


def test_a_retry_after_is_obeyed() -> None:
    dispatcher = dispatcher_with(1, random_fraction=lambda: 0.0)
    ticket = send(dispatcher).ticket
    dispatcher.outcome(ticket, RateLimitedError(429, "full", "full", retry_after_seconds=30.0), 5.0)
    assert dispatcher.next(5.0) == Wait(35.0)


def test_refusals_end_with_the_error_once_the_policy_gives_up() -> None:
    dispatcher = dispatcher_with(1, retry=RetryPolicy(max_attempts=3), random_fraction=lambda: 0.0)
    down = ConnectError("no route")
    verdicts = [dispatcher.outcome(send(dispatcher, at).ticket, down, at) for at in (0.0, 1.0, 2.0)]
    assert [verdict.is_final for verdict in verdicts] == [False, False, True]


def test_a_full_queue_is_waited_for_however_often_it_says_so() -> None:
    dispatcher = dispatcher_with(1, retry=RetryPolicy(max_attempts=1), random_fraction=lambda: 0.0)
    for attempt in range(50):
        assert not dispatcher.outcome(send(dispatcher, float(attempt)).ticket, QUEUE_FULL, float(attempt)).is_final


def test_an_unknown_outcome_is_final_so_nothing_is_sent_twice() -> None:
    dispatcher = dispatcher_with(1)
    assert dispatcher.outcome(send(dispatcher).ticket, TIMED_OUT, 0.0).is_final
    dispatcher.close()
    assert dispatcher.next(99.0) == Done()


def test_after_ten_unknowns_in_a_row_one_probe_goes_out_at_a_time() -> None:
    dispatcher = dispatcher_with(30, max_in_flight=4, random_fraction=lambda: 0.5)
    for _ in range(10):
        dispatcher.outcome(send(dispatcher).ticket, TIMED_OUT, 0.0)
    assert dispatcher.next(0.0) == Wait(0.5)
    dispatcher.outcome(send(dispatcher, 0.5).ticket, TIMED_OUT, 0.5)
    assert dispatcher.next(0.5) == Wait(1.5)  # the pauses grow
    probe = send(dispatcher, 1.5)
    assert dispatcher.next(1.5) == Wait(None)
    dispatcher.outcome(probe.ticket, accepted(), 1.5)
    assert [isinstance(dispatcher.next(1.5), Send) for _ in range(5)] == [True] * 4 + [False]


def test_what_was_out_together_makes_the_pause_between_probes_no_longer() -> None:
    dispatcher = dispatcher_with(80, max_in_flight=64, random_fraction=lambda: 0.5)
    out = [send(dispatcher) for _ in range(64)]
    for each in out:
        dispatcher.outcome(each.ticket, TIMED_OUT, 1.0)
    assert dispatcher.next(1.0) == Wait(1.5)
    dispatcher.outcome(send(dispatcher, 1.5).ticket, TIMED_OUT, 2.0)
    assert dispatcher.next(2.0) == Wait(3.0)  # that was a probe


@pytest.mark.parametrize(
    "answer", [RejectedError(400, "request-validation", "no"), ConnectError("no route"), QUEUE_FULL]
)
def test_only_an_acceptance_ends_the_probing(answer: MsgcoreError) -> None:
    dispatcher = dispatcher_with(30, max_in_flight=4, random_fraction=lambda: 0.0)
    for _ in range(10):
        dispatcher.outcome(send(dispatcher).ticket, TIMED_OUT, 0.0)
    dispatcher.outcome(send(dispatcher).ticket, answer, 0.0)
    send(dispatcher)
    assert dispatcher.next(0.0) == Wait(None)


@pytest.mark.parametrize("answer", [accepted(), ResponseError("$", "no JSON", 202)], ids=["readable", "unreadable"])
def test_an_acceptance_ends_the_probing(answer: Accepted | MsgcoreError) -> None:
    dispatcher = dispatcher_with(30, max_in_flight=4, random_fraction=lambda: 0.0)
    for _ in range(10):
        dispatcher.outcome(send(dispatcher).ticket, TIMED_OUT, 0.0)
    dispatcher.outcome(send(dispatcher).ticket, answer, 0.0)
    assert not dispatcher.is_probing
    assert [isinstance(dispatcher.next(0.0), Send) for _ in range(5)] == [True] * 4 + [False]


def test_an_expired_message_is_refused_and_never_sent() -> None:
    dispatcher = Dispatcher(random_fraction=lambda: 0.5, retry=RetryPolicy(base_seconds=40))
    expiring = message().replace(expiration="1970-01-01T00:00:15Z")
    dispatcher.offer(expiring)
    dispatcher.outcome(send(dispatcher, 0.0).ticket, QUEUE_FULL, 0.0)
    assert dispatcher.next(0.0) == Wait(15.0)
    decision = dispatcher.next(15.0)
    assert isinstance(decision, Refuse)
    assert decision.message == expiring
    assert str(decision.error) == "expiration: 1970-01-01T00:00:15Z has passed before the message could be sent"
    dispatcher.close()
    assert dispatcher.next(15.0) == Done()


def test_a_queue_that_stays_full_for_hours_is_given_up() -> None:
    dispatcher = dispatcher_with(1, retry=RetryPolicy(give_up_after_seconds=100), random_fraction=lambda: 0.0)
    answers = [
        dispatcher.outcome(send(dispatcher, at).ticket, QUEUE_FULL, at).is_final for at in (0.0, 50.0, 99.0, 100.0)
    ]
    assert answers == [False, False, False, True]


def test_nobody_waits_longer_than_that_for_a_retry_after() -> None:
    dispatcher = dispatcher_with(1, retry=RetryPolicy(give_up_after_seconds=100), random_fraction=lambda: 0.0)
    dispatcher.outcome(send(dispatcher).ticket, RateLimitedError(429, "full", "full", retry_after_seconds=9e9), 0.0)
    assert dispatcher.next(0.0) == Wait(100.0)


def test_a_run_can_be_stopped_from_outside() -> None:
    dispatcher = dispatcher_with(2, max_in_flight=1)
    ticket = send(dispatcher).ticket
    dispatcher.stop(ClosedError("enough", may_have_been_accepted=False))
    assert dispatcher.next(0.0) == Wait(None)
    assert len(dispatcher.withdraw()) == 1
    dispatcher.outcome(ticket, accepted(), 0.0)
    assert dispatcher.next(0.0) == Done()


def test_an_error_of_the_account_stops_the_run_and_gives_back_what_was_not_sent() -> None:
    dispatcher = dispatcher_with(3, max_in_flight=2)
    one, other = send(dispatcher), send(dispatcher)
    refused = UnauthorizedError(401, "unauthorized", "no")
    assert dispatcher.outcome(one.ticket, refused, 0.0).is_final
    assert dispatcher.stopped_by is refused
    assert not dispatcher.wants_more
    assert dispatcher.next(0.0) == Wait(None)  # the other one is still out
    assert [send.message for send in dispatcher.withdraw()] == [message("message 2")]
    dispatcher.outcome(other.ticket, accepted(), 0.0)
    assert dispatcher.next(0.0) == Done()


def test_pacing_holds_a_message_until_its_segments_fit_the_queue() -> None:
    dispatcher = dispatcher_with(3, pacing=Pacing(rate=1, depth_seconds=2))
    send(dispatcher), send(dispatcher)
    assert dispatcher.next(0.0) == Wait(1.0)
    assert isinstance(dispatcher.next(1.0), Send)


def test_the_answers_segment_count_corrects_the_pacing() -> None:
    dispatcher = dispatcher_with(2, pacing=Pacing(rate=1, depth_seconds=3))
    dispatcher.outcome(send(dispatcher).ticket, accepted(segment_count=3), 0.0)
    assert dispatcher.next(0.0) == Wait(1.0)


def test_a_rejected_message_takes_no_place_in_the_queue() -> None:
    dispatcher = dispatcher_with(2, pacing=Pacing(rate=1, depth_seconds=1))
    dispatcher.outcome(send(dispatcher).ticket, RejectedError(400, "request-validation", "no"), 0.0)
    assert isinstance(dispatcher.next(0.0), Send)


@pytest.mark.parametrize("refusal", [UNAVAILABLE, ConnectError("no route")], ids=["503", "no-connection"])
def test_a_refused_message_gives_its_place_in_the_queue_back(refusal: MsgcoreError) -> None:
    pacing = Pacing(rate=1, depth_seconds=10)
    dispatcher = dispatcher_with(1, pacing=pacing)
    dispatcher.outcome(send(dispatcher).ticket, refusal, 0.0)
    assert pacing.queued_segments(MessageKind.SMS, 0.0) == 0


def test_a_send_that_was_not_carried_out_gives_its_place_in_the_queue_back() -> None:
    dispatcher = dispatcher_with(2, pacing=Pacing(rate=1, depth_seconds=1))
    dispatcher.cancel(send(dispatcher).ticket)
    assert isinstance(dispatcher.next(0.0), Send)


def test_an_unknown_message_keeps_its_place_in_the_queue() -> None:
    dispatcher = dispatcher_with(2, pacing=Pacing(rate=1, depth_seconds=1))
    dispatcher.outcome(send(dispatcher).ticket, TIMED_OUT, 0.0)
    assert dispatcher.next(0.0) == Wait(1.0)


def test_a_run_that_is_held_waits_though_the_queue_has_room_and_is_paced_when_that_is_over() -> None:
    dispatcher = dispatcher_with(
        3, pacing=Pacing(rate=1, depth_seconds=4), random_fraction=lambda: 0.5, retry=RetryPolicy(base_seconds=4)
    )
    dispatcher.outcome(send(dispatcher).ticket, ConnectError("no route"), 0.0)
    assert dispatcher.next(0.0) == Wait(2.0)
    dispatcher.outcome(send(dispatcher, 2.0).ticket, accepted(segment_count=4), 2.0)
    assert dispatcher.next(2.0) == Wait(3.0)


def test_a_message_that_has_to_wait_is_asked_about_again_when_it_expires() -> None:
    dispatcher = Dispatcher(pacing=Pacing(rate=1, depth_seconds=1))
    dispatcher.offer(message())
    dispatcher.offer(message(), expires_at=0.5)
    send(dispatcher)
    assert dispatcher.next(0.0) == Wait(0.5)
    refused = dispatcher.next(0.5)
    assert isinstance(refused, Refuse)
    assert refused.state is SendState.EXPIRED


def test_a_message_larger_than_the_whole_queue_is_refused_when_it_is_offered() -> None:
    dispatcher = Dispatcher(pacing=Pacing(rate=1, depth_seconds=1))
    with pytest.raises(MessageError, match="2 segments, the provider's queue holds 1 at most"):
        dispatcher.offer(message("x" * 161))


def test_nothing_can_be_offered_after_closing() -> None:
    dispatcher = Dispatcher()
    dispatcher.close()
    with pytest.raises(ValueError, match="closed"):
        dispatcher.offer(message())


def test_at_least_one_message_must_be_allowed_in_flight() -> None:
    with pytest.raises(ValueError, match="max_in_flight must be at least 1, got 0"):
        Dispatcher(max_in_flight=0)
