"""FileTransport: a file in place of the provider. Spools requests, records exchanges, or replays a recording.

Every mode uses JSON Lines, UTF-8, one object a line, flushed line by line, so that a killed process leaves whole
lines and at most one torn one. A body is kept as text where it is UTF-8, else as ``{"base64": ...}``. No credentials
pass through here: transports that need them add them further down.

``spool``
    ``{"request": {...}}``: takes every message with a 202 of its own and keeps the request, to be sent later.
``record``
    ``{"request": {...}, "response": {...}}`` or ``{"request": {...}, "error": {...}}``: what passed through
    another transport, in the order in which the exchanges began, whatever the order in which they ended.
``replay``
    Answers each request as recorded. The n-th request must be the n-th recorded one.
"""

import base64
import itertools
import json
from collections.abc import AsyncIterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Self, TextIO, assert_never, get_args

from msgcore.encoding import count_segments
from msgcore.errors import ClosedError, ConnectError, ExchangeTimeoutError, FieldError, MessageError, TransportError
from msgcore.transport import Transport
from msgcore.wire import Accepted, MessageKind, Request, Response, decode_message, encode_accepted, encode_rejection

Mode = Literal["spool", "record", "replay"]

REQUEST_PARTS = ("method", "path", "query", "headers", "body")


class ReplayError(ClosedError):
    """A recording cannot answer a request: they differ, it ends too early, or its file is damaged.

    It is over then: every later exchange raises the same error, so that the first difference is the one that is seen.
    """

    def __init__(self, path: Path, exchange: int, difference: str) -> None:
        super().__init__(f"{path}, exchange {exchange}: {difference}", may_have_been_accepted=False)
        self.path = path
        self.exchange = exchange
        self.difference = difference


