"""What ``msgcore analyze`` found out about a text, for a person and as JSON."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, TypeVar

from rich.table import Table
from rich.text import Text

from msgcore.encoding import (
    LANGUAGES,
    Alphabet,
    Analysis,
    Change,
    LanguageTable,
    OutsideGsm7,
    Segment,
    Segmentation,
    Substitution,
    analyze,
    count_segments,
    to_gsm7,
)
from msgcore.errors import SegmentLimitError

SHOWN = 20
SHOWN_PLACES = 5

Item = TypeVar("Item", Change, OutsideGsm7)


class Counting(TypedDict):
    """How segments are counted: keyword arguments of ``analyze``."""

    boundary: Literal["cluster", "character"]
    reference_bits: Literal[8, 16]
    languages: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """A text and all that is shown of it.

    ``alternatives`` are the text with other languages allowed; ``substitution`` made the text, if it was asked for.
    """

    text: str
    counting: Counting
    analysis: Analysis
    segments: Segmentation
    alternatives: tuple[Analysis, ...]
    substitution: Substitution | None


def price_languages(text: str, counting: Counting) -> tuple[Analysis, ...]:
    """Price the text without national languages, with each one alone that makes a difference, and with all of them."""
    found: list[Analysis] = []
    for languages in ((), *((name,) for name in counting["languages"]), counting["languages"]):
        try:
            analysis = analyze(text, **_allowing(languages, counting))
        except SegmentLimitError:
            continue  # no alternative
        if not languages or analysis.languages not in ((), *(known.languages for known in found)):
            found.append(analysis)
    return tuple(found)


def _allowing(languages: tuple[str, ...], counting: Counting) -> Counting:
    return {"boundary": counting["boundary"], "reference_bits": counting["reference_bits"], "languages": languages}


# -------------------------------------------------------------------------------------------------------------- JSON


def report_to_json(report: Report) -> dict[str, Any]:
    """Return the report with the names that the attributes have in Python."""
    analysis = report.analysis
    return {
        "alphabet": analysis.alphabet.value,
        "segment_count": analysis.segment_count,
        "unit_count": analysis.unit_count,
        "units_left": analysis.units_left,
        "languages": _tables_to_json(analysis.languages),
        "alternatives": [
            {
                "languages": _tables_to_json(alternative.languages),
                "alphabet": alternative.alphabet.value,
                "segment_count": alternative.segment_count,
                "unit_count": alternative.unit_count,
            }
            for alternative in report.alternatives
        ],
        "fix": None if report.substitution is None else _substitution_to_json(report.substitution),
        "outside_gsm7": [
            {"index": item.index, "character": item.character, "replacement": item.replacement}
            for item in analysis.outside_gsm7
        ],
        "segments": [
            {
                "number": part.number,
                "total": part.total,
                "text": part.text,
                "unit_count": part.unit_count,
                "header": part.header.hex(),
                "user_data": part.user_data.hex(),
                "user_data_length": part.user_data_length,
            }
            for part in report.segments
        ],
    }


def _tables_to_json(tables: Sequence[LanguageTable]) -> list[dict[str, str]]:
    return [{"language": table.language, "shift": table.shift} for table in tables]


def _substitution_to_json(substitution: Substitution) -> dict[str, Any]:
    return {
        "text": substitution.text,
        "segment_count_before": substitution.segment_count_before,
        "segment_count_after": substitution.segment_count_after,
        "changes": [
            {
                "index": change.index,
                "character": change.character,
                "replacement": change.replacement,
                "reason": change.reason,
            }
            for change in substitution.changes
        ],
    }


# ---------------------------------------------------------------------------------------------------------- a person


def report_parts(report: Report) -> Iterator[Table | Text]:
    """Yield what is printed, from the sum to the octets."""
    analysis = report.analysis
    units = _units(analysis.alphabet)
    if report.substitution is not None:
        yield from _fixed(report.substitution)
    table = _grid()
    table.add_row("alphabet", analysis.alphabet.value)
    if report.counting["languages"]:
        table.add_row("languages", _describe(analysis.languages) or "no national table is used")
    table.add_row("segments", str(analysis.segment_count))
    table.add_row(units, f"{analysis.unit_count}, and {analysis.units_left} more fit the last segment")
    yield table
    if report.alternatives:
        yield from _priced(report)
    if analysis.outside_gsm7:
        gsm7 = "plain GSM-7" if analysis.languages else "GSM-7"
        force = "need a national table or" if analysis.languages else "force"
        yield Text(f"\nThese characters are not in {gsm7} and {force} UCS-2:", style="bold")
        yield _outside(analysis)
        if report.substitution is None:
            yield from _savings(report)
    for part in report.segments:
        yield _segment(part, units)


def _fixed(substitution: Substitution) -> Iterator[Table | Text]:
    """Say what was replaced, or that nothing was, and why not."""
    before, after = substitution.segment_count_before, substitution.segment_count_after
    if substitution.changes:
        count = _count(len(substitution.changes), "replacement")
        kept = f"{_count(before, 'segment')} as before" if after == before else f"{after} instead of {before} segments"
        yield Text(f"{count}: {kept}", style="bold green" if after < before else "bold")
        yield _changes(substitution.changes)
    elif substitution.alphabet is Alphabet.GSM7:
        yield Text("Nothing to replace: it is GSM-7 as it stands.", style="bold")
    else:
        yield Text(
            "Nothing was replaced: a character has no look-alike, or the text would take more segments.", style="bold"
        )
    yield Text()


def _changes(changes: Sequence[Change]) -> Table:
    table = _listing()
    groups = _grouped(changes)
    for first, places in groups[:SHOWN]:
        table.add_row(
            places,
            _visible(first.character),
            _code_points(first.character),
            repr(first.replacement) if first.replacement else "left out",
            first.reason,
        )
    _add_more(table, len(groups) - SHOWN)
    return table


def _priced(report: Report) -> Iterator[Table | Text]:
    yield Text("\nWhat it costs with the tables of", style="bold")
    table = _listing()
    for analysis in report.alternatives:
        table.add_row(
            " and ".join(dict.fromkeys(item.language for item in analysis.languages)) or "no language",
            _count(analysis.segment_count, "segment"),
            analysis.alphabet.value,
            f"{analysis.unit_count} {_units(analysis.alphabet)}",
            _describe(analysis.languages),
            "used" if analysis.languages == report.analysis.languages else "",
        )
    yield table
    priced = {item.language for analysis in report.alternatives for item in analysis.languages}
    others = [name for name in report.counting["languages"] if name not in priced]
    if others:
        yield Text(f"  no difference: {', '.join(others)}")


def _outside(analysis: Analysis) -> Table:
    table = _listing()
    groups = _grouped(analysis.outside_gsm7)
    for first, places in groups[:SHOWN]:
        instead = "" if first.replacement is None else f"could be {first.replacement!r}"
        table.add_row(
            places,
            _visible(first.character),
            f"{_code_points(first.character)} {_names(first.character)}",
            "could be left out" if first.replacement == "" else instead,
        )
    _add_more(table, len(groups) - SHOWN)
    return table


def _grouped(items: Sequence[Item]) -> list[tuple[Item, str]]:
    """Return the first of all items that say the same, with the places of them all."""
    groups: dict[tuple[str, str | None], list[Item]] = {}
    for item in items:
        groups.setdefault((item.character, item.replacement), []).append(item)
    return [(group[0], _places([item.index for item in group])) for group in groups.values()]


def _places(indexes: Sequence[int]) -> str:
    shown = ", ".join(map(str, indexes[:SHOWN_PLACES]))
    more = len(indexes) - SHOWN_PLACES
    return f"index {shown} and {more} more" if more > 0 else f"index {shown}"


def _savings(report: Report) -> Iterator[Text]:
    """Name the mildest option that takes fewer segments."""
    before = report.analysis.segment_count
    for unaccented, option in ((False, "--fix"), (True, "--fix --unaccented")):
        found = to_gsm7(report.text, unaccented=unaccented, **report.counting)
        if found.segment_count_after < before:
            saved = f"{found.segment_count_after} instead of {before} segments"
            yield Text(f"  With {option} it is GSM-7: {saved}.", style="green")
            break
    if not report.counting["languages"]:
        count = count_segments(report.text, **_allowing(LANGUAGES, report.counting))
        if count < before:
            yield Text(f"  With --languages auto it is {count} instead of {before} segments.", style="green")


def _segment(part: Segment, units: str) -> Table:
    table = _grid()
    table.add_row("", "")
    table.add_row(f"segment {part.number} of {part.total}", Text(repr(part.text), overflow="fold"))
    table.add_row("  " + units, f"{part.unit_count} (TP-UDL {part.user_data_length})")
    table.add_row("  header", _hex(part.header) or "none")
    table.add_row("  user data", _hex(part.user_data))
    return table


def _grid() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(min_width=14, no_wrap=True)
    table.add_column(overflow="fold")
    return table


def _listing() -> Table:
    return Table(box=None, padding=(0, 1, 0, 2), show_header=False)


def _add_more(table: Table, count: int) -> None:
    if count > 0:
        table.add_row("", "", f"and {count} others")


def _describe(tables: Sequence[LanguageTable]) -> str:
    return ", ".join(f"{table.language} {table.shift} shift" for table in tables)


def _units(alphabet: Alphabet) -> str:
    return "septets" if alphabet is Alphabet.GSM7 else "code units"


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _hex(octets: bytes) -> str:
    return octets.hex(" ").upper()


def _code_points(text: str) -> str:
    return " ".join(f"U+{ord(character):04X}" for character in text)


def _names(text: str) -> str:
    return " + ".join(unicodedata.name(character, "no name") for character in text)


def _visible(text: str) -> str:
    return text if text.isprintable() and not unicodedata.combining(text[0]) else "·"


__all__ = ["Counting", "Report", "price_languages", "report_parts", "report_to_json"]
