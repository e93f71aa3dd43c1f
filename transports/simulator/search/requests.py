"""``GET messages``: a page of rows, and how often somebody may ask.

Source: Messaging V2 API, search: response, page links, "3500 requests / 5 min / source IP".
"""

import math
from collections import deque
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import msgspec

from msgcore.wire.exchange import Response
from transports.simulator.answers import JSON_HEADERS, invalid_message, too_many_searches
from transports.simulator.search.history import History
from transports.simulator.search.query import MOST_ROWS, Query, page_token, read_query
from transports.simulator.search.rows import Row

SEARCHES_PER_WINDOW: Final = 3500
WINDOW_SECONDS: Final = 300.0

_PAGE_PARAMETERS: Final = frozenset({"pageToken", "nextPage", "prevPage"})


class SearchLimit:
    """At most 3500 searches in any five minutes, for each source address."""

    __slots__ = ("_asked", "_limit")

    def __init__(self, limit: int = SEARCHES_PER_WINDOW) -> None:
        self._limit = limit
        self._asked: dict[str, deque[float]] = {}

    def wait_seconds(self, source: str, now: float) -> int:
        """Count a search and return 0, or return how long ``source`` has to wait for its next one."""
        asked = self._asked.setdefault(source, deque())
        while asked and asked[0] <= now - WINDOW_SECONDS:
            asked.popleft()
        if len(asked) >= self._limit:
            return max(1, math.ceil(asked[0] + WINDOW_SECONDS - now))
        asked.append(now)
        if len(self._asked) > 1000:  # somebody asks from ever new addresses
            self._asked = {name: times for name, times in self._asked.items() if times[-1] > now - WINDOW_SECONDS}
        return 0


def search(history: History, limit: SearchLimit, query_text: str, url: str, source: str, now: float) -> Response:
    """Answer a search; ``url`` is where it was asked, without the query."""
    if seconds := limit.wait_seconds(source, now):
        return too_many_searches(seconds)
    query, errors = read_query(query_text)
    if errors:
        # Unlike that of a message, the 400 of a search has no fieldErrors.
        return invalid_message("; ".join(f"{error.field_name}: {error.description}" for error in errors))
    return answer(query, history.find(query, now), query_text, url)


def answer(query: Query, rows: Sequence[Row], query_text: str, url: str) -> Response:
    """Return a page of what was found."""
    total = min(len(rows), MOST_ROWS) if query.limits_total else len(rows)
    page = rows[query.position : query.position + query.limit]
    info, links = _page_info(query, len(rows), query_text, url)
    body = {"totalCount": total, "pageInfo": info, "messages": page}
    headers = {"link": ", ".join(links)} if links else {}
    return Response(200, JSON_HEADERS | headers, msgspec.json.encode(body))


def _page_info(query: Query, count: int, query_text: str, url: str) -> tuple[dict[str, Any], list[str]]:
    """Return the neighbours of a page; nothing, when all fits on one."""
    info: dict[str, Any] = {}
    links = []
    after = query.position + query.limit
    # In the published samples the link called previous carries a key nextPage and the reverse. So do these: whoever
    # follows them unread, or uses the tokens, arrives.
    if query.position:
        token = page_token(max(0, query.position - query.limit))
        info["prevPage"], info["prevPageToken"] = _link(url, query_text, "nextPage", token), token
        links.append(f'<{info["prevPage"]}>; rel="prev"')
    if after < count and after + query.limit <= MOST_ROWS:
        token = page_token(after)
        info["nextPage"], info["nextPageToken"] = _link(url, query_text, "prevPage", token), token
        links.append(f'<{info["nextPage"]}>; rel="next"')
    return info, links


def _link(url: str, query_text: str, key: str, token: str) -> str:
    pairs = [
        (name, value)
        for name, value in parse_qsl(query_text, keep_blank_values=True, errors="replace")
        if name not in _PAGE_PARAMETERS
    ]
    return f"{url}?{urlencode([*pairs, (key, token)])}"
