"""Where columns come from: lists, and whatever speaks the Arrow PyCapsule Interface."""

from typing import Protocol, TypeGuard


class ArrowStreamProducer(Protocol):
    """What hands a column over in chunks."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return a capsule of an Arrow stream."""


class ArrowArrayProducer(Protocol):
    """What hands a column over as one array."""

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        """Return capsules of an Arrow schema and array."""


ArrowProducer = ArrowStreamProducer | ArrowArrayProducer


def is_list(column: list[str] | ArrowProducer) -> TypeGuard[list[str]]:
    """Tell a list from an Arrow column; what is neither is a TypeError."""
    if isinstance(column, list):
        return True
    if hasattr(column, "__arrow_c_stream__") or hasattr(column, "__arrow_c_array__"):
        return False
    raise TypeError(f"expected a list of str or an Arrow column, not {type(column).__name__}")


__all__ = ["ArrowArrayProducer", "ArrowProducer", "ArrowStreamProducer", "is_list"]
