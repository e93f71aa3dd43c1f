"""What the control API is made of: operations, one a line of its tables. Router and description are built from them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from msgcore.errors import LocalError
from transports.simulator.provider import Tenant

if TYPE_CHECKING:
    from transports.simulator.service.service import Service


class ProblemError(Exception):
    """An operation that cannot be done, and the status that says so."""

    def __init__(self, status: int, type_: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.type = type_
        self.description = description


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of an operation: who is asked, about what, and what was sent."""

    service: "Service"
    path: Mapping[str, str]
    query: str
    values: Mapping[str, str]  # of the query, each name once
    headers: Mapping[str, str]  # names in lower case
    body: Any

    @property
    def now(self) -> float:
        """The provider's time."""
        return self.service.life.clock.now()

    @property
    def tenant(self) -> Tenant:
        """The account that the path names, or else the first one."""
        provider = self.service.provider
        account_id = self.path.get("account_id")
        tenant = provider.get(account_id) if account_id is not None else next(iter(provider.tenants), None)
        if tenant is None:
            raise ProblemError(404, "not-found", f"there is no account {account_id or 'at all'}")
        return tenant

    def whole_number(self, name: str, default: int, most: int) -> int:
        """Return a number of the query."""
        text = self.values.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 10 and 0 < int(text) <= most):
            raise ProblemError(400, "invalid", f"{name}: expected a whole number from 1 to {most}, got {text!r}")
        return int(text)


class Parameter(NamedTuple):
    """A parameter of a query."""

    name: str
    description: str
    schema: Mapping[str, Any] = {"type": "string"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked. ``key`` names the field of ``takes`` that the last part of the path gives.

    What ``takes_long`` is broken off when its caller goes. What is given is JSON, unless ``media_type`` says otherwise:
    then the handler returns a whole answer.
    """

    method: str
    path: str
    summary: str
    handler: Callable[[Call], Awaitable[Any]] = field(repr=False)
    takes: Any = None
    gives: Any = None
    status: int = 200
    key: str | None = None
    optional_body: bool = False
    takes_long: bool = False
    parameters: tuple[Parameter, ...] = ()
    media_type: str = "application/json"


def for_accounts(operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """Return operations for a named account, and the same without a name for the first account."""
    found: list[Operation] = []
    for operation in operations:
        for prefix in ("/accounts/{account_id}", ""):
            found.append(replace(operation, path=prefix + operation.path))
    return tuple(found)


def read(operation: Operation, body: bytes, path: Mapping[str, str]) -> Any:
    """Return the body of a call as what the operation takes; a field that nobody knows is an error, not ignored."""
    if operation.takes is None or (operation.optional_body and not body):
        return None
    try:
        value = msgspec.json.decode(body)
        _check_names(operation.takes, value)
        if operation.key is not None and isinstance(value, dict):
            in_path = path[operation.key]
            if value.setdefault(operation.key, in_path) != in_path:
                raise ProblemError(400, "invalid", f"{operation.key}: the path says {in_path!r}")
        return msgspec.convert(value, operation.takes)
    except msgspec.DecodeError as error:
        raise ProblemError(400, "invalid", str(error)) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise ProblemError(400, "invalid", "the body is no JSON that can be read") from error


def _check_names(takes: Any, value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            _check_names(getattr(takes, "__args__", (takes,))[0], item)
        return
    names = getattr(takes, "__struct_encode_fields__", None)
    if names is not None and isinstance(value, dict) and (unknown := sorted(value.keys() - set(names))):
        raise ProblemError(400, "invalid", f"unknown field {unknown[0]!r}; there are {', '.join(names)}")


def changed(record: Any, fields: Mapping[str, Any]) -> Any:
    """Return a record with some fields changed, checked as if it had come whole."""
    return msgspec.convert({**msgspec.to_builtins(record), **fields}, type(record))


def problem_of(error: Exception) -> ProblemError | None:
    """Return what a mistake of the caller is to be answered with; ``None`` for what is our own."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, (LocalError, msgspec.ValidationError)):
        return ProblemError(400, "invalid", str(error))
    return None
