"""What a receiver answers, and what it has kept by then."""

import asyncio
import json
import logging
from collections.abc import Coroutine
from typing import Any

import pytest

from msgcore.errors import LocalError
from msgcore.testing import event_item
from tests.transports.webhook.asgi import JSON, Answer, FailingStore, basic, post
from transports import CallbackReceiver, MemoryCallbackStore
from transports.webhook import Counters

ITEM = event_item()
BODY = b"[" + ITEM + b"]"


def run(scenario: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(scenario)


async def kept(store: MemoryCallbackStore) -> list[bytes]:
    return [event.raw for event in await store.read(0, 1000)]


def take(*pieces: bytes, **request: Any) -> tuple[Answer | None, list[bytes], Counters]:
    """Post to a new receiver; return the answer, what was kept, and what was counted."""
    options: dict[str, Any] = {
        name: request.pop(name) for name in ("credentials", "path_option", "max_body_octets") if name in request
    }
    if "path_option" in options:
        options["path"] = options.pop("path_option")

    async def scenario() -> tuple[Answer | None, list[bytes], Counters]:
        store = MemoryCallbackStore()
        if request.get("end") == "stall":  # all others have as long as they may need
            options["answer_seconds"] = 0.05
        receiver = CallbackReceiver(store, **options)
        answer = await post(receiver, *pieces, **request)
        return answer, await kept(store), receiver.counters

    found: tuple[Answer | None, list[bytes], Counters] = run(scenario())
    return found


# ------------------------------------------------------------------------------------------------------------- bodies


SECONDS, MICROSECONDS = (
    event_item("m-2", time="2019-09-09T19:02:19Z"),
    event_item("m-3", time="2025-10-01T08:00:01.250000Z"),
)
NO_TIME = event_item("m-4", time="yesterday")
UNKNOWN = event_item("m-5", "message-teleported", someNewField=[1])
WRONG_OWNER = ITEM.replace(b'"owner": "+19195550100"', b'"owner": "+19195550123"')
OF_2017 = json.dumps({"type": "message-sent", "message": {"id": "m-6", "to": "+19195550123"}}).encode()


@pytest.mark.parametrize(
    "body, events, quarantined",
    [
        (BODY, [ITEM], 0),
        (ITEM, [ITEM], 0),
        (b"[]", [], 0),
        (b"\xef\xbb\xbf" + BODY, [ITEM], 0),
        (b" [ " + ITEM + b" , " + SECONDS + b" ] ", [ITEM, SECONDS], 0),
        (b"[" + b",".join([SECONDS, MICROSECONDS, NO_TIME]) + b"]", [SECONDS, MICROSECONDS, NO_TIME], 0),
        (b"[" + UNKNOWN + b"]", [UNKNOWN], 0),
        (b"[" + WRONG_OWNER + b"]", [WRONG_OWNER], 0),
        (b"[" + b",".join([b"7", ITEM, b"null", b"{}"]) + b"]", [ITEM], 3),
        (b'[{"type": "\\ud800"}, ' + ITEM + b"]", [ITEM], 1),
    ],
    ids=["array", "object", "empty", "bom", "spaced", "times", "unknown type", "wrong owner", "broken items", "lone"],
)
def test_every_array_and_object_is_taken_raw_and_costs_no_other(
    body: bytes, events: list[bytes], quarantined: int
) -> None:
    answer, found, counters = take(body)
    assert answer is not None
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "0")
    assert found == events
    assert (counters.new_events, counters.quarantined_items, counters.accepted) == (len(events), quarantined, 1)


@pytest.mark.parametrize(
    "body", [b"", b" ", b"7", b'"x"', b"null", b"[", BODY[:-1], BODY + b"]", b"{}{}", b"a=b", b"\xff"]
)
def test_what_is_no_array_or_object_of_json_is_400_and_counted(body: bytes) -> None:
    answer, found, counters = take(body)
    assert answer is not None
    assert (answer.status, found, counters.malformed, counters.accepted) == (400, [], 1, 0)


def test_the_reason_of_a_400_tells_nothing_of_the_body() -> None:
    answer, _, _ = take(b'"+19195550123 secret"')
    assert answer is not None
    assert b"secret" not in answer.body


def test_a_body_in_pieces_is_put_together() -> None:
    answer, found, _ = take(BODY[:10], b"", BODY[10:50], BODY[50:])
    assert answer is not None
    assert (answer.status, found) == (200, [ITEM])


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_above_the_limit_is_413_and_one_at_the_limit_is_taken(announced: bool) -> None:
    headers = [JSON, ("content-length", str(len(BODY)))] if announced else [JSON]
    answer, found, counters = take(BODY[:-5], BODY[-5:], headers=headers, max_body_octets=len(BODY) - 1)
    assert answer is not None
    assert (answer.status, answer.headers["connection"], found, counters.too_large) == (413, "close", [], 1)
    answer, found, counters = take(BODY[:-5], BODY[-5:], headers=headers, max_body_octets=len(BODY))
    assert answer is not None
    assert (answer.status, found, counters.too_large) == (200, [ITEM], 0)


