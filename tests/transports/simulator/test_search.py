"""Search: every parameter, paging, order, limits; and never a text."""

from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.wire.exchange import Response
from tests.transports.simulator.provider_requests import (
    ACCOUNT,
    DAY,
    HANDSET,
    LONG_CODE,
    NAME,
    P2P,
    SHORT_CODE,
    START,
    TOLL_FREE,
    body_of,
    engine,
    get,
    sample,
)
from tests.transports.simulator.requests import create, everything
from transports.simulator import Engine
from transports.simulator.inbound import Attachment, Inbound
from transports.simulator.search.query import read_query

FIELDS = {
    "messageId", "accountId", "sourceTn", "destinationTn", "messageStatus", "messageDirection", "messageType",
    "segmentCount", "errorCode", "receiveTime", "carrierName", "messageSize", "messageLength", "attachmentCount",
    "recipientCount", "campaignClass", "campaignId", "bwLatency", "carrierLatency", "callingNumberCountryA3",
    "calledNumberCountryA3", "product", "location",
}  # fmt: skip


def ask(made: Engine, now: float = START + 3 * 3600, **parameters: object) -> Response:
    return made.handle(get("messages", urlencode(parameters)), now)


def find(made: Engine, now: float = START + 3 * 3600, **parameters: object) -> list[dict[str, Any]]:
    answered = ask(made, now, **parameters)
    assert answered.status == 200, answered.body
    messages: list[dict[str, Any]] = body_of(answered)["messages"]
    return messages


@pytest.fixture
def made() -> Engine:
    """Sent and received: one of each kind and class, a second apart."""
    made = engine(sample(lists_carriers=True))
    for second, fields in enumerate(
        [
            {},
            {"to": "+19195554720", "text": "ж" * 200},
            {"from_": TOLL_FREE, "to": "+12125559902"},
            {"from_": P2P, "to": "+13035554470"},
            {"to": [HANDSET, "+19195555600"]},
            {"from_": SHORT_CODE, "media": ["https://example.org/a.png"]},
            {"from_": NAME},
        ]
    ):
        assert made.handle(create(**fields), START + second).status == 202  # type: ignore[arg-type]
    made.receive(Inbound(HANDSET, (LONG_CODE,), "hello"), START + 10)
    made.receive(Inbound(HANDSET, (LONG_CODE, P2P), "us", (Attachment("a.png", b"1234", "image/png"),)), START + 11)
    return made


def test_a_row_has_every_field_and_null_where_nothing_is_known(made: Engine) -> None:
    rows = find(made, limit=100)
    assert len(rows) == 6 + 2 + 1 + 2
    assert all(set(row) == FIELDS for row in rows)
    [row] = find(made, messageId=rows[-1]["messageId"])
    assert row["carrierName"] == "other"
    assert row | {"messageId": "", "carrierLatency": None} == {
        "messageId": "",
        "accountId": ACCOUNT,
        "sourceTn": LONG_CODE,
        "destinationTn": HANDSET,
        "messageStatus": "DELIVERED",
        "messageDirection": "OUTBOUND",
        "messageType": "sms",
        "segmentCount": 1,
        "errorCode": 0,
        "receiveTime": "2026-01-01T00:00:00.000Z",
        "carrierName": "other",
        "messageSize": 5,
        "messageLength": 5,
        "attachmentCount": 0,
        "recipientCount": 1,
        "campaignClass": None,
        "campaignId": None,
        "bwLatency": 0,
        "carrierLatency": None,
        "callingNumberCountryA3": "USA",
        "calledNumberCountryA3": "USA",
        "product": "LOCAL_A2P",
        "location": "sample location",
    }
    assert {row["carrierName"] for row in rows if row["messageType"] == "mms"} == {None}


