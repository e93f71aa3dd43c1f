import pytest

from msgcore.errors import MessageError
from transports.simulator.course.directives import KNOWN_CODES, read_directive
from transports.simulator.course.records import NO_DIRECTIVE, Directive


def test_all_82_published_codes_are_known() -> None:
    assert len(KNOWN_CODES) == 82
    assert {4001, 4360, 4720, 5600, 5999, 9902, 9999} <= KNOWN_CODES


@pytest.mark.parametrize(
    "tag, directive",
    [
        ("", NO_DIRECTIVE),
        ("order-7", NO_DIRECTIVE),
        ("presim:code=4720", NO_DIRECTIVE),
        ("SIM:code=4720", NO_DIRECTIVE),
        ("sim:code=4720", Directive(4720, None)),
        ("sim:code=0", Directive(0, None)),
        ("sim:delay=0", Directive(None, 0.0)),
        ("sim:delay=30", Directive(None, 30.0)),
        ("sim:delay=1.5s", Directive(None, 1.5)),
        ("sim:delay=90m", Directive(None, 5400.0)),
        ("sim:delay=26h", Directive(None, 93600.0)),
        ("sim:delay=168h", Directive(None, 604800.0)),
        ("order-7 sim:code=4720,delay=30s", Directive(4720, 30.0)),
        ("sim:delay=30s,code=4720 order-7", Directive(4720, 30.0)),
        ("a\tsim:code=9902\nb", Directive(9902, None)),
        # What our own client writes behind the caller's tag is not the caller's.
        ("sim:code=4720~m1.k1.1", Directive(4720, None)),
        ("order-7 sim:delay=5m~m1.a key sim:code=nonsense.2", Directive(None, 300.0)),
        ("order-7~m1.sim:code=nonsense.1", NO_DIRECTIVE),
        ("~m1. sim:code=4720~m1.k1.1", Directive(4720, None)),
    ],
)
def test_directives_are_read_from_the_callers_part_of_the_tag(tag: str, directive: Directive) -> None:
    assert read_directive(tag) == directive


@pytest.mark.parametrize(
    "tag, culprit",
    [
        ("sim:", "''"),
        ("sim:fail", "'fail'"),
        ("sim:code", "code=''"),
        ("sim:code=", "code=''"),
        ("sim:code=4430", "code='4430'"),  # asked for by many, published by nobody
        ("sim:code=04720", "code='04720'"),
        ("sim:code=٤٧٢٠", "code='٤٧٢٠'"),
        ("sim:code=-1", "code='-1'"),
        ("sim:CODE=4720", "'CODE=4720'"),
        ("sim:code=4720,", "''"),
        ("sim:code=4720,code=4721", "'code' is given twice"),
        ("sim:code=0,code=4721", "'code' is given twice"),
        ("sim:delay=", "delay=''"),
        ("sim:delay=-5", "delay='-5'"),
        ("sim:delay=5d", "delay='5d'"),
        ("sim:delay=1e3", "delay='1e3'"),
        ("sim:delay=nan", "delay='nan'"),
        ("sim:delay=٣", "delay='٣'"),
        ("sim:delay=169h", "at most 7 days"),
        ("sim:code=4720 sim:delay=5", "expected one simulator directive, got 2"),
    ],
)
def test_what_is_not_understood_is_an_error_that_names_it(tag: str, culprit: str) -> None:
    with pytest.raises(MessageError) as caught:
        read_directive(tag)
    assert caught.value.field == "tag"
    assert culprit in caught.value.reason


@pytest.mark.parametrize("tag", ["sim:fail", "sim:code=1", "sim:delay=x"])
def test_the_error_says_what_is_known(tag: str) -> None:
    with pytest.raises(MessageError, match=r"known are code=<.*>, delay=<"):
        read_directive(tag)


@pytest.mark.parametrize(
    "option",
    [
        "late=x",
        "late=169h",
        "delay=169h",
        "copies=0",
        "copies=11",
        "copies=x",
        "order=random",
        "segments=256",
        "size=5GB",
        "then=1",
    ],
)
def test_a_value_that_makes_no_sense_is_refused(option: str) -> None:
    with pytest.raises(MessageError, match=option.partition("=")[0]):
        read_directive(f"sim:{option}")


def test_all_options_together() -> None:
    assert read_directive(
        "sim:code=4720,delay=1s,late=2m,then=0,copies=3,order=reversed,segments=4,size=5KB"
    ) == Directive(4720, 1.0, 120.0, 0, 3, "reversed", 4, 5120)
