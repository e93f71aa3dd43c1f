"""FileTransport: what is spooled can be sent, what is recorded can be replayed, and a difference has a name."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from msgcore.client import AsyncClient
from msgcore.errors import ConnectError, ExchangeTimeoutError, RateLimitedError, RejectedError, TransportError
from msgcore.testing import message_request
from msgcore.transport import Transport
from msgcore.wire import Message, Request, Response, decode_message, decode_send_response
from transports import FileTransport, SimulatorTransport
from transports.file import ReplayError


class Script:
    """A transport that answers as it is told, each answer after as many turns of the loop as it says."""

    def __init__(self, *answers: tuple[int, Response | Exception]) -> None:
        self._answers = list(answers)

    async def exchange(self, request: Request) -> Response:
        turns, answer = self._answers.pop(0)
        for _ in range(turns):
            await asyncio.sleep(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def aclose(self) -> None:
        self._answers.clear()


def exchange_all(transport: Transport, requests: Sequence[Request]) -> list[Response | BaseException]:
    async def scenario() -> list[Response | BaseException]:
        results = await asyncio.gather(*map(transport.exchange, requests), return_exceptions=True)
        await transport.aclose()
        return results

    return asyncio.run(scenario())


def record(path: Path, *answers: tuple[int, Response | Exception]) -> list[Request]:
    requests = [message_request(f"text {number}") for number in range(len(answers))]
    exchange_all(FileTransport(path, "record", Script(*answers)), requests)
    return requests


def lines_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# ------------------------------------------------------------------------------------------------------------- spool


def test_a_spooled_request_can_be_read_back_and_sent(tmp_path: Path) -> None:
    path = tmp_path / "spool.jsonl"
    exchange_all(FileTransport(path), [message_request("grüße 👋", tag="t-1")])
    [line] = lines_of(path)
    request = line["request"]
    assert isinstance(request, dict)
    message = decode_message(request["body"].encode())
    assert (message.text, message.tag) == ("grüße 👋", "t-1")
    assert (request["method"], request["path"]) == ("POST", "messages")


def test_a_spool_counts_the_segments_that_the_provider_would_bill(tmp_path: Path) -> None:
    [response] = exchange_all(FileTransport(tmp_path / "spool.jsonl"), [message_request("x" * 161)])
    assert isinstance(response, Response)
    assert decode_send_response(response).segment_count == 2


def test_a_spool_is_appended_to_and_a_torn_last_line_stays_alone(tmp_path: Path) -> None:
    path = tmp_path / "spool.jsonl"
    path.write_bytes(b'{"request": {"method": "PO')
    exchange_all(FileTransport(path), [message_request()])
    torn, whole, nothing = path.read_text().split("\n")
    assert torn == '{"request": {"method": "PO'
    assert json.loads(whole)["request"]["path"] == "messages"
    assert nothing == ""


@pytest.mark.parametrize("body", [b"", b"nonsense", b'{"to": "nobody"}', b"[]"])
def test_a_spool_refuses_what_could_never_be_sent(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "spool.jsonl"
    [response] = exchange_all(FileTransport(path), [Request("POST", "messages", body=body)])
    assert isinstance(response, Response)
    with pytest.raises(RejectedError, match="400 request-validation"):
        decode_send_response(response)
    assert path.read_bytes() == b""


def test_a_spool_takes_nothing_but_messages(tmp_path: Path) -> None:
    [response] = exchange_all(FileTransport(tmp_path / "spool.jsonl"), [Request("GET", "messages")])
    assert isinstance(response, Response)
    assert response.status == 405


# -------------------------------------------------------------------------------------------------- record and replay


def test_a_recording_of_the_simulator_replays_to_the_same_answers(tmp_path: Path) -> None:
    path = tmp_path / "exchanges.jsonl"
    requests = [message_request(f"text {number}") for number in range(20)]
    recorded = exchange_all(FileTransport(path, "record", SimulatorTransport(rate=10)), requests)
    assert exchange_all(FileTransport(path, "replay"), requests) == recorded


def test_exchanges_are_recorded_in_the_order_in_which_they_began(tmp_path: Path) -> None:
    path = tmp_path / "exchanges.jsonl"
    requests = record(path, (5, Response(202)), (0, Response(429)), (2, Response(503)))
    statuses = [response.status for response in exchange_all(FileTransport(path, "replay"), requests)]  # type: ignore[union-attr]
    assert statuses == [202, 429, 503]


@pytest.mark.parametrize(
    "error",
    [
        ConnectError("no route"),
        ExchangeTimeoutError("no answer in 10 s"),
        TransportError("reset", may_have_been_accepted=True),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_recorded_failure_is_replayed_with_what_it_says_of_acceptance(tmp_path: Path, error: TransportError) -> None:
    path = tmp_path / "exchanges.jsonl"
    requests = record(path, (0, error))
    [replayed] = exchange_all(FileTransport(path, "replay"), requests)
    assert type(replayed) is type(error)
    assert str(replayed) == str(error)
    assert isinstance(replayed, TransportError)
    assert replayed.may_have_been_accepted is error.may_have_been_accepted


def test_an_exchange_that_is_cancelled_does_not_hold_back_the_later_ones(tmp_path: Path) -> None:
    path = tmp_path / "exchanges.jsonl"

    async def scenario() -> None:
        transport = FileTransport(path, "record", Script((99, Response(202)), (0, Response(202))))
        first = asyncio.ensure_future(transport.exchange(message_request("first")))
        await asyncio.sleep(0)
        await transport.exchange(message_request("second"))
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await transport.aclose()

    asyncio.run(scenario())
    first, second = lines_of(path)
    assert first["error"] == {
        "type": "TransportError", "reason": "broken off: CancelledError", "may_have_been_accepted": True,
    }  # fmt: skip
    assert "response" in second


def test_octets_that_are_no_text_survive_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "exchanges.jsonl"
    picture = bytes(range(256))
    request = Request("PUT", "media/picture.jpg", headers={"content-type": "image/jpeg"}, body=picture)
    exchange_all(FileTransport(path, "record", Script((0, Response(200, {}, picture)))), [request])
    [response] = exchange_all(FileTransport(path, "replay"), [request])
    assert response == Response(200, {}, picture)


def replay_difference(path: Path, request: Request) -> str:
    [error] = exchange_all(FileTransport(path, "replay"), [request])
    assert isinstance(error, ReplayError)
    assert error.may_have_been_accepted is False
    assert error.exchange == 1
    return error.difference


@pytest.mark.parametrize(
    ("request_", "difference"),
    [
        (message_request("text 1"), "body $.text: recorded 'text 0', got 'text 1'"),
        (message_request("text 0", tag="t"), "body $.tag: recorded nothing, got 't'"),
        (Request("GET", "messages"), "method: recorded 'POST', got 'GET'"),
        (Request("POST", "media/a"), "path: recorded 'messages', got 'media/a'"),
        (Request("POST", "messages", "limit=1"), "query: recorded '', got 'limit=1'"),
        (
            Request("POST", "messages", headers={"content-type": "text/plain"}),
            "headers.content-type: recorded 'application/json', got 'text/plain'",
        ),
    ],
    ids=["text", "tag", "method", "path", "query", "headers"],
)
def test_a_request_that_differs_is_refused_naming_the_first_difference(
    tmp_path: Path, request_: Request, difference: str
) -> None:
    path = tmp_path / "exchanges.jsonl"
    record(path, (0, Response(202)))
    assert replay_difference(path, request_) == difference


def test_after_the_first_difference_a_recording_is_over_and_send_many_stops(tmp_path: Path) -> None:
    path = tmp_path / "exchanges.jsonl"
    requests = record(path, *[(0, Response(202))] * 3)
    first, second, third = exchange_all(FileTransport(path, "replay"), [requests[0], requests[2], requests[1]])
    assert isinstance(first, Response)
    assert str(second) == str(third)
    assert "exchange 2: body $.text: recorded 'text 1', got 'text 2'" in str(third)


def test_a_spool_cannot_be_replayed_and_says_why(tmp_path: Path) -> None:
    path = tmp_path / "spool.jsonl"
    exchange_all(FileTransport(path), [message_request()])
    assert "a request without an answer, as in a spool" in replay_difference(path, message_request())


def test_a_recording_transport_passes_the_clock_and_the_callbacks_through(tmp_path: Path) -> None:
    async def scenario() -> list[str | None]:
        simulator = SimulatorTransport()
        async with AsyncClient(FileTransport(tmp_path / "x.jsonl", "record", simulator), application_id="a") as client:
            assert client.clock is simulator.clock
            await client.send(Message(to="+19195550123", from_="+19195550100", text="hello"))
            return [event.type async for event in client.events()]

    assert asyncio.run(scenario()) == ["message-sent", "message-delivered"]


def test_a_body_that_is_the_same_json_written_differently_says_so(tmp_path: Path) -> None:
    path = tmp_path / "exchanges.jsonl"
    [request] = record(path, (0, Response(202)))
    assert isinstance(request.body, bytes)
    spaced = Request(request.method, request.path, request.query, request.headers, request.body + b" ")
    assert replay_difference(path, spaced).startswith("body: the same JSON, written differently")


def test_a_recording_that_ends_says_after_how_many_exchanges(tmp_path: Path) -> None:
    path = tmp_path / "exchanges.jsonl"
    requests = record(path, (0, Response(202)))
    _, error = exchange_all(FileTransport(path, "replay"), [*requests, *requests])
    assert str(error) == f"{path}, exchange 2: the recording ends after 1"


@pytest.mark.parametrize("line", ["", "nonsense", "{}", "[]", '{"request": {}}', '{"request": {}, "response": 5}'])
def test_a_damaged_recording_names_the_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "exchanges.jsonl"
    path.write_text(line + "\n")
    assert "line 1 is not a recorded exchange" in replay_difference(path, message_request())


def test_a_streamed_answer_is_recorded_whole(tmp_path: Path) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"

    path = tmp_path / "exchanges.jsonl"
    [request] = record(path, (0, Response(200, {}, chunks())))
    [response] = exchange_all(FileTransport(path, "replay"), [request])
    assert response == Response(200, {}, b"one two")


# ------------------------------------------------------------------------------------------------------------- opening


def test_options_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    with pytest.raises(ValueError, match="mode must be one of spool, record, replay; got 'tape'"):
        FileTransport(path, "tape")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="mode 'record' takes an inner transport"):
        FileTransport(path, "record")
    with pytest.raises(ValueError, match="mode 'spool' takes no inner transport"):
        FileTransport(path, "spool", SimulatorTransport())


def test_a_file_that_cannot_be_opened_is_an_os_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FileTransport(tmp_path / "missing" / "x.jsonl")
    with pytest.raises(FileNotFoundError):
        FileTransport(tmp_path / "missing.jsonl", "replay")


def test_an_error_answer_is_recorded_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "exchanges.jsonl"
    full = Response(429, {"content-type": "application/json"}, b'{"type":"max-message-queue-size-exceeded"}')
    [request] = record(path, (0, full))
    [response] = exchange_all(FileTransport(path, "replay"), [request])
    assert isinstance(response, Response)
    with pytest.raises(RateLimitedError):
        decode_send_response(response)
