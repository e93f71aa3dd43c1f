"""How often what happened to a receiver and its handlers, since it was made."""

from dataclasses import dataclass


@dataclass(slots=True)
class Counters:
    """Requests by how they were answered, events by what became of them, handlers by how they fared."""

    requests: int = 0
    """All of them; each is one of the ten that follow, or still under way."""
    accepted: int = 0
    """Answered 200: their events are durable."""
    challenged: int = 0
    """Came without credentials and were asked for them: the provider comes again at once, with them."""
    unauthorized: int = 0
    """Came with wrong credentials."""
    misdirected: int = 0
    """To another path (404) or by another method (405)."""
    unsupported: int = 0
    """A form of a web page, or a coding that is not read (415)."""
    malformed: int = 0
    """No JSON, or neither an array nor an object (400)."""
    too_large: int = 0
    """Longer than is read (413)."""
    too_slow: int = 0
    """A body that did not come to its end in time (408)."""
    disconnected: int = 0
    """The client went before its body was whole."""
    unavailable: int = 0
    """Events that could not be made durable, or not in time (503): the provider will post them again."""

    new_events: int = 0
    repeated_events: int = 0
    quarantined_items: int = 0

    handled: int = 0
    """Events that a handler is done with; each counts for each of its handlers."""
    handler_failures: int = 0
    """Attempts that ended with an exception."""
    dead_letters: int = 0
    """Events that a handler has failed on for the last time."""


__all__ = ["Counters"]
