"""Testing an application that sends messages: the fixtures come with msgcore, and nothing leaves the machine.

pytest examples/test_welcome.py
pytest examples/test_welcome.py --msgcore-server      # the same, over HTTP
pytest examples/test_welcome.py -n 2                  # with pytest-xdist: each test has an account of its own
"""

import pytest

from msgcore import Client, Message, MessageDelivered, MessageFailed, RateLimitedError, decode_callbacks


class Welcome:
    """The application: it welcomes people, and knows whom it has reached."""

    def __init__(self, client: Client, sender: str) -> None:
        self.client = client
        self.sender = sender
        self.reached: dict[str, bool] = {}

    def greet(self, number: str, name: str) -> None:
        self.client.send(Message(to=number, from_=self.sender, text=f"Welcome, {name}!", tag=f"welcome-{number}"))

    def take_callback(self, body: bytes) -> int:
        for event in decode_callbacks(body):
            if isinstance(event, MessageDelivered | MessageFailed):
                self.reached[event.to] = isinstance(event, MessageDelivered)
        return 200


@pytest.fixture
def welcome(messaging_account, callbacks):
    application = Welcome(messaging_account.client(), messaging_account.number)
    callbacks.deliver_to(application.take_callback)
    return application


def test_somebody_new_is_welcomed_once(welcome, inbox):
    welcome.greet("+19195550123", "Ada")
    message = inbox.wait_for(to="+19195550123", text="Welcome, Ada")
    assert message.segment_count == 1
    inbox.assert_none(to="+19195550123")  # no second one


def test_a_number_that_does_not_exist_is_known_to_be_unreached(welcome, inbox):
    welcome.greet("+19195554720", "Nobody")  # +1 NPA 555 CCCC fails with delivery code CCCC
    inbox.assert_none()
    assert welcome.reached == {"+19195554720": False}


def test_an_outage_of_ours_loses_no_receipt(welcome, inbox, callbacks, clock):
    callbacks.fail_next(2)
    welcome.greet("+19195550123", "Grace")
    inbox.wait_for(to="+19195550123")
    assert welcome.reached == {}
    clock.advance("10m")  # the provider tries again after three minutes
    assert welcome.reached == {"+19195550123": True}


@pytest.mark.messaging(rate=0.01)  # segments per second: a queue of nine
def test_a_full_queue_is_refused(messaging_account, welcome):
    for line in range(20, 29):
        welcome.greet(f"+191955501{line}", "everybody")
    with pytest.raises(RateLimitedError):
        welcome.greet("+19195550129", "one too many")
