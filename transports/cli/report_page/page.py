"""A page as a whole: its head, its parts in order, and writing it, whole or not at all."""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from errno import EACCES, EISDIR, ENOENT
from pathlib import Path
from typing import Final

from transports.cli.report_page.markup import Markup, element, foreign
from transports.cli.report_page.parts import Tile, tiles
from transports.cli.report_page.style import style_sheet

# What a page may load: nothing. A text that somehow came in as markup could do no harm, and tell nobody.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What stands on a page: what it is of, the sentence that matters, the figures at a glance, and the sections."""

    kind: str
    subject: str
    verdict: str
    alarms: Sequence[str] = ()
    tiles: Sequence[Tile] = ()
    sections: Sequence[Markup | None] = ()
    footer: str = ""

    def to_html(self) -> str:
        """Return the page: well-formed, self-contained, and without a script."""
        head = element(
            "head",
            element("meta", charset="utf-8"),
            element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("meta", name="color-scheme", content="light dark"),
            element("title", f"{self.kind}: {self.subject}"),
            # The sheet is ours, and has nothing in it that would have to be escaped.
            element("style", Markup(style_sheet())),
        )
        top = element(
            "header",
            element("p", self.kind, class_="kind"),
            element("h1", foreign(self.subject)),
            element("p", self.verdict, class_="verdict"),
            *(element("p", alarm, class_="alarm") for alarm in self.alarms),
        )
        body = element("body", top, element("main", tiles(self.tiles), *self.sections), element("footer", self.footer))
        return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def check_path(path: Path) -> None:
    """Raise OSError where a page cannot be written: better before a campaign than after it."""
    if path.is_dir():
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR), str(path))
    if not path.parent.is_dir():
        raise FileNotFoundError(ENOENT, os.strerror(ENOENT), str(path.parent))
    if not os.access(path.parent, os.W_OK):  # the page comes under a name of its own first
        raise PermissionError(EACCES, os.strerror(EACCES), str(path.parent))


def write_page(path: Path, page: Page) -> None:
    """Write a page: who reads meanwhile sees the old one or the new one. OSError where it cannot be written."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with unfinished.open("x", encoding="utf-8", newline="\n") as file:
            file.write(page.to_html())
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


__all__ = ["Page", "check_path", "write_page"]
