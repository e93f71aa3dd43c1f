"""What the simulated API answers over HTTP: every status, its type word, and the fields at fault."""

import json
import re
from collections.abc import AsyncIterator

import pytest

from msgcore.wire.accepted import decode_send_response
from msgcore.wire.exchange import Request
from tests.transports.simulator.requests import APPLICATION, JSON, SENDER, START, create, read
from transports.simulator import Engine


def test_a_202_shows_the_message_as_it_was_taken() -> None:
    response = Engine.open(seed=1).handle(create(["+19195550123"], text="hi", tag="order-17"), START)
    body = read(response)
    assert response.status == 202
    assert re.fullmatch(r"1767225600000[a-z2-7]{16}", body.pop("id"))
    assert body == {
        "owner": SENDER,
        "applicationId": APPLICATION,
        "time": "2026-01-01T00:00:00.000Z",
        "segmentCount": 1,
        "direction": "out",
        "to": ["+19195550123"],
        "from": SENDER,
        "text": "hi",
        "tag": "order-17",
        "priority": "default",
    }


def test_a_202_is_readable_by_the_client() -> None:
    accepted = decode_send_response(
        Engine.open().handle(create(media=["https://example.org/a.png"], text=None, priority="high"), START)
    )
    assert (accepted.segment_count, accepted.text, accepted.media, accepted.priority, accepted.tag) == (
        1,
        "",
        ("https://example.org/a.png",),
        "high",
        None,
    )


@pytest.mark.parametrize(
    "fields, segment_count",
    [
        ({"text": "a" * 160}, 1),
        ({"text": "a" * 161}, 2),
        ({"text": "a" * 152 + "€" + "b" * 152}, 3),  # a septet pair is never cut
        ({"text": "ж" * 70}, 1),
        ({"text": "ж" * 71}, 2),
        ({"text": "😀" * 35}, 1),
        # 25 families of 8 code units in 3 x 67: nothing says that the provider keeps a family in one segment (4 then).
        ({"text": "👨‍👩‍👧" * 25}, 3),
        ({"text": "a" * 2000, "media": ["https://example.org/a.png"]}, 1),
        ({"text": "a" * 2000, "to": ["+19195550123", "+19195550124"]}, 1),
    ],
)
def test_segments_are_counted_by_the_rule_of_billing(fields: dict[str, object], segment_count: int) -> None:
    assert read(Engine.open().handle(create(**fields), START))["segmentCount"] == segment_count  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["", "message", "messages/", "Messages", "messages/multiChannel", "media/", "calls/1"])
def test_an_unknown_path_is_404_in_the_form_of_the_framework(path: str) -> None:
    response = Engine.open(account_id="9900001").handle(Request("POST", path, headers=JSON, body=b"{}"), START)
    assert response.status == 404
    assert read(response) == {
        "timestamp": "2026-01-01T00:00:00.000+0000",
        "status": 404,
        "error": "Not Found",
        "message": "Not Found",
        "path": f"/api/v2/users/9900001/{path}",
    }


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "post", ""])
def test_a_wrong_verb_is_405_and_says_which_is_right(method: str) -> None:
    response = Engine.open().handle(Request(method, "messages", headers=JSON), START)
    assert response.status == 405
    assert response.headers["allow"] == "GET, POST"
    assert set(read(response)) == {"type", "description"}


@pytest.mark.parametrize(
    "accept, status",
    [
        ("", 202),
        ("*/*", 202),
        ("application/json", 202),
        ("Application/JSON; q=0.5", 202),
        ("text/html, application/*;q=0.1", 202),
        ("text/html, */*; q=0.01", 202),
        ("application/json;q=oops", 202),
        ("text/html", 406),
        ("application/json;q=0, */*", 406),
        ("application/jsonx", 406),
    ],
)
def test_an_answer_that_is_not_wanted_is_406(accept: str, status: int) -> None:
    request = create()
    response = Engine.open().handle(Request("POST", "messages", "", {**JSON, "accept": accept}, request.body), START)
    assert response.status == status


@pytest.mark.parametrize(
    "content_type, status",
    [
        ("application/json", 202),
        ("application/json; charset=utf-8", 202),
        ('Application/JSON;charset="UTF-8"', 202),
        ("application/json; charset=latin-1", 415),
        ("text/json", 415),
        ("application/x-www-form-urlencoded", 415),
        ("", 415),
    ],
)
def test_a_body_of_another_type_is_415_and_names_it(content_type: str, status: int) -> None:
    request = Request("POST", "messages", headers={"content-type": content_type}, body=create().body)
    response = Engine.open().handle(request, START)
    assert response.status == status
    if status == 415:
        body = read(response)
        assert body["type"] == "unsupported-content-type"
        assert repr(content_type) in body["description"]


