import asyncio
import gc
import itertools
import time
import weakref

import pytest

from msgcore.client import SystemClock
from msgcore.errors import LocalError
from msgcore.transport import Clock
from transports.simulator.clock import DEFAULT_START, VirtualClock


@pytest.mark.parametrize("clock", [VirtualClock(), SystemClock()])
def test_both_are_clocks(clock: Clock) -> None:
    assert isinstance(clock, Clock)


def test_virtual_time_starts_at_a_fixed_moment() -> None:
    assert VirtualClock().now() == DEFAULT_START == 1767225600.0


def test_a_virtual_day_of_minutes_takes_milliseconds() -> None:
    async def day(clock: VirtualClock) -> int:
        ticks = 0
        while clock.now() < DEFAULT_START + 86400:
            await clock.sleep_until(clock.now() + 60)
            ticks += 1
        return ticks

    before = time.perf_counter()
    assert asyncio.run(day(VirtualClock())) == 1440
    assert time.perf_counter() - before < 2  # about 20 ms; the bound only has to be far below a day


def test_sleepers_wake_in_the_order_of_time_and_equal_ones_first_come_first() -> None:
    woken: list[str] = []

    async def sleeper(clock: VirtualClock, name: str, when: float) -> None:
        await clock.sleep_until(when)
        assert clock.now() == when
        woken.append(name)

    async def main() -> None:
        clock = VirtualClock(start=0)
        await asyncio.gather(*(sleeper(clock, name, when) for name, when in [("c", 9), ("a", 5), ("b1", 7), ("b2", 7)]))

    asyncio.run(main())
    assert woken == ["a", "b1", "b2", "c"]


def test_time_waits_for_a_long_chain_of_tasks_that_wake_each_other() -> None:
    """Everything that is caused now happens before time moves, however many turns of the loop it takes."""

    async def main() -> float:
        clock = VirtualClock(start=0)
        queues: list[asyncio.Queue[int]] = [asyncio.Queue() for _ in range(50)]

        async def link(source: asyncio.Queue[int], target: asyncio.Queue[int]) -> None:
            await target.put(await source.get())

        links = [asyncio.create_task(link(a, b)) for a, b in itertools.pairwise(queues)]
        hour = asyncio.create_task(clock.sleep_until(3600))
        await queues[0].put(7)
        await queues[-1].get()
        arrived = clock.now()
        await asyncio.gather(hour, *links)
        return arrived

    assert asyncio.run(main()) == 0.0


def test_a_task_that_spins_does_not_stop_time() -> None:
    async def main() -> None:
        clock = VirtualClock(start=0)
        hour = asyncio.create_task(clock.sleep_until(3600))
        while not hour.done():
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(main(), 60))


