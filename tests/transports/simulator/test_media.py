"""The media store over the API: raw bodies, types kept, names with slashes, ranges, pages, and 48 hours."""

from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.errors import LocalError
from msgcore.wire.exchange import Request, Response
from tests.transports.simulator.provider_requests import ACCOUNT, START, body_of, engine, get, put
from transports.simulator import Engine
from transports.simulator.accounts.profiles import V2_2019, V2_NOW, Profile
from transports.simulator.media.store import MediaStore

BASE = f"https://messaging.bandwidth.com/api/v2/users/{ACCOUNT}"


def asked(made: Engine, path: str, now: float = START, **headers: str) -> Response:
    return made.handle(get(path, **headers), now)


def test_what_is_uploaded_comes_back_with_its_type() -> None:
    made = engine()
    content = bytes(range(256)) * 4
    request = Request(
        "PUT", "media/a.bin", headers={"content-type": "image/jpeg", "cache-control": "max-age=60"}, body=content
    )
    answered = made.handle(request, START)
    assert (answered.status, answered.body) == (204, b"")
    downloaded = asked(made, "media/a.bin")
    assert (downloaded.status, downloaded.body) == (200, content)
    assert downloaded.headers == {
        "content-type": "image/jpeg", "cache-control": "max-age=60", "accept-ranges": "bytes",
    }  # fmt: skip


def test_without_a_type_the_bytes_are_just_bytes() -> None:
    made = engine()
    made.handle(put("a", b"x", None), START)
    assert asked(made, "media/a").headers["content-type"] == "application/octet-stream"


def test_the_same_name_overwrites_silently_and_lives_on_from_then() -> None:
    made = engine()
    made.handle(put("a", b"1"), START)
    made.handle(put("b", b"2"), START)
    assert made.handle(put("a", b"three"), START + 3600).status == 204
    assert asked(made, "media/a", START + 48 * 3600).body == b"three"
    assert asked(made, "media/b", START + 48 * 3600).status == 404
    assert asked(made, "media/a", START + 49 * 3600).status == 404
    assert made.media.octet_count == 0


@pytest.mark.parametrize("stored", ["menu/today.png", "menu%2Ftoday.png", "menu%2ftoday.png"])
@pytest.mark.parametrize("wanted", ["menu/today.png", "menu%2Ftoday.png", "menu%2ftoday.png"])
def test_the_slashes_of_a_name_are_raw_or_encoded(stored: str, wanted: str) -> None:
    made = engine()
    made.handle(put(stored, b"x"), START)
    assert asked(made, f"media/{wanted}").body == b"x"
    assert made.handle(Request("DELETE", f"media/{wanted}"), START).status == 204
    assert asked(made, f"media/{stored}").status == 404


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..%2F..%2Fetc%2Fpasswd", "%2e%2e/x", "/etc/passwd", "a//b", "%00"]
)
def test_a_name_is_a_name_and_never_a_path(name: str) -> None:
    made = engine()
    assert made.handle(put(name, b"mine"), START).status == 204
    assert asked(made, f"media/{name}").body == b"mine"
    assert len(body_of(asked(made, "media"))) == 1


