"""Whom a browser speaks for."""

import pytest

from transports.simulator.service.visitors import Visitors

OWN = {"host": "127.0.0.1:8080"}


def refusal(headers: dict[str, str], *, by_link: bool = False, server: str = "127.0.0.1") -> str | None:
    scope = {
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "server": (server, 8080),
    }
    return Visitors("http://127.0.0.1:8080").refusal(scope, by_link=by_link)


@pytest.mark.parametrize(
    "headers",
    [
        OWN,  # no browser at all
        {"host": "localhost:8080"},
        {"host": "[::1]:8080"},
        {**OWN, "origin": "http://127.0.0.1:8080", "sec-fetch-site": "same-origin"},
        {**OWN, "sec-fetch-site": "none", "sec-fetch-mode": "navigate"},  # an address that was typed
        {**OWN, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"},
    ],
)
def test_this_page_and_programs_are_welcome(headers: dict[str, str]) -> None:
    assert refusal(headers) is None


@pytest.mark.parametrize(
    "headers",
    [
        {**OWN, "origin": "https://evil.example"},
        {**OWN, "origin": "null"},
        {**OWN, "origin": "http://["},
        {"host": "["},
        {"host": "[::1"},
        {**OWN, "origin": "http://127.0.0.1:9999", "sec-fetch-site": "same-site"},
        {**OWN, "sec-fetch-site": "same-site"},  # another port: an image, a script
        {**OWN, "sec-fetch-site": "cross-site"},
        {**OWN, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
        {**OWN, "sec-fetch-site": "whatever comes next"},
        {"host": "evil.example:8080"},  # a name that means this machine
        {"host": "localhost.evil.example:8080", "sec-fetch-site": "same-origin"},
        {"host": "evil.example:8080", "origin": "http://evil.example:8080", "sec-fetch-site": "same-origin"},
    ],
)
def test_pages_of_others_are_not(headers: dict[str, str]) -> None:
    assert refusal(headers) is not None


def test_a_link_may_lead_to_the_page_and_nothing_else() -> None:
    link = {**OWN, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert refusal(link, by_link=True) is None
    assert refusal({**link, "sec-fetch-mode": "no-cors"}, by_link=True) is not None
    assert refusal({**link, "host": "evil.example"}, by_link=True) is not None


def test_a_server_for_others_has_names_that_it_does_not_know() -> None:
    assert refusal({"host": "simulator.lan:8080"}, server="192.0.2.7") is None
    assert refusal({"host": "simulator.lan:8080", "origin": "http://evil.example"}, server="192.0.2.7") is not None
