import math
import pickle
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.encoding import count_segments
from msgcore.errors import LocalError
from msgcore.numbering import SenderKind
from msgcore.planning import (
    Destination,
    Estimate,
    Finding,
    PlaceTotals,
    RateCard,
    RateKey,
    Totals,
    Zones,
    billed_segments,
    estimate,
)
from msgcore.wire import Message, MessageKind

A, B, C = "+19195550101", "+19195550102", "+19195550103"
LONG_CODE = SenderKind.LONG_CODE
IMAGE = "https://example.com/menu.png"


def message(text: str = "", **fields: Any) -> Message:
    return Message(**{"to": A, "from_": "+19195550100", "text": text} | fields)


@pytest.mark.parametrize(
    "text, segments",
    [
        ("a", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 152 + "€" + "b" * 152, 3),
        ("“" + "a" * 69, 1),
        ("“" + "a" * 159, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("€" * 2048, 27),
        ("😀" * 2048, 63),
    ],
)
def test_text_is_billed_by_its_segments(text: str, segments: int) -> None:
    assert billed_segments(message(text)) == segments


def test_clusters_are_cut_as_the_provider_may_cut_them() -> None:
    # 65 + 4 + 65 code units fill two segments of 67, but only if the flag is cut between its two surrogate pairs.
    text = "ж" * 65 + "🇩🇪" + "ж" * 65
    assert (billed_segments(message(text)), count_segments(text)) == (2, 3)


def test_national_languages_are_not_counted_on() -> None:
    assert billed_segments(message("ş" * 100)) == 2  # one segment with the Turkish single shift table


@pytest.mark.parametrize(
    "fields, segments",
    [({"media": IMAGE}, 1), ({"to": [A, B]}, 2), ({"to": [A, B, C], "media": [IMAGE, IMAGE]}, 3)],
)
def test_mms_is_one_segment_for_each_recipient_however_long(fields: dict[str, Any], segments: int) -> None:
    assert billed_segments(message("ж" * 1000, **fields)) == segments


def test_campaign_is_added_up_by_kind() -> None:
    campaign = estimate(
        [
            message("a" * 161),
            message("ж"),
            message("plain"),
            message("ж" * 500, media=IMAGE),
            message("hello", to=[A, B, C]),
            message("hello", to=[A, B], media=IMAGE),
        ]
    )
    assert campaign == Estimate(
        sms=Totals(3, 3, 4),
        mms=Totals(1, 1, 1),
        group_mms=Totals(2, 5, 5),
        gsm7_messages=2,
        ucs2_messages=1,
        destinations=(
            Destination(MessageKind.GROUP_MMS, LONG_CODE, "US", 5, 5),
            Destination(MessageKind.MMS, LONG_CODE, "US", 1, 1),
            Destination(MessageKind.SMS, LONG_CODE, "US", 3, 4),
        ),
        concerns=(Finding("fiction (555-0100 to 555-0199)", 9),),
    )
    assert (campaign.messages, campaign.recipients, campaign.segments) == (6, 9, 10)


def test_nothing_comes_to_nothing() -> None:
    assert estimate([]) == Estimate()
    assert Estimate().seconds_at(1) == 0.0


@pytest.mark.parametrize("sms, mms, group, rate, seconds", [(10, 0, 0, 1, 10), (10, 3, 9, 2, 6), (7, 3, 3, 0.5, 14)])
def test_longer_queue_decides_how_long_it_takes(sms: int, mms: int, group: int, rate: float, seconds: float) -> None:
    campaign = Estimate(sms=Totals(sms, sms, sms), mms=Totals(mms, mms, mms), group_mms=Totals(1, group, group))
    assert campaign.seconds_at(rate) == seconds


@pytest.mark.parametrize("rate", [0, -1, math.inf, math.nan])
def test_rate_must_be_positive_and_finite(rate: float) -> None:
    with pytest.raises(LocalError, match="rate must be positive"):
        Estimate().seconds_at(rate)


def test_messages_are_read_once_and_not_kept() -> None:
    def many() -> Iterator[Message]:
        for number in range(5000):
            yield message(f"{number:0200d}")

    estimate([message("warm")])
    tracemalloc.start()
    campaign = estimate(many())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert campaign.sms == Totals(5000, 5000, 10000)
    assert peak < 100_000  # all of them would be 2 MB


def test_estimate_is_a_value() -> None:
    campaign = estimate([message("a"), message("b", to=[A, B])])
    assert pickle.loads(pickle.dumps(campaign)) == campaign
    assert hash(campaign) == hash(estimate([message("b", to=[A, B]), message("a")]))


def test_what_goes_where_is_told_by_region_and_zone() -> None:
    campaign = estimate(
        [message("a" * 161, to="+442079460000"), message("hi"), message("hi", to="+4915112345678"), message("hi")]
    )
    assert campaign.by_region() == (PlaceTotals("GB", 1, 2), PlaceTotals("US", 2, 2), PlaceTotals("DE", 1, 1))
    assert campaign.by_zone() == (PlaceTotals(None, 2, 3), PlaceTotals(1, 2, 2))
    assert campaign.unassigned_regions() == ("GB", "DE")
    zones = Zones({"GB": 3, "DE": 3})
    assert campaign.by_zone(zones) == (PlaceTotals(3, 2, 3), PlaceTotals(None, 2, 2))
    assert campaign.unassigned_regions(zones) == ("US",)


def test_number_of_no_country_is_unassigned() -> None:
    campaign = estimate([message("hi", to="+80012345678")])
    assert campaign.by_zone() == (PlaceTotals(None, 1, 1),)
    assert campaign.unassigned_regions() == (None,)


def test_group_is_told_by_the_region_of_each_member() -> None:
    campaign = estimate([message("hi", to=[A, "+442079460000"], media=IMAGE)])
    assert campaign.by_region() == (PlaceTotals("GB", 1, 1), PlaceTotals("US", 1, 1))
    assert campaign.group_mms == Totals(1, 2, 2)


CARD = RateCard(
    {("sms", "long code", 1): "0.0040", ("sms", "toll-free", 1): "0.0075", ("mms", "long code", 1): "0.015"},
    currency="USD",
)


def test_price_is_by_segment_for_sms_and_by_recipient_for_mms() -> None:
    campaign = estimate(
        [
            message("a" * 161),
            message("hi", from_="+18885550100"),
            message("hi", to=[A, B, C]),
            message("hi", to="+442079460000"),
        ]
    )
    price = campaign.price(CARD)
    assert [(line.key, line.segments, line.price, line.amount) for line in price.lines] == [
        (RateKey(MessageKind.SMS, LONG_CODE, 1), 2, Decimal("0.0040"), Decimal("0.0080")),
        (RateKey(MessageKind.SMS, LONG_CODE, None), 1, None, None),
        (RateKey(MessageKind.SMS, SenderKind.TOLL_FREE, 1), 1, Decimal("0.0075"), Decimal("0.0075")),
        (RateKey(MessageKind.MMS, LONG_CODE, 1), 3, Decimal("0.015"), Decimal("0.045")),
    ]
    assert (price.amount, price.unpriced_segments, price.currency) == (Decimal("0.0605"), 1, "USD")


def test_price_of_many_segments_is_exact() -> None:
    many = 123_456_789_012_345_679
    campaign = Estimate(destinations=(Destination(MessageKind.SMS, LONG_CODE, "US", many, many),))
    card = RateCard({("sms", "long code", 1): "0.000000000000000001"})
    assert campaign.price(card).amount == Decimal("0.123456789012345679")


def test_look_alikes_count_where_they_save_a_segment() -> None:
    campaign = estimate(
        [
            message("It’s " + "so " * 30),  # two segments become one
            message("It’s"),  # one stays one
            message("…" * 70),  # as GSM-7 it would take two
            message("café " * 30 + "…"),  # composed first: e and an acute accent
            message("🎉" * 40),  # out of reach
        ]
    )
    assert (campaign.segments, campaign.saved_segments, campaign.shortened_messages) == (2 + 1 + 1 + 3 + 2, 3, 2)
    shorter = campaign.shortened()
    assert (shorter.segments, shorter.saved_segments, shorter.shortened_messages) == (6, 0, 0)
    assert (shorter.gsm7_messages, shorter.ucs2_messages) == (2, 3)
    assert shorter.by_region()[0].segments == shorter.segments


def test_impossible_numbers_are_refused_and_doubtful_ones_told() -> None:
    sent = [
        message("hi", to=to)
        for to in ("+44207946", "+4402079460000", "+2101234567", "+19195550101", "+12423591234", "+19199110100", A)
    ]
    campaign = estimate([*sent, message("hi", to=[A, "+44207946"])])
    assert campaign.messages == 4
    assert dict(campaign.refused) == {"local only": 2, "written with a trunk prefix": 1, "unknown calling code": 1}
    assert campaign.refused_messages == 4
    assert dict(campaign.concerns) == {
        "fiction (555-0100 to 555-0199)": 2,
        "+1, but outside the United States and Canada": 1,
        "service code (N11)": 1,
    }


def test_not_in_the_plan_is_a_concern_unless_strict() -> None:
    sent = [message("hi", to="+19999195550"), message("hi", to=[A, "+19999195550"])]
    assert estimate(sent).messages == 2
    assert dict(estimate(sent).concerns)["not in the plan"] == 2
    strict = estimate(sent, strict_numbers=True)
    assert (strict.messages, strict.refused) == (0, (Finding("not in the plan", 2),))


@pytest.mark.parametrize(
    "segments, rate, offered, seconds, overflow",
    [
        (4500, 5, math.inf, 900, None),
        (4501, 5, math.inf, 900.2, 0.0),
        (100_000, 5, 100, 20_000, 4500 / 95),
        (4700, 5, 100, 940, None),  # all of it is offered before the queue is full
        (100_000, 5, 5, 20_000, None),
        (100_000, 5, 4, 25_000, None),
        (0, 5, math.inf, 0, None),
    ],
)
def test_queue_overflows_when_it_fills_faster_than_it_drains(
    segments: int, rate: float, offered: float, seconds: float, overflow: float | None
) -> None:
    campaign = Estimate(sms=Totals(1, 1, segments), group_mms=Totals(1, 3, 3))
    sms, mms = campaign.queues_at(rate, offered_rate=offered)
    assert (sms.kind, sms.segments, sms.capacity) == (MessageKind.SMS, segments, 4500)
    assert sms.seconds == pytest.approx(seconds)
    assert sms.overflows_after_seconds == pytest.approx(overflow)
    assert (mms.kind, mms.segments, mms.overflows_after_seconds) == (MessageKind.MMS, 3, None)


@pytest.mark.parametrize("options", [{"rate": 0}, {"rate": 5, "offered_rate": 0}, {"rate": 5, "depth_seconds": 0}])
def test_queue_needs_rates_that_are_positive(options: dict[str, Any]) -> None:
    with pytest.raises(LocalError, match="must be positive"):
        Estimate().queues_at(**options)


messages = st.builds(
    message,
    st.text(st.sampled_from("aé€ж😀\n"), min_size=1, max_size=200),
    to=st.lists(st.sampled_from([A, B, C]), min_size=1, max_size=3, unique=True),
    media=st.sampled_from([(), (IMAGE,)]),
)


@given(st.lists(messages, max_size=8), st.lists(messages, max_size=8))
def test_estimate_of_two_lists_is_the_sum_of_both(one: list[Message], other: list[Message]) -> None:
    both = estimate([*one, *other])
    for kind in ("sms", "mms", "group_mms"):
        parts = zip(getattr(estimate(one), kind), getattr(estimate(other), kind), strict=True)
        assert getattr(both, kind) == tuple(map(sum, parts))
    assert both.segments == sum(map(billed_segments, [*one, *other]))
    assert both.gsm7_messages + both.ucs2_messages == both.sms.messages
    assert both.sms.messages == sum(each.kind is MessageKind.SMS for each in [*one, *other])
