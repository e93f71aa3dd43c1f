import pickle
from decimal import Decimal
from typing import Any

import pytest

from msgcore.errors import LocalError
from msgcore.numbering import SenderKind
from msgcore.planning import RateCard, RateKey
from msgcore.wire import MessageKind

HEAD = "kind,sender,zone,price\n"
KEY = RateKey(MessageKind.SMS, SenderKind.LONG_CODE, 1)


def test_prices_keep_every_digit_they_were_written_with() -> None:
    card = RateCard.from_csv(HEAD + "sms,long code,1,0.0040\nMMS,Toll-Free,unassigned,12\n")
    assert str(card[KEY]) == "0.0040"
    assert card[RateKey(MessageKind.MMS, SenderKind.TOLL_FREE, None)] == 12
    assert card.currency is None


def test_what_the_card_does_not_name_has_no_price() -> None:
    card = RateCard({("sms", "long code", 1): 0})
    assert card[KEY] == 0
    for other in (KEY._replace(zone=2), KEY._replace(zone=None), KEY._replace(sender=SenderKind.TOLL_FREE)):
        assert card.get(other) is None


@pytest.mark.parametrize(
    "row, words",
    [
        ("fax,long code,1,1", "line 2: kind must be sms or mms, not 'fax'"),
        ("group-mms,long code,1,1", "line 2: kind must be sms or mms, not 'group-mms'"),
        (
            "sms,landline,1,1",
            "line 2: sender must be one of long code, toll-free, short code, alphanumeric; not 'landline'",
        ),
        ("sms,long code,0,1", "line 2: zone must be 1 to 5 or unassigned, not '0'"),
        ("sms,long code,,1", "line 2: zone must be 1 to 5 or unassigned, not ''"),
        ("sms,long code,1,", "line 2: price must be a number such as 0.0040, not ''"),
        ("sms,long code,1,free", "line 2: price must be a number"),
        ("sms,long code,1,-0.01", "line 2: price must be a number, not negative"),
        ("sms,long code,1,NaN", "line 2: price must be a number"),
        ("sms,long code,1,1e-3", None),
        ("sms,long code,1,1e9", "line 2: price must have at most 18 digits"),
        ("sms,long code,1,0.1234567890123456789", "line 2: price must have at most 18 digits"),
        ('sms,long code,1,"0,0040"', "line 2: price must be a number such as 0.0040, not '0,0040'"),
        ("sms,long code,1,1\nsms,long code,1,2", "line 3: sms, long code, 1 has a price already"),
        ("sms,long code,1", "line 2: 3 fields, the header has 4"),
    ],
)
def test_bad_row_is_told_with_its_line(row: str, words: str | None) -> None:
    if words is None:
        assert len(RateCard.from_csv(HEAD + row)) == 1
        return
    with pytest.raises(LocalError) as caught:
        RateCard.from_csv(HEAD + row)
    assert str(caught.value).startswith(f"rate card, {words}")


def test_card_has_one_currency() -> None:
    head = "kind,sender,zone,price,currency\nsms,long code,1,1,USD\n"
    assert RateCard.from_csv(head + "mms,long code,1,1,USD\n").currency == "USD"
    with pytest.raises(LocalError, match="line 3: currency EUR, the rows before have USD"):
        RateCard.from_csv(head + "mms,long code,1,1,EUR\n")


@pytest.mark.parametrize("price", [0.004, 1.0])
def test_float_is_no_price(price: Any) -> None:
    with pytest.raises(TypeError, match="not float"):
        RateCard({("sms", "long code", 1): price})


def test_card_survives_pickling() -> None:
    card = RateCard({("sms", "long code", 1): Decimal("0.0040")}, currency="USD")
    again = pickle.loads(pickle.dumps(card))
    assert (dict(again), again.currency) == (dict(card), "USD")
