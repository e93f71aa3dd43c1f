"""Elements of a page, escaped where they are made: a plain string is always text, and only `Markup` is not.

What is written is HTML that is well-formed XML too, so that any parser can judge it.
"""

import re
import unicodedata
from html import escape
from typing import Final

# XML 1.0, 2.2: the characters that a document cannot hold, however they are written; half a surrogate pair is one.
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# HTML, 13.1.2: elements that have no content, and are never closed by a tag of their own.
_VOID: Final = frozenset({"meta", "br", "hr", "link", "img", "input"})


class Markup(str):
    """A piece of a page: escaped already."""

    __slots__ = ()


def element(name: str, /, *children: str | None, **attributes: object) -> Markup:
    """Return an element; ``class_`` is the attribute ``class``, ``_`` in a name is ``-``, ``None`` is left out.

    >>> element("p", "1 < 2", Markup("<br/>"), class_="sum", data_of=None)
    '<p class="sum">1 &lt; 2<br/></p>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_escaped(str(value), quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{written}/>")
    return Markup(f"<{name}{written}>{joined(*children)}</{name}>")


def joined(*children: str | None) -> Markup:
    """Return pieces one after another; ``None`` is nothing."""
    return Markup(
        "".join(
            child if isinstance(child, Markup) else _escaped(child, quote=False)
            for child in children
            if child is not None
        )
    )


def foreign(text: str, **attributes: object) -> Markup:
    """Return a text that somebody else has written: its direction is its own, and ends with it.

    >>> foreign("<b>\\x00")
    '<bdi>&lt;b&gt;\ufffd</bdi>'
    """
    return element("bdi", text, **attributes)


def visible(character: str) -> str:
    """Return a character as it can be looked at: nothing for what has no shape, an accent on a circle.

    >>> visible("é"), visible("\\u0301"), visible("\\u200b")
    ('é', '◌́', '')
    """
    first = unicodedata.category(character[0])
    if first[0] in "CZ" and len(character) == 1:
        return ""
    return f"\u25cc{character}" if first[0] == "M" else character


def _escaped(text: str, *, quote: bool) -> str:
    return escape(_FORBIDDEN.sub("\ufffd", text), quote=quote)


__all__ = ["Markup", "element", "foreign", "joined", "visible"]
