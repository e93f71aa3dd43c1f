"""Putting messages into an outbox: what is kept, under which key, and what is refused."""

import asyncio
from typing import Any

from msgcore.delivery import OutboxCounts, SendState
from msgcore.errors import KeyConflictError, LocalError
from msgcore.testing.outbox_contract.scenarios import (
    MakeOutbox,
    counted,
    entries_of,
    raised,
    run_with,
    text_message,
)
from msgcore.transport import Outbox
from msgcore.wire import Message


class PuttingContract:
    """What is put is kept once, whole."""

    def test_what_is_put_can_be_found_whole_under_its_key(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            whole = Message(
                to=("+19195550123", "+19195550124"),
                from_="+19195550100",
                text="é€ \u0416 \u4e2d \U0001f469\u200d\U0001f4bb \0",
                application_id="a-1",
                media=("https://media.example.com/1.png", "https://media.example.com/2.png"),
                tag="order-17",
                priority="high",
                expiration="2030-01-01T00:00:00Z",
                key="k-\u00e9\0",
            )
            assert await outbox.put([text_message("one", "k-1"), whole], now=5.0) == 2
            found, none = await outbox.find(["k-\u00e9\0", "k-3"])
            assert none is None
            assert found is not None
            assert found.message == whole
            assert (found.number, found.key, found.state) == (2, "k-\u00e9\0", SendState.WAITING)
            assert (found.attempts, found.put_at, found.due_at) == (0, 5.0, 0.0)
            assert not found.is_final

        run_with(make_outbox, scenario)

    def test_a_message_without_a_key_is_given_one_that_nobody_has(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            assert await outbox.put([text_message(), text_message()], now=1.0) == 2
            assert await outbox.put([text_message()], now=1.0) == 1
            entries = await entries_of(outbox)
            assert len({entry.key for entry in entries}) == 3
            assert all(entry.message == text_message(key=entry.key) for entry in entries)
            assert all(len(entry.key) <= 32 for entry in entries)  # it has to travel in the tag beside the caller's

        run_with(make_outbox, scenario)

    def test_the_same_key_and_content_again_is_no_new_message(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            assert await outbox.put([text_message("one", "k-1")], now=1.0) == 1
            again = [text_message("one", "k-1"), text_message("two", "k-2"), text_message("two", "k-2")]
            assert await outbox.put(again, now=2.0) == 1
            assert await outbox.put(again, now=3.0) == 0
            assert [(e.number, e.key, e.put_at) for e in await entries_of(outbox)] == [(1, "k-1", 1.0), (2, "k-2", 2.0)]
            assert outbox.counts() == OutboxCounts(waiting=2)

        run_with(make_outbox, scenario)

    def test_a_key_with_other_content_is_refused_and_nothing_with_it_is_kept(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await outbox.put([text_message("one", "k-1")], now=1.0)
            for other in (
                text_message("two", "k-1"),
                text_message("one", "k-1", tag="t"),
                text_message("one", "k-1", priority="default"),
                text_message("one", "k-1", media="https://media.example.com/1.png"),
            ):
                error = await raised(KeyConflictError, outbox.put([text_message("new", "k-9"), other], now=2.0))
                assert error.key == "k-1"
            twice = [text_message("new", "k-9"), text_message("newer", "k-9")]
            assert (await raised(KeyConflictError, outbox.put(twice, now=2.0))).key == "k-9"
            assert outbox.counts() == await counted(outbox) == OutboxCounts(waiting=1)

        run_with(make_outbox, scenario)

    def test_puts_at_the_same_time_are_each_all_or_nothing(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            results = await asyncio.gather(
                outbox.put([text_message("one", "k-1"), text_message("two", "k-2")], now=1.0),
                outbox.put([text_message("three", "k-3"), text_message("other", "k-2")], now=1.0),
                outbox.put([text_message("two", "k-2"), text_message("four", "k-4")], now=1.0),
                return_exceptions=True,
            )
            assert [r if isinstance(r, int) else type(r) for r in results] == [2, KeyConflictError, 1]
            assert [entry.key for entry in await entries_of(outbox)] == ["k-1", "k-2", "k-4"]

        run_with(make_outbox, scenario)

    def test_nothing_but_messages_with_content_is_kept(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await raised(LocalError, outbox.put([text_message("one"), text_message().without_content()], now=1.0))
            wrong: Any = ["hello"]
            try:
                await outbox.put(wrong, now=1.0)
            except TypeError:
                pass
            else:
                raise AssertionError("expected TypeError")
            assert await outbox.put([], now=1.0) == 0
            assert outbox.counts() == OutboxCounts()

        run_with(make_outbox, scenario)
