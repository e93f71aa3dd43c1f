"""What is in the file at which moment: a crash between any two transactions leaves something that can go on."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import apsw
import pytest

from tests.transports.simulator.provider_requests import ACCOUNT, START, answer_all, sample, send
from transports.simulator import Provider
from transports.simulator.provider import Tenant
from transports.simulator.service.store import FILE_NAME, ClockRecord, Kept, Store

Scenario = Callable[[Store, Provider, Tenant], Awaitable[None]]


def kept_after(folder: Path, scenario: Scenario) -> Kept:
    """Play a scenario, crash, and return what a new process finds of the account."""

    async def play() -> None:
        made = Provider(journal=True)
        made.add(sample())
        store = Store(folder)
        store.keep(made, lambda: ClockRecord(START, START, 1.0, False))
        await store.save()
        await scenario(store, made, made[ACCOUNT])
        while store._writer is not None:
            await asyncio.sleep(0)
        store._thread.shutdown()
        store._database.close()  # without the last save of an orderly end

    asyncio.run(play())
    store = Store(folder)
    [kept] = store.load()
    store._database.close()
    return kept


def count_rows(store: Store, statement: str, counts: list[int]) -> None:
    """Note how many rows of a kind each transaction has from now on."""
    write = store._write

    async def count(rows: dict[str, dict[tuple[str, ...], tuple[str, ...]]]) -> None:
        counts.append(len(rows[statement]))
        await write(rows)

    store._write = count  # type: ignore[method-assign]


def test_an_accepted_message_is_kept_as_it_was_taken_in(tmp_path: Path) -> None:
    async def scenario(store: Store, made: Provider, tenant: Tenant) -> None:
        send(made)
        saved = store.save_accepted(tenant)
        made.advance(START + 60)  # what becomes of it meanwhile is not told, so it is not kept
        answer_all(made, START + 60)
        await saved

    kept = kept_after(tmp_path, scenario)
    [message] = kept.messages
    assert (message.started, message.finished, message.legs[0].plan) == (False, None, ())
    assert kept.deliveries == ()
    again = Provider()
    again.restore(*kept)
    again.advance(START + 60)
    assert len(answer_all(again, START + 60)) == 2


def test_what_becomes_of_a_message_is_kept_with_the_events_that_tell_of_it(tmp_path: Path) -> None:
    async def scenario(store: Store, made: Provider, tenant: Tenant) -> None:
        send(made)
        await store.save_accepted(tenant)
        made.advance(START + 60)
        await store.save()

    kept = kept_after(tmp_path, scenario)
    [message] = kept.messages
    assert message.finished is not None
    assert [delivery.state for delivery in kept.deliveries] == ["waiting", "waiting"]


def test_who_waits_together_is_written_together(tmp_path: Path) -> None:
    transactions: list[int] = []

    async def scenario(store: Store, made: Provider, tenant: Tenant) -> None:
        count_rows(store, "message", transactions)

        async def post() -> None:
            send(made)
            await store.save_accepted(tenant)

        await asyncio.gather(*(post() for _ in range(100)))

    assert len(kept_after(tmp_path, scenario).messages) == 100
    assert transactions == [100]


def test_a_message_that_comes_during_a_transaction_is_in_the_next(tmp_path: Path) -> None:
    async def scenario(store: Store, made: Provider, tenant: Tenant) -> None:
        send(made)
        first = store.save_accepted(tenant)
        while store._waiting:  # until it has begun
            await asyncio.sleep(0)
        send(made)
        await store.save_accepted(tenant)
        await first

    assert len(kept_after(tmp_path, scenario).messages) == 2


def test_who_stops_waiting_stops_nobody_else(tmp_path: Path) -> None:
    async def scenario(store: Store, made: Provider, tenant: Tenant) -> None:
        send(made)
        impatient = asyncio.ensure_future(store.save_accepted(tenant))
        impatient.cancel()
        send(made)
        await store.save_accepted(tenant)
        assert impatient.cancelled()

    assert len(kept_after(tmp_path, scenario).messages) == 2


def test_what_could_not_be_written_is_told_and_written_with_the_next(tmp_path: Path) -> None:
    async def scenario(store: Store, made: Provider, tenant: Tenant) -> None:
        write = store._write

        async def fail(rows: object) -> None:
            store._write = write  # type: ignore[method-assign]
            raise apsw.FullError("the disk is full")

        store._write = fail  # type: ignore[method-assign]
        send(made)
        with pytest.raises(apsw.FullError):
            await store.save_accepted(tenant)
        send(made)
        await store.save_accepted(tenant)

    assert len(kept_after(tmp_path, scenario).messages) == 2


def test_a_transaction_that_breaks_halfway_leaves_nothing_behind(tmp_path: Path) -> None:
    async def scenario(store: Store, made: Provider, tenant: Tenant) -> None:
        store._database.execute(
            "CREATE TEMP TRIGGER full AFTER INSERT ON messages BEGIN SELECT RAISE(FAIL, 'full'); END"
        )
        send(made)
        with pytest.raises(apsw.ConstraintError):
            await store.save_accepted(tenant)
        assert not store._database.in_transaction
        store._database.execute("DROP TRIGGER full")
        await store.save()

    assert len(kept_after(tmp_path, scenario).messages) == 1


def test_what_waits_to_be_written_for_a_closed_account_goes_with_it(tmp_path: Path) -> None:
    async def scenario(store: Store, made: Provider, tenant: Tenant) -> None:
        send(made)
        waiting = store.save_accepted(tenant)
        made.remove(ACCOUNT)
        store.accounts_changed()
        await store.save()
        await waiting
        made.add(sample())
        store.accounts_changed()
        await store.save()

    assert kept_after(tmp_path, scenario).messages == ()


def test_what_was_never_written_is_not_deleted_either(tmp_path: Path) -> None:
    forgotten: list[int] = []

    async def scenario(store: Store, made: Provider, tenant: Tenant) -> None:
        tenant.schedule.kept = 3
        count_rows(store, "no delivery", forgotten)
        for now in (START, START + 100):
            for _ in range(10):
                send(made, now)
            made.advance(now + 60)
            answer_all(made, now + 60)
            await store.save()

    assert len(kept_after(tmp_path, scenario).deliveries) == 3
    assert forgotten == [0, 3]  # of the second round, those alone that the first had written


def test_the_file_is_a_plain_database(tmp_path: Path) -> None:
    async def scenario(store: Store, made: Provider, tenant: Tenant) -> None:
        send(made)
        await store.save_accepted(tenant)

    kept_after(tmp_path, scenario)
    database = apsw.Connection(str(tmp_path / FILE_NAME))
    assert list(database.execute("PRAGMA integrity_check")) == [("ok",)]
    database.close()
