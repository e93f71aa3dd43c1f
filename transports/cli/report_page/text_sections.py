"""Sections on texts: segments by alphabet, and what forces texts into UCS-2."""

from msgcore.encoding import Alphabet
from msgcore.planning import Estimate
from transports.cli.report_page.causes import Causes, CharacterTotals
from transports.cli.report_page.charts import Bar, bar_chart
from transports.cli.report_page.markup import Markup, foreign, visible
from transports.cli.report_page.parts import (
    Column,
    names_of,
    plural,
    says,
    section,
    share,
    shortened,
    side_by_side,
    table,
)

SHOWN_CHARACTERS = 40
CHARTED_CHARACTERS = 8
NO_ALPHABET = "MMS, no alphabet"


def alphabets(estimate: Estimate, causes: Causes, *, is_fixed: bool = False) -> Markup | None:
    """Show how many segments are written in which alphabet."""
    if not estimate.messages:
        return None
    # What look-alikes make shorter becomes GSM-7 whole: best effort alone never saves a segment.
    ucs2 = causes.segments - (causes.shortened_segments if is_fixed else 0)
    others = estimate.mms.segments + estimate.group_mms.segments
    figures = [
        (Alphabet.GSM7.value, estimate.gsm7_messages, estimate.sms.segments - ucs2, "main"),
        (Alphabet.UCS2.value, estimate.ucs2_messages, ucs2, "other"),
        (NO_ALPHABET, estimate.mms.messages + estimate.group_mms.messages, others, "wait"),
    ]
    figures = [figure for figure in figures if figure[1]]
    total = estimate.segments
    chart = bar_chart(
        [Bar(name, segments, f"{segments:,}", tone) for name, _, segments, tone in figures],
        name="alphabets-chart",
        title="Segments by alphabet",
        description="; ".join(f"{name}: {segments:,} segments" for name, _, segments, _ in figures),
    )
    columns = [
        Column("alphabet"), Column("messages", "number"), Column("segments", "number"), Column("share", "number"),
        Column("a message", "number"),
    ]  # fmt: skip
    rows = [
        (name, messages, segments, share(segments, total), f"{segments / messages:.2f}")
        for name, messages, segments, _ in figures
    ]
    return section(
        "Segments by alphabet",
        says("A segment holds 160 characters of GSM-7 and 70 of UCS-2; in a longer text 153 and 67.", class_="note"),
        side_by_side(chart, table("alphabets", columns, rows)),
        name="alphabets-section",
    )


def forced(estimate: Estimate, causes: Causes, *, is_fixed: bool = False) -> Markup | None:
    """Show what forces texts into UCS-2, and what replacing it would save, or has saved."""
    if not causes.messages:
        return None
    ranked = causes.ranked()
    chart = bar_chart(
        [Bar(_label(each), each.messages, f"{each.messages:,}", "other") for each in ranked[:CHARTED_CHARACTERS]],
        name="forced-chart",
        title="Characters that GSM-7 does not have, by messages",
        description="; ".join(f"{_label(each)}: {each.messages:,} messages" for each in ranked[:CHARTED_CHARACTERS]),
    )
    columns = [
        Column("", "text"), Column("character", "long"), Column("messages", "number"), Column("times", "number"),
        Column("alone in", "number"), Column("look-alike"), Column("would save", "number"),
    ]  # fmt: skip
    rows = [
        (
            foreign(visible(each.character), class_="glyph"), names_of(each.character), each.messages,
            each.occurrences, each.alone_messages, _look_alike(each.replacement), each.alone_saved or "–",
        )
        for each in ranked[:SHOWN_CHARACTERS]
    ]  # fmt: skip
    return section(
        "What forces UCS-2",
        says(_saving(estimate, causes, is_fixed=is_fixed)),
        says(
            "One character that GSM-7 does not have makes the whole text UCS-2. “Alone in” are the messages in which "
            "it is the only one; “would save” are the segments that its look-alike would save in these.",
            class_="note",
        ),
        side_by_side(chart),
        table("characters", columns, rows, more=_more(ranked, causes)),
        name="forced-section",
    )


def _saving(estimate: Estimate, causes: Causes, *, is_fixed: bool) -> str:
    all_sms = estimate.sms.messages
    head = f"{causes.messages:,} of {all_sms:,} SMS are UCS-2 as written ({share(causes.messages, all_sms)}). "
    if not causes.saved:
        return head + "No look-alike of GSM-7 would make any of them shorter."
    whole = estimate.sms.segments + (causes.saved if is_fixed else 0)
    part = f"{plural(causes.saved, 'segment')}, {share(causes.saved, whole)} of those of all SMS"
    if is_fixed:
        return head + f"Look-alikes of GSM-7 are used in {causes.shortened:,} of them: that saves {part}."
    return head + f"Look-alikes of GSM-7 would make {causes.shortened:,} of them shorter and save {part}."


def _more(ranked: list[CharacterTotals], causes: Causes) -> str:
    said = []
    if len(ranked) > SHOWN_CHARACTERS:
        rest = ranked[SHOWN_CHARACTERS:]
        times = sum(each.occurrences for each in rest)
        said.append(f"{plural(len(rest), 'further character')}, {plural(times, 'time')} together, are not shown.")
    if causes.uncounted_occurrences:
        said.append(
            f"{plural(causes.uncounted_occurrences, 'further occurrence')} of other characters were not told apart."
        )
    return " ".join(said)


def _label(totals: CharacterTotals) -> str:
    return shortened(f"{visible(totals.character)} {names_of(totals.character).partition(' ')[2]}".strip())


def _look_alike(replacement: str | None) -> str | Markup:
    if replacement is None:
        return "none"
    return foreign(replacement, class_="code") if replacement.strip() else ("a blank" if replacement else "left out")


__all__ = ["alphabets", "forced"]
