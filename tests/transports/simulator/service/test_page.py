"""The page: files of the package, as they are, under rules that let nothing else run."""

import re
from importlib import resources

import pytest

from tests.transports.simulator.service.running import Answer, Simulator, exchange
from transports.simulator.service.page import assets

# What would run a text, or take it for markup; the policy forbids it, and nothing here even tries.
FORBIDDEN = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|DOMParser|ContextualFragment"
    r"|javascript:|setTimeout\(\s*[\"'`]|https?://(?!www\.w3\.org/|127\.0\.0\.1:)"
)


def get(simulator: Simulator, path: str, method: str = "GET", **headers: str) -> Answer:
    return exchange(simulator.address, method, path, headers={name.replace("_", "-"): v for name, v in headers.items()})


def test_the_page_comes_under_a_policy_that_lets_nothing_else_run(simulator: Simulator) -> None:
    answer = get(simulator, "/")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers


def test_the_document_has_no_script_and_no_style_of_its_own() -> None:
    html = assets()["index.html"].content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=", html)
    assert re.findall(r"<script(?![^>]*\ssrc=)", html) == []


@pytest.mark.parametrize("name", sorted(assets()))
def test_no_file_asks_elsewhere_or_takes_a_text_for_markup(name: str) -> None:
    content = assets()[name].content.decode()
    assert not FORBIDDEN.search(content), FORBIDDEN.search(content)
    assert "@import" not in content
    assert not name.endswith(".css") or "url(" not in content


def test_every_file_of_the_folder_is_served_and_every_one_that_is_named_is_there(simulator: Simulator) -> None:
    folder = resources.files("transports.simulator") / "page"
    html = assets()["index.html"].content.decode()
    named = set(re.findall(r'(?:href|src)="/page/([^"]+)"', html))
    for name, asset in assets().items():
        if name.endswith(".js"):
            here = name.rpartition("/")[0].split("/")
            for imported in re.findall(r'(?:from|import\()\s*"(\.[^"]+)"', asset.content.decode()):
                place = list(here)
                for part in imported.split("/"):
                    if part == "..":
                        place.pop()
                    elif part != ".":
                        place.append(part)
                named.add("/".join(place))
    assert named | {"index.html"} == set(assets())
    for name, asset in assets().items():
        answer = get(simulator, f"/page/{name}")
        assert (answer.status, answer.body) == (200, asset.content)
        assert answer.body == (folder / name).read_bytes()


@pytest.mark.parametrize(
    "path",
    [
        "/page/", "/page/nothing.js", "/page/../service.py", "/page/..%2fservice.py", "/page/%2e%2e/engine.py",
        "/page/scripts/..%5cmain.js", "/page//index.html", "/page/scripts/main.js/", "/page/\0",
    ],
)  # fmt: skip
def test_a_path_is_a_name_and_never_a_way_through_the_machine(simulator: Simulator, path: str) -> None:
    answer = get(simulator, path.replace("\0", "%00"))
    assert answer.status == 404
    assert "content-security-policy" in answer.headers


def test_a_file_that_has_not_changed_is_not_sent_again(simulator: Simulator) -> None:
    first = get(simulator, "/page/scripts/main.js")
    assert first.headers["cache-control"] == "no-cache"
    again = get(simulator, "/page/scripts/main.js", if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert get(simulator, "/page/scripts/main.js", if_none_match='"another"').status == 200


def test_the_page_is_only_to_be_looked_at(simulator: Simulator) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = get(simulator, "/", method)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
    head = get(simulator, "/", "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert int(head.headers["content-length"]) == len(assets()["index.html"].content)


def test_a_link_from_elsewhere_leads_to_the_page_but_nothing_of_it_can_be_used_there(simulator: Simulator) -> None:
    link = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
    assert get(simulator, "/", **link).status == 200
    assert get(simulator, "/page/scripts/main.js", **link).status == 403
    assert get(simulator, "/", sec_fetch_site="cross-site", sec_fetch_mode="cors").status == 403
    assert get(simulator, "/", host="evil.example").status == 403
