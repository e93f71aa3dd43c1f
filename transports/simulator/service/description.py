"""The description of the V2 API as this server speaks it: an OpenAPI document, at ``/api/v2/openapi.json``.

What the provider's documents say of shapes and statuses, and the additions that are ours: 413 and 416, and the form of
the 404 (which is the framework's, whatever is published).
"""

from importlib import metadata
from typing import Any, Final

import msgspec

from transports.simulator.search.query import SORT_FIELDS
from transports.simulator.search.rows import Row

DESCRIPTION_PATH: Final = "/api/v2/openapi.json"

_STRING: Final = {"type": "string"}
_INTEGER: Final = {"type": "integer"}
_BOOLEAN: Final = {"type": "boolean"}
_NUMBERS: Final = {"type": "array", "items": _STRING, "minItems": 1}
_TIME: Final = {"type": "string", "format": "date-time"}


def _object(required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required.split(), "properties": properties}


_SCHEMAS: Final[dict[str, Any]] = {
    "MessageRequest": {
        **_object(
            "applicationId from to",
            applicationId=_STRING,
            to={"anyOf": [_STRING, {**_NUMBERS, "maxItems": 10, "uniqueItems": True}]},
            text={"type": "string", "maxLength": 2048},
            media={"type": "array", "items": {"type": "string", "maxLength": 4096}, "maxItems": 10},
            tag={"type": "string", "maxLength": 1024},
            priority={"enum": ["default", "high"]},
            expiration=_TIME,
        )
    },
    "Message": _object(
        "id owner applicationId time segmentCount direction to from text",
        id=_STRING,
        owner=_STRING,
        applicationId=_STRING,
        time=_TIME,
        segmentCount={"type": "integer", "minimum": 1},
        direction={"const": "out"},
        to=_NUMBERS,
        text=_STRING,
        media={"type": "array", "items": _STRING},
        tag=_STRING,
        priority={"enum": ["default", "high"]},
        expiration=_STRING,
    ),
    "Error": _object(
        "type description",
        type=_STRING,
        description=_STRING,
        fieldErrors={"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}},
    ),
    "FieldError": _object("fieldName description", fieldName=_STRING, description=_STRING),
    "NotFound": _object(
        "timestamp status error message path",
        timestamp=_STRING,
        status=_INTEGER,
        error=_STRING,
        message=_STRING,
        path=_STRING,
    ),
    "Media": _object("content contentLength mediaName", content=_STRING, contentLength=_INTEGER, mediaName=_STRING),
    "Found": _object(
        "totalCount pageInfo messages",
        totalCount=_INTEGER,
        pageInfo={"type": "object", "additionalProperties": _STRING},
        messages={"type": "array", "items": {"$ref": "#/components/schemas/Row"}},
    ),
}
for _name in ("MessageRequest", "Message"):
    _SCHEMAS[_name]["properties"]["from"] = _STRING

_SEARCH: Final[dict[str, Any]] = {
    **dict.fromkeys(
        ("messageId", "sourceTn", "destinationTn", "carrierName", "campaignId", "pageToken", "location",
         "callingNumberCountryA3", "calledNumberCountryA3"),
        _STRING,
    ),
    **dict.fromkeys(
        ("errorCode", "fromBwLatency", "fromCarrierLatency", "fromSegmentCount", "toSegmentCount", "fromMessageSize",
         "toMessageSize"),
        _INTEGER,
    ),
    **dict.fromkeys(("limitTotalCount", "bwQueued", "carrierQueued"), _BOOLEAN),
    **dict.fromkeys(("fromDateTime", "toDateTime"), _TIME),
    "messageStatus": {
        "enum": ["RECEIVED", "QUEUED", "SENDING", "SENT", "DELIVERED", "FAILED", "ACCEPTED", "UNDELIVERED"]
    },
    "messageDirection": {"enum": ["INBOUND", "OUTBOUND"]},
    "messageType": {"enum": ["sms", "mms", "rcs"]},
    "product": _STRING,
    "sort": {"type": "string", "pattern": f"^({'|'.join(SORT_FIELDS)}):(asc|desc)$"},
    "limit": {"type": "integer", "minimum": 1, "maximum": 10_000},
}  # fmt: skip


def describe_api(base_url: str, account_id: str, token_url: str | None = None) -> dict[str, Any]:
    """Return an OpenAPI 3.1 document; the account is a variable of the server, and this one its default.

    ``token_url`` is where bearer tokens are given out, ``None`` where there are none.
    """
    (_,), rows = msgspec.json.schema_components([Row], ref_template="#/components/schemas/{name}")
    media_id = {"name": "mediaId", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    any_bytes: dict[str, Any] = {"schema": {}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "msgcore simulator: Messaging V2 API", "version": metadata.version("msgcore")},
        "servers": [
            {"url": base_url + "/users/{accountId}", "variables": {"accountId": {"default": account_id}}}
        ],
        "security": [{"basic": []}, {"token": []}] if token_url is not None else [{"basic": []}],
        "paths": {
            "/messages": {
                "post": {
                    "operationId": "createMessage",
                    "requestBody": _json("MessageRequest", required=True),
                    "responses": _answers(202, _json("Message"), 400, 406, 413, 415, 429),
                },
                "get": {
                    "operationId": "listMessages",
                    "parameters": [{"name": name, "in": "query", "schema": s} for name, s in _SEARCH.items()],
                    "responses": _answers(200, _json("Found"), 400, 406, 429),
                },
            },
            "/media": {
                "get": {
                    "operationId": "listMedia",
                    "parameters": [{"name": "Continuation-Token", "in": "header", "schema": _STRING}],
                    "responses": _answers(200, _json("Media", many=True), 400, 406),
                },
            },
            "/media/{mediaId}": {
                "parameters": [media_id],
                "get": {
                    "operationId": "getMedia",
                    "responses": {**_answers(200, {"content": {"*/*": any_bytes}}, 400, 416), "206": {
                        "description": "A range of it", "content": {"*/*": any_bytes}}},
                },
                "put": {
                    "operationId": "uploadMedia",
                    "requestBody": {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}},
                    "responses": _answers(204, {}, 400, 413),
                },
                "delete": {"operationId": "deleteMedia", "responses": _answers(204, {}, 400)},
            },
        },
        "components": {
            "schemas": {**_SCHEMAS, **rows},
            "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}, **_token_scheme(token_url)},
        },
    }  # fmt: skip


def _token_scheme(token_url: str | None) -> dict[str, Any]:
    if token_url is None:
        return {}
    flows = {"clientCredentials": {"tokenUrl": token_url, "scopes": {}}}
    return {"token": {"type": "oauth2", "flows": flows}}


def _json(name: str, *, many: bool = False, required: bool | None = None) -> dict[str, Any]:
    schema: dict[str, Any] = {"$ref": f"#/components/schemas/{name}"}
    if many:
        schema = {"type": "array", "items": schema}
    content: dict[str, Any] = {"content": {"application/json": {"schema": schema}}}
    return content if required is None else {"required": required, **content}


def _answers(success: int, content: dict[str, Any], *refusals: int) -> dict[str, Any]:
    """Every operation can also be refused to who may not, or at a path that is none."""
    return {
        str(success): {"description": "Done", **content},
        **{str(status): {"description": "Refused", **_json("Error")} for status in (*refusals, 401, 403, 405)},
        "404": {"description": "There is none", **_json("NotFound")},
    }