def test_an_announced_length_of_many_digits_is_too_long_and_no_error() -> None:
    answer, _, counters = take(BODY, headers=[JSON, ("content-length", "9" * 5000)])
    assert answer is not None
    assert (answer.status, counters.too_large) == (413, 1)


def test_a_body_that_stalls_is_408_and_nothing_of_it_is_kept() -> None:
    answer, found, counters = take(BODY[:-1], end="stall")
    assert answer is not None
    assert (answer.status, answer.headers["connection"], found, counters.too_slow) == (408, "close", [], 1)


def test_a_client_that_goes_in_the_middle_is_not_answered_and_nothing_is_kept() -> None:
    assert take(BODY, end="disconnect") == (None, [], Counters(requests=1, disconnected=1))


def test_a_client_that_goes_before_its_answer_costs_nothing_and_its_events_are_kept() -> None:
    async def scenario() -> None:
        store = MemoryCallbackStore()
        receiver = CallbackReceiver(store)

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": BODY}

        async def send(message: Any) -> None:
            raise OSError("the connection is gone")

        await receiver({"type": "http", "method": "POST", "path": "/", "headers": []}, receive, send)
        assert await kept(store) == [ITEM]

    run(scenario())


# -------------------------------------------------------------------------------------------------------- the request


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "post"])
def test_other_methods_are_405_and_are_told_which_one_is_meant(method: str) -> None:
    answer, found, counters = take(BODY, method=method)
    assert answer is not None
    assert (answer.status, answer.headers["allow"], found, counters.misdirected) == (405, "POST", [], 1)


@pytest.mark.parametrize(
    "content_type, status",
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("application/vnd.api+json", 200),
        (None, 200),
        ("text/plain", 415),
        ("Application/X-WWW-Form-Urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
    ],
)
def test_what_a_form_of_a_web_page_can_post_is_refused_and_nothing_else(content_type: str | None, status: int) -> None:
    answer, found, counters = take(BODY, headers=[("content-type", content_type)] if content_type else [])
    assert answer is not None
    assert (answer.status, len(found), counters.unsupported) == (status, int(status == 200), int(status == 415))


@pytest.mark.parametrize("coding, status", [("gzip", 415), ("identity", 200), ("Identity", 200)])
def test_a_content_coding_is_refused_and_told_so(coding: str, status: int) -> None:
    answer, _, _ = take(BODY, headers=[JSON, ("content-encoding", coding)])
    assert answer is not None
    assert answer.status == status
    assert answer.headers.get("accept-encoding") == ("identity" if status == 415 else None)


@pytest.mark.parametrize(
    "path, root_path, status",
    [
        ("/callbacks", "", 200),
        ("/mount/callbacks", "/mount", 200),
        ("/mount/callbacks", "/mount/", 200),
        ("/callbacks", "/mount", 200),
        ("/mountain/callbacks", "/mount", 404),
        ("/callbacks/", "", 404),
        ("/", "", 404),
        ("/mount", "/mount", 404),
    ],
)
def test_the_path_is_looked_at_below_the_mount(path: str, root_path: str, status: int) -> None:
    answer, _, counters = take(BODY, path=path, root_path=root_path, path_option="/callbacks")
    assert answer is not None
    assert (answer.status, counters.misdirected) == (status, int(status == 404))


@pytest.mark.parametrize("path", ["/", "/a", "/a/b", "", "/é"])
def test_without_a_path_callbacks_are_taken_anywhere(path: str) -> None:
    answer, _, _ = take(BODY, path=path)
    assert answer is not None
    assert answer.status == 200


# -------------------------------------------------------------------------------------------------------- credentials

PAIRS = [("inbound", "first secret"), ("outbound", "pässword")]


def test_without_credentials_the_answer_is_a_challenge_and_nothing_is_kept() -> None:
    answer, found, counters = take(BODY, credentials=PAIRS)
    assert answer is not None
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == 'Basic realm="callbacks", charset="UTF-8"'
    assert (found, counters.challenged, counters.unauthorized) == ([], 1, 0)


@pytest.mark.parametrize(
    "header",
    [
        basic("inbound", "first secret"),
        basic("outbound", "pässword"),
        basic("outbound", "pässword", "latin-1"),
        ("authorization", basic("inbound", "first secret")[1].replace("Basic ", "bAsIc  ")),
    ],
)
def test_the_answer_to_a_challenge_is_let_in_and_so_is_who_did_not_wait_for_it(header: tuple[str, str]) -> None:
    answer, found, counters = take(BODY, headers=[JSON, header], credentials=PAIRS)
    assert answer is not None
    assert (answer.status, found, counters.challenged) == (200, [ITEM], 0)