@given(st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_name_comes_back_from_the_list_with_an_address_that_works(name: str) -> None:
    made = engine()
    made.media.put(name, b"x", now=START)
    [item] = body_of(asked(made, "media"))
    assert (item["mediaName"], item["contentLength"]) == (name, 1)
    path = item["content"].removeprefix(f"{BASE}/")
    assert path.startswith("media/")
    assert asked(made, path).body == b"x"


@pytest.mark.parametrize("name", ["", "\ud800"])
def test_a_name_that_nobody_could_ask_for_is_refused(name: str) -> None:
    with pytest.raises(LocalError, match="name"):
        MediaStore("x").put(name, b"", now=START)


@pytest.mark.parametrize(
    "path, status", [("media/%ff", 400), ("media/\ud800", 400), ("media/", 404), ("media/none", 404)]
)
def test_a_name_that_is_none_is_answered(path: str, status: int) -> None:
    made = engine()
    for method in ("GET", "PUT", "DELETE"):
        if method == "PUT" and path == "media/none":
            continue
        assert made.handle(Request(method, path), START).status == status


@pytest.mark.parametrize("path, method, allowed", [("media", "POST", "GET"), ("media/a", "POST", "GET, PUT, DELETE")])
def test_a_wrong_verb_says_which_are_right(path: str, method: str, allowed: str) -> None:
    answered = engine().handle(Request(method, path), START)
    assert (answered.status, answered.headers["allow"]) == (405, allowed)
    assert body_of(answered)["type"] == "method-not-allowed"


@pytest.mark.parametrize("profile", [V2_NOW, V2_2019])
def test_a_file_may_have_exactly_the_size_of_its_time(profile: Profile) -> None:
    made = engine(profile=profile)
    assert made.handle(put("a", bytes(profile.file_bytes)), START).status == 204
    refused = made.handle(put("b", bytes(profile.file_bytes + 1)), START)
    assert refused.status == 413
    assert set(body_of(refused)) == {"type", "description"}
    assert made.body_limit(Request("PUT", "media/b")) == profile.file_bytes
    assert {V2_2019.file_bytes, V2_NOW.file_bytes} == {3_932_160, 3_670_016}


@pytest.mark.parametrize(
    "header, status, content, where",
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=-99", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=10-", 416, None, "bytes */10"),
        ("bytes=-0", 416, None, "bytes */10"),
        ("bytes=3-1", 200, b"0123456789", None),
        ("bytes=0-1,3-4", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
def test_ranges(header: str, status: int, content: bytes | None, where: str | None) -> None:
    made = engine()
    made.handle(put("a", b"0123456789"), START)
    answered = asked(made, "media/a", range=header)
    assert (answered.status, answered.headers.get("content-range")) == (status, where)
    if content is not None:
        assert answered.body == content


def test_an_empty_file_has_no_range() -> None:
    made = engine()
    made.handle(put("a", b""), START)
    assert asked(made, "media/a", range="bytes=0-").status == 416
    assert asked(made, "media/a").body == b""


def test_a_list_has_a_thousand_to_a_page_and_a_token_for_the_next() -> None:
    made = engine()
    names = [f"{number:05}" for number in range(2001)]
    for name in reversed(names):
        made.media.put(name, b"", now=START)
    found: list[str] = []
    headers: dict[str, Any] = {}
    pages = 0
    while True:
        page = asked(made, "media", **headers)
        found += [item["mediaName"] for item in body_of(page)]
        pages += 1
        if "continuation-token" not in page.headers:
            break
        headers = {"continuation_token": page.headers["continuation-token"]}
    assert (found, pages) == (names, 3)


@pytest.mark.parametrize("token", ["x", "%%%", "\ud800", "/w=="])
def test_a_token_that_is_none_of_ours_is_400(token: str) -> None:
    assert asked(engine(), "media", continuation_token=token).status == 400


def test_an_empty_store_lists_nothing() -> None:
    answered = asked(engine(), "media")
    assert (answered.status, answered.body) == (200, b"[]")
    assert asked(engine(), "media", accept="text/html").status == 406


def test_files_take_no_more_than_their_limit_and_the_old_ones_stay() -> None:
    made = engine(media_limit=10_000)
    assert [made.handle(put(name, b"x" * 3000), START).status for name in "abc"] == [204, 204, 413]
    refused = made.handle(put("c", b"x" * 3000), START + 3600)
    assert body_of(refused) == {
        "type": "content-too-large",
        "description": "the file has 3000 octets, and 1950 are left for media of this account: delete some",
    }
    assert refused.headers["retry-after"] == str(47 * 3600)
    assert [asked(made, f"media/{name}").status for name in "abc"] == [200, 200, 404]
    assert made.handle(put("c", b"x" * 900), START).status == 204


def test_a_file_may_take_the_place_of_itself_and_of_what_is_gone() -> None:
    made = engine(media_limit=10_000)
    made.handle(put("a", b"x" * 8000), START)
    assert made.handle(put("a", b"y" * 8900), START).status == 204
    assert made.handle(put("b", b"x" * 8000), START).status == 413
    made.handle(Request("DELETE", "media/a"), START)
    assert made.handle(put("b", b"x" * 8000), START).status == 204
    assert made.handle(put("c", b"x" * 8000), START + 48 * 3600).status == 204  # the other one's time is over


def test_empty_files_are_not_free() -> None:
    made = engine(media_limit=10_000)
    statuses = [made.handle(put(str(number), b""), START).status for number in range(20)]
    assert statuses == [204] * 9 + [413] * 11


def test_a_store_refuses_what_does_not_fit() -> None:
    store = MediaStore(f"{BASE}/media/", limit=2000)
    with pytest.raises(LocalError, match="3025 octets, but 2000 are left"):
        store.put("a", b"x" * 2000, now=START)


@pytest.mark.parametrize("name", ["menu/today.png", "../../etc/passwd", "a/./b", "a b/..c"])
def test_the_address_of_a_file_leads_to_it_as_a_client_reads_addresses(name: str) -> None:
    prefix = "https://example.org/api/v2/users/9900000/media/"
    url = MediaStore(prefix).url(name)
    assert unquote(url.removeprefix(prefix)) == name
    assert urljoin(url, urlsplit(url).path) == url  # which takes the way that ".." points
