"""The account of a test, its inbox, callbacks and time: the same in this process and on a server."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest

from msgcore import AsyncClient, Client, Message
from msgcore.errors import ClosedError, LocalError, RateLimitedError, RejectedError, TransportError, UnauthorizedError
from transports.pytest_plugin.account import MessagingAccount
from transports.pytest_plugin.phone_messages import PhoneMessage
from transports.pytest_plugin.simulator import AccountOptions, Simulator

FAILING = "+19195554720"
SOMEBODY = "+19195550123"


@pytest.fixture(scope="module", params=[False, True], ids=["in process", "server"])
def simulator(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    with Simulator(as_server=request.param) as simulator:
        yield simulator


@pytest.fixture
def account(simulator: Simulator) -> Iterator[MessagingAccount]:
    with simulator.open_account() as account:
        yield account


@pytest.fixture
def client(account: MessagingAccount) -> Client:
    return account.client()


def mark(*args: object, **kwargs: object) -> SimpleNamespace:
    return SimpleNamespace(args=args, kwargs=kwargs)


def message(text: str = "hello", to: str = SOMEBODY, tag: str | None = None) -> Message:
    return Message(to=to, from_="+19195550100", text=text, tag=tag)


def test_a_message_is_waited_for_until_it_is_on_the_phone(account: MessagingAccount, client: Client) -> None:
    accepted = client.send(message("your code is 1234", tag="order-7"))
    arrived = account.inbox.wait_for(to=SOMEBODY, text="1234")
    assert (arrived.id, arrived.from_, arrived.to) == (accepted.id, "+19195550100", SOMEBODY)
    assert (arrived.text, arrived.tag, arrived.status, arrived.code) == ("your code is 1234", "order-7", "delivered", 0)
    assert account.inbox.messages() == [arrived]


def test_each_waiting_finds_the_next_message_in_the_order_they_were_sent(
    account: MessagingAccount, client: Client
) -> None:
    texts = [f"message {number}" for number in range(20)]
    for text in texts:  # some of them within one millisecond
        client.send(message(text))
    account.clock.advance("1m")
    assert [account.inbox.wait_for(to=SOMEBODY).text for _ in texts] == texts
    account.inbox.assert_none()


@pytest.mark.parametrize("criterion", [{"to": SOMEBODY}, {"from_": "+19195550100"}, {"text": "ell"}, {"tag": "a-1"}])
def test_each_criterion_finds_and_passes_over(
    account: MessagingAccount, client: Client, criterion: dict[str, str]
) -> None:
    client.send(message("hello", tag="a-1"))
    client.send(Message(to="+19195550124", from_="+19195550101", text="bye", tag="b-1"))
    assert account.inbox.wait_for(**criterion).text == "hello"  # type: ignore[arg-type]
    account.inbox.assert_none(**criterion)
    assert account.inbox.wait_for().text == "bye"


def test_what_fails_never_arrives_and_is_shown(account: MessagingAccount, client: Client) -> None:
    client.send(message("for nobody", to=FAILING))
    account.inbox.assert_none()
    with pytest.raises(AssertionError) as caught:
        account.inbox.wait_for(to=FAILING, timeout_seconds=0)
    shown = str(caught.value)
    assert f"no unread message with to '{FAILING}' has arrived" in shown
    assert "1 sent, 0 arrived" in shown
    assert "failed: 4720 invalid-destination-address" in shown
    assert "'for nobody'" in shown


def test_a_message_that_should_not_have_come_is_shown(account: MessagingAccount, client: Client) -> None:
    client.send(message("oops", tag="wrong"))
    with pytest.raises(AssertionError, match=r"expected no unread message with tag 'wrong', and one has arrived"):
        account.inbox.assert_none(tag="wrong")


def test_nothing_sent_is_said_so(account: MessagingAccount) -> None:
    with pytest.raises(AssertionError, match=r"the account has sent none\ncallbacks: none was posted"):
        account.inbox.wait_for(timeout_seconds=0)


def test_waiting_ends_with_the_providers_time_that_was_given(account: MessagingAccount, client: Client) -> None:
    client.send(message("slow", tag="sim:delay=20m"))
    with pytest.raises(AssertionError, match="sent"):
        account.inbox.wait_for(within="10m", timeout_seconds=0)
    assert account.inbox.wait_for(within="15m").text == "slow"


def test_a_thread_that_sends_later_is_waited_for(account: MessagingAccount, client: Client) -> None:
    sender = threading.Timer(0.05, client.send, [message("from a thread")])
    sender.start()
    assert account.inbox.wait_for(timeout_seconds=60).text == "from a thread"
    sender.join()


def test_callbacks_that_fail_come_again_when_time_passes(account: MessagingAccount, client: Client) -> None:
    account.callbacks.fail_next(2)
    client.send(message())
    account.inbox.wait_for()
    account.clock.advance("1m")
    assert [attempt.status for attempt in account.callbacks.attempts] == [503, 503]
    assert account.callbacks.events == []
    account.clock.advance("3m")
    assert [attempt.status for attempt in account.callbacks.attempts] == [503, 503, 200, 200]
    assert {event.type for event in account.callbacks.events} == {"message-sent", "message-delivered"}


def test_no_answer_is_a_failure_too(account: MessagingAccount, client: Client) -> None:
    account.callbacks.fail_next(status=None)
    client.send(message())
    account.clock.advance("5m")
    assert [attempt.status for attempt in account.callbacks.attempts] == [None, 200, 200]


def test_a_handler_answers_for_the_application(account: MessagingAccount, client: Client) -> None:
    bodies: list[bytes] = []

    def handle(body: bytes) -> int | None:
        bodies.append(body)
        return None if len(bodies) > 1 else 500

    account.callbacks.deliver_to(handle)
    client.send(message())
    account.clock.advance("10m")
    assert [attempt.status for attempt in account.callbacks.attempts] == [500, 200, 200]
    assert bodies[0] == bodies[2]
    assert b"message-sent" in bodies[0]


def test_a_handler_that_raises_answers_500_and_is_shown(account: MessagingAccount, client: Client) -> None:
    def handle(body: bytes) -> int:
        raise KeyError("no such order")

    account.callbacks.deliver_to(handle)
    client.send(message())
    account.inbox.wait_for()
    account.clock.advance(1)
    assert {attempt.status for attempt in account.callbacks.attempts} == {500}
    assert repr(account.callbacks.errors[0]) == "KeyError('no such order')"
    assert "the handler raised KeyError('no such order')" in account.describe()


def test_callbacks_go_on_to_a_url(account: MessagingAccount, client: Client) -> None:
    paths: list[str] = []

    class Application(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            paths.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Application) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            account.callbacks.deliver_to(f"http://127.0.0.1:{server.server_address[1]}/events?a=b")
            client.send(message())
            account.inbox.wait_for()
            account.clock.advance(1)
        finally:
            server.shutdown()
            thread.join()
    assert paths == ["/events?a=b", "/events?a=b"]
    assert {attempt.status for attempt in account.callbacks.attempts} == {204}


def test_a_url_that_cannot_be_posted_to_is_refused(account: MessagingAccount) -> None:
    with pytest.raises(LocalError, match="got 'localhost:80/callbacks'"):
        account.callbacks.deliver_to("localhost:80/callbacks")


def test_time_passes_as_it_is_told(account: MessagingAccount) -> None:
    before = account.clock.now()
    after = account.clock.advance("26h")
    assert 26 * 3600 <= after - before < 26 * 3600 + 60
    with pytest.raises(LocalError, match="expected"):
        account.clock.advance(-1)


def test_a_message_comes_in(account: MessagingAccount) -> None:
    (message_id,) = account.receive(text="hello there", media=["cat.png"])
    account.clock.advance(1)
    (event,) = account.callbacks.events
    assert (event.type, event.message.id, event.message.text) == ("message-received", message_id, "hello there")  # type: ignore[union-attr]
    assert account.inbox.messages() == []


def test_requests_go_wrong_on_order(account: MessagingAccount, client: Client) -> None:
    account.order_fault("answer", status=503, count=1)
    account.order_fault("lose-answer")
    with pytest.raises(RejectedError):
        client.send(message("refused"))
    with pytest.raises(TransportError):
        client.send(message("accepted all the same"))
    assert account.inbox.wait_for().text == "accepted all the same"
    account.inbox.assert_none()


def test_credentials_that_are_refused_on_order(account: MessagingAccount, client: Client) -> None:
    account.order_fault("refuse-access")
    with pytest.raises(UnauthorizedError):
        client.send(message())
    client.send(message("and again"))
    assert account.inbox.wait_for().text == "and again"


@pytest.mark.parametrize(
    "what, may_have_been_accepted, arrives",
    [("drop-before", None, False), ("drop-after", True, False), ("lose-answer", True, True)],
)
def test_a_lost_connection_loses_what_its_fault_says(
    account: MessagingAccount, client: Client, what: str, may_have_been_accepted: bool | None, arrives: bool
) -> None:
    account.order_fault(what)
    with pytest.raises(TransportError) as caught:
        client.send(message("on a bad line"))
    if may_have_been_accepted is not None:  # what is dropped before it is read: only in the process is that known
        assert caught.value.may_have_been_accepted is may_have_been_accepted
    assert [each.text for each in sent_by(account)] == (["on a bad line"] if arrives else [])


def sent_by(account: MessagingAccount) -> list[PhoneMessage]:
    account.clock.advance("1m")
    return account.inbox.messages()


@pytest.mark.parametrize("rule", [{"what": "magic"}, {"what": "answer", "status": 99}])
def test_a_fault_that_cannot_be_is_refused(account: MessagingAccount, rule: dict[str, object]) -> None:
    with pytest.raises(LocalError):
        account.order_fault(**rule)  # type: ignore[arg-type]


def test_the_rate_of_the_account_is_that_of_the_options(simulator: Simulator) -> None:
    with simulator.open_account(AccountOptions(rate=0.01)) as account:
        client = account.client()
        for _ in range(9):  # 900 seconds of it
            client.send(message())
        with pytest.raises(RateLimitedError):
            client.send(message())


def test_the_era_of_the_account_is_that_of_the_options(simulator: Simulator) -> None:
    with simulator.open_account(AccountOptions(profile="v2-2019")) as account:
        account.client().send(message("as it was"))
        account.inbox.wait_for()
        account.clock.advance(1)
        assert [event.type for event in account.callbacks.events] == ["message-delivered"]


def test_accounts_know_nothing_of_each_other(simulator: Simulator) -> None:
    with simulator.open_account() as one, simulator.open_account() as other:
        assert one.account_id != other.account_id
        one.client().send(message())
        other.inbox.assert_none()
        one.inbox.wait_for()
        assert other.callbacks.attempts == []


def test_who_sends_after_the_test_is_refused(simulator: Simulator) -> None:
    with simulator.open_account() as account:
        client = Client(account.transport(), application_id=account.application_id)
    with client, pytest.raises((ClosedError, RejectedError)):
        client.send(message())


@pytest.mark.asyncio
async def test_an_asynchronous_client_sends_and_the_loop_is_not_held_up(simulator: Simulator) -> None:
    with simulator.open_account() as account:
        async with account.async_client() as client:
            assert isinstance(client, AsyncClient)
            await client.send(message("from a coroutine"))
            assert (await account.inbox.wait_for_async()).text == "from a coroutine"
            await account.inbox.assert_none_async()


def test_a_thousand_segments_are_paced_in_the_providers_time() -> None:
    with Simulator() as simulator, simulator.open_account(AccountOptions(rate=1)) as account:
        client = account.client()
        started = account.clock.now()
        outcomes = list(client.send_many(message(str(number)) for number in range(1000)))
        assert len(outcomes) == 1000
        account.inbox.wait_for(text="999", within="20m")
        assert 999 <= account.clock.now() - started < 1100


def test_slow_answers_cost_virtual_time_alone() -> None:
    with Simulator() as simulator, simulator.open_account() as account:
        started = account.clock.now()
        account.order_fault("slow", seconds=3600)
        account.client().send(message())
        assert account.clock.now() - started == 3600


def test_many_messages_are_shown_by_the_last_of_them() -> None:
    with Simulator() as simulator, simulator.open_account(AccountOptions(rate=100)) as account:
        client = account.client()
        for number in range(40):
            client.send(message(f"{number} {'long ' * 30}"))
        with pytest.raises(AssertionError) as caught:
            account.inbox.wait_for(text="none of them", timeout_seconds=0)
    shown = str(caught.value)
    assert "... and 10 before" in shown
    assert "'9 long" not in shown
    assert "'39 long" in shown
    assert "…'" in shown


def test_only_a_server_has_an_address() -> None:
    with Simulator() as simulator, simulator.open_account() as account:
        with pytest.raises(LocalError, match=r"messaging\(server=True\)"):
            account.environment
        with simulator.open_account(AccountOptions(server=True)) as other:
            assert other.base_url.startswith("http://127.0.0.1:")
            assert other.environment["MSGCORE_ACCOUNT_ID"] == other.account_id


@pytest.mark.parametrize(
    "marks, problem",
    [
        ([mark(5)], "arguments have names"),
        ([mark(speed=5)], "got 'speed'"),
        ([mark(rate="fast")], "rate: expected a positive number"),
        ([mark(rate=0)], "rate: expected a positive number"),
        ([mark(profile="v1")], "profile: expected one of"),
    ],
)
def test_a_marker_that_cannot_be_is_refused(marks: list[SimpleNamespace], problem: str) -> None:
    with pytest.raises((TypeError, ValueError), match=problem):
        AccountOptions.read(marks)


def test_the_nearest_marker_has_the_last_word() -> None:
    nearest, outer = mark(rate=5), mark(rate=1, profile="v2-2019")
    assert AccountOptions.read([nearest, outer]) == AccountOptions(rate=5, profile="v2-2019")
