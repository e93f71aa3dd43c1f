"""Which end a message comes to, chosen by data in it."""

import msgspec
import pytest

from msgcore.errors import LocalError
from tests.transports.simulator.requests import START, create, events, outline, run
from transports.simulator import Engine
from transports.simulator.course.directives import KNOWN_CODES
from transports.simulator.course.outcomes import FOUND_BY_PROVIDER


def test_the_first_digits_tell_who_found_the_failure() -> None:
    provider = {"40", "41", "43", "44", "51", "52", "55", "59"}
    assert {code for code in KNOWN_CODES if str(code)[:2] in provider} == FOUND_BY_PROVIDER
    assert {str(code)[:2] for code in KNOWN_CODES - FOUND_BY_PROVIDER} == {"47", "56", "99"}


@pytest.mark.parametrize("code", sorted(KNOWN_CODES))
def test_every_code_is_reached_by_number(code: int) -> None:
    number = f"+1919555{code}"
    sent = [] if code in FOUND_BY_PROVIDER else [("message-sent", number)]
    found = run(Engine.open(), to=number)
    assert outline(found) == [*sent, ("message-failed", number, code)]
    assert all(event["description"] for event in found)


@pytest.mark.parametrize("code", sorted(KNOWN_CODES))
def test_every_code_is_reached_by_directive(code: int) -> None:
    number = "+447700900123"
    sent = [] if code in FOUND_BY_PROVIDER else [("message-sent", number)]
    assert outline(run(Engine.open(), to=number, tag=f"a sim:code={code} b")) == [
        *sent,
        ("message-failed", number, code),
    ]


@pytest.mark.parametrize(
    "number",
    [
        "+19195550100",  # 555-01XX is for fiction
        "+19195550199",
        "+19195554430",  # no published code
        "+19195564720",  # 556
        "+44705554720",  # as long as +1 NPA 555 4720, but the pattern belongs to calling code 1 alone
        "+5215555472",
        "+1919555472"[:11] + "9",
    ],
)
def test_all_other_numbers_are_delivered(number: str) -> None:
    found = run(Engine.open(), from_="+12125550100", to=number)
    assert outline(found) == [("message-sent", number), ("message-delivered", number)]


def test_a_directive_beats_a_magic_number() -> None:
    assert outline(run(Engine.open(), to="+19195554720", tag="sim:code=5600"))[-1] == (
        "message-failed",
        "+19195554720",
        5600,
    )
    assert outline(run(Engine.open(), to="+19195554720", tag="sim:code=0"))[-1] == ("message-delivered", "+19195554720")


def test_a_directive_of_a_delay_alone_leaves_the_magic_number_its_code() -> None:
    sent, failed = run(Engine.open(), to="+19195554720", tag="sim:delay=90s")
    assert (sent["time"], failed["time"], failed["errorCode"]) == (
        "2026-01-01T00:00:01.000Z",
        "2026-01-01T00:01:31.000Z",
        4720,
    )


def test_the_delay_of_a_failure_at_the_provider_counts_from_its_turn() -> None:
    [failed] = run(Engine.open(), tag="sim:code=4470,delay=2m")
    assert failed["time"] == "2026-01-01T00:02:00.000Z"


@pytest.mark.parametrize("how", [{"to": "+19195559902"}, {"tag": "sim:code=9902"}])
def test_a_receipt_that_never_comes_is_given_up_after_two_hours(how: dict[str, str]) -> None:
    sent, failed = run(Engine.open(), START, **how)
    assert (sent["time"], failed["time"]) == ("2026-01-01T00:00:01.000Z", "2026-01-01T02:00:01.000Z")
    assert (failed["type"], failed["errorCode"]) == ("message-failed", 9902)


def test_a_message_to_oneself_is_a_routing_error() -> None:
    assert outline(run(Engine.open(), to="+19195550100")) == [("message-failed", "+19195550100", 4401)]


def test_in_a_group_only_the_sender_itself_is_a_routing_error() -> None:
    found = outline(run(Engine.open(), to=["+19195550100", "+19195550123"]))
    assert ("message-failed", "+19195550100", 4401) in found
    assert ("message-delivered", "+19195550123") in found
    assert len(found) == 3


@pytest.mark.parametrize("sender", ["+18005550100", "+18885550100", "72345", "Bakery 7"])
def test_only_long_codes_send_groups(sender: str) -> None:
    to = ["+19195550123", "+19195550124"]
    found = outline(run(Engine.open(), from_=sender, to=to))
    assert sorted(map(str, found)) == [str(("message-failed", number, 4001)) for number in to]


def test_without_a_list_of_applications_every_one_exists() -> None:
    assert outline(run(Engine.open(), applicationId="whatever"))[-1][0] == "message-delivered"


def test_an_application_that_does_not_exist_is_found_after_the_202() -> None:
    engine = Engine.open(applications={"mine"})
    assert outline(run(engine, applicationId="mine"))[-1][0] == "message-delivered"
    assert outline(run(engine, START + 1e7, applicationId="theirs")) == [("message-failed", "+19195550123", 4452)]


