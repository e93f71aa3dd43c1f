"""Look-alikes: what holds for any text and any options."""

from typing import Any
from unicodedata import normalize

from hypothesis import given
from hypothesis import strategies as st

from msgcore.encoding.alphabet import Alphabet
from msgcore.encoding.segmentation import analyze, count_segments
from msgcore.encoding.substitution import Substitution, to_gsm7
from msgcore.kernel.scanning import positions_outside_gsm7
from msgcore.tables.generated.lookalikes import LOOKALIKES, UNACCENTED
from tests.reference.alphabet import is_gsm7
from tests.reference.clusters import clusters
from tests.reference.strategies import boundaries, gsm7_texts, pieces, reference_widths

replaceable = st.sampled_from([*LOOKALIKES, *UNACCENTED])
texts = st.lists(
    st.one_of(
        replaceable,
        pieces,
        st.text(replaceable, max_size=6),
        gsm7_texts,
        st.sampled_from(["e\u0301", "c\u0327", "s\u0327", "x\u0302", "\t\u0301", "a\u200b\u0301", "ş", "ã", "क", "…"]),
        st.builds(lambda count: "…" * count, st.integers(40, 80)),
    ),
    max_size=8,
).map("".join)
# Nothing that is without hope, so that most of them come into GSM-7.
hopeful_texts = st.lists(
    st.one_of(replaceable, gsm7_texts, st.sampled_from(["e\u0301", "A\u030a", "n\u0303", "o\u0308\u200b"])), max_size=8
).map("".join)

counting = st.fixed_dictionaries(
    {
        "boundary": boundaries,
        "reference_bits": reference_widths,
        "languages": st.sampled_from([(), "turkish", "auto", ["portuguese", "hindi"]]),
    }
)
options = st.builds(
    lambda best_effort, unaccented, counts: {"best_effort": best_effort, "unaccented": unaccented, **counts},
    st.booleans(),
    st.booleans(),
    counting,
)


def rebuild(text: str, found: Substitution) -> str:
    rebuilt = ""
    position = 0
    for change in found.changes:
        assert change.index >= position
        assert text[change.index : change.index + len(change.character)] == change.character
        assert change.reason
        rebuilt += text[position : change.index] + change.replacement
        position = change.index + len(change.character)
    return rebuilt + text[position:]


@given(st.one_of(texts, hopeful_texts), options)
def test_changes_explain_the_result_and_segments_never_rise(text: str, chosen: dict[str, Any]) -> None:
    found = to_gsm7(text, **chosen)
    counts = {name: chosen[name] for name in ("boundary", "reference_bits", "languages")}
    assert rebuild(text, found) == found.text
    assert found.segment_count_before == count_segments(text, **counts)
    assert found.segment_count_after == count_segments(found.text, **counts) <= found.segment_count_before
    assert found.alphabet is analyze(found.text, **counts).alphabet


@given(st.one_of(texts, hopeful_texts), options)
def test_what_was_replaced_stays_as_it_is(text: str, chosen: dict[str, Any]) -> None:
    once = to_gsm7(text, **chosen)
    again = to_gsm7(once.text, **chosen)
    assert (again.text, again.changes) == (once.text, ())


@given(st.one_of(texts, hopeful_texts), options)
def test_without_best_effort_the_result_is_gsm7_or_the_text_as_it_was(text: str, chosen: dict[str, Any]) -> None:
    found = to_gsm7(text, **{**chosen, "best_effort": False})
    if found.alphabet is not Alphabet.GSM7:
        assert (found.text, found.changes) == (text, ())
    if chosen["languages"] == ():
        assert is_gsm7(found.text) == (found.alphabet is Alphabet.GSM7)


@given(texts, options)
def test_a_cluster_is_replaced_whole_or_not_at_all(text: str, chosen: dict[str, Any]) -> None:
    found = to_gsm7(text, **{**chosen, "languages": ()})
    start = 0
    for cluster in clusters(text):
        end = start + len(cluster)
        inside = [change for change in found.changes if start <= change.index < end]
        assert all(change.index + len(change.character) <= end for change in inside)
        replaced = cluster
        for change in reversed(inside):
            at = change.index - start
            replaced = replaced[:at] + change.replacement + replaced[at + len(change.character) :]
        assert is_gsm7(replaced) if inside else replaced == cluster
        if inside and found.alphabet is Alphabet.UCS2:
            assert 0 < len(replaced) <= len(cluster)
        start = end


@given(st.one_of(texts, hopeful_texts), options)
def test_texts_that_are_canonically_the_same_come_into_gsm7_the_same(text: str, chosen: dict[str, Any]) -> None:
    chosen = {**chosen, "languages": ()}
    results = {
        found.text
        for form in (text, normalize("NFC", text), normalize("NFD", text))
        if (found := to_gsm7(form, **chosen)).alphabet is Alphabet.GSM7
    }
    assert len(results) <= 1


@given(st.one_of(texts, hopeful_texts))
def test_suggestions_are_the_changes_of_an_unlimited_message(text: str) -> None:
    items = analyze(text).outside_gsm7
    covered = {index for item in items for index in range(item.index, item.index + len(item.character))}
    assert covered >= set(positions_outside_gsm7(text))
    found = to_gsm7(text)
    if found.changes:
        suggested = [(item.index, item.character, item.replacement) for item in items]
        assert suggested == [(change.index, change.character, change.replacement) for change in found.changes]
    elif any(item.replacement is None for item in items):
        assert found.alphabet is Alphabet.UCS2