@pytest.mark.parametrize(
    "parameters, count",
    [
        ({"sourceTn": LONG_CODE}, 4),
        ({"sourceTn": f"{TOLL_FREE},{P2P}"}, 2),
        ({"sourceTn": "+1919"}, 8),
        ({"sourceTn": "+191"}, 0),  # too short for a prefix
        ({"destinationTn": LONG_CODE}, 2),
        ({"destinationTn": "+1919555"}, 9),
        ({"messageStatus": "DELIVERED"}, 4),
        ({"messageStatus": "FAILED"}, 4),
        ({"messageStatus": "RECEIVED"}, 3),
        ({"messageStatus": "DLR_EXPIRED"}, 0),
        ({"messageDirection": "INBOUND"}, 3),
        ({"carrierName": "AT&T"}, 1),
        ({"messageType": "mms"}, 5),
        ({"messageType": "rcs"}, 0),
        ({"errorCode": 9902}, 1),
        ({"errorCode": 0}, 7),
        ({"fromDateTime": "2026-01-01T00:00:05Z"}, 5),
        ({"toDateTime": "2026-01-01T00:00:00.500Z"}, 1),
        ({"fromDateTime": "2026-01-01T01:00:01+01:00", "toDateTime": "2026-01-01T00:00:03Z"}, 3),
        ({"campaignId": "C1"}, 0),
        ({"product": "TOLL_FREE"}, 1),
        ({"location": "sample location"}, 11),
        ({"bwQueued": "true"}, 3),
        ({"carrierQueued": "true"}, 0),
        ({"fromBwLatency": 1}, 0),
        ({"fromCarrierLatency": 7200}, 1),
        ({"calledNumberCountryA3": "USA"}, 11),
        ({"callingNumberCountryA3": "MEX"}, 0),
        ({"fromSegmentCount": 2}, 1),
        ({"toSegmentCount": 1, "messageDirection": "OUTBOUND"}, 7),
        ({"fromMessageSize": 400}, 1),
        ({"toMessageSize": 5, "messageDirection": "INBOUND"}, 1),
        ({"sourceTn": LONG_CODE, "errorCode": 4720}, 1),
        ({"messageId": "unknown"}, 0),
    ],
)
def test_every_parameter_filters(made: Engine, parameters: dict[str, Any], count: int) -> None:
    assert len(find(made, **parameters)) == count


@pytest.mark.parametrize(
    "field", ["sourceTn", "destinationTn", "errorCode", "receiveTime", "carrierName", "messageSize"]
)
def test_rows_come_in_the_order_asked_for(made: Engine, field: str) -> None:
    for direction, reverse in (("asc", False), ("desc", True)):
        values = [row[field] for row in find(made, sort=f"{field}:{direction}")]
        known = [value for value in values if value is not None]
        assert known == sorted(known, reverse=reverse)
        nothing = [None] * (len(values) - len(known))
        assert values == ([*known, *nothing] if reverse else [*nothing, *known])


def test_the_newest_come_first_unless_asked_otherwise(made: Engine) -> None:
    times = [row["receiveTime"] for row in find(made, limit=50)]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"colour": "red"},
        {"limit": 0},
        {"limit": 10_001},
        {"limit": "many"},
        {"messageStatus": "LOST"},
        {"messageDirection": "in"},
        {"messageType": "fax"},
        {"errorCode": "x"},
        {"fromDateTime": "yesterday"},
        {"sort": "sourceTn"},
        {"sort": "text:asc"},
        {"pageToken": "x"},
        {"pageToken": "cD%%"},
        {"sourceTn": ",".join(["+1"] * 11)},
        {"sourceTn": ""},
        {"limitTotalCount": "maybe"},
        {"product": "FAX"},
    ],
)
def test_what_cannot_be_searched_is_400_and_names_the_parameter(parameters: dict[str, Any]) -> None:
    answered = ask(engine(), **parameters)
    body = body_of(answered)
    assert (answered.status, body["type"]) == (400, "request-validation")
    name = next(iter(parameters), "query")
    assert body["description"].startswith("query: " if name == "colour" else f"{name}: ")
    assert set(body) == {"type", "description"}


@given(st.text())
def test_any_query_is_answered(query: str) -> None:
    assert engine().handle(get("messages", query), START).status in (200, 400)


