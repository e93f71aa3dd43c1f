import pickle

import pytest

from msgcore.errors import LocalError
from msgcore.planning import DEFAULT_ZONES, Zones
from msgcore.planning.zones import ZONE_MARKS
from tests.source_tree import TABLE_SOURCES, needs_table_sources


def test_only_what_can_be_defended_has_a_zone() -> None:
    assert dict(DEFAULT_ZONES) == {"CA": 1, "US": 1}
    assert ZONE_MARKS == {"US": "inferred", "CA": "assumed", "MX": "unknown"}


@needs_table_sources
def test_table_that_comes_with_msgcore_reads_like_one_of_the_caller() -> None:
    assert Zones.from_csv((TABLE_SOURCES / "reach_zones.csv").read_text(encoding="utf-8")) == DEFAULT_ZONES


def test_table_replaces_the_zones_as_a_whole() -> None:
    zones = Zones.from_csv("# mine\n\nZone,Region\r\n3, GB\r\n,FR\r\n5,IN\r\n")
    assert zones == {"GB": 3, "IN": 5}
    assert zones.get("US") is None


@pytest.mark.parametrize(
    "text, words",
    [
        ("", "expected a header line with the columns region, zone"),
        ("region\nUS\n", "line 1: column 'zone' is missing"),
        ("region,zone,price\n", "line 1: unknown column 'price'"),
        ("region,zone,zone\n", "line 1: column 'zone' stands there twice"),
        ("region,zone\nUS,1\n\nGB\n", "line 4: 1 fields, the header has 2"),
        ("region,zone\nUS,1\nUS,2\n", "line 3: US stands there twice"),
        ("region,zone\nUS,6\n", "line 2: zone must be 1 to 5, or empty, not '6'"),
        ("region,zone\nUS,one\n", "line 2: zone must be 1 to 5"),
        ("region,zone\nUSA,1\n", "line 2: region must be two capital letters"),
        ("# head\nregion,zone\nus,1\n", "line 3: region must be two capital letters"),
        ('region,zone\n"US,1\n', "line 2: broken CSV"),
    ],
)
def test_bad_row_is_told_with_its_line(text: str, words: str) -> None:
    with pytest.raises(LocalError) as caught:
        Zones.from_csv(text)
    assert words in str(caught.value)
    assert str(caught.value).startswith("zones")


def test_mapping_is_checked_like_a_table() -> None:
    with pytest.raises(LocalError, match="the zone of GB must be 1 to 5, not 0"):
        Zones({"GB": 0})
    with pytest.raises(LocalError, match="two capital letters"):
        Zones({"gb": 1})
    with pytest.raises(TypeError, match="must map str to int"):
        Zones({"GB": "1"})  # type: ignore[dict-item]


def test_zones_are_a_value() -> None:
    zones = Zones({"US": 1, "GB": 3})
    assert pickle.loads(pickle.dumps(zones)) == zones == Zones({"GB": 3, "US": 1})
    assert hash(zones) == hash(Zones({"GB": 3, "US": 1}))
    assert repr(zones) == "Zones({'GB': 3, 'US': 1})"
