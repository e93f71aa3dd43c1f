"""Whatever arrives is answered, and never with anything but what the API answers."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from msgcore.wire.exchange import Request
from tests.transports.simulator.requests import JSON, START, create
from transports.simulator import Engine

# The first text that is drawn loads the tables of Unicode, which takes longer than Hypothesis likes.
unhurried = settings(suppress_health_check=[HealthCheck.too_slow])

STATUSES = {202, 400, 404, 405, 406, 415, 429}
FIELDS = ["from", "to", "text", "applicationId", "media", "tag", "priority", "expiration", "colour"]

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["+19195550123", "+19195554720", "72345", "Bakery", "high", "sim:code=4720", "sim:delay=9h,code=0"]
    ),
    st.sampled_from(["2026-01-01T00:00:01Z", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "\ud800"]),
)
values = st.one_of(scalars, st.lists(scalars, max_size=11), st.dictionaries(st.text(max_size=3), scalars, max_size=2))


def check(engine: Engine, request: Request) -> None:
    response = engine.handle(request, START)
    assert response.status in STATUSES
    assert isinstance(response.body, bytes)
    json.loads(response.body)
    engine.advance(START + 30 * 86400)
    assert engine.open_message_count == 0


@unhurried
@given(st.dictionaries(st.sampled_from(FIELDS), values))
def test_any_fields_are_answered(fields: dict[str, object]) -> None:
    check(Engine.open(), Request("POST", "messages", headers=JSON, body=json.dumps(fields).encode()))


@unhurried
@given(st.sampled_from(FIELDS), values)
def test_any_value_of_one_field_is_answered(name: str, value: object) -> None:
    valid = create().body
    assert isinstance(valid, bytes)
    body = json.dumps(json.loads(valid) | {name: value}).encode()
    check(Engine.open(applications={"a"}, calling_codes={1}), Request("POST", "messages", headers=JSON, body=body))


@unhurried
@given(st.binary())
def test_any_bytes_are_answered(body: bytes) -> None:
    check(Engine.open(), Request("POST", "messages", headers=JSON, body=body))


@unhurried
@given(
    st.text(max_size=8),
    st.one_of(st.just("messages"), st.text(max_size=20)),
    st.dictionaries(st.sampled_from(["content-type", "accept", "x"]), st.text(max_size=40)),
)
def test_any_method_path_and_headers_are_answered(method: str, path: str, headers: dict[str, str]) -> None:
    check(Engine.open(), Request(method, path, headers=headers, body=create().body))
    check(Engine.open(), Request("POST", "messages", headers=JSON | headers, body=create().body))


@unhurried
@given(st.text())
def test_any_tag_is_answered_and_echoed_when_taken(tag: str) -> None:
    engine = Engine.open()
    response = engine.handle(create(tag=tag), START)
    assert isinstance(response.body, bytes)
    assert response.status == 202 or "tag" in response.body.decode()
    for callback in engine.advance(START + 30 * 86400):
        assert json.loads(callback.body)[0]["message"]["tag"] == tag


@unhurried
@given(st.text().map("sim:".__add__))
def test_any_directive_is_understood_or_refused(tag: str) -> None:
    assert Engine.open().handle(create(tag=tag), START).status in (202, 400)


@pytest.mark.parametrize("method, path", [("\ud800", "messages"), ("POST", "\udfff"), ("POST", "a/\ud800")])
def test_half_a_surrogate_pair_in_the_request_line_is_answered(method: str, path: str) -> None:
    check(Engine.open(), Request(method, path, headers=JSON | {"accept": "\ud800"}))


@pytest.mark.parametrize("name", ["accept", "content-type"])
def test_half_a_surrogate_pair_in_a_header_is_answered(name: str) -> None:
    check(Engine.open(), Request("POST", "messages", headers=JSON | {name: "\ud800"}))
