"""Look-alikes: what is replaced, what is not, and that every change is told."""

import pytest
from hypothesis import given

from msgcore.encoding.alphabet import Alphabet, detect
from msgcore.encoding.substitution import Change, to_gsm7
from msgcore.errors import EncodingError
from msgcore.tables.generated.lookalikes import LOOKALIKES
from tests.reference.alphabet import is_gsm7
from tests.reference.strategies import texts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("hello", "hello"),
        ("“It’s”", '"It\'s"'),
        ("10–12 — …", "10-12 - ..."),
        ("10\u00a0€", "10 €"),
        ("a\u200bb\ufeff", "ab"),
        ("e\u0301", "é"),
        ("A\u030a", "Å"),
        ("\N{OHM SIGN}", "Ω"),
        ("\N{ANGSTROM SIGN}", "Å"),
        ("\N{GREEK QUESTION MARK}", ";"),
        ("e\u0301\u200d", "é"),
        ("\u200b", ""),
        ("line\u2028line", "line\nline"),
    ],
)
def test_look_alikes_are_replaced(text: str, expected: str) -> None:
    found = to_gsm7(text)
    assert found.text == expected
    assert found.alphabet is Alphabet.GSM7
    assert bool(found.changes) == (text != expected)


@pytest.mark.parametrize("text", ["“ça”", "…中", "👩\u200d👩", "1\ufe0f\u20e3", "o\u0302", "\x00", "`α`"])
def test_all_or_nothing(text: str) -> None:
    found = to_gsm7(text)
    assert (found.text, found.changes, found.alphabet) == (text, (), Alphabet.UCS2)


def test_every_change_is_told() -> None:
    assert to_gsm7("a…e\u0301’").changes == (
        Change(1, "…", "...", "ellipsis"),
        Change(2, "e\u0301", "é", "composed: the same character in fewer code points (Unicode NFC)"),
        Change(4, "’", "'", "typographic apostrophe or single quotation mark"),
    )


@given(texts)
def test_changes_explain_the_result_and_nothing_else_moves(text: str) -> None:
    found = to_gsm7(text)
    rebuilt = ""
    position = 0
    for change in found.changes:
        assert text[change.index : change.index + len(change.character)] == change.character
        rebuilt += text[position : change.index] + change.replacement
        position = change.index + len(change.character)
    assert rebuilt + text[position:] == found.text
    assert found.alphabet is detect(found.text)
    assert to_gsm7(found.text).changes == ()


def test_the_table_leads_from_outside_into_the_alphabet() -> None:
    for character, (replacement, reason) in LOOKALIKES.items():
        assert len(character) == 1
        assert not is_gsm7(character)
        assert is_gsm7(replacement)
        assert reason


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(EncodingError, match="position 1"):
        to_gsm7("…\ud800")
