"""The numbering automaton: built from the release it names, no larger than it was, proper forms as libphonenumber's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.numbering import NumberStatus, is_valid_number, parse_number
from msgcore.tables import build_numbering
from msgcore.tables.digit_patterns import Languages
from msgcore.tables.generated.numbering import REGIONS, TRUNK_RULES
from msgcore.tables.number_kinds import KINDS, STATUSES
from msgcore.tables.numbering_automaton import Automaton, Tail, tail
from msgcore.tables.proper_form import proper_form
from tests.numbering.generated_numbers import TRUNK_PREFIXES, calling_codes, examples
from tests.source_tree import TABLE_SOURCES, needs_table_sources


@needs_table_sources
def test_another_release_is_refused() -> None:
    source = (TABLE_SOURCES / "numbering.txt").read_text(encoding="utf-8")
    build_numbering.prove_edition(source)
    with pytest.raises(ValueError, match="is not the edition that"):
        build_numbering.prove_edition(source.replace("# edition: 9", "# edition: 10"))


@needs_table_sources
def test_the_automaton_is_as_small_as_stated() -> None:
    # Some 200 KB, so that what is used of it stays in a processor's cache.
    source = (TABLE_SOURCES / "numbering.txt").read_text(encoding="utf-8")
    header = build_numbering.build({"numbering.txt": source})["numbering.h"]
    octets = sum(
        len(value) * (2 if "short" in name else 1) for name, value in header.items() if not isinstance(value, int)
    )
    assert octets < 256 * 1024
    assert header["NUMBERING_STATES"] < 12_000


def test_equal_states_are_one() -> None:
    automaton = Automaton(Languages())
    ends = (Tail((1,)), *[Tail((0,))] * 9)
    assert automaton.state(0, ends) == automaton.state(0, ends) == 0
    assert automaton.state(1, ends) == 1
    assert automaton.state(0, (0, *[Tail((0,))] * 9)) == 2


def test_where_only_the_length_counts_there_is_no_state() -> None:
    automaton = Automaton(Languages())
    assert automaton.state(0, (Tail((0, 5)),) * 10) == Tail((0, 0, 5))
    assert automaton.labels == []
    assert tail((0, 5, 0, 0, 0)) == Tail((0, 5, 0))


def test_regions_kinds_and_statuses_fit_an_octet() -> None:
    assert REGIONS[0] is None
    assert list(REGIONS[1:]) == sorted(filter(None, REGIONS))
    assert max(map(len, (REGIONS, KINDS, STATUSES))) < 256
    assert STATUSES[0] is NumberStatus.VALID


@given(st.sampled_from(examples()), st.sampled_from(TRUNK_PREFIXES))
def test_the_proper_form_of_a_number_with_a_trunk_prefix_is_valid(text: str, prefix: str) -> None:
    code = next(str(code) for code in calling_codes() if text.startswith(f"+{code}"))
    written = f"+{code}{prefix}{text[1 + len(code) :]}"
    if len(written) > 16:
        return
    number = parse_number(written)
    if number.status is NumberStatus.TRUNK_PREFIX:
        assert is_valid_number(f"+{code}{proper_form(number.calling_code, number.national_number)}")


def test_a_number_without_a_rule_is_its_own_proper_form() -> None:
    assert 39 not in TRUNK_RULES
    assert proper_form(39, "0236618300") == "0236618300"
    assert proper_form(44, "2070313000") == "2070313000"
