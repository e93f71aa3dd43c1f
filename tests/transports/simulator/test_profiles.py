"""The same requests in the seeds' time and now."""

import json
from typing import Any

import pytest

from msgcore.errors import LocalError
from msgcore.wire.callbacks import decode_callbacks
from msgcore.wire.exchange import Request
from tests.transports.simulator.provider_requests import (
    ACCOUNT,
    HANDSET,
    LONG_CODE,
    START,
    body_of,
    engine,
    get,
    sample,
)
from tests.transports.simulator.requests import JSON, create, everything, outline, read, run
from transports.simulator.accounts.profiles import V2_2019, V2_NOW, Profile, profile_named
from transports.simulator.engine import Access


def test_a_profile_is_found_by_its_name() -> None:
    assert (profile_named("v2-2019"), profile_named("v2-now")) == (V2_2019, V2_NOW)
    with pytest.raises(LocalError, match="one of v2-2019, v2-now, got 'v3'"):
        profile_named("v3")


@pytest.mark.parametrize(
    "profile, access, status, type_",
    [
        (V2_2019, Access.UNKNOWN, 401, "authentication-error"),
        (V2_2019, Access.FORBIDDEN, 403, "unauthorized"),
        (V2_NOW, Access.UNKNOWN, 401, "unauthorized"),
        (V2_NOW, Access.FORBIDDEN, 403, "forbidden"),
    ],
)
def test_the_types_of_refusals(profile: Profile, access: Access, status: int, type_: str) -> None:
    for request in (create(), get("messages", "limit=1"), get("media"), get("nowhere")):
        answered = engine(profile=profile).handle(request, START, access=access)
        assert (answered.status, body_of(answered)["type"]) == (status, type_)
    assert answered.headers.get("www-authenticate", "Basic").startswith("Basic")


def test_an_account_without_messaging_rights_is_forbidden() -> None:
    assert engine(sample(enabled=False)).handle(create(), START).status == 403


def test_then_there_were_two_outbound_events_and_the_text_in_them() -> None:
    text = 'the "text" \\ of 2019 😀'
    [delivered] = run(engine(profile=V2_2019), text=text, tag='a "text":"" tag')
    assert (delivered["type"], delivered["message"]["text"], delivered["description"]) == (
        "message-delivered",
        text,
        "ok",
    )
    assert delivered["message"]["tag"] == 'a "text":"" tag'
    [sent, delivered] = run(engine(), text=text)
    assert [event["message"]["text"] for event in (sent, delivered)] == ["", ""]


def test_then_a_text_was_kept_until_the_last_event_and_no_longer() -> None:
    made = engine(profile=V2_2019)
    made.handle(create(text="the old secret"), START)
    assert "the old secret" in everything(made)
    [callback] = made.advance(START + 3600)
    assert b"the old secret" in callback.body
    assert b"the old secret" not in callback.event
    assert "the old secret" not in everything(made)


@pytest.mark.parametrize(
    "fields, code",
    [
        ({"to": "5551234"}, 4303),
        ({"to": [HANDSET, "+1919"]}, 4303),
        ({"from_": "919"}, 4302),
        ({"from_": "Bakery"}, 4302),  # alphanumeric senders came later
        ({"to": [f"+191955501{n:02}" for n in range(11)]}, 4435),
        ({"to": [HANDSET, HANDSET]}, 0),
    ],
)
def test_then_all_validation_came_after_the_202(fields: dict[str, Any], code: int) -> None:
    made = engine(sample(open_senders=True), profile=V2_2019)
    ends = run(made, **fields)
    assert {event.get("errorCode", 0) for event in ends} - {0} == ({code} if code else set())
    if fields.get("from_") != "Bakery":  # which today is a sender
        assert engine().handle(create(**fields), START).status == 400


@pytest.mark.parametrize(
    "fields",
    [
        {"text": None},
        {"from_": None},
        {"from_": 7},
        {"to": []},
        {"to": [7]},
        {"to": ["\ud800"]},
        {"text": "a" * 2049},
        {"applicationId": None},
    ],
)
def test_what_is_no_message_was_never_taken(fields: dict[str, Any]) -> None:
    request = create(**fields)
    assert engine(profile=V2_2019).handle(request, START).status == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"\xff", b"[" * 100_000])
def test_malformed_json_was_never_taken(body: bytes) -> None:
    answered = engine(profile=V2_2019).handle(Request("POST", "messages", headers=JSON, body=body), START)
    assert (answered.status, body_of(answered)["type"]) == (400, "request-validation")


def test_then_there_was_neither_priority_nor_expiration() -> None:
    fields: dict[str, Any] = {"priority": "urgent", "expiration": 7}
    assert not {"priority", "expiration"} & read(engine(profile=V2_2019).handle(create(**fields), START)).keys()
    assert engine().handle(create(**fields), START).status == 400


def test_then_there_was_no_search() -> None:
    answered = engine(profile=V2_2019).handle(get("messages", "limit=1"), START)
    assert (answered.status, answered.headers["allow"]) == (405, "POST")
    assert set(body_of(answered)) == {"timestamp", "status", "error", "message", "path"}
    assert body_of(answered)["path"] == f"/api/v2/users/{ACCOUNT}/messages"


def test_then_an_mms_was_delivered_when_it_had_reached_the_mms_centre() -> None:
    made = engine(profile=V2_2019)
    found = run(made, to=[HANDSET, "+19195550124"])
    assert sorted(outline(found), key=str) == [("message-delivered", HANDSET), ("message-delivered", "+19195550124")]


def test_the_callbacks_of_both_eras_are_read_by_the_client() -> None:
    for profile in (V2_2019, V2_NOW):
        made = engine(profile=profile)
        made.handle(create(tag="t", text="\u2028 text", media=["https://example.org/a"], priority="high"), START)
        for callback in made.advance(START + 60):
            [event] = decode_callbacks(callback.body)
            assert event.message is not None
            assert (event.message.tag, event.message.owner) == ("t", LONG_CODE)
            assert json.loads(callback.body)[0] == event.raw