def test_a_missing_content_type_is_415() -> None:
    assert Engine.open().handle(Request("POST", "messages", body=create().body), START).status == 415


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"7", b"{}x", b"\xff", b'{"text":"\xff"}', b"[" * 100_000]
)
def test_a_body_that_is_no_json_object_is_400_without_field_errors(body: bytes) -> None:
    response = Engine.open().handle(Request("POST", "messages", headers=JSON, body=body), START)
    assert response.status == 400
    assert set(read(response)) == {"type", "description"}
    assert read(response)["type"] == "request-validation"


def test_a_400_lists_every_broken_field() -> None:
    response = Engine.open().handle(
        create([], from_=7, text=None, applicationId="", tag="sim:boom", priority="urgent", expiration="tomorrow"),
        START,
    )
    assert response.status == 400
    names = [error["fieldName"] for error in read(response)["fieldErrors"]]
    assert sorted(names) == ["applicationId", "expiration", "from", "priority", "tag", "text", "to"]


@pytest.mark.parametrize(
    "fields, name",
    [
        ({"from_": None}, "from"),
        ({"to": None}, "to"),
        ({"to": "5551234"}, "to"),
        ({"to": ["+19195550123", "+1919555012"]}, "to[1]"),
        ({"to": [f"+191955501{n:02}" for n in range(11)]}, "to"),
        ({"to": ["+19195550123", "+19195550123"]}, "to[1]"),
        ({"text": "a" * 2049}, "text"),
        ({"applicationId": None}, "applicationId"),
        ({"media": ["ftp://example.org/x"]}, "media[0]"),
        ({"tag": "t" * 1025}, "tag"),
        ({"tag": "sim:code=4430"}, "tag"),
        ({"expiration": "2026-01-01T00:00:00Z"}, "expiration"),
        ({"expiration": "2026-01-01T05:29:59+05:30"}, "expiration"),
        ({"expiration": "0001-01-01T00:00:00+14:00"}, "expiration"),
    ],
)
def test_each_rule_is_named_at_its_field(fields: dict[str, object], name: str) -> None:
    response = Engine.open().handle(create(**fields), START)  # type: ignore[arg-type]
    assert response.status == 400
    assert [error["fieldName"] for error in read(response)["fieldErrors"]] == [name]


def test_a_directive_that_is_not_understood_says_what_is() -> None:
    [error] = read(Engine.open().handle(create(tag="sim:status=fail"), START))["fieldErrors"]
    assert "'status=fail' is unknown" in error["description"]
    assert "code=" in error["description"]
    assert "delay=" in error["description"]


def test_nothing_refused_is_remembered() -> None:
    engine = Engine.open()
    for request in (create(to="x"), Request("GET", "nowhere"), Request("POST", "messages", headers=JSON, body=b"{")):
        assert engine.handle(request, START).status >= 400
    assert (engine.next_due(), engine.open_message_count, engine.queued_segments(START)) == (None, 0, 0)


@pytest.mark.parametrize("unknown", [{"colour": "red"}, {"priority": None}, {"expiration": None}])
def test_unknown_fields_are_ignored_and_null_is_absent(unknown: dict[str, object]) -> None:
    request = create()
    assert isinstance(request.body, bytes)
    body = json.dumps(json.loads(request.body) | unknown).encode()
    assert Engine.open().handle(Request("POST", "messages", headers=JSON, body=body), START).status == 202


def test_a_streamed_body_is_the_transports_business() -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield b"{}"

    with pytest.raises(TypeError, match="bytes"):
        Engine.open().handle(Request("POST", "messages", headers=JSON, body=stream()), START)


@pytest.mark.parametrize("rate, per_minute, capacity", [(1, "60", "900"), (5, "300", "4500"), (0.5, "30", "450")])
def test_a_429_states_rate_and_capacity_as_published(rate: float, per_minute: str, capacity: str) -> None:
    engine = Engine.open(rate=rate)
    while (response := engine.handle(create(text="a" * 1500), START)).status == 202:
        pass
    body = read(response)
    assert response.status == 429
    assert body["type"] == "max-message-queue-size-exceeded"
    assert "SMS queue" in body["description"]
    assert f"{per_minute} segments per minute" in body["description"]
    assert f"{capacity} (15 minutes" in body["description"]
    assert "retry-after" not in response.headers
