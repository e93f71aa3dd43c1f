"""What was carried is billed: the estimate before, the callbacks meanwhile and the MDRs after agree to the segment."""

import io
import json
import zipfile
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from msgcore.planning import RateCard, estimate
from msgcore.wire import MdrReader, MdrRow, Message, encode_message
from tests.transports.simulator.service.running import JSON, SECONDS, Simulator, receiving, running
from transports.simulator.accounts.account import SAMPLE_APPLICATION_ID
from transports.simulator.service.settings import Ready

PRICES = [
    {"kind": "sms", "sender": "long code", "zone": 1, "price": "0.0040"},
    {"kind": "sms", "sender": "toll-free", "zone": 1, "price": "0.0075"},
    {"kind": "mms", "sender": "long code", "zone": 1, "price": "0.0150"},
]
SENDER, TOLL_FREE = "+19195550100", "+18005550100"
TO = "+12125550123"
CAMPAIGN = [
    Message(to=TO, from_=SENDER, text="hello"),
    Message(to=TO, from_=SENDER, text="a" * 160),
    Message(to=TO, from_=SENDER, text="a" * 161),
    Message(to=TO, from_=SENDER, text="a" * 152 + "€" + "b" * 152),
    Message(to=TO, from_=SENDER, text="漢" * 71),
    Message(to=TO, from_=SENDER, text="👩‍👩‍👧‍👦" * 20),
    Message(to=TO, from_=TOLL_FREE, text="long " * 100, tag='order "7", in two\nlines'),
    Message(to=TO, from_=SENDER, text="a picture", media=["https://media.example.com/a.png"]),
    Message(to=[TO, "+12125550124", "+13035550123"], from_=SENDER, text="a group"),
]


def rows_of(content: bytes) -> list[MdrRow]:
    reader = MdrReader()
    rows = reader.feed(content) + reader.finish()
    assert all(isinstance(row, MdrRow) for row in rows)
    return [row for row in rows if isinstance(row, MdrRow)]


def mdrs(simulator: Simulator, query: str = "", account: str = "") -> list[MdrRow]:
    answer = simulator.control("GET", f"{account}/mdrs.csv?{query}")
    assert answer.status == 200, answer
    return rows_of(answer.body)


def send(simulator: Simulator, message: Message) -> str:
    request = encode_message(message, application_id=SAMPLE_APPLICATION_ID)
    answer = simulator.ask("POST", "messages", request.body, JSON)
    assert answer.status == 202, answer
    return str(answer.json["id"])


def test_estimate_callbacks_and_mdrs_agree_to_the_segment() -> None:
    card = RateCard({(each["kind"], each["sender"], each["zone"]): each["price"] for each in PRICES}, currency="USD")  # type: ignore[misc]
    planned = estimate(CAMPAIGN)
    price = planned.price(card)
    with receiving() as receiver, running(callback_url=receiver.url) as simulator:
        simulator.control_json("PUT", "/rate-card", {"currency": "USD", "prices": PRICES})
        ids = [send(simulator, message) for message in CAMPAIGN]
        simulator.control_json("POST", "/clock/advance", {"by": "5m"})
        delivered: list[Any] = []
        while len(delivered) < planned.recipients:
            delivered += [event for event in receiver.next().events if event["type"] == "message-delivered"]
        cost = simulator.control_json("GET", "/cost")
        usage = simulator.control_json("GET", "/usage")
        rows = mdrs(simulator)
    # An MMS, and each recipient of a group, is one in the callbacks too.
    assert sum(event["message"]["segmentCount"] for event in delivered) == planned.segments
    assert len(rows) == planned.segments
    assert cost["billed_segments"] == sum(line["segments"] for line in usage) == planned.segments
    assert (Decimal(cost["amount"]), cost["currency"]) == (price.amount, "USD")
    assert cost["unpriced_segments"] == price.unpriced_segments == 0
    by_message = Counter(row.message_id for row in rows)
    counts = {event["message"]["id"]: event["message"]["segmentCount"] for event in delivered}
    assert by_message == Counter({**{id: counts[id] for id in ids}, ids[-1]: 3})
    assert {row.destination for row in rows if row.message_id == ids[-1]} == {
        "12125550123", "12125550124", "13035550123"}  # fmt: skip
    for row in rows:
        assert (row.direction, row.status, row.zone, row.api_error_code) == ("OUTBOUND", "DELIVERED", "1", None)
        assert row.error_code == "200"
    [tag] = {row.tag for row in rows if row.source == TOLL_FREE[1:]}
    assert tag == 'order "7", in two\nlines'