def test_pages_follow_each_other_by_token_and_by_link() -> None:
    made = engine()
    for _ in range(25):
        made.handle(create(), START)
    everyone = [row["messageId"] for row in find(made, limit=100)]
    for by_link in (False, True):
        found: list[str] = []
        query = urlencode({"sourceTn": LONG_CODE, "limit": 10})
        while True:
            answered = made.handle(get("messages", query), START)
            body = body_of(answered)
            assert body["totalCount"] == 25
            found += [row["messageId"] for row in body["messages"]]
            info = body["pageInfo"]
            assert ("prevPageToken" in info) == (len(found) > 10)
            if "nextPageToken" not in info:
                break
            assert f'<{info["nextPage"]}>; rel="next"' in answered.headers["link"]
            query = (
                urlsplit(info["nextPage"]).query
                if by_link
                else urlencode({"sourceTn": LONG_CODE, "limit": 10, "pageToken": info["nextPageToken"]})
            )
        assert found == everyone
        back = body_of(made.handle(get("messages", urlsplit(info["prevPage"]).query), START))
        assert [row["messageId"] for row in back["messages"]] == everyone[10:20]


def test_what_fits_on_one_page_has_no_neighbours(made: Engine) -> None:
    answered = ask(made, limit=11)
    assert body_of(answered)["pageInfo"] == {}
    assert "link" not in answered.headers


def test_ten_thousand_rows_can_be_reached_and_no_more() -> None:
    made = engine(sample(rate=100_000))
    for _ in range(1001):
        made.handle(create([f"+191955501{n:02}" for n in range(1, 11)]), START)
    body = body_of(ask(made, START + 60, limit=5000, limitTotalCount="true"))
    assert (body["totalCount"], len(body["messages"])) == (10_000, 5000)
    token = body["pageInfo"]["nextPageToken"]
    last = body_of(ask(made, START + 60, limit=5000, pageToken=token))
    assert (last["totalCount"], len(last["messages"])) == (10_010, 5000)
    assert "nextPage" not in last["pageInfo"]
    assert ask(made, START + 60, limit=5001, pageToken=token).status == 400


def test_fourteen_days_can_be_searched() -> None:
    made = engine()
    made.handle(create(), START)
    assert len(find(made, START + 14 * DAY, limit=10)) == 1
    assert find(made, START + 14 * DAY + 1, limit=10) == []
    made.purge(START + 14 * DAY + 1)
    assert len(made.history) == 0


def test_statuses_follow_the_course_of_a_message() -> None:
    made = engine(sample(rate=1))
    for _ in range(3):
        made.handle(create(text="a" * 300, tag="sim:delay=60s"), START)
    seen = [
        [row["messageStatus"] for row in find(made, START + at, sort="receiveTime:asc", limit=5)]
        for at in (1, 3, 100, 300)
    ]
    assert [sorted(statuses) for statuses in seen] == [
        ["QUEUED", "QUEUED", "SENDING"],
        ["QUEUED", "SENDING", "SENT"],
        ["DELIVERED", "DELIVERED", "DELIVERED"],
        ["DELIVERED", "DELIVERED", "DELIVERED"],
    ]


def test_too_many_searches_from_one_address_are_429_with_a_time_to_wait() -> None:
    made = engine()
    request = get("messages", "limit=1")
    for number in range(3500):
        assert made.handle(request, START + number / 100, source="10.0.0.1").status == 200
    refused = made.handle(request, START + 100.5, source="10.0.0.1")
    assert (refused.status, refused.headers["retry-after"]) == (429, "200")
    assert body_of(refused)["type"] == "rate_limit_exceeded"
    assert made.handle(request, START + 100.5, source="10.0.0.2").status == 200
    assert made.handle(request, START + 300, source="10.0.0.1").status == 200
    assert made.handle(request, START + 300, source="10.0.0.1").status == 429


def test_history_holds_no_text_and_no_tag_of_what_is_over() -> None:
    made = engine()
    made.handle(create(text="secret text", tag="a tag"), START)
    made.advance(START + 3600)
    assert len(find(made, START + 3600, limit=1)) == 1
    assert not [word for word in ("secret", "a tag") if word in everything(made)]


def test_messages_can_be_deleted_by_query(made: Engine) -> None:
    made.advance(START + 3 * 3600)
    query, _ = read_query(f"sourceTn={quote(LONG_CODE)}")
    assert made.forget(query, START + 3 * 3600) == 3
    assert find(made, sourceTn=LONG_CODE) == []
    assert len(find(made, limit=100)) == 7
