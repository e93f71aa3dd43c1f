"""Faults on order: which request meets with what, and how often."""

import pytest

from msgcore.errors import LocalError
from msgcore.wire.exchange import Request
from tests.transports.simulator.provider_requests import ACCOUNT, START, body_of, create, provider
from transports.simulator.engine import Access
from transports.simulator.faults import PASS, Fault, FaultKind, Faults

POST = Request("POST", "messages")


def test_the_next_three_posts_are_503_and_then_all_is_well() -> None:
    faults = Faults()
    faults.add(Fault(what=FaultKind.ANSWER, status=503, count=3, method="POST", path="messages"))
    assert faults.decide(Request("GET", "messages")) is PASS
    answers = [faults.decide(POST).answer for _ in range(4)]
    assert [None if answer is None else answer.status for answer in answers] == [503, 503, 503, None]
    assert answers[0] is not None
    assert set(body_of(answers[0])) == {"type", "description"}
    assert faults.rules == ()


def test_a_share_is_met_about_as_often_as_asked_and_the_same_way_in_every_run() -> None:
    def statuses(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.add(Fault(what=FaultKind.ANSWER, status=429, count=None, share=0.05, retry_after_seconds=7))
        return [faults.decide(POST).answer is not None for _ in range(10_000)]

    assert 400 < sum(statuses(1)) < 600
    assert statuses(1) == statuses(1) != statuses(2)


def test_of_several_rules_the_first_that_fits_is_used_up_first() -> None:
    faults = Faults()
    faults.replace([Fault(what=FaultKind.SLOW, seconds=2, count=2), Fault(what=FaultKind.LOSE_ANSWER, count=1)])
    verdicts = [faults.decide(POST) for _ in range(4)]
    assert [(verdict.seconds, verdict.loses_answer) for verdict in verdicts] == [
        (2, False),
        (2, False),
        (0, True),
        (0, False),
    ]


@pytest.mark.parametrize(
    "what, field", [("drop-before", "drops_before"), ("drop-after", "drops_after"), ("lose-answer", "loses_answer")]
)
def test_a_connection_can_be_dropped_at_three_moments(what: str, field: str) -> None:
    faults = Faults()
    faults.add(Fault(what=FaultKind(what)))
    assert faults.decide(POST) == PASS._replace(**{field: True})  # type: ignore[arg-type]


def test_access_can_be_refused_whatever_the_credentials() -> None:
    made = provider()
    made[ACCOUNT].faults.add(Fault(what=FaultKind.REFUSE_ACCESS, count=1))
    for status in (401, 202):
        access = made[ACCOUNT].faults.decide(create()).access
        assert made.handle(ACCOUNT, create(), START, access=access).status == status
    assert access is Access.GRANTED


@pytest.mark.parametrize(
    "fault",
    [
        Fault(what=FaultKind.SLOW, count=0),
        Fault(what=FaultKind.SLOW, share=0),
        Fault(what=FaultKind.SLOW, share=1.1),
        Fault(what=FaultKind.ANSWER, status=99),
        Fault(what=FaultKind.SLOW, seconds=-1),
        Fault(what=FaultKind.SLOW, seconds=float("nan")),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_and_the_others_stay(fault: Fault) -> None:
    faults = Faults()
    faults.add(Fault(what=FaultKind.SLOW))
    with pytest.raises(LocalError):
        faults.replace([Fault(what=FaultKind.DROP_AFTER), fault])
    assert [rule.what for rule in faults.rules] == [FaultKind.SLOW]
    faults.clear()
    assert faults.decide(POST) is PASS


@pytest.mark.parametrize("status", [204, 205, 304])
def test_an_answer_that_has_no_content_brings_none(status: int) -> None:
    faults = Faults()
    faults.add(Fault(what=FaultKind.ANSWER, status=status))
    answer = faults.decide(POST).answer
    assert answer is not None
    assert (answer.status, answer.body, "content-type" in answer.headers) == (status, b"", False)


def test_nobody_is_told_to_come_again_before_now() -> None:
    with pytest.raises(LocalError, match="retry_after_seconds"):
        Faults().add(Fault(what=FaultKind.ANSWER, status=429, retry_after_seconds=-1))