@pytest.fixture
def ready(simulator: Simulator) -> Ready:
    return msgspec.convert(simulator.control_json("POST", "/accounts", {"rate": 1000}), Ready)


def test_what_the_provider_refuses_is_listed_and_free(simulator: Simulator, ready: Ready) -> None:
    account = f"/accounts/{ready.account_id}"
    for tag in ("sim:code=0", "sim:code=4720", "sim:code=4432", "sim:code=4770"):
        simulator.send(ready=ready, tag=tag)
    simulator.control_json("POST", "/clock/advance", {"by": "1m"})
    cost = simulator.control_json("GET", f"{account}/cost")
    usage = simulator.control_json("GET", f"{account}/usage")
    assert {line["code"]: line["is_billed"] for line in usage} == {0: True, 4720: True, 4432: False, 4770: True}
    assert (cost["billed_segments"], cost["free_segments"], cost["unpriced_segments"]) == (3, 1, 3)
    assert {row.api_error_code for row in mdrs(simulator, "", account)} == {None, 4720, 4432, 4770}


def test_inbound_messages_have_rows_and_cost_nothing(simulator: Simulator, ready: Ready) -> None:
    account = f"/accounts/{ready.account_id}"
    body = {"from": "+12125550123", "to": SENDER, "text": "x" * 161}
    simulator.control_json("POST", f"{account}/inbound", body)
    [first, second] = mdrs(simulator, "", account)
    assert (first.direction, first.source, first.destination) == ("INBOUND", "12125550123", SENDER[1:])
    assert (first.segment_number, second.segment_number, first.segment_count) == (1, 2, 2)
    assert first.zone == ""
    assert simulator.control_json("GET", f"{account}/cost")["billed_segments"] == 0


def test_mdrs_are_filtered_by_day_and_whatever_else(simulator: Simulator, ready: Ready) -> None:
    account = f"/accounts/{ready.account_id}"
    simulator.send(ready=ready, tag="sim:code=4720")
    simulator.send(ready=ready, text="x" * 161)
    simulator.control_json("POST", "/clock/advance", {"by": "1m"})
    first = simulator.control_json("GET", "/clock")["time"][:10]
    simulator.control_json("POST", "/clock/advance", {"by": "1d"})
    simulator.send(ready=ready, **{"from": "+18005550100"})
    simulator.control_json("POST", "/clock/advance", {"by": "1m"})
    last = simulator.control_json("GET", "/clock")["time"][:10]
    both = f"start={first}&end={last}&"
    for query, count in (
        ("", 1), (f"start={first}&end={first}", 3), (both, 4), (f"{both}status=FAILED", 1), (f"{both}code=0", 3),
        (f"{both}direction=INBOUND", 0), (f"{both}type=mms", 0), (f"{both}location=sample%20location", 4),
        (f"{both}location=no", 0), (f"{both}site_id=400001", 4), (f"{both}campaign_id=C1", 0),
    ):  # fmt: skip
        assert len(mdrs(simulator, query, account)) == count, query
    days = {line["day"]: line["segments"] for line in simulator.control_json("GET", f"{account}/usage")}
    assert set(days) == {first, last}
    for query in ("start=soon", f"start={last}&end={first}", "code=x", "columns=some", "direction=up", "type=fax"):
        assert simulator.control("GET", f"{account}/mdrs.csv?{query}").status == 400, query


def test_confirmed_columns_alone_can_be_asked_for(simulator: Simulator, ready: Ready) -> None:
    simulator.send(ready=ready)
    simulator.control_json("POST", "/clock/advance", {"by": "1m"})
    content = simulator.control("GET", f"/accounts/{ready.account_id}/mdrs.csv?columns=confirmed-only").body
    header, row = content.decode().splitlines()
    assert header == (
        "AccountId,MessageType,MessageID,CallDirection,SourceTn,DestinationTn,TimeStamp,ErrorCode,IntlZone,MessageStatus"
    )
    assert row.endswith(",200,1,DELIVERED")


