"""Event loops whose time can be put forward, so that nobody has to wait, or to be quick."""

import asyncio


class SkippingLoop(asyncio.SelectorEventLoop):
    """A loop on which hours pass at once."""

    skipped = 0.0

    def time(self) -> float:
        return super().time() + self.skipped

    def skip(self, seconds: float) -> None:
        self.skipped += seconds


class StandingLoop(SkippingLoop):
    """A loop on which no time passes but what is skipped, however long the machine takes over anything."""

    def time(self) -> float:
        return self.skipped


def skip(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SkippingLoop)
    loop.skip(seconds)
