"""Client: the same verbs without await, from any thread, inside or outside a running loop."""

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Iterator

import pytest

from msgcore.client import Client
from msgcore.errors import ClosedError, MsgcoreError
from msgcore.wire import Accepted, Message, Request, Response
from transports import SimulatorTransport

SECONDS = 60  # after which a test that waits has failed


def message(number: int = 0) -> Message:
    return Message(to="+19195550123", from_="+19195550100", text=f"message {number}")


def messages(count: int) -> Iterator[Message]:
    return (message(number) for number in range(count))


def open_client(rate: float = 100) -> Client:
    return Client(SimulatorTransport(rate=rate), application_id="a")


def test_send_and_events_work_without_await() -> None:
    with open_client() as client:
        accepted = client.send(message())
        events = list(client.events())
    assert [event.type for event in events] == ["message-sent", "message-delivered"]
    assert {event.message.id for event in events if event.message is not None} == {accepted.id}


@pytest.mark.parametrize("count", [0, 1, 65, 300])
def test_send_many_yields_every_message_once(count: int) -> None:
    with open_client() as client:
        outcomes = [(sent.text, outcome) for sent, outcome in client.send_many(messages(count))]
    assert sorted(text for text, _ in outcomes) == sorted(f"message {number}" for number in range(count))
    assert all(isinstance(outcome, Accepted) for _, outcome in outcomes)


def test_the_input_is_pulled_by_the_callers_own_thread() -> None:
    threads: set[int] = set()

    def source() -> Iterator[Message]:
        for number in range(200):
            threads.add(threading.get_ident())
            yield message(number)

    with open_client() as client:
        assert len(list(client.send_many(source()))) == 200
    assert threads == {threading.get_ident()}


def test_leaving_send_many_early_settles_what_is_in_flight() -> None:
    pulled = 0

    def source() -> Iterator[Message]:
        nonlocal pulled
        for number in range(10_000):
            pulled += 1
            yield message(number)

    with open_client() as client:
        for _ in client.send_many(source()):
            break
        before = pulled
        assert len(list(client.send_many(messages(3)))) == 3
    assert pulled == before < 200


def test_an_error_of_the_input_reaches_the_caller_after_the_outcomes() -> None:
    def source() -> Iterator[Message]:
        yield message(1)
        raise OSError("the disk is gone")

    seen: list[object] = []
    with open_client() as client, pytest.raises(OSError, match="the disk is gone"):
        for sent, _ in client.send_many(source()):
            seen.append(sent)
    assert seen == [message(1)]


def test_it_works_where_a_loop_already_runs() -> None:
    async def inside() -> str:
        with open_client() as client:
            return client.send(message()).text

    assert asyncio.run(inside()) == "message 0"


def test_threads_may_share_one_client() -> None:
    ids: list[str] = []

    def send_some(client: Client) -> None:
        ids.extend(client.send(message(number)).id for number in range(20))

    with open_client() as client:
        threads = [threading.Thread(target=send_some, args=(client,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(set(ids)) == 80


def test_a_closed_client_says_so_and_leaves_no_thread_behind() -> None:
    before = {*threading.enumerate()}
    client = open_client()
    assert len({*threading.enumerate()} - before) == 1
    client.close()
    client.close()
    assert {*threading.enumerate()} <= before  # of those of other tests some may have ended meanwhile
    with pytest.raises(ClosedError, match="the client is closed"):
        client.send(message())


def test_a_client_that_cannot_be_made_leaves_no_thread_behind() -> None:
    before = {*threading.enumerate()}
    with pytest.raises(TypeError, match="outbox"):
        Client(SimulatorTransport(), outbox=object())  # type: ignore[arg-type]
    assert {*threading.enumerate()} <= before


class Interrupting(SimulatorTransport):
    """Sends the main thread one Ctrl-C when it is first asked for anything, and then takes its time."""

    interrupted = False

    async def exchange(self, request: Request) -> Response:
        self.interrupt()
        await asyncio.sleep(0)
        return await super().exchange(request)

    async def next_callback(self) -> bytes | None:
        self.interrupt()
        await asyncio.Event().wait()
        return None

    def interrupt(self) -> None:
        if not self.interrupted:
            self.interrupted = True
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("verb", ["send", "send_many", "events"])
def test_ctrl_c_reaches_whoever_waits_and_leaves_nothing_running(verb: str) -> None:
    before = {*threading.enumerate()}
    with pytest.raises(KeyboardInterrupt), Client(Interrupting(), application_id="a") as client:
        if verb == "send":
            client.send(message())
        elif verb == "send_many":
            list(client.send_many(messages(10)))
        else:
            list(client.events())
    assert {*threading.enumerate()} <= before


def test_events_end_at_once_when_nothing_was_sent() -> None:
    with open_client() as client:
        assert list(client.events()) == []


def test_closing_while_other_threads_send_leaves_none_of_them_waiting() -> None:
    for _ in range(10):
        client = open_client()
        started = threading.Barrier(5)

        def send_until_closed(client: Client = client, started: threading.Barrier = started) -> None:
            started.wait()
            with contextlib.suppress(ClosedError):
                while True:
                    client.send(message())

        threads = [threading.Thread(target=send_until_closed, daemon=True) for _ in range(4)]
        for thread in threads:
            thread.start()
        started.wait()
        client.close()
        for thread in threads:
            thread.join(SECONDS)
        assert not any(thread.is_alive() for thread in threads)


def test_closing_ends_the_events_that_another_thread_waits_for() -> None:
    class Live(SimulatorTransport):
        async def next_callback(self) -> bytes | None:
            waiting.set()
            await asyncio.Event().wait()
            return None

    waiting = threading.Event()
    client = Client(Live(), application_id="a")
    collected: list[object] = []
    thread = threading.Thread(target=lambda: collected.extend(client.events()), daemon=True)
    thread.start()
    assert waiting.wait(SECONDS)
    client.close()
    thread.join(SECONDS)
    assert not thread.is_alive()
    assert collected == []


def test_an_iterator_that_is_collected_in_the_clients_own_thread_does_not_block_it() -> None:
    with open_client() as client:
        outcomes = [client.send_many(messages(1000))]
        next(outcomes[0])
        client._call(outcomes.clear)  # the last reference goes in the loop's thread
        assert client.send(message()).id


def test_an_iterator_left_open_when_the_client_closes_can_still_be_closed() -> None:
    client = open_client()
    outcomes = client.send_many(messages(1000))
    next(outcomes)
    client.close()
    outcomes.close()  # type: ignore[attr-defined]


def test_errors_pass_through_as_they_are() -> None:
    with Client(SimulatorTransport()) as client, pytest.raises(MsgcoreError, match="applicationId"):
        client.send(message())