def test_a_zip_has_a_file_for_each_location_if_asked(simulator: Simulator, ready: Ready) -> None:
    account = f"/accounts/{ready.account_id}"
    simulator.control_json(
        "PUT", f"{account}/locations/w", {"name": "the west", "application_id": SAMPLE_APPLICATION_ID}
    )
    simulator.control_json("POST", f"{account}/moves", {"numbers": ["+19195550101"], "location_id": "w"})
    for sender in ("+19195550100", "+19195550101"):
        simulator.send(ready=ready, **{"from": sender})
    simulator.control_json("POST", "/clock/advance", {"by": "1m"})
    answer = simulator.control("GET", f"{account}/mdrs.zip?breakdown=Location")
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert [name.split("_")[3] for name in archive.namelist()] == ["sample-location.csv", "the-west.csv"]
        assert [len(rows_of(archive.read(name))) for name in archive.namelist()] == [1, 1]


def test_a_rate_card_that_cannot_be_is_refused_and_the_old_one_holds(simulator: Simulator, ready: Ready) -> None:
    path = f"/accounts/{ready.account_id}/rate-card"
    simulator.control_json("PUT", path, {"currency": "USD", "prices": PRICES})
    for wrong in ({}, {"price": "-1"}, {"zone": 9}, {"kind": "fax"}):
        prices = [*PRICES, {**PRICES[0], **wrong}]
        assert simulator.control("PUT", path, {"prices": prices}).status == 400
    assert simulator.control_json("GET", path) == {"currency": "USD", "prices": PRICES}


def test_bills_orders_and_reports_outlive_the_process(tmp_path: Path) -> None:
    with running(data=tmp_path, dashboard_user="ann", dashboard_password="swordfish") as simulator:
        for number in range(5):
            send(simulator, Message(to=TO, from_=SENDER, text="x" * 161, tag=f"order-{number}"))
        bought = simulator.control_json("POST", "/orders", {"area_code": "303", "quantity": 2})
        simulator.control_json("PUT", "/rate-card", {"prices": PRICES})
        simulator.control_json("POST", "/clock/advance", {"by": "1m"})
        before = simulator.control("GET", "/mdrs.csv").body
        cost = simulator.control_json("GET", "/cost")
        port = simulator.control_json("POST", "/ports", {"numbers": ["2125550100"]})
    assert len(rows_of(before)) == 10
    with running(data=tmp_path) as simulator:
        assert simulator.control("GET", "/mdrs.csv").body == before
        assert simulator.control_json("GET", "/cost") == cost
        assert simulator.control_json("GET", "/orders") == [bought]
        simulator.control_json("POST", "/clock/advance", {"by": "26h"})
        [shown] = simulator.control_json("GET", "/ports")
        assert (shown["id"], shown["state"]) == (port["id"], "COMPLETE")
        send(simulator, Message(to=TO, from_="+12125550100", text="hello"))
        simulator.control_json("POST", "/clock/advance", {"by": "1m"})
        assert simulator.control_json("POST", "/reset") is None
    with running(data=tmp_path) as simulator:
        assert simulator.control_json("GET", "/usage") == []
        assert rows_of(simulator.control("GET", "/mdrs.csv?start=2026-01-01").body) == []
        assert "+12125550100" in json.dumps(simulator.control_json("GET", "/accounts/9900000"))


def test_no_text_is_in_the_bill(tmp_path: Path) -> None:
    with running(data=tmp_path) as simulator:
        send(simulator, Message(to=TO, from_=SENDER, text="the swordfish sings at midnight"))
        simulator.control_json("POST", "/clock/advance", {"by": "1m"})
        found = simulator.control("GET", "/mdrs.csv").body
        waiting = simulator.control("GET", f"/messages/wait?timeout={SECONDS}")
        assert waiting.status == 200
    assert b"swordfish" not in found
    assert all(b"swordfish" not in file.read_bytes() for file in tmp_path.iterdir())
