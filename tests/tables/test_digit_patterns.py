"""The automata of digit patterns against Python's ``re``, whose language the metadata is written in."""

import re
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.tables.digit_patterns import EVERYTHING, NOTHING, Languages, parse
from msgcore.tables.trunk_threads import State, TrunkReader, read_rule, step

digits = st.text(st.sampled_from("0123456789"), max_size=7)
few_digits = st.text(st.sampled_from("012"), max_size=7)


def with_bounds(pattern: str, low: int, more: int) -> str:
    return f"(?:{pattern}){{{low},{low + more}}}" if low + more else f"(?:{pattern})?"


patterns = st.recursive(
    st.sampled_from(["0", "1", "2", r"\d", "[0-1]", "[02]", "[13-57-9]"]),
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("(?:{}|{})".format, inner, inner),
        st.builds("(?:{})?".format, inner),
        st.builds("({})".format, inner),
        st.builds(with_bounds, inner, st.integers(0, 2), st.integers(0, 2)),
    ),
    max_leaves=6,
)


def accepts(languages: Languages, language: int, text: str) -> bool:
    return languages.accepting[reduce(lambda state, digit: languages.steps[state][int(digit)], text, language)]


@given(patterns, st.one_of(digits, few_digits))
def test_a_language_holds_what_the_pattern_matches_whole(pattern: str, text: str) -> None:
    languages = Languages()
    assert accepts(languages, languages.of(pattern), text) is bool(re.fullmatch(pattern, text))


@given(patterns, st.one_of(digits, few_digits))
def test_a_prefix_language_holds_what_begins_with_the_pattern(pattern: str, text: str) -> None:
    languages = Languages()
    assert accepts(languages, languages.of(pattern, prefix=True), text) is bool(re.match(pattern, text))


@given(patterns, patterns)
def test_equal_languages_are_one_state(one: str, other: str) -> None:
    languages = Languages()
    assert languages.of(f"(?:{one}|{other})") == languages.of(f"(?:{other}|{one})")


def test_the_language_without_a_word_and_the_one_of_all_words() -> None:
    languages = Languages()
    assert languages.steps[NOTHING] == (NOTHING,) * 10
    assert languages.of("", prefix=True) == EVERYTHING


@pytest.mark.parametrize("pattern", ["a", "1*", "1+", "(?=1)", "1)", "(1", "[a]", "^1", r"\w", ".", "(?P<x>1)"])
def test_syntax_that_no_metadata_has_is_refused(pattern: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        parse(pattern)


def test_an_end_has_no_place_in_a_pattern_that_is_matched_whole() -> None:
    with pytest.raises(ValueError, match=r"'\$' has no place"):
        Languages().of("1$")


# ------------------------------------------------------------------------------------------------------ trunk rules

RULES = [
    ("0", None),
    ("0|180020", None),
    ("[08]", None),
    ("0(1)?", None),
    ("(1001)|0", None),
    ("0?(?:(1|22?)15)?", r"9\1"),
    (r"(?:0|90)(?:(1[245])(\d{2,3}))?", r"\2"),
    (r"([24-9]\d{3})$|0", r"20\1"),
    (r"(000\d{1,2})$|(?:(?:003)0?)|0", r"\1"),
    (r"([89]\d{2})$", r"0549\1"),
]


def mended_by_re(pattern: str, template: str | None, text: str) -> str | None:
    """libphonenumber's own few lines."""
    match = re.match(pattern, text)
    if match is None:
        return None
    if template and match[match.re.groups] is not None:
        return re.sub(pattern, template, text, count=1)
    return text[match.end() :]


@pytest.mark.parametrize("pattern, template", RULES)
@given(text=st.from_regex(r"(0|00|8|90|15|003|9|1|22)?(0|1|15|2215)?[0-9]{0,6}", fullmatch=True))
def test_threads_end_where_re_does(pattern: str, template: str | None, text: str) -> None:
    languages = Languages()
    mended = mended_by_re(pattern, template, text)
    # A language that holds just the mended number tells whether the threads arrived at it.
    wanted = languages.of(mended or "")
    fresh: State = ((wanted, wanted),)
    reader = TrunkReader(languages, read_rule(pattern, template, fresh))
    threads = reader.begin()
    for digit in text:
        threads = reader.read(threads, int(digit))
    result = reader.result(threads)
    assert (result is None) == (mended is None)
    if result is not None and mended is not None:
        assert result.length == len(mended)
        assert [languages.accepting[language] for _, language in result.output or ()] == [True]
        assert result.changed or mended == text


@pytest.mark.parametrize("template", [r"\1\2", r"\1", r"9\2x", "9", r"\2\1"])
def test_a_template_of_another_form_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match="cannot follow the template"):
        read_rule("(0)(1)", template, ())


def test_a_digit_drops_the_languages_that_it_leads_out_of() -> None:
    languages = Languages()
    one, two = languages.of("12"), languages.of("22")
    assert [slot for slot, _ in step(languages, ((one, one), (two, two)), 1)] == [one]
