"""Fields held to what they are declared to be, when a record is made and not when it is encoded.

How this works. The annotation of a field is the rule, and it is read once for each type of record. A number is any
integer (it becomes an ``int``, or the member of an ``IntEnum``), but no truth value; octets that may change become
``bytes``, so that every record has a hash. Everything else must be of the type itself: a ``str`` has an ``encode()``
too, and would pass for an address until it stands in the TPDU as other octets.
"""

from dataclasses import fields
from functools import cache
from operator import index
from typing import Any, get_args


def check_fields(record: object) -> None:
    """Hold every field of a frozen dataclass to its annotation: a type, or a union of types."""
    record_type: Any = type(record)
    for name, types in _declared(record_type):
        value = getattr(record, name)
        if type(value) not in types:
            declared = as_declared(f"{record_type.__name__}.{name}", value, *types)
            object.__setattr__(record, name, declared)


@cache
def _declared(record_type: type[Any]) -> tuple[tuple[str, tuple[type, ...]], ...]:
    return tuple((field.name, get_args(field.type) or (field.type,)) for field in fields(record_type))


def as_declared(name: str, value: Any, *types: type) -> Any:
    """Return ``value`` as one of ``types``; where it is none of them, that is a TypeError with the name ``name``."""
    if type(value) in types:
        return value
    if not isinstance(value, bool):  # which is an int by inheritance alone
        if isinstance(value, types):
            return value
        for each in types:
            if each is bytes and isinstance(value, bytearray | memoryview):
                return bytes(value)
            if issubclass(each, int) and each is not bool and hasattr(value, "__index__"):
                return each(index(value))
    expected = " or ".join("None" if each is type(None) else each.__name__ for each in types)
    raise TypeError(f"{name} must be {expected}, not {type(value).__name__}")


def check_octet(name: str, value: int) -> int:
    """Return ``value``; refuse what is no octet."""
    octet: int = as_declared(name, value, int)
    if not 0 <= octet <= 0xFF:
        raise ValueError(f"{name} must be 0 to 255, not {octet}")
    return octet


__all__ = ["as_declared", "check_fields", "check_octet"]
