"""XML as the dashboard speaks it: elements with a name and either text or children, read safely and written plainly.

How this works. The parser is expat, and it never gets as far as an entity: a document type declaration, which is where
entities, bombs and external files come from, is refused when it begins. Depth and number of elements are bounded.
Attributes, comments, processing instructions and prefixes of namespaces are passed over. Names match whatever their
case, since published clients do not agree on it, and their order is free.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple, TypeAlias
from xml.parsers import expat
from xml.sax.saxutils import escape

from msgcore.errors import LocalError

MOST_DEPTH: Final = 32
MOST_ELEMENTS: Final = 50_000

# XML 1.0, production 2: what no document may hold, not even as a character reference.
_ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


class Element(NamedTuple):
    """An element. One with children has no text of its own that would matter."""

    name: str
    children: tuple["Element", ...] = ()
    text: str = ""

    def all(self, name: str) -> Iterator["Element"]:
        """Yield the children of a name."""
        wanted = name.casefold()
        return (child for child in self.children if child.name.casefold() == wanted)

    def find(self, path: str) -> "Element | None":
        """Return the first element at a path such as ``TelephoneNumberList/TelephoneNumber``."""
        found: Element | None = self
        for name in path.split("/"):
            found = next(found.all(name), None) if found is not None else None
        return found

    def get(self, path: str, default: str = "") -> str:
        """Return the text at a path."""
        found = self.find(path)
        return default if found is None else found.text

    def flag(self, path: str) -> bool | None:
        """Return ``true`` or ``false`` at a path, ``None`` where nothing stands there.

        Raises:
            LocalError: something else stands there.
        """
        text = self.get(path).lower()
        if text in ("true", "on", "y"):
            return True
        if text in ("false", "off", "n"):
            return False
        if not text:
            return None
        raise LocalError(f"{path}: expected true or false, got {text[:40]!r}")

    def texts(self, path: str) -> list[str]:
        """Return the texts of all elements at a path; where the last have children, of their first child.

        >>> read_xml(b"<a><l><n>1</n><n><FullNumber>2</FullNumber></n></l></a>").texts("l/n")
        ['1', '2']
        """
        parent, _, name = path.rpartition("/")
        holder = self.find(parent) if parent else self
        if holder is None:
            return []
        found = [child.children[0].text if child.children else child.text for child in holder.all(name)]
        return [text for text in found if text]


Content: TypeAlias = "Element | str | int | bool | Iterable[Content] | None"


def element(name: str, *content: Content) -> Element:
    """Make an element; ``None`` is left out, lists are taken apart.

    >>> write_xml(element("Site", element("Id", 7), None, [element("Name", "a < b")]))[55:]
    b'<Site><Id>7</Id><Name>a &lt; b</Name></Site>'
    """
    children: list[Element] = []
    texts: list[str] = []
    _sort(content, children, texts)
    return Element(name, tuple(children), "" if children else "".join(texts))


def _sort(content: Iterable[Any], children: list[Element], texts: list[str]) -> None:
    for item in content:
        if isinstance(item, Element):
            children.append(item)
        elif isinstance(item, bool):
            texts.append("true" if item else "false")
        elif isinstance(item, (str, int)):
            texts.append(str(item))
        elif item is not None:
            _sort(item, children, texts)


def optional(name: str, value: str | int | None) -> Element | None:
    """Make an element, or none where there is nothing to put into it."""
    return None if value is None or value == "" else element(name, value)


def write_xml(root: Element) -> bytes:
    """Write a document in UTF-8."""
    pieces = ['<?xml version="1.0" encoding="UTF-8" standalone="yes"?>']
    _write(root, pieces)
    return "".join(pieces).encode("utf-8", "replace")


def write_fragment(root: Element) -> bytes:
    """Write an element alone."""
    pieces: list[str] = []
    _write(root, pieces)
    return "".join(pieces).encode("utf-8", "replace")


def _write(item: Element, pieces: list[str]) -> None:
    if not item.children and not item.text:
        pieces.append(f"<{item.name}/>")
        return
    pieces.append(f"<{item.name}>")
    if item.children:
        for child in item.children:
            _write(child, pieces)
    else:
        pieces.append(escape(_ILLEGAL.sub("\ufffd", item.text), {"\r": "&#13;"}))
    pieces.append(f"</{item.name}>")


class _RefusedError(Exception):
    """Raised inside expat, which hands it on."""


class _Builder:
    """Collects what expat tells."""

    def __init__(self) -> None:
        self.count = 0
        self.root: Element | None = None
        self._open: list[tuple[str, list[Element], list[str]]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > MOST_ELEMENTS:
            raise _RefusedError(f"more than {MOST_ELEMENTS} elements")
        if len(self._open) >= MOST_DEPTH:
            raise _RefusedError(f"elements more than {MOST_DEPTH} deep in each other")
        name = name.rpartition(":")[2]
        if not _NAME.fullmatch(name):
            raise _RefusedError(f"an element called {name[:40]!r}")
        self._open.append((name, [], []))

    def end(self, name: str) -> None:
        name, children, texts = self._open.pop()
        item = Element(name, tuple(children), "".join(texts).strip())
        if self._open:
            self._open[-1][1].append(item)
        else:
            self.root = item

    def data(self, text: str) -> None:
        if self._open:
            self._open[-1][2].append(text)

    def doctype(self, *_: object) -> None:
        raise _RefusedError("a document type declaration, which is never taken")


def read_xml(document: bytes) -> Element:
    """Read a document.

    >>> read_xml(b"<Site><Name>west</Name></Site>").get("name")
    'west'
    >>> read_xml(b'<!DOCTYPE a [<!ENTITY e "boom">]><a>&e;</a>')
    Traceback (most recent call last):
    msgcore.errors.LocalError: XML: a document type declaration, which is never taken

    Raises:
        LocalError: it is not well-formed, or more than anybody needs.
    """
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = builder.doctype
    parser.EntityDeclHandler = builder.doctype
    try:
        parser.Parse(document, True)
    except _RefusedError as error:
        raise LocalError(f"XML: {error}") from error
    except (expat.ExpatError, LookupError, ValueError) as error:  # the latter two: a character set that nobody has
        raise LocalError(f"XML: {error}") from error
    assert builder.root is not None, "a well-formed document has a root"
    return builder.root
