"""National languages: whose tables a text can use beside, or in place of, the default alphabet."""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from msgcore.tables.generated.languages import IDENTIFIERS, WITHOUT_LOCKING_SHIFT

# 3GPP TS 23.040, 9.2.3.24, table of information element identifiers
SINGLE_SHIFT_ELEMENT: Final = 0x24
LOCKING_SHIFT_ELEMENT: Final = 0x25

LANGUAGES: Final = tuple(IDENTIFIERS)
"""The names of all languages that have tables, in the order of their identifiers."""


class LanguageTable(NamedTuple):
    """A national language table that a text uses, as an information element of every segment's header names it.

    ``language``
        its English name in small letters: ``"turkish"``
    ``shift``
        ``"single"``: the table stands in for the extension table, so its characters follow an escape;
        ``"locking"``: it stands in for the default alphabet

    Source: 3GPP TS 23.038, 6.2.1.2 and annex A; TS 23.040, 9.2.3.24.15 and 9.2.3.24.16.
    """

    language: str
    shift: Literal["single", "locking"]

    @property
    def language_identifier(self) -> int:
        """The national language identifier (3GPP TS 23.038, 6.2.1.2.4): what the element holds."""
        return IDENTIFIERS[self.language]

    @property
    def element_identifier(self) -> int:
        """The information element identifier: 0x24 for a single shift, 0x25 for a locking shift."""
        return SINGLE_SHIFT_ELEMENT if self.shift == "single" else LOCKING_SHIFT_ELEMENT


_SINGLE_SHIFT = {code: LanguageTable(name, "single") for name, code in IDENTIFIERS.items()}
_LOCKING_SHIFT = {
    code: LanguageTable(name, "locking") for name, code in IDENTIFIERS.items() if name not in WITHOUT_LOCKING_SHIFT
}
_BY_ELEMENT = {SINGLE_SHIFT_ELEMENT: _SINGLE_SHIFT, LOCKING_SHIFT_ELEMENT: _LOCKING_SHIFT}
_IDENTIFIERS = {table: code for tables in _BY_ELEMENT.values() for code, table in tables.items()}


def language_table(element_identifier: int, language_identifier: int) -> LanguageTable | None:
    """Return the table that an information element names, or None if there is no such table.

    >>> language_table(0x25, 3)
    LanguageTable(language='portuguese', shift='locking')
    """
    return _BY_ELEMENT.get(element_identifier, {}).get(language_identifier)


def language_identifiers(tables: Sequence[LanguageTable]) -> tuple[int, int]:
    """Return the languages of the single shift and of the locking shift table, 0 where there is none.

    >>> language_identifiers([LanguageTable("turkish", "single")])
    (1, 0)
    """
    found = {"single": 0, "locking": 0}
    for table in tables:
        if not isinstance(table, LanguageTable):
            raise TypeError(f"languages must hold LanguageTable, not {type(table).__name__}")
        if table not in _IDENTIFIERS:
            raise ValueError(f"there is no {table.shift} shift table for {table.language!r}")
        if found[table.shift]:
            raise ValueError(f"languages may hold one {table.shift} shift table, not two")
        found[table.shift] = _IDENTIFIERS[table]
    return found["single"], found["locking"]


__all__ = [
    "LANGUAGES",
    "LOCKING_SHIFT_ELEMENT",
    "SINGLE_SHIFT_ELEMENT",
    "LanguageTable",
    "language_identifiers",
    "language_table",
]