@pytest.mark.parametrize(
    "header",
    [
        basic("inbound", "pässword"),
        basic("inbound", "first secret "),
        basic("", ""),
        ("authorization", "Basic"),
        ("authorization", "Basic !!!"),
        ("authorization", "Basic é"),
        ("authorization", basic("inbound", "first secret")[1].replace("Basic", "Bearer")),
    ],
)
def test_wrong_credentials_are_challenged_again_and_counted(header: tuple[str, str]) -> None:
    answer, found, counters = take(BODY, headers=[JSON, header], credentials=PAIRS)
    assert answer is not None
    assert (answer.status, found, counters.unauthorized) == (401, [], 1)
    assert "www-authenticate" in answer.headers


@pytest.mark.parametrize("pair", [("a:b", "c"), ("a", "")])
def test_credentials_that_cannot_be_are_refused_when_the_receiver_is_made(pair: tuple[str, str]) -> None:
    with pytest.raises(LocalError, match="credentials"):
        CallbackReceiver(MemoryCallbackStore(), credentials=[pair])


def test_no_secret_is_in_any_repr() -> None:
    receiver = CallbackReceiver(MemoryCallbackStore(), credentials=PAIRS)
    assert "secret" not in repr(receiver) + repr(vars(receiver))


# ------------------------------------------------------------------------------------------------------- durability


def test_what_cannot_be_kept_is_503_and_taken_when_it_is_posted_again(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        store = FailingStore()
        receiver = CallbackReceiver(store)
        for _ in range(3):
            answer = await post(receiver, BODY)
            assert answer is not None
            assert answer.status == 503
        store.is_full = False
        answer = await post(receiver, BODY)
        assert answer is not None
        assert answer.status == 200
        assert await kept(store) == [ITEM]
        assert (receiver.counters.unavailable, receiver.counters.accepted) == (3, 1)

    with caplog.at_level(logging.WARNING):
        run(scenario())
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"], "once each, not for each callback"


def test_what_is_not_durable_in_time_is_503_and_never_answered_twice() -> None:
    async def scenario() -> None:
        store = FailingStore()
        store.delay = asyncio.Event()
        receiver = CallbackReceiver(store, answer_seconds=0.01)
        answer = await post(receiver, BODY)
        assert answer is not None
        assert answer.status == 503
        assert receiver.counters.unavailable == 1

    run(scenario())


def test_repeated_events_are_answered_as_new_ones_and_counted() -> None:
    async def scenario() -> None:
        store = MemoryCallbackStore()
        receiver = CallbackReceiver(store)
        for _ in range(3):
            answer = await post(receiver, BODY)
            assert answer is not None
            assert answer.status == 200
        assert await kept(store) == [ITEM]
        assert (receiver.counters.new_events, receiver.counters.repeated_events) == (1, 2)

    run(scenario())


def test_every_request_is_counted_once() -> None:
    async def scenario() -> None:
        receiver = CallbackReceiver(FailingStore(), credentials=[("u", "p")], path="/x", answer_seconds=0.01)
        right = [JSON, basic("u", "p")]
        requests: list[dict[str, Any]] = [
            {"path": "/"}, {"path": "/x"}, {"path": "/x", "headers": right}, {"path": "/x", "method": "GET"},
            {"path": "/x", "headers": right, "end": "stall"}, {"path": "/x", "headers": right, "end": "disconnect"},
        ]  # fmt: skip
        for request in requests:
            await post(receiver, BODY, **request)
        counters = receiver.counters
        outcomes = (
            counters.accepted, counters.challenged, counters.unauthorized, counters.misdirected, counters.unsupported,
            counters.malformed, counters.too_large, counters.too_slow, counters.disconnected, counters.unavailable,
        )  # fmt: skip
        assert counters.requests == sum(outcomes) == 6

    run(scenario())


# ------------------------------------------------------------------------------------------------------ other scopes


def test_it_speaks_of_its_lifespan() -> None:
    async def scenario() -> list[str]:
        coming = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
        told: list[str] = []

        async def receive() -> Any:
            return coming.pop(0)

        async def send(message: Any) -> None:
            told.append(message["type"])

        await CallbackReceiver(MemoryCallbackStore())({"type": "lifespan"}, receive, send)
        return told

    assert run(scenario()) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_a_web_socket_is_closed() -> None:
    async def scenario() -> Any:
        told: list[Any] = []

        async def receive() -> Any:
            return {"type": "websocket.connect"}

        async def send(message: Any) -> None:
            told.append(message)

        await CallbackReceiver(MemoryCallbackStore())({"type": "websocket"}, receive, send)
        return told

    assert run(scenario()) == [{"type": "websocket.close", "code": 1003}]


@pytest.mark.parametrize("options", [{"path": "callbacks"}, {"answer_seconds": 0}])
def test_options_that_cannot_be_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(LocalError, match="expected"):
        CallbackReceiver(MemoryCallbackStore(), **options)
