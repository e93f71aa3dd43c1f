"""Filters of messages, as somebody types them."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.errors import LocalError
from msgcore.wire.exchange import Request
from transports.simulator import Engine
from transports.simulator.accounts.account import Account
from transports.simulator.course.records import MessageRecord
from transports.simulator.inbound import Inbound
from transports.simulator.inspector import Inspector
from transports.simulator.provider import Provider
from transports.simulator.service.watching.filters import LONGEST_FILTER, read_filter

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def engine() -> Engine:
    """Four messages: a plain one, one that fails, a group, and one that came in."""
    provider = Provider(inspected=10)
    provider.add(Account.sample())
    engine = provider["9900000"].engine
    engine.change_settings(msgspec.structs.replace(engine.account.settings, rate=1000), 0.0)
    for fields in (
        {"to": "+19195550123", "text": "Two words: HELLO there", "tag": "Order 7"},
        {"to": "+19195554720", "text": "parcel"},
        {"to": ["+19195550123", "+19195550124"], "text": "lunch?"},
    ):
        body = {"from": "+19195550100", "applicationId": "0f0e0d0c-0b0a-4a09-8807-060504030201", **fields}
        request = Request("POST", "messages", headers=JSON, body=msgspec.json.encode(body))
        assert engine.handle(request, 0.0).status == 202
    engine.receive(Inbound("+19195550125", ("+19195550100", "+19195550126"), "me too"), 0.0)
    engine.advance(100.0)
    return engine


def found(engine: Engine, text: str, inspector: Inspector | None = None) -> list[str]:
    wanted = read_filter(text)
    names = {"+19195550123": "plain", "+19195554720": "failing"}
    return sorted(
        "in" if message.inbound else "group" if len(message.legs) > 1 else names[message.legs[0].to]
        for message in engine.history.newest()
        if wanted.fits(message, inspector or engine.inspector)
    )


@pytest.mark.parametrize(
    "text, expected",
    [
        ("", ["failing", "group", "in", "plain"]),
        ("   ", ["failing", "group", "in", "plain"]),
        ("hello", ["plain"]),
        ('"two words"', ["plain"]),
        ('"two words', ["plain"]),
        ("two there", ["plain"]),
        ("two nowhere", []),
        ("tag:order", ["plain"]),
        ('tag:"order 7"', ["plain"]),
        ("order", ["plain"]),
        ("to:+1919555012", ["group", "in", "plain"]),
        ("to:0126", ["in"]),
        ("from:0125", ["in"]),
        ("status:failed", ["failing"]),
        ("STATUS:Failed", ["failing"]),
        ("-status:failed direction:out", ["group", "plain"]),
        ("status:delivered", ["group", "plain"]),
        ("kind:sms", ["failing", "plain"]),
        ("kind:group", ["group", "in"]),
        ("kind:mms", []),
        ("direction:in", ["in"]),
        ("code:4720", ["failing"]),
        ("code:47", ["failing"]),
        ("code:0", ["group", "plain"]),
        ("text:parcel", ["failing"]),
        ("text:+1919", []),
        ("words:", ["plain"]),  # no field of ours, so it is a word
        ("-lunch -parcel", ["in", "plain"]),
    ],
)
def test_every_word_of_a_filter_has_to_fit(engine: Engine, text: str, expected: list[str]) -> None:
    assert found(engine, text) == expected


def test_a_message_is_found_by_the_beginning_of_its_id(engine: Engine) -> None:
    [message] = [one for one in engine.history.newest() if one.inbound]
    assert found(engine, f"id:{message.id}") == ["in"]
    assert found(engine, f"id:{message.id[1:]}") == []


def test_texts_and_tags_that_are_forgotten_are_not_found(engine: Engine) -> None:
    nothing = Inspector(0)
    assert found(engine, "hello", nothing) == []
    assert found(engine, "tag:order", nothing) == []
    assert found(engine, "to:0123", nothing) == ["group", "plain"]


def test_a_tag_is_found_without_an_inspector_while_the_message_is_under_way() -> None:
    engine = Engine.open(rate=1)
    body = {"from": "+19195550100", "to": "+19195550123", "text": "x", "tag": "order-9", "applicationId": "a"}
    engine.handle(Request("POST", "messages", headers=JSON, body=msgspec.json.encode(body)), 0.0)

    def tagged() -> list[MessageRecord]:
        wanted = read_filter("tag:order-9")
        return [message for message in engine.history.newest() if wanted.fits(message, engine.inspector)]

    assert len(tagged()) == 1
    engine.advance(1000.0)
    assert tagged() == []


@pytest.mark.parametrize("text", ["status:gone", "kind:rcs", "direction:up", "-status:gone", "status:"])
def test_a_value_that_no_message_can_have_is_said_instead_of_finding_nothing(text: str) -> None:
    if text.endswith(":"):
        assert read_filter(text).terms == 1  # somebody is still typing: it is a word so far
        return
    with pytest.raises(LocalError, match="expected one of"):
        read_filter(text)


def test_a_filter_has_an_end() -> None:
    with pytest.raises(LocalError, match="at most 1000"):
        read_filter("x" * (LONGEST_FILTER + 1))


@given(st.text(max_size=200))
def test_whatever_is_typed_is_read_or_refused_with_a_reason(text: str) -> None:
    try:
        wanted: Any = read_filter(text)
    except LocalError:
        return
    assert wanted.terms <= len(text)
