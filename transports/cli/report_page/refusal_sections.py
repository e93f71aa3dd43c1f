"""Sections on rows that were refused, and on recipients that somebody should look at."""

from collections.abc import Iterable, Sequence

from transports.cli.report_page.markup import Markup
from transports.cli.report_page.parts import Column, says, section, share, side_by_side, table


def refused_rows(
    refused: int,
    reasons: Iterable[tuple[str, int]],
    first: Sequence[tuple[int, str]],
    rejects_file: str | None,
    *,
    by: str,
) -> Markup | None:
    """Show how many rows were refused and why, the first of them by their lines; ``by`` heads the reasons."""
    if not refused:
        return None
    counts = table(
        "refused", [Column(by), Column("rows", "number"), Column("share", "share")],
        [(reason, count, share(count, refused)) for reason, count in reasons], total=("all", refused, ""),
    )  # fmt: skip
    more = f"and {refused - len(first):,} more" if refused > len(first) else ""
    rows = table("refused-rows", [Column("line", "number"), Column("reason", "long")], first, more=more)
    kept = says(f"All of them, to correct and send again: {rejects_file}") if rejects_file is not None else None
    return section("Refused rows", kept, side_by_side(counts, rows), name="refused-section")


def concerns(found: Sequence[tuple[str, int]], recipients: int) -> Markup | None:
    """Show what speaks against recipients that were sent to all the same."""
    if not found:
        return None
    columns = [Column("concern"), Column("recipients", "number"), Column("share", "share")]
    rows = [(reason, count, share(count, recipients)) for reason, count in found]
    return section("Recipients to look at", table("concerns", columns, rows), name="concerns-section")


__all__ = ["concerns", "refused_rows"]
