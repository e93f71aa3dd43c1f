"""The provider's time, in the hands of a test."""

from transports.pytest_plugin.control import AccountControl
from transports.pytest_plugin.durations import Duration, seconds_of


class TimeControl:
    """The time of the provider: virtual in this process, the machine's with all that was added on a server."""

    def __init__(self, control: AccountControl) -> None:
        self._control = control

    def now(self) -> float:
        """Return the provider's time, in seconds since the Unix epoch."""
        return self._control.now()

    def advance(self, by: Duration) -> float:
        """Let time pass at once: ``"15m"``, seconds, or a timedelta. Returns the time it is then.

        Everything that falls into it happens, in order: messages leave the queue, and callbacks that failed are
        posted again, each time after three minutes.
        """
        self._control.advance(seconds_of(by))
        return self.now()


__all__ = ["TimeControl"]