class FileTransport:
    """Moves requests into a file, or answers them out of one.

    >>> import asyncio, tempfile, pathlib
    >>> from msgcore import AsyncClient, Message
    >>> spool = pathlib.Path(tempfile.mkdtemp()) / "spool.jsonl"
    >>> async def main() -> None:
    ...     async with AsyncClient(FileTransport(spool), application_id="demo") as client:
    ...         await client.send(Message(to="+19195550123", from_="+19195550100", text="hello"))
    >>> asyncio.run(main())
    >>> json.loads(spool.read_text())["request"]["path"]
    'messages'

    Args:
        path: the file. ``spool`` appends to it, ``record`` writes it anew, ``replay`` reads it.
        mode: ``"spool"``, ``"record"`` or ``"replay"``.
        inner: the transport to record; closed with this one. Its clock and its callbacks pass through, unrecorded.

    Raises:
        OSError: the file cannot be opened.
        ReplayError: an exchange is not the recorded one; the message names the first difference.
    """

    def __init__(self, path: str | Path, mode: Mode = "spool", inner: Transport | None = None) -> None:
        if mode not in get_args(Mode):
            raise ValueError(f"mode must be one of {', '.join(get_args(Mode))}; got {mode!r}")
        if (inner is not None) != (mode == "record"):
            raise ValueError(f"mode {mode!r} takes {'an' if mode == 'record' else 'no'} inner transport")
        if inner is not None:
            _require_transport(inner)
        self._path = Path(path)
        self._mode = mode
        self._inner = inner
        self._exchanges = itertools.count(1)
        self._over: ReplayError | None = None
        self._recorder: _Recorder | None = None
        self._recording: Iterator[tuple[int, str]] | None = None
        self._file: TextIO
        match mode:
            case "spool":
                self._file = _open_to_append(self._path)
            case "record":
                self._file = self._path.open("w", encoding="utf-8", newline="\n")
                self._recorder = _Recorder(self._file)
            case "replay":
                self._file = self._path.open(encoding="utf-8", errors="surrogateescape", newline="\n")
                self._recording = enumerate(self._file, start=1)
            case _:
                assert_never(mode)
        for passed_through in ("clock", "next_callback"):
            if hasattr(inner, passed_through):
                setattr(self, passed_through, getattr(inner, passed_through))

    async def exchange(self, request: Request) -> Response:
        """Spool, record or replay one exchange."""
        if self._file.closed:
            raise ClosedError(f"the file transport on {self._path} is closed", may_have_been_accepted=False)
        body = await _whole(request.body)
        request = Request(request.method, request.path, request.query, request.headers, body)
        number = next(self._exchanges)  # from here on it must get its line
        if self._recorder is not None:
            return await self._record(number, request, self._recorder)
        if self._recording is not None:
            if self._over is not None:
                raise self._over
            try:
                return self._replay(number, request, self._recording)
            except ReplayError as error:
                self._over = error
                raise
        return self._spool(number, request, body)

    async def aclose(self) -> None:
        """Close the file and the recorded transport."""
        try:
            self._file.close()
        finally:
            if self._inner is not None:
                await self._inner.aclose()

    def _spool(self, number: int, request: Request, body: bytes) -> Response:
        if (request.method, request.path) != ("POST", "messages"):
            return encode_rejection(405, "method-not-allowed", "a spool takes POST messages only")
        try:
            message = decode_message(body)
        except MessageError as error:
            return encode_rejection(
                400, "request-validation", "the request cannot be spooled", [FieldError(error.field, error.reason)]
            )
        _write_line(self._file, {"request": _request_to_json(request)})
        is_sms = message.kind is MessageKind.SMS
        accepted = Accepted(
            id=f"spool-{number}",
            owner=message.from_,
            application_id=message.application_id or "",
            time="",
            segment_count=count_segments(message.text, boundary="character") if is_sms else 1,
            direction="out",
            to=message.to,
            from_=message.from_,
            text=message.text,
            media=message.media,
            tag=message.tag,
            priority=message.priority,
            expiration=message.expiration,
        )
        return Response(202, {"content-type": "application/json"}, encode_accepted(accepted))

    async def _record(self, number: int, request: Request, recorder: "_Recorder") -> Response:
        assert self._inner is not None
        try:
            response = await self._inner.exchange(request)
            response = Response(response.status, response.headers, await _whole(response.body))
        except TransportError as error:
            recorder.add(number, {"request": _request_to_json(request), "error": _error_to_json(error)})
            raise
        except BaseException as error:
            # The exchange has no recorded end; a place without a line would hold back every later one.
            unknown = TransportError(f"broken off: {type(error).__name__}", may_have_been_accepted=True)
            recorder.add(number, {"request": _request_to_json(request), "error": _error_to_json(unknown)})
            raise
        recorder.add(number, {"request": _request_to_json(request), "response": _response_to_json(response)})
        return response

    def _replay(self, number: int, request: Request, recording: Iterator[tuple[int, str]]) -> Response:
        try:
            line_number, line = next(recording)
        except StopIteration:
            raise ReplayError(self._path, number, f"the recording ends after {number - 1}") from None
        try:
            recorded = _Exchange.from_json(json.loads(line))
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            reason = f"line {line_number} is not a recorded exchange: {error!r}"
            raise ReplayError(self._path, number, reason) from error
        difference = _first_difference(recorded.request, _request_to_json(request))
        if difference is not None:
            raise ReplayError(self._path, number, difference)
        return recorded.answer()


class _Exchange:
    """One line of a recording."""

    def __init__(self, request: Mapping[str, Any], response: Response | None, error: TransportError | None) -> None:
        self.request = request
        self._response = response
        self._error = error

    @classmethod
    def from_json(cls, line: Any) -> Self:
        """Read a line; KeyError, TypeError or ValueError where it is none."""
        request = {part: line["request"][part] for part in REQUEST_PARTS}
        if "response" not in line and "error" not in line:
            raise ValueError("a request without an answer, as in a spool")
        if "response" not in line:
            return cls(request, None, _error_from_json(line["error"]))
        response = line["response"]
        headers = {str(name): str(value) for name, value in dict(response["headers"]).items()}
        return cls(request, Response(int(response["status"]), headers, _body_from_json(response)), None)

    def answer(self) -> Response:
        if self._error is not None:
            raise self._error
        assert self._response is not None
        return self._response