def test_a_loop_that_hides_its_ready_queue_gets_turns_to_settle(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> float:
        clock = VirtualClock(start=0)
        monkeypatch.setattr(VirtualClock, "_ready_count", staticmethod(lambda loop: None))
        hour = asyncio.create_task(clock.sleep_until(3600))
        for _ in range(5):
            await asyncio.sleep(0)
        seen = clock.now()
        await hour
        return seen

    assert asyncio.run(main()) == 0.0


@pytest.mark.parametrize("turns", range(20))
def test_a_sleeper_may_be_cancelled_in_any_turn_of_such_a_loop(turns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in the very turn in which time moves, before the cancelled task has run."""

    async def main() -> float:
        clock = VirtualClock(start=0)
        monkeypatch.setattr(VirtualClock, "_ready_count", staticmethod(lambda loop: None))
        near, far = (asyncio.create_task(clock.sleep_until(when)) for when in (5, 10))
        for _ in range(turns):
            await asyncio.sleep(0)
        near.cancel()
        await far
        return clock.now()

    errors: list[object] = []
    with asyncio.Runner() as runner:
        runner.get_loop().set_exception_handler(lambda loop, context: errors.append(context))
        assert runner.run(main()) == 10.0
    assert errors == []


def test_a_time_that_has_come_still_yields_a_turn() -> None:
    async def main() -> list[str]:
        clock, order = VirtualClock(start=10), []

        async def other() -> None:
            order.append("other")

        task = asyncio.create_task(other())
        await clock.sleep_until(10)
        order.append("sleeper")
        await task
        return order

    assert asyncio.run(main()) == ["other", "sleeper"]


def test_a_cancelled_sleeper_does_not_move_time() -> None:
    async def main() -> float:
        clock = VirtualClock(start=0)
        far = asyncio.create_task(clock.sleep_until(5))
        near = asyncio.create_task(clock.sleep_until(10))
        await asyncio.sleep(0)
        far.cancel()
        await near
        assert far.cancelled()
        return clock.now()

    assert asyncio.run(main()) == 10.0


def test_cancelling_the_only_sleeper_leaves_nothing_behind() -> None:
    async def main() -> None:
        clock = VirtualClock(start=0)
        task = asyncio.create_task(clock.sleep_until(5))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert clock.now() == 0.0
        assert not clock._heap
        await clock.sleep_until(7)
        assert clock.now() == 7.0

    asyncio.run(main())


def test_far_sleepers_cancelled_again_and_again_do_not_pile_up() -> None:
    async def main() -> int:
        clock = VirtualClock(start=0)
        keeper = asyncio.create_task(clock.sleep_until(1e8))
        tasks = [asyncio.create_task(clock.sleep_until(1e9)) for _ in range(2000)]
        await asyncio.sleep(0)
        assert len(clock._heap) == 2001
        for task in tasks:
            task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not keeper.done()
        length = len(clock._heap)
        keeper.cancel()
        return length

    assert asyncio.run(main()) < 200


def test_infinity_never_comes_and_moves_nothing() -> None:
    async def main() -> float:
        clock = VirtualClock(start=0)
        never = asyncio.create_task(clock.sleep_until(float("inf")))
        await clock.sleep_until(3)
        for _ in range(20):
            await asyncio.sleep(0)
        assert not never.done()
        never.cancel()
        return clock.now()

    assert asyncio.run(main()) == 3.0


@pytest.mark.parametrize("start", [float("nan"), float("inf")])
def test_a_start_that_is_no_time_is_refused(start: float) -> None:
    with pytest.raises(LocalError, match="start"):
        VirtualClock(start)


def test_sleeping_until_nan_is_refused() -> None:
    with pytest.raises(LocalError, match="nan"):
        asyncio.run(VirtualClock().sleep_until(float("nan")))


def test_one_clock_serves_several_loops_one_after_another_and_holds_none() -> None:
    clock = VirtualClock(start=0)
    loops: list[weakref.ref[asyncio.AbstractEventLoop]] = []

    async def main() -> None:
        loops.append(weakref.ref(asyncio.get_running_loop()))
        left_behind = asyncio.create_task(clock.sleep_until(1e6))
        await clock.sleep_until(clock.now() + 1)
        assert not left_behind.done()

    for _ in range(3):
        asyncio.run(main())
    assert clock.now() == 3.0
    gc.collect()
    assert [loop() for loop in loops] == [None, None, None]


def test_a_loop_closed_with_sleepers_does_not_block_the_next() -> None:
    clock = VirtualClock(start=0)
    loop = asyncio.new_event_loop()
    future = loop.create_task(clock.sleep_until(5))
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()
    asyncio.run(clock.sleep_until(2))
    assert clock.now() == 2.0
    assert not future.done()
    future._log_destroy_pending = False  # type: ignore[attr-defined]  # it was left behind on purpose


def test_a_clock_with_sleepers_on_an_open_loop_refuses_another() -> None:
    clock = VirtualClock(start=0)
    loop = asyncio.new_event_loop()
    task = loop.create_task(clock.sleep_until(5))
    loop.call_soon(loop.stop)
    loop.run_forever()
    with pytest.raises(LocalError, match="one loop at a time"):
        asyncio.run(clock.sleep_until(2))
    loop.run_until_complete(task)
    loop.close()
    assert clock.now() == 5.0


def test_the_real_clock_shows_the_machines_time_and_sleeps() -> None:
    clock = SystemClock()
    before = time.time()
    assert before - 1 < clock.now() < time.time() + 1  # a second is for a machine that sets its time
    when = clock.now() + 0.001
    asyncio.run(clock.sleep_until(when))
    assert clock.now() >= when
