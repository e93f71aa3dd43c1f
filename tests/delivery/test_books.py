"""What is kept in mind of messages that a run before has left."""

from msgcore.delivery import Books, Entry, SendState
from msgcore.testing.outbox_contract.scenarios import RECIPIENT, text_message


def unknown(*, put_at: float, since: float) -> Entry:
    message = text_message(key="k-1")
    return Entry(1, "k-1", message, SendState.UNKNOWN, attempts=1, put_at=put_at, since=since)


def test_an_unknown_attempt_waits_from_when_it_became_so() -> None:
    books = Books()
    books.restore(unknown(put_at=90.0, since=100.0), now=130.0)
    assert books.next_resend(50.0) == 150.0
    assert books.next_search() == 160.0


def test_where_the_clock_was_put_back_an_unknown_attempt_waits_no_longer_than_it_was_to() -> None:
    books = Books()
    books.restore(unknown(put_at=9_000.0, since=9_100.0), now=100.0)
    assert books.next_resend(50.0) == 150.0
    assert books.next_search() == 160.0
    [window] = books.to_search(now=160.0)
    assert (window.recipient, window.since, window.until) == (RECIPIENT, 40.0, 160.0)
