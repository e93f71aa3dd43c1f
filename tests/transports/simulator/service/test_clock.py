"""The provider's time in a server."""

import math

import pytest

from msgcore.errors import LocalError
from transports.simulator.service.clock import ServiceClock, read_duration


class Machine:
    """Time that passes when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_time_goes_at_its_speed_and_never_back(machine: Machine) -> None:
    clock = ServiceClock(100.0, speed=2, monotonic=machine)
    machine.seconds = 10
    assert clock.now() == 120
    clock.change_speed(0.5)
    machine.seconds = 20
    assert clock.now() == 125
    clock.forward_to(50.0)
    assert clock.now() == 125
    clock.forward_to(1000.0)
    machine.seconds = 22
    assert clock.now() == 1001


def test_time_that_is_held_stands_still_and_can_be_pushed(machine: Machine) -> None:
    clock = ServiceClock(0.0, monotonic=machine)
    clock.pause()
    machine.seconds = 10
    assert (clock.now(), clock.real_seconds_until(1.0)) == (0, math.inf)
    clock.forward_to(5.0)
    assert (clock.now(), clock.real_seconds_until(5.0)) == (5, 0)
    clock.resume()
    machine.seconds = 11
    assert clock.now() == 6


def test_waiting_is_as_long_as_it_really_takes(machine: Machine) -> None:
    clock = ServiceClock(0.0, speed=60, monotonic=machine)
    assert clock.real_seconds_until(120.0) == 2
    assert clock.real_seconds_until(math.inf) == math.inf


@pytest.mark.parametrize("speed", [0, -1, math.nan, math.inf])
def test_a_speed_that_cannot_be_is_refused(speed: float) -> None:
    with pytest.raises(LocalError, match="speed"):
        ServiceClock(0.0, speed=speed)
    with pytest.raises(LocalError, match="speed"):
        ServiceClock(0.0).change_speed(speed)


@pytest.mark.parametrize(
    "text, seconds", [("250ms", 0.25), ("90", 90), ("90s", 90), ("1.5m", 90), ("26h", 93600), ("30d", 2_592_000)]
)
def test_durations_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert read_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "-1s", "1w", "1 m", "31d", "1e3s", "١m"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(LocalError, match="15m"):
        read_duration(text)