@pytest.mark.parametrize(
    "number, reached",
    [("+19195550123", True), ("+525512345678", True), ("+447700900123", False), ("+520", True), ("+5099999999", False)],
)
def test_only_calling_codes_of_the_account_are_reached(number: str, reached: bool) -> None:
    found = outline(run(Engine.open(calling_codes={1, 52}), from_="+12125550100", to=number))
    assert found[-1] == (("message-delivered", number) if reached else ("message-failed", number, 4432))


def test_a_directive_beats_the_checks_after_the_202() -> None:
    assert outline(run(Engine.open(), to="+19195550100", tag="sim:code=0"))[-1] == ("message-delivered", "+19195550100")


def test_an_expiration_beats_everything() -> None:
    engine = Engine.open(rate=1)
    assert engine.handle(create(text="a" * 1000), START).status == 202  # 7 segments: the line is busy for 7 s
    engine.handle(create("+19195550124", expiration="2026-01-01T00:00:07Z", tag="sim:code=0"), START)
    engine.handle(create("+19195550125", expiration="2026-01-01T00:00:07.001Z"), START)
    found = outline(events(engine.advance(START + 60)))
    assert ("message-failed", "+19195550124", 4360) in found
    assert ("message-sent", "+19195550124") not in found
    assert ("message-delivered", "+19195550125") in found


def test_callback_types_are_checked() -> None:
    with pytest.raises(LocalError, match=r"got \['message-read'\]"):
        Engine.open(callback_types={"message-read"})


def test_only_the_callback_types_asked_for_are_sent() -> None:
    assert outline(run(Engine.open(callback_types={"message-failed"}))) == []
    assert outline(run(Engine.open(callback_types={"message-delivered"}))) == [("message-delivered", "+19195550123")]


# ------------------------------------------------------------------------------------- more than one end, or a late one


def test_a_late_receipt_comes_after_its_9902() -> None:
    sent, expired, delivered = run(Engine.open(), from_="+18005550100", tag="sim:late=10m")
    assert (sent["time"], expired["time"], delivered["time"]) == (
        "2026-01-01T00:00:01.000Z",
        "2026-01-01T02:00:01.000Z",
        "2026-01-01T02:10:01.000Z",
    )
    assert (expired["type"], expired["errorCode"], delivered["type"]) == ("message-failed", 9902, "message-delivered")


def test_a_late_receipt_may_be_a_failure() -> None:
    assert outline(run(Engine.open(), tag="sim:late=1s,code=4720"))[1:] == [
        ("message-failed", "+19195550123", 9902),
        ("message-failed", "+19195550123", 4720),
    ]


def test_a_copy_is_the_same_event_again() -> None:
    engine = Engine.open()
    assert engine.handle(create(tag="sim:copies=3"), START).status == 202
    sent, *copies = engine.advance(START + 60)
    assert len({copy.body for copy in copies}) == 1
    assert [round(copy.due - copies[0].due, 6) for copy in copies] == [0.0, 1.0, 2.0]
    assert sent.body != copies[0].body
    assert engine.open_message_count == 0


def test_events_may_come_in_the_wrong_order_with_their_right_times() -> None:
    delivered, sent = run(Engine.open(), tag="sim:order=reversed")
    assert (delivered["type"], sent["type"]) == ("message-delivered", "message-sent")
    assert sent["time"] < delivered["time"]


def test_a_message_may_fail_and_be_delivered_all_the_same() -> None:
    assert outline(run(Engine.open(), tag="sim:code=4720,then=0")) == [
        ("message-sent", "+19195550123"),
        ("message-failed", "+19195550123", 4720),
        ("message-delivered", "+19195550123"),
    ]
    # also when the provider itself has found the failure
    assert [each[0] for each in outline(run(Engine.open(), tag="sim:code=4470,then=0"))] == [
        "message-failed",
        "message-delivered",
    ]


def test_a_miscounted_message_shows_and_takes_what_the_tag_says() -> None:
    engine = Engine.open(rate=1)
    assert b'"segmentCount":7' in engine.handle(create(text="short", tag="sim:segments=7"), START).body  # type: ignore[operator]
    assert engine.queued_segments(START) == 7
    found = events(engine.advance(START + 60))
    assert {event["message"]["segmentCount"] for event in found} == {7}
    assert found[0]["time"] == "2026-01-01T00:00:07.000Z"


def test_directives_may_be_combined() -> None:
    found = outline(run(Engine.open(), tag="sim:code=4720,then=0,copies=2,delay=5s,order=reversed,segments=2,size=1MB"))
    assert [each[0] for each in found] == [
        "message-failed",
        "message-delivered",
        "message-delivered",
        "message-sent",
    ]


@pytest.mark.parametrize("carriers", [False, True])
def test_the_carrier_is_named_where_the_account_has_that_feature(carriers: bool) -> None:
    engine = Engine.open()
    engine.account.settings = msgspec.structs.replace(engine.account.settings, lists_carriers=carriers)
    assert {event.get("carrierName") for event in run(engine)} == {"other" if carriers else None}
    assert {event.get("carrierName") for event in run(engine, START + 1e7, media=["https://example.org/a"])} == {None}
