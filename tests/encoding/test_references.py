"""References go round, per recipient."""

import numpy
import pytest

from msgcore.encoding.references import ReferenceCounter


@pytest.mark.parametrize(("bits", "modulus"), [(8, 256), (16, 65536)])
def test_references_count_up_and_wrap(bits: int, modulus: int) -> None:
    references = ReferenceCounter(reference_bits=bits)
    assert references.reference_bits == bits
    given = [references.next("+19195550123") for _ in range(modulus + 2)]
    assert given == [*range(modulus), 0, 1]


def test_recipients_count_apart() -> None:
    references = ReferenceCounter()
    first = [references.next("a"), references.next("a")]
    other = references.next("b")
    assert [*first, references.next("a")] == [0, 1, 2]
    assert references.next("b") == other + 1


def test_the_start_is_the_callers() -> None:
    assert ReferenceCounter(start=300).next("a") == 300 % 256


def test_memory_is_bounded_and_the_forgotten_do_not_start_over() -> None:
    references = ReferenceCounter(max_recipients=2)
    assert references.next("a") == 0
    references.next("b")
    references.next("a")  # used again, so "b" is the older one now
    references.next("c")
    assert len(references) == 2
    assert references.next("a") == 2
    assert references.next("b") != 1  # forgotten: it does not get its last reference again


@pytest.mark.parametrize(
    ("options", "message"),
    [({"reference_bits": 7}, "reference_bits must be 8 or 16"), ({"max_recipients": 0}, "max_recipients must be")],
)
def test_wrong_options_are_refused(options: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ReferenceCounter(**options)


@pytest.mark.parametrize("field", ["reference_bits", "start", "max_recipients"])
def test_a_float_is_no_whole_number(field: str) -> None:
    with pytest.raises(TypeError, match=f"{field} must be an int, not float"):
        ReferenceCounter(**{field: 8.0})  # type: ignore[arg-type]


def test_a_start_of_any_size_and_kind_is_taken() -> None:
    assert ReferenceCounter(start=2**70 + 5).next("a") == 5
    assert type(ReferenceCounter(start=numpy.int64(5)).next("a")) is int  # type: ignore[arg-type]
