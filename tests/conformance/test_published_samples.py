"""Published samples, as data: what the provider shows in its guides must be read, and written again unchanged.

A file of ``data/`` holds a ``provenance`` head and ``cases``; each case names the ``kind`` of its body and what must
come out of it. The samples have the shape and the field order of the published ones; numbers and ids are made up.
"""

import json
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from msgcore.errors import FieldError, RejectedError
from msgcore.wire import (
    Response,
    check_fields,
    decode_accepted,
    decode_callbacks,
    decode_message,
    decode_send_response,
    encode_accepted,
    encode_callbacks,
    encode_message,
)

DATA = Path(__file__).parent / "data"
FILES = sorted(DATA.glob("*.json"))


def _cases() -> list[Any]:
    files = [(file.stem, json.loads(file.read_text(encoding="utf-8"))) for file in FILES]
    return [pytest.param(case, id=f"{stem}: {case['name']}") for stem, content in files for case in content["cases"]]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.stem))
def test_every_file_says_where_its_facts_come_from(file: Path) -> None:
    provenance = json.loads(file.read_text(encoding="utf-8"))["provenance"]
    assert set(provenance) == {"document", "section", "edition", "note"}
    assert all(provenance.values())


@pytest.mark.parametrize("case", _cases())
def test_published_sample(case: dict[str, Any]) -> None:
    KINDS[case["kind"]](case)


def _judge_callback(case: dict[str, Any]) -> None:
    body = json.dumps(case["body"]).encode()
    events = decode_callbacks(body)
    assert [type(event).__name__ for event in events] == case["events"]
    items = case["body"] if isinstance(case["body"], list) else [case["body"]]
    assert [event.raw for event in events] == items
    for path, value in case.get("values", {}).items():
        assert _value_at(events, path) == value, path
    if case.get("writes", True):
        assert json.loads(encode_callbacks(events)) == items


def _judge_request(case: dict[str, Any]) -> None:
    body = json.dumps(case["body"]).encode()
    expected = [FieldError(name, "") for name in case.get("broken", [])]
    errors = [error._replace(description="") for error in check_fields(case["body"], require_application=True)]
    assert errors == expected
    if not expected:
        message = decode_message(body)
        assert message.kind == case["message_kind"]
        written = encode_message(message).body
        assert isinstance(written, bytes)
        to = case["body"]["to"]
        assert json.loads(written) == case["body"] | {"to": [to] if isinstance(to, str) else to}


def _judge_accepted(case: dict[str, Any]) -> None:
    accepted = decode_accepted(json.dumps(case["body"]).encode())
    for path, value in case["values"].items():
        assert _value_at(accepted, path) == value, path
    if case.get("writes", True):
        assert json.loads(encode_accepted(accepted)) == case["body"]


def _judge_rejection(case: dict[str, Any]) -> None:
    response = Response(case["status"], case.get("headers", {}), json.dumps(case["body"]).encode())
    with pytest.raises(RejectedError) as caught:
        decode_send_response(response)
    assert type(caught.value).__name__ == case["error"]
    for path, value in case["values"].items():
        assert _value_at(caught.value, path) == value, path


def _value_at(root: object, path: str) -> Any:
    """Follow ``0.message.to.1`` through attributes and indexes; tuples are compared as lists."""

    def step(value: Any, name: str) -> Any:
        return value[int(name)] if name.isdecimal() else getattr(value, name)

    found = reduce(step, path.split("."), root)
    return list(found) if isinstance(found, tuple) and not hasattr(found, "_fields") else found


KINDS = {
    "callback": _judge_callback,
    "request": _judge_request,
    "accepted": _judge_accepted,
    "rejection": _judge_rejection,
}
