import re
from random import Random

from tests.transports.simulator.requests import START
from transports.simulator.ids import message_id, time_text


def test_every_millisecond_is_written_as_itself() -> None:
    """Times are floats, and many thousandths of a second are a little less than they say."""
    for milliseconds in range(1000):
        now = START + milliseconds / 1000
        assert time_text(now) == f"2026-01-01T00:00:00.{milliseconds:03}Z"
        assert message_id(now, Random(0)).startswith(f"1767225600{milliseconds:03}")


def test_the_last_half_millisecond_belongs_to_the_next_second() -> None:
    assert time_text(START + 59.9996) == "2026-01-01T00:01:00.000Z"


def test_ids_are_29_characters_and_differ() -> None:
    random = Random(0)
    ids = {message_id(START, random) for _ in range(1000)}
    assert len(ids) == 1000
    assert all(re.fullmatch(r"[0-9]{13}[a-z2-7]{16}", each) for each in ids)


def test_all_letters_of_base32_occur() -> None:
    random = Random(0)
    assert set("".join(message_id(START, random)[13:] for _ in range(200))) == set("abcdefghijklmnopqrstuvwxyz234567")
