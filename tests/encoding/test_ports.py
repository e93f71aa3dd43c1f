"""Application ports: to an element and back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.encoding import ApplicationPorts, InformationElement, UserDataHeader, segment

widths = st.sampled_from([8, 16])


@given(widths.flatmap(lambda bits: st.tuples(*[st.integers(0, 2**bits - 1)] * 2, st.just(bits))))
def test_ports_survive_their_element(ports: Any) -> None:
    given_ports = ApplicationPorts(*ports)
    assert ApplicationPorts.of(UserDataHeader((given_ports.element(),))) == given_ports


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        ("06050 40b8423f0", ApplicationPorts(2948, 9200)),
        ("040402f0f1", ApplicationPorts(240, 241, 8)),
        ("0a 05040001 0002 0402f0f1", ApplicationPorts(240, 241, 8)),  # of two that exclude each other the last
        ("0a 0402f0f1 05040001 0002", ApplicationPorts(1, 2)),
        ("05 0503000100", None),  # three octets are no ports
        ("05 00030a0201", None),
    ],
)
def test_ports_are_read_as_the_last_element_of_the_right_length_says(
    octets: str, expected: ApplicationPorts | None
) -> None:
    assert ApplicationPorts.of(UserDataHeader.decode(bytes.fromhex(octets.replace(" ", "")))) == expected


def test_every_segment_of_a_long_text_carries_the_ports() -> None:
    ports = ApplicationPorts(16000, 16001)
    parts = segment("long " * 100, elements=[ports.element(), InformationElement(0x70, b"!")])
    assert len(parts) > 1
    assert {ApplicationPorts.of(UserDataHeader.decode(part.header)) for part in parts} == {ports}


@pytest.mark.parametrize("wrong", [(-1, 0, 16), (65536, 0, 16), (0, 256, 8), (0, -1, 8), (0, 0, 12)])
def test_ports_that_have_no_octets_are_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="must be"):
        ApplicationPorts(*wrong)
