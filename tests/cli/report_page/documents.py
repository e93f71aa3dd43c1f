"""Reading a page as a parser does."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from html.parser import HTMLParser
from xml.etree.ElementTree import Element

VOID = {"meta", "br", "hr", "link", "img", "input"}


def parse(page: str) -> Element:
    """Return a page as a tree; it has to be XML that is well-formed, and HTML in which every element is closed."""
    check_html(page)
    return ElementTree.fromstring(page)


def check_html(page: str) -> None:
    open_elements: list[str] = []

    class Checker(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            names = [name for name, _ in attrs]
            assert len(names) == len(set(names)), f"an attribute of {tag} is given twice"
            if tag not in VOID:
                open_elements.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_elements.pop() == tag

        def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag in VOID, f"HTML does not close {tag} so"

    checker = Checker(convert_charrefs=True)
    checker.feed(page)
    checker.close()
    assert open_elements == []


def text_of(element: Element) -> str:
    return "".join(element.itertext()).strip()


def rows(page: Element, name: str) -> list[list[str]]:
    """Return the rows in the body of a table, as somebody reads them."""
    body = page.find(f".//table[@id='{name}']/tbody")
    assert body is not None, f"there is no table {name!r}"
    return [[text_of(cell) for cell in row] for row in body]


def has_table(page: Element, name: str) -> bool:
    return page.find(f".//table[@id='{name}']") is not None


def numbers(page: Element, name: str, column: int = 1) -> dict[str, int]:
    """Return a column of a table by the heads of its rows."""
    return {row[0]: int(row[column].replace(",", "")) for row in rows(page, name)}


def tiles(page: Element) -> dict[str, str]:
    return {text_of(tile[0]): text_of(tile[1]) for tile in page.iter("div") if "tile" in tile.get("class", "").split()}


def classes(page: Element) -> Iterator[str]:
    for element in page.iter():
        yield from element.get("class", "").split()
