"""The control API over HTTP: below ``/control``.

It asks for no credentials: the server listens to this machine alone unless told otherwise. What it does not do is to
obey a web page that somebody happens to look at on this machine: ``visitors`` tells these apart.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from transports.simulator.answers import is_json
from transports.simulator.service.asgi import DisconnectError, Receive, Scope, Send, read_body
from transports.simulator.service.callbacks import cancel
from transports.simulator.service.control import billing, office, setup, traffic, watching
from transports.simulator.service.control.openapi import describe
from transports.simulator.service.control.operations import Call, Operation, ProblemError, problem_of, read
from transports.simulator.service.visitors import Visitors

if TYPE_CHECKING:
    from transports.simulator.service.service import Service

CONTROL_PATH: Final = "/control"
OPERATIONS: Final = (
    *setup.OPERATIONS, *office.OPERATIONS, *billing.OPERATIONS, *traffic.OPERATIONS, *watching.OPERATIONS,
)  # fmt: skip

_BODY_LIMIT: Final = 16 * 2**20
_TYPES: Final = {404: "not-found", 405: "method-not-allowed"}

_log = logging.getLogger("msgcore.simulator")

_Endpoint = Callable[[Request], Awaitable[Response]]


class ControlApi:
    """Answers what is asked below ``/control``."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._visitors = Visitors(service.origin)
        description = _json(200, describe(OPERATIONS, service.origin + CONTROL_PATH))

        async def openapi(_: Request) -> Response:
            return description

        routes = [Route(f"{CONTROL_PATH}/openapi.json", openapi)]
        routes += [
            Route(CONTROL_PATH + operation.path, self._endpoint(operation), methods=[operation.method])
            for operation in sorted(OPERATIONS, key=lambda operation: operation.path.count("{"))
        ]
        self._app = Starlette(routes=routes, exception_handlers={HTTPException: _http_problem})
        self._app.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        reason = self._visitors.refusal(scope)
        if reason is None:
            await self._app(scope, receive, send)
        else:
            await _problem(ProblemError(403, "forbidden", reason))(scope, receive, send)

    def _endpoint(self, operation: Operation) -> _Endpoint:
        async def endpoint(request: Request) -> Response:
            try:
                body = await _body(request, operation)
                call = Call(
                    service=self._service,
                    path=request.path_params,
                    query=request.url.query,
                    values=request.query_params,
                    headers=request.headers,
                    body=read(operation, body, request.path_params),
                )
                work = operation.handler(call)
                result = await (_while_heard(request, work) if operation.takes_long else work)
                await self._service.life.happened()  # nothing is told that a crash would take back
            except DisconnectError:
                return _problem(ProblemError(408, "timeout", "the body did not come in time"))
            except Exception as error:
                problem = problem_of(error)
                if problem is None:
                    _log.exception("an operation has failed")
                    problem = ProblemError(500, "internal-server-error", "something has gone wrong in the simulator")
                return _problem(problem)
            if isinstance(result, Response):
                return result
            return Response(status_code=204) if operation.status == 204 else _json(operation.status, result)

        return endpoint


async def _while_heard(request: Request, work: Awaitable[Any]) -> Any:
    """Return what the work brings; when the caller goes it is broken off, so that nobody else has to wait for its end.

    Raises:
        DisconnectError: the caller is gone.
    """
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise DisconnectError
        return working.result()
    finally:
        await cancel({working, leaving})


async def _left(request: Request) -> None:
    while (await request.receive())["type"] == "http.request":
        pass  # the body has been read; what comes behind it is no part of this request


async def _body(request: Request, operation: Operation) -> bytes:
    body = await read_body(request.receive, _BODY_LIMIT)
    if body.octet_count > _BODY_LIMIT:
        raise ProblemError(413, "content-too-large", f"the body has more than {_BODY_LIMIT} octets")
    if body.content and operation.takes is not None and not is_json(request.headers.get("content-type", "")):
        raise ProblemError(415, "unsupported-content-type", "the body has to be application/json")
    return body.content


def _json(status: int, value: Any) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def _problem(problem: ProblemError) -> Response:
    return _json(problem.status, {"type": problem.type, "description": problem.description})


async def _http_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = _json(
        error.status_code,
        {"type": _TYPES.get(error.status_code, "refused"), "description": f"{error.detail}; see openapi.json"},
    )
    response.headers.update(error.headers or {})
    return response
