"""Where columns come from: lists, and whatever speaks the Arrow PyCapsule Interface."""

from typing import Protocol


class ArrowStreamProducer(Protocol):
    """What hands a column over in chunks."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return a capsule of an Arrow stream."""


class ArrowArrayProducer(Protocol):
    """What hands a column over as one array."""

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        """Return capsules of an Arrow schema and array."""


ArrowProducer = ArrowStreamProducer | ArrowArrayProducer


def as_list(column: list[str] | ArrowProducer) -> list[str] | None:
    """Return a list as the kernel takes it, or None for an Arrow column; what is neither is a TypeError."""
    if isinstance(column, list):
        return column if type(column) is list else list(column)
    if hasattr(column, "__arrow_c_stream__") or hasattr(column, "__arrow_c_array__"):
        return None
    raise TypeError(f"expected a list of str or an Arrow column, not {type(column).__name__}")


__all__ = ["ArrowArrayProducer", "ArrowProducer", "ArrowStreamProducer", "as_list"]
