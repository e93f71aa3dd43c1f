"""A provider with the sample account, for the tests beside this file."""

import json
from typing import Any

from msgcore.wire.exchange import Request, Response
from tests.transports.simulator.requests import APPLICATION, JSON, START, create
from transports.simulator import Engine, Provider
from transports.simulator.accounts.account import SAMPLE_LOCATION_ID, Account
from transports.simulator.accounts.profiles import V2_NOW, Profile
from transports.simulator.accounts.records import Location, Number, NumberClass, Settings
from transports.simulator.accounts.zones import HOME_ZONES
from transports.simulator.callbacks.schedule import Answer, Post

URL = "http://localhost:9000/callbacks"
ACCOUNT = "9900000"
LONG_CODE = "+19195550100"
P2P = "+19195550102"
TOLL_FREE = "+18005550100"
SHORT_CODE = "72345"
NAME = "Msgcore"
HANDSET = "+19195550123"
DAY = 86400.0


def sample(*, rate: float = 1000, zones: set[int] | None = None, **settings: Any) -> Account:
    """The sample account with a rate that is no hindrance."""
    settings = {"rate": rate, "zone_map": dict(HOME_ZONES), **settings}
    account = Account.sample(settings=Settings(**settings), url=URL)
    if zones is not None:
        location = account.location(SAMPLE_LOCATION_ID)
        assert location is not None
        account.put_location(Location(id=location.id, application_id=location.application_id, zones=frozenset(zones)))
    return account


def engine(account: Account | None = None, *, profile: Profile = V2_NOW, **options: Any) -> Engine:
    return Engine(sample() if account is None else account, profile=profile, **options)


def provider(account: Account | None = None, **options: Any) -> Provider:
    made = Provider(**options)
    made.add(sample() if account is None else account)
    return made


def send(made: Provider, now: float = START, to: str | list[str] = HANDSET, **fields: Any) -> dict[str, Any]:
    response = made.handle(ACCOUNT, create(to, **fields), now)
    assert response.status == 202, response.body
    assert isinstance(response.body, bytes)
    accepted: dict[str, Any] = json.loads(response.body)
    return accepted


def put(name: str, content: bytes, content_type: str | None = "image/png") -> Request:
    headers = {} if content_type is None else {"content-type": content_type}
    return Request("PUT", f"media/{name}", headers=headers, body=content)


def get(path: str, query: str = "", **headers: str) -> Request:
    return Request("GET", path, query, {name.replace("_", "-"): value for name, value in headers.items()})


def posted(post: Post) -> list[dict[str, Any]]:
    """The events in a post."""
    found: list[dict[str, Any]] = json.loads(post.body)
    return found


def answer_all(made: Provider, now: float, status: int | None = 200, milliseconds: int = 5) -> list[Post]:
    """Make all posts that are due, answer them alike, and return them; an answer may free the next."""
    made_posts: list[Post] = []
    while posts := made.due(now):
        for account_id, post in posts:
            assert made.answered(account_id, post.id, Answer(status, milliseconds), now) is None
            made_posts.append(post)
    return made_posts


def extra_number(number: str, number_class: NumberClass, location_id: str = SAMPLE_LOCATION_ID) -> Number:
    return Number(number=number, number_class=number_class, location_id=location_id)


def body_of(response: Response) -> Any:
    assert isinstance(response.body, bytes)
    return json.loads(response.body)


__all__ = ["APPLICATION", "JSON", "START", "create"]
