import phonenumbers
import pytest

from msgcore.numbering import NanpArea, NumberCaveat, nanp_area, number_caveats, parse_number
from tests.numbering.generated_numbers import e164


@pytest.mark.parametrize(
    "text, area",
    [
        ("+19195550100", NanpArea.HOME),
        ("+14165550100", NanpArea.HOME),
        ("+17872345678", NanpArea.TERRITORY),
        ("+13406421234", NanpArea.TERRITORY),
        ("+16712345678", NanpArea.TERRITORY),
        ("+16702345678", NanpArea.TERRITORY),
        ("+16846221234", NanpArea.TERRITORY),
        ("+12423225555", NanpArea.CARIBBEAN),
        ("+18762345678", NanpArea.CARIBBEAN),
        ("+14412345678", NanpArea.CARIBBEAN),
        ("+18092345678", NanpArea.CARIBBEAN),
        ("+18005550100", NanpArea.NON_GEOGRAPHIC),
        ("+19002345678", NanpArea.NON_GEOGRAPHIC),
        ("+15002345678", NanpArea.NON_GEOGRAPHIC),
        ("+15550001111", None),
        ("+442070313000", None),
    ],
)
def test_area_tells_home_from_abroad(text: str, area: NanpArea | None) -> None:
    assert nanp_area(parse_number(text)) is area


ABROAD = "AG AI BB BM BS DM DO GD JM KN KY LC MS SX TC TT VC VG".split()


@pytest.mark.parametrize(
    "regions, area",
    [(["US", "CA"], NanpArea.HOME), (["AS", "GU", "MP", "PR", "VI"], NanpArea.TERRITORY), (ABROAD, NanpArea.CARIBBEAN)],
)
def test_every_region_of_the_plan_is_in_an_area(regions: list[str], area: NanpArea) -> None:
    assert {*regions} <= {*phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1]}
    for region in regions:
        example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.FIXED_LINE)
        assert example is not None
        assert nanp_area(parse_number(e164(example))) is area


def test_no_region_of_the_plan_is_forgotten() -> None:
    assert len(ABROAD) + 5 + 2 == len(phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1])


@pytest.mark.parametrize(
    "text, caveats",
    [
        ("+19195550099", []),
        ("+19195550100", [NumberCaveat.FICTION]),
        ("+19195550199", [NumberCaveat.FICTION]),
        ("+19195550200", []),
        ("+19195551212", []),
        ("+18005550100", []),  # the toll-free codes have rules of their own
        ("+15550001111", []),
        ("+12425550100", [NumberCaveat.FICTION]),
        ("+17875550100", [NumberCaveat.FICTION, NumberCaveat.OUTSIDE_HOME_MARKET]),
        ("+19199111234", [NumberCaveat.SERVICE_CODE]),
        ("+19192111234", [NumberCaveat.SERVICE_CODE]),
        ("+18009111234", []),
        ("+19002345678", [NumberCaveat.PREMIUM_RATE]),
        ("+19199761234", [NumberCaveat.PREMIUM_RATE]),
        ("+449012345678", [NumberCaveat.PREMIUM_RATE]),
        ("+445555550100", []),
        ("+17872345678", [NumberCaveat.OUTSIDE_HOME_MARKET]),
        ("+1919555010", []),
    ],
)
def test_caveats_name_what_validity_hides(text: str, caveats: list[NumberCaveat]) -> None:
    assert list(number_caveats(parse_number(text))) == caveats
