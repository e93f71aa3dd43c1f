from collections.abc import Iterator

import pytest

from tests.transports.simulator.service.running import Simulator, running


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """One that many tests share: they look only at what they did themselves."""
    with running() as made:
        yield made
