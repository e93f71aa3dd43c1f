"""The description of the control API, written from the same tables that its router is made of: they cannot differ."""

import re
from collections.abc import Sequence
from importlib import metadata
from typing import Any, Final

import msgspec

from transports.simulator.service.control.operations import Operation

_STATUS_TEXTS: Final = {200: "Done", 201: "Made", 202: "Taken", 204: "Done; there is nothing to say"}
_REFUSALS: Final = {
    "400": "Something in it is wrong",
    "403": "It came from a web page of somebody else",
    "404": "There is none",
    "408": "It did not happen in time",
    "413": "The body is too long",
    "415": "The body is not application/json",
    "429": "The queue is full",
    "503": "As many as may are listening already",
}


class Problem(msgspec.Struct, frozen=True):
    """Why something was not done."""

    type: str
    description: str


def describe(operations: Sequence[Operation], server_url: str) -> dict[str, Any]:
    """Return an OpenAPI 3.1 document."""
    bodies = [Problem] + [body for operation in operations for body in (operation.takes, operation.gives) if body]
    schemas, components = msgspec.json.schema_components(bodies, ref_template="#/components/schemas/{name}")
    by_body = {repr(body): schema for body, schema in zip(bodies, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        item = _operation(operation, by_body)
        if operation.key is not None:
            _leave_to_path(components[operation.takes.__name__], operation.key)
        paths.setdefault(operation.path, {})[operation.method.lower()] = item
    return {
        "openapi": "3.1.0",
        "info": {"title": "msgcore simulator: control API", "version": metadata.version("msgcore")},
        "servers": [{"url": server_url}],
        "paths": paths,
        "components": {"schemas": components},
    }


def _operation(operation: Operation, by_body: dict[str, Any]) -> dict[str, Any]:
    success: dict[str, Any] = {"description": _STATUS_TEXTS[operation.status]}
    if operation.gives is not None:
        success["content"] = {"application/json": {"schema": by_body[repr(operation.gives)]}}
    elif operation.media_type != "application/json":
        success["content"] = {operation.media_type: {"schema": {"type": "string"}}}
    problem = {"application/json": {"schema": by_body[repr(Problem)]}}
    item: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": _id(operation),
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"{(\w+)}", operation.path)
        ]
        + [
            {"name": name, "in": "query", "description": description, "schema": schema}
            for name, description, schema in operation.parameters
        ],
        "responses": {
            str(operation.status): success,
            **{status: {"description": text, "content": problem} for status, text in _REFUSALS.items()},
        },
    }
    if operation.takes is not None:
        item["requestBody"] = {
            "required": not operation.optional_body,
            "content": {"application/json": {"schema": by_body[repr(operation.takes)]}},
        }
    return item


def _id(operation: Operation) -> str:
    name = operation.handler.__name__
    return f"{name}_of_account" if operation.path.startswith("/accounts/{account_id}/") else str(name)


def _leave_to_path(schema: dict[str, Any], key: str) -> None:
    schema["required"] = [name for name in schema.get("required", []) if name != key]