class _Recorder:
    """Writes lines in the order of their numbers, whatever the order in which they come."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._next = 1
        self._early: dict[int, dict[str, Any]] = {}

    def add(self, number: int, line: dict[str, Any]) -> None:
        self._early[number] = line
        while self._next in self._early:
            _write_line(self._file, self._early.pop(self._next))
            self._next += 1


def _require_transport(inner: object) -> None:
    if not isinstance(inner, Transport):  # such as a name from a command line
        raise TypeError(f"inner must be a Transport, not {type(inner).__name__}")


async def _whole(body: bytes | AsyncIterable[bytes]) -> bytes:
    if isinstance(body, bytes):
        return body
    return b"".join([chunk async for chunk in body])


def _open_to_append(path: Path) -> TextIO:
    """Open ``path`` to append whole lines: a line torn by a crash is closed, so that it stays alone."""
    with path.open("ab+") as file:
        if file.tell() > 0:
            file.seek(-1, 2)
            if file.read(1) != b"\n":
                file.write(b"\n")
    return path.open("a", encoding="utf-8", newline="\n")


def _write_line(file: TextIO, line: Mapping[str, Any]) -> None:
    file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
    file.flush()


def _request_to_json(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": dict(request.headers),
        "body": _body_to_json(request.body),
    }


def _response_to_json(response: Response) -> dict[str, Any]:
    return {"status": response.status, "headers": dict(response.headers), "body": _body_to_json(response.body)}


def _error_to_json(error: TransportError) -> dict[str, Any]:
    return {
        "type": type(error).__name__,
        "reason": str(error),
        "may_have_been_accepted": error.may_have_been_accepted,
    }


def _error_from_json(error: Mapping[str, Any]) -> TransportError:
    reason, may_have_been_accepted = str(error["reason"]), bool(error["may_have_been_accepted"])
    match error["type"]:
        case "ConnectError":
            return ConnectError(reason)
        case "ExchangeTimeoutError":
            return ExchangeTimeoutError(reason)
        case "ClosedError":
            return ClosedError(reason, may_have_been_accepted=may_have_been_accepted)
    return TransportError(reason, may_have_been_accepted=may_have_been_accepted)


def _body_to_json(body: bytes | AsyncIterable[bytes]) -> str | dict[str, str]:
    assert isinstance(body, bytes)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode("ascii")}


def _body_from_json(holder: Mapping[str, Any]) -> bytes:
    body = holder["body"]
    return base64.b64decode(body["base64"]) if isinstance(body, dict) else str(body).encode("utf-8")


def _first_difference(recorded: Mapping[str, Any], got: Mapping[str, Any]) -> str | None:
    for part in REQUEST_PARTS:
        if recorded[part] != got[part]:
            return _describe_difference(part, recorded[part], got[part])
    return None


def _describe_difference(part: str, recorded: Any, got: Any) -> str:
    """Name the innermost place where the two differ; bodies that are JSON are compared as such."""
    if part == "body" and isinstance(recorded, str) and isinstance(got, str):
        try:
            recorded_value, got_value = json.loads(recorded), json.loads(got)
        except ValueError:
            pass  # not JSON: compared as text below
        else:
            if recorded_value != got_value:
                return _describe_json_difference("body $", recorded_value, got_value)
            return f"body: the same JSON, written differently: recorded {recorded!r}, got {got!r}"
    return _describe_json_difference(part, recorded, got)


def _describe_json_difference(path: str, recorded: Any, got: Any) -> str:
    if isinstance(recorded, dict) and isinstance(got, dict):
        for key in [*recorded, *(key for key in got if key not in recorded)]:
            if key not in got:
                return f"{path}.{key}: recorded {recorded[key]!r}, got nothing"
            if key not in recorded:
                return f"{path}.{key}: recorded nothing, got {got[key]!r}"
            if recorded[key] != got[key]:
                return _describe_json_difference(f"{path}.{key}", recorded[key], got[key])
    if isinstance(recorded, list) and isinstance(got, list):
        for index, (one, other) in enumerate(zip(recorded, got, strict=False)):
            if one != other:
                return _describe_json_difference(f"{path}[{index}]", one, other)
        if len(recorded) != len(got):
            return f"{path}: recorded {len(recorded)} items, got {len(got)}"
    return f"{path}: recorded {recorded!r}, got {got!r}"


__all__ = ["FileTransport", "ReplayError"]
