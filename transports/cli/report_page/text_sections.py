"""Sections on texts: segments by alphabet, and what forces texts into UCS-2."""

from msgcore.encoding import Alphabet
from msgcore.planning import Estimate
from transports.cli.report_page.causes import Causes, CauseTotals
from transports.cli.report_page.charts import Bar, bar_chart, legend
from transports.cli.report_page.markup import Markup, element, foreign, joined, visible
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

SHOWN_CAUSES = 60
CHARTED_CAUSES = 12
NO_ALPHABET = "none (MMS)"


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
        (NO_ALPHABET, estimate.mms.messages + estimate.group_mms.messages, others, "plain"),
    ]
    figures = [figure for figure in figures if figure[1]]
    chart = bar_chart(
        [Bar(name, segments, f"{segments:,}", tone) for name, _, segments, tone in figures],
        name="alphabets-chart",
        title="Segments by alphabet",
        description="; ".join(f"{name}: {segments:,} segments" for name, _, segments, _ in figures),
    )
    columns = [
        Column("alphabet"), Column("messages", "number"), Column("segments", "number"), Column("share", "share"),
        Column("a message", "number"),
    ]  # fmt: skip
    rows = [
        (name, messages, segments, share(segments, estimate.segments), f"{segments / messages:.2f}")
        for name, messages, segments, _ in figures
    ]
    return section(
        "Segments by alphabet",
        says(
            "A segment holds 160 septets of GSM-7 or 70 code units of UCS-2; of a long text 153 or 67.", class_="note"
        ),
        side_by_side(chart, table("alphabets", columns, rows)),
        name="alphabets-section",
    )


def forced(estimate: Estimate, causes: Causes, *, is_fixed: bool = False) -> Markup | None:
    """Show what forces texts into UCS-2, and what replacing it would save, or has saved."""
    if not causes.messages:
        return None
    ranked = causes.ranked()
    charted = sorted(ranked, key=lambda each: -each.messages)[:CHARTED_CAUSES]
    chart = bar_chart(
        [Bar(_label(each), each.messages, f"{each.messages:,}", _tone(each)) for each in charted],
        name="forced-chart",
        title="What GSM-7 does not have, by messages",
        description="; ".join(f"{_label(each)}: {plural(each.messages, 'message')}" for each in charted),
    )
    columns = [
        Column("character or script", "long"), Column("look-alike", "glyph"), Column("messages", "number"),
        Column("times", "number"), Column("alone in", "number"), Column("would save", "number"),
    ]  # fmt: skip
    rows = [
        (
            _name(each), _look_alike(each), each.messages, each.occurrences, each.alone_messages,
            each.alone_saved or "–",
        )
        for each in ranked[:SHOWN_CAUSES]
    ]  # fmt: skip
    rest = len(ranked) - SHOWN_CAUSES
    return section(
        "What forces UCS-2",
        says(_saving(estimate, causes, is_fixed=is_fixed)),
        says(
            "One character that GSM-7 does not have makes the whole text UCS-2. “Alone in” are the messages that have "
            "no other; “would save” are the segments that the look-alike would save in these.",
            class_="note",
        ),
        legend(("wait", "has a look-alike"), ("other", "has none")),
        side_by_side(
            chart,
            table("causes", columns, rows, more=f"{rest} further ones are not shown." if rest > 0 else ""),
            unequal=True,
        ),
        name="forced-section",
    )


def _saving(estimate: Estimate, causes: Causes, *, is_fixed: bool) -> str:
    all_sms = estimate.sms.messages
    head = f"{causes.messages:,} of {all_sms:,} SMS are UCS-2 as written ({share(causes.messages, all_sms)}). "
    if not causes.saved:
        return head + "Look-alikes of GSM-7 would make none of them shorter."
    whole = estimate.sms.segments + (causes.saved if is_fixed else 0)
    part = f"{plural(causes.saved, 'segment')}, {share(causes.saved, whole)} of those of all SMS"
    if is_fixed:
        return head + f"Look-alikes of GSM-7 are used in {causes.shortened:,} of them: that saves {part}."
    return head + f"Look-alikes of GSM-7 would make {causes.shortened:,} of them shorter, and save {part}."


def _tone(totals: CauseTotals) -> str:
    return "other" if totals.replacement is None else "wait"


def _label(totals: CauseTotals) -> str:
    if totals.replacement is None:
        return totals.name
    return shortened(f"{visible(totals.name)} {names_of(totals.name).partition(' ')[2].lower()}".strip(), 34)


def _name(totals: CauseTotals) -> Markup:
    if totals.replacement is None:
        shown = " ".join(filter(None, map(visible, totals.examples)))
        return joined(totals.name, element("div", foreign(shown), class_="examples") if shown else None)
    return joined(
        foreign(visible(totals.name), class_="glyph"), " ", element("span", names_of(totals.name), class_="code")
    )


def _look_alike(totals: CauseTotals) -> str | Markup:
    if totals.replacement is None:
        return "none"
    if not totals.replacement.strip():
        return "a blank" if totals.replacement else "left out"
    return foreign(totals.replacement, class_="glyph")


__all__ = ["alphabets", "forced"]
