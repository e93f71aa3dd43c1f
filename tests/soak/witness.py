"""What the provider saw, asked in the way any customer can: the search of the messaging API."""

from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from tests.soak.processes import Simulator, ask

PAGE = 1000


def seen(simulator: Simulator, recipients: Iterable[str]) -> dict[str, list[str]]:
    """Return, of each recipient that the provider knows, the ids of all messages that it accepted for it."""
    found: dict[str, list[str]] = defaultdict(list)
    for prefix in sorted({recipient[:9] for recipient in recipients}):  # a thousand numbers each, far below any limit
        for row in rows(simulator, prefix):
            found[row["destinationTn"]].append(row["messageId"])
    return found


def rows(simulator: Simulator, destination: str) -> list[dict[str, Any]]:
    """Return every row of a search for what a destination begins with."""
    ready = simulator.ready
    access = {"authorization": "Basic " + b64encode(f"{ready.user}:{ready.password}".encode()).decode()}
    query = urlencode({"destinationTn": destination, "limit": PAGE})
    found: list[dict[str, Any]] = []
    url: str | None = f"{ready.base_url}/users/{ready.account_id}/messages?{query}"
    while url:
        page = ask("GET", url, headers=access)
        found += page["messages"]
        url = page.get("pageInfo", {}).get("nextPage")
    return found
