"""``msgcore analyze``: what a text becomes on the air, what that costs, and what would be cheaper."""

import json
import sys
from typing import Literal

import click

from msgcore.encoding import LANGUAGES, analyze, segment, to_gsm7
from transports.cli.analysis import Counting, Report, price_languages, report_parts, report_to_json
from transports.cli.output import show


@click.command("analyze", short_help="Show alphabet, segments and octets of a text.")
@click.argument("text")
@click.option(
    "--boundary",
    type=click.Choice(["cluster", "character"]),
    default="cluster",
    show_default=True,
    help="Where segments may be cut: between grapheme clusters, or between characters (fewest segments).",
)
@click.option(
    "--reference-bits",
    type=click.Choice(["8", "16"]),
    default="8",
    show_default=True,
    help="Width of the concatenation reference.",
)
@click.option("--reference", type=int, default=0, show_default=True, help="The concatenation reference itself.")
@click.option(
    "--languages",
    metavar="NAME,..|auto",
    help="National languages whose tables may be used, and what each of them would cost.",
)
@click.option(
    "--fix", is_flag=True, help="Replace look-alikes if that brings the text into GSM-7, and show the result."
)
@click.option("--unaccented", is_flag=True, help="With --fix: also take from letters the accents that GSM-7 lacks.")
@click.option("--best-effort", is_flag=True, help="With --fix: replace what can be, even if the text stays UCS-2.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def analyze_command(
    text: str,
    boundary: Literal["cluster", "character"],
    reference_bits: str,
    reference: int,
    languages: str | None,
    fix: bool,
    unaccented: bool,
    best_effort: bool,
    as_json: bool,
) -> None:
    """Show what TEXT becomes on the air.

    Prints the alphabet, the number of segments, the units (septets of GSM-7, code units of UCS-2) that are left in
    the last one, which characters force UCS-2 and where, and each segment's user data header and packed octets in
    hexadecimal. TEXT of - is read from standard input.

    Nothing of the text is changed unless --fix says so; then every change is listed, and the rest is about the text
    as changed. The segments never become more.

    \b
    Exit status:
      0  the text can be sent
      2  it cannot (more than 255 segments, a lone surrogate), or the arguments are unusable

    \b
    Examples:
      msgcore analyze "Your code is 123 456"
      msgcore analyze --fix "It’s 5 o’clock…"
      msgcore analyze --languages auto "Yarın görüşürüz"
      msgcore analyze --json --reference 7 "$(cat letter.txt)"
      msgcore analyze - < letter.txt
    """
    if text == "-":
        text = _decode(sys.stdin.buffer.read()).removesuffix("\n")
    bits: Literal[8, 16] = 16 if reference_bits == "16" else 8
    if not 0 <= reference < 1 << bits:
        raise click.BadParameter(f"{reference} does not fit {bits} bits", param_hint="--reference")
    if (unaccented or best_effort) and not fix:
        raise click.UsageError(
            f"{'--unaccented' if unaccented else '--best-effort'} says how to --fix, which is missing"
        )
    names = _read_languages(languages)
    counting: Counting = {"boundary": boundary, "reference_bits": bits, "languages": names}
    substitution = to_gsm7(text, best_effort=best_effort, unaccented=unaccented, **counting) if fix else None
    if substitution is not None:
        text = substitution.text
    report = Report(
        text=text,
        counting=counting,
        analysis=analyze(text, **counting),
        segments=segment(text, reference=reference, **counting),
        alternatives=price_languages(text, counting) if names else (),
        substitution=substitution,
    )
    if as_json:
        click.echo(json.dumps(report_to_json(report), ensure_ascii=False, indent=2))
    else:
        show(*report_parts(report))


def _decode(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError as error:
        reason = f"standard input is not UTF-8: octet 0x{octets[error.start]:02X} at offset {error.start}"
        raise click.UsageError(reason) from error


def _read_languages(languages: str | None) -> tuple[str, ...]:
    """Return every name for ``auto``: it means all of them."""
    if languages is None:
        return ()
    if languages.strip() == "auto":
        return LANGUAGES
    names = tuple(dict.fromkeys(name.strip().lower() for name in languages.split(",")))
    for name in names:
        if name not in LANGUAGES:
            reason = f"{name!r} is not auto and none of {', '.join(LANGUAGES)}"
            raise click.BadParameter(reason, param_hint="--languages")
    return names


__all__ = ["analyze_command"]
