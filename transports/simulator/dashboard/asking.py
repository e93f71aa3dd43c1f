"""What a handler of the Dashboard API gets and gives, and the table that finds it.

A handler takes an :class:`Ask` and returns a :class:`Reply`. What cannot be done it says by raising: a
:class:`RefusedError` with a status, or a ``LocalError`` of the records below, which is the caller's mistake (400).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

from msgcore.errors import LocalError
from msgcore.wire.exchange import Response
from transports.simulator.accounts.account import Account
from transports.simulator.accounts.office import Report
from transports.simulator.dashboard.elements import Element, element, read_xml, write_xml

# Codes of four and five digits that have nothing to do with those of messages. 5005 and 13654 are published, the others
# are ours (ASSUMED).
INVALID: Final = 12001
UNKNOWN: Final = 12002
IN_USE: Final = 12003
NOT_ALLOWED: Final = 12004
UNAUTHORIZED: Final = 12005
TOO_LARGE: Final = 12006

Record = TypeVar("Record")

XML_HEADERS: Final = {"content-type": "application/xml; charset=utf-8"}
DEFAULT_PAGE_SIZE: Final = 500
MOST_PAGE_SIZE: Final = 5000


class RefusedError(Exception):
    """A request that is not done, the status that says so, and the dashboard's own code."""

    def __init__(self, status: int, code: int, description: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.code = code
        self.description = description
        self.headers = headers


class Reply(NamedTuple):
    """An answer: an element, or octets of some type, or a report whose file is to be written."""

    status: int = 200
    root: Element | None = None
    location: str | None = None
    content: bytes = b""
    content_type: str = ""
    report: Report | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request: whose account, who asks, what about, and what was sent. ``base_url`` stands before ``/accounts``."""

    account: Account
    user: str
    now: float
    base_url: str
    method: str
    path: str
    parts: Mapping[str, str]
    query: Mapping[str, str]
    content: bytes
    content_type: str

    def xml(self, name: str, *others: str) -> Element:
        """Return what was sent.

        Raises:
            LocalError: it is no XML, or another element than one of these names.
        """
        root = read_xml(self.content)
        if root.name.casefold() not in {known.casefold() for known in (name, *others)}:
            raise LocalError(f"XML: expected {name}, got {root.name[:60]}")
        return root

    def url(self, *parts: str) -> str:
        """Return an address below the account."""
        return "/".join([self.base_url, "accounts", self.account.id, *(quote(part, safe="") for part in parts)])


class Page(NamedTuple):
    """A part of a list, and the element that leads to the others."""

    items: list[Element]
    total: int
    links: Element


def page_of(ask: Ask, items: list[Element], *, default_size: int = DEFAULT_PAGE_SIZE) -> Page:
    """Return the page that the query asks for."""
    number, size = _count(ask, "page", 1), min(_count(ask, "size", default_size), MOST_PAGE_SIZE)
    start = (number - 1) * size
    shown = items[start : start + size]
    links = [_link(ask, "first", 1, size)]
    if start + size < len(items):
        links.append(_link(ask, "next", number + 1, size))
    return Page(shown, len(items), element("Links", links))


def _link(ask: Ask, name: str, number: int, size: int) -> Element:
    query = {key: value for key, value in ask.query.items() if key not in ("page", "size")}
    query |= {"page": str(number), "size": str(size)}
    return element(name, f'Link=<{ask.base_url}/{ask.path}?{urlencode(query)}>;rel="{name}";')


def _count(ask: Ask, name: str, default: int) -> int:
    text = ask.query.get(name, "")
    if not text:
        return default
    if text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0:
        return int(text)
    raise LocalError(f"{name}: expected a whole number above 0, got {text[:40]!r}")


def time_of(now: float) -> str:
    """Return a time as the dashboard writes it."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def found(record: Record | None, what: str, id: str) -> Record:
    """Return a record, or refuse with 404."""
    if record is None:
        raise RefusedError(404, UNKNOWN, f"there is no {what} {id[:60]!r}")
    return record


Handler = Callable[[Ask], Reply]


class Route(NamedTuple):
    """A verb and a path, in which ``{name}`` stands for one part of it."""

    method: str
    path: str
    handler: Handler

    @property
    def pattern(self) -> "re.Pattern[str]":
        """What a path has to match; case is not told apart, and nowhere has to be."""
        return re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", self.path), re.IGNORECASE)


class Router:
    """Finds the handler of a request.

    >>> Router([Route("GET", "a/{id}", lambda ask: Reply())]).find("GET", "A/7")[1]
    {'id': '7'}
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        # Fixed parts go before those that may be anything.
        self._routes = [
            (route.pattern, route) for route in sorted(routes, key=lambda route: (route.path.count("{"), route.path))
        ]

    def find(self, method: str, path: str) -> tuple[Handler, dict[str, str]]:
        """Return a handler and the parts of the path; RefusedError 404 or 405 where there is none."""
        allowed = []
        for pattern, route in self._routes:
            match = pattern.fullmatch(path)
            if match is None:
                continue
            if route.method == method:
                return route.handler, match.groupdict()
            allowed.append(route.method)
        if allowed:
            verbs = ", ".join(allowed)
            raise RefusedError(405, NOT_ALLOWED, f"{method[:20]} is not supported here, use {verbs}", {"allow": verbs})
        raise RefusedError(404, UNKNOWN, "there is nothing of this path")


def read_query(text: str) -> dict[str, str]:
    """Return a query, names in lower case; of those given twice, the first."""
    query: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, errors="replace"):
        query.setdefault(name.lower(), value)
    return query


def problem(status: int, code: int, description: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer to a request that is not done.

    Both published shapes are in it: one client looks for ``ErrorList`` below the root, the documents show
    ``ResponseStatus``.
    """
    body = element(
        "ErrorResponse",
        element("ResponseStatus", element("ErrorCode", code), element("Description", description)),
        element("ErrorList", element("Error", element("Code", code), element("Description", description))),
    )
    return Response(status, XML_HEADERS | dict(headers or {}), write_xml(body))
