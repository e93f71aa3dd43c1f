"""What was sent and received: records without text, as many as there is room for, and for 14 days at most."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from heapq import merge
from itertools import chain
from operator import attrgetter
from typing import Any, Final

from transports.simulator.accounts.account import Account
from transports.simulator.course.records import MessageRecord
from transports.simulator.search.query import WINDOW_SECONDS, Query, is_prefix
from transports.simulator.search.rows import Row, row_of

DEFAULT_HISTORY_LIMIT: Final = 20_000

Test = Callable[[Row], bool]


class History:
    """The messages of an account: those still under way, and the last ``limit`` of the others."""

    __slots__ = ("_account", "_done", "_open", "limit")

    def __init__(self, account: Account, open_messages: dict[str, MessageRecord], limit: int) -> None:
        self._account = account
        self._open = open_messages
        # A plain dict grows slow where the first of many is deleted again and again.
        self._done: OrderedDict[str, MessageRecord] = OrderedDict()
        self.limit = limit

    def __len__(self) -> int:
        return len(self._open) + len(self._done)

    def add(self, message: MessageRecord) -> str | None:
        """Keep a message to which nothing more can happen; returns the id of the one that had to make room."""
        done = self._done
        done[message.id] = message
        if len(done) <= self.limit:
            return None
        return done.popitem(last=False)[0]

    def get(self, message_id: str) -> MessageRecord | None:
        """Return a message by its id."""
        return self._open.get(message_id) or self._done.get(message_id)

    def done(self) -> Iterable[MessageRecord]:
        """The messages to which nothing more can happen."""
        return self._done.values()

    def newest(self) -> Iterator[MessageRecord]:
        """All messages, the newest first; those under way stand in the order of their arrival already."""
        done = sorted(self._done.values(), key=age, reverse=True)
        return merge(reversed(self._open.values()), done, key=age, reverse=True)

    def purge(self, now: float) -> list[str]:
        """Forget what has left the window of search; returns the ids."""
        oldest = now - WINDOW_SECONDS
        old = [message.id for message in self._done.values() if message.created < oldest]
        for message_id in old:
            del self._done[message_id]
        return old

    def find(self, query: Query, now: float) -> list[Row]:
        """Return all rows that match, in the order asked for; paging is left to who answers."""
        tests = list(_tests(query))
        rows = [row for row in self._rows(query, now) if all(test(row) for test in tests)]
        # Python's sort is stable, so rows that are equal in the field asked for stay in the order of their ids.
        rows.sort(key=attrgetter("message_id"), reverse=query.descending)
        rows.sort(key=_sort_key(query.sort_field), reverse=query.descending)
        return rows

    def remove(self, query: Query, now: float) -> list[str]:
        """Forget the messages that a query finds, apart from those still under way; returns their ids."""
        ids = sorted({row.message_id for row in self.find(query, now)} & self._done.keys())
        for message_id in ids:
            del self._done[message_id]
        return ids

    def _rows(self, query: Query, now: float) -> Iterator[Row]:
        if query.message_id is not None:
            message = self.get(query.message_id)
            messages: Iterable[MessageRecord] = [] if message is None else [message]
        else:
            messages = chain(self._open.values(), self._done.values())
        since = max(now - WINDOW_SECONDS, query.since if query.since is not None else 0.0)
        for message in messages:
            if message.created >= since and (query.until is None or message.created <= query.until):
                for leg in message.legs:
                    yield row_of(message, leg, self._account)


def age(message: MessageRecord) -> tuple[float, int, str]:
    """Return what messages are in order by: when they came, and which first where that is the same."""
    return message.created, message.order, message.id


def _sort_key(field: str) -> Callable[[Row], tuple[bool, Any]]:
    value = attrgetter(field)

    def key(row: Row) -> tuple[bool, Any]:
        found = value(row)
        # Nothing comes before anything; two nothings are equal.
        return (False, 0) if found is None else (True, found)

    return key


def _tests(query: Query) -> Iterator[Test]:
    for field, wanted in (
        ("message_status", query.status),
        ("message_direction", query.direction),
        ("carrier_name", query.carrier),
        ("message_type", query.type),
        ("error_code", query.error_code),
        ("campaign_id", query.campaign_id),
        ("product", query.product),
        ("location", query.location),
        ("calling_number_country_a3", query.calling_country),
        ("called_number_country_a3", query.called_country),
    ):
        if wanted is not None:
            yield _equals(field, wanted)
    for field, least, most in (
        ("segment_count", query.least_segments, query.most_segments),
        ("message_size", query.least_size, query.most_size),
        ("bw_latency", query.least_bw_latency, None),
        ("carrier_latency", query.least_carrier_latency, None),
    ):
        if least is not None or most is not None:
            yield _between(field, least, most)
    for field, numbers in (("source_tn", query.source), ("destination_tn", query.destination)):
        if numbers is not None:
            yield _is_number(field, numbers)
    if query.bw_queued is not None:
        yield _has_status(("RECEIVED", "QUEUED", "SENDING"), query.bw_queued)
    if query.carrier_queued is not None:
        yield _has_status(("SENT",), query.carrier_queued)


def _equals(field: str, wanted: object) -> Test:
    value = attrgetter(field)
    return lambda row: value(row) == wanted


def _between(field: str, least: int | None, most: int | None) -> Test:
    value = attrgetter(field)

    def test(row: Row) -> bool:
        number = value(row)
        return number is not None and (least is None or number >= least) and (most is None or number <= most)

    return test


def _is_number(field: str, numbers: tuple[str, ...]) -> Test:
    value = attrgetter(field)
    if is_prefix(numbers):
        return lambda row: value(row).startswith(numbers[0])
    return lambda row: value(row) in numbers


def _has_status(statuses: tuple[str, ...], wanted: bool) -> Test:
    return lambda row: (row.message_status in statuses) is wanted
