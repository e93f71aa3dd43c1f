"""The page as a whole: by keyboard, under attack, cut off, looked at in every theme, and with very much in it."""

import http.client
import json
import re
import time
from pathlib import Path
from urllib.parse import urlsplit

from tests.peers.drivers.page.person import FAILING, NARROW, PHONE, WIDE, Person, basic, expect, in_base64

AUDIT, ATTACK, SCROLLING = (
    (Path(__file__).parent / name).read_text(encoding="utf-8") for name in ("audit.js", "attack.html", "scrolling.js")
)
VIEWS = (
    "messages", "conversations", "conversations/new", "queue", "clock", "faults", "account/numbers",
    "account/locations", "account/applications", "account/tokens", "account/rates", "account/ports", "reports",
    "calculator?text=%E2%80%9CHi%E2%80%9D%20%F0%9F%8E%82",
)  # fmt: skip
# What has the focus: its beginning, whether that is nothing, and whether it can be seen.
FOCUSED = """(() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const isSeen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return [element.outerHTML.slice(0, 90), element === document.body, isSeen];
})()"""
TO_THE_END = """async (rows) => {
  for (let step = 0; step < 40; step += 1) {
    rows.scrollTop = rows.scrollHeight;
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  rows.scrollTop = 0;
}"""
LOOKED_AT = """(() => {
  const box = document.querySelector(".rows").getBoundingClientRect();
  return document.elementFromPoint(box.x + 500, box.y + 200).closest(".row").textContent;
})()"""
# Tables that one would have to push to see their last column.
TABLES_TOO_WIDE = """[...document.querySelectorAll(".table-box")]
  .filter((box) => box.scrollWidth > box.clientWidth + 1).map((box) => box.textContent.slice(0, 60))"""
MANY = 10_000
MOST_FRAME_MILLISECONDS = 50  # a picture in 20 ms would be 50 a second; the machines are shared, so some slack


def everything_goes_by_keyboard(person: Person) -> None:
    person.control("POST", "/reset")
    ids = [person.send(text=f"number {number}") for number in range(30)]
    page = person.page
    person.go("messages")
    page.reload()
    expect(page.locator(".rows .row:visible").first).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    seen = set()
    for _ in range(40):  # every stop of the tabulator shows where it is
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop[1]:
            break
        seen.add(stop[0])
        person.check(stop[2], f"focus cannot be seen on {stop[0]}")
    person.check(len(seen) > 12, f"the tabulator stops at {len(seen)} places")
    page.locator("body").click(position={"x": 5, "y": 880})
    page.keyboard.press("/")
    expect(page.get_by_label("Search messages")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("grid")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(ids[-2]))
    page.keyboard.press("End")
    active = page.get_by_role("grid").get_attribute("aria-activedescendant")
    expect(page.locator(f"#{active}")).to_contain_text("number 0")
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile("messages$"))
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url(re.compile("queue$"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def send_many(person: Person, count: int) -> None:
    """By the V2 API, over one connection."""
    ready = person.ready
    connection = http.client.HTTPConnection(urlsplit(ready["page_url"]).netloc, timeout=60)
    headers = {"content-type": "application/json", "authorization": basic(ready["user"], ready["password"])}
    fields = {"from": "+19195550100", "applicationId": ready["application_id"]}
    for number in range(count):
        to = f"+1919555{number:04d}" if number % 97 else FAILING
        body = json.dumps({**fields, "to": to, "text": f"number {number}"})
        connection.request("POST", f"/api/v2/users/{ready['account_id']}/messages", body, headers)
        connection.getresponse().read()
    connection.close()


def ten_thousand_stay_smooth(person: Person) -> None:
    """10,000 messages are scrolled through, while others come in."""
    person.control("POST", "/reset")
    person.control("PATCH", "/settings", {"rate": 100_000})
    page = person.page
    person.go("messages")
    started = time.monotonic()
    send_many(person, MANY)
    person.figures["seconds to send"] = round(time.monotonic() - started, 1)
    expect(page.locator(".list-top")).to_contain_text("10,000 messages", timeout=30_000)
    page.get_by_role("grid").evaluate(TO_THE_END)
    page.wait_for_function("document.querySelector('.rows').getAttribute('aria-rowcount') >= 10000")
    frames = page.evaluate(SCROLLING)
    person.figures["scroll frames, ms"] = {name: round(frames[name], 1) for name in ("median", "slow", "worst")}
    person.figures["rows in the document"] = frames["elements"]
    person.check(frames["top"] > 100_000, f"it scrolled only to {frames['top']}")
    person.check(frames["elements"] < 100, f"{frames['elements']} rows are in the document")
    person.check(frames["slow"] < MOST_FRAME_MILLISECONDS, f"frames take {frames}")
    # What comes in above does not move what one looks at.
    before = page.evaluate(LOOKED_AT)
    for number in range(20):
        person.send(text=f"late {number}")
    expect(page.locator(".list-top")).to_contain_text("10,020 messages")
    page.wait_for_timeout(400)
    person.check(page.evaluate(LOOKED_AT) == before, "what one looks at moves away")
    person.picture("ten-thousand")
    person.control("PATCH", "/settings", {"rate": 1000})
    person.control("POST", "/reset")
    expect(page.get_by_role("heading", name="No messages yet")).to_be_visible()


def other_pages_get_nowhere(person: Person) -> None:
    """A page of somebody else, open in the same browser, tries what it can."""
    person.control("POST", "/reset")
    address = json.dumps(person.ready["page_url"].rstrip("/"))
    person.receiver.attack = ATTACK.replace("BASE", address)
    users = person.control("GET", "/credentials")
    kept = person.send(text="is still there")
    errors = len(person.problems)
    person.page.goto(person.receiver.origin + "/attack")
    person.page.wait_for_function("document.title.startsWith('[')")
    said = json.loads(person.page.title())
    del person.problems[errors:]  # the browser tells the attacker's console what was refused
    person.check(all(one == "refused" for one in said[:5]), f"another page reads {said}")
    person.check(person.control("GET", "/credentials") == users, "another page has made a token")
    lines = person.control("GET", "/messages/recent")["lines"]
    person.check([line["id"] for line in lines] == [kept], f"another page has changed the messages: {lines}")


def a_restarted_page_goes_on(person: Person) -> None:
    """While nobody looks nothing is asked for, and who comes back sees what he has missed."""
    person.control("POST", "/reset")
    person.go("messages")
    person.send(text="first")
    expect(person.page.locator(".rows .row:visible")).to_have_count(1)
    expect(person.page.locator(".live")).to_have_attribute("data-state", "on")
    person.page.context.set_offline(True)
    person.send(text="missed")
    person.page.wait_for_timeout(300)
    person.page.context.set_offline(False)
    expect(person.page.locator(".rows .row:visible")).to_have_count(2)


def nothing_is_left_behind(person: Person) -> None:
    person.check(person.page.context.cookies() == [], "the page has set a cookie")
    stored = person.page.evaluate("JSON.stringify({...localStorage})")
    person.check(set(json.loads(stored)) <= {"theme", "keys"}, f"the browser keeps {stored}")


def fill(person: Person) -> str:
    """Something of every kind, so that pictures have something to show; returns the id of a message to be open."""
    person.control("POST", "/reset")
    person.control(
        "PATCH",
        f"/applications/{person.ready['application_id']}",
        {"callback_url": f"{person.receiver.origin}/callbacks"},
    )
    person.receiver.status = 200
    person.send(text="Your code is 481 516. It is valid for ten minutes.", tag="login-17")
    person.send(to=["+19195550123", "+19195550124", "+19195550125"], text="Who is in for lunch?")
    picture = {"name": "lunch.png", "content": in_base64(person.folder / "picture.png"), "content_type": "image/png"}
    person.control(
        "POST",
        "/inbound",
        {
            "from": "+19195550124",
            "to": ["+19195550100", "+19195550123", "+19195550125"],
            "text": "I am! Look at that:",
            "media": [picture],
        },
    )
    person.control(
        "POST",
        "/inbound",
        {"from": "+19195550125", "to": ["+19195550100", "+19195550123", "+19195550124"], "text": "Be there in five"},
    )
    person.send(to="+447700900123", text="Hello London")
    person.send(to=FAILING, text="Your parcel is out for delivery today between 14:00 and 16:00.", tag="parcel-9")
    person.send(
        to="+19195550145",
        text="Dear customer, your appointment is confirmed for Monday. [Bay 4] costs 120 € with parts and labour. "
        "Please bring both keys, and the papers of the car.",
        tag="order-81",
    )
    person.control("POST", "/clock/advance", {"by": "2m"})
    person.receiver.status = 503
    open_id = person.send(
        to="+19195550144",
        text="Menü – today’s special: crème brûlée for 4 € 🍮! Reply YES to book your table at the window.",
        tag="menu",
    )
    person.control("POST", "/clock/advance", {"by": "8s"})
    person.control("POST", "/inbound", {"from": PHONE, "to": "+19195550100", "text": "Thanks! See you at ten."})
    person.receiver.status = 200
    return open_id


def look_at_every_view(person: Person) -> None:
    """Every view in both themes and both widths: a picture, and what a person who sees little would trip over."""
    message_id = fill(person)
    person.control("POST", "/faults", {"what": "answer", "status": 503, "count": 2, "path": "none"})
    own, talk = "%2B19195550100", "%2B19195550123%2C%2B19195550124%2C%2B19195550125"
    places = {
        **{view.partition("?")[0].replace("/", "-"): view for view in VIEWS},
        "message": f"messages/{message_id}",
        "conversations-group": f"conversations/{own}%2C{talk}",
        "nothing-found": "messages?q=nowhere",
    }
    lowest, texts = 21.0, 0
    for theme in ("light", "dark"):
        for width, size in (("wide", WIDE), ("narrow", NARROW)):
            person.open(theme, size)
            for name, place in places.items():
                person.go(place)
                person.page.wait_for_timeout(450)
                audit = person.page.evaluate(AUDIT)
                lowest, texts = min(lowest, audit["lowest"]), texts + audit["texts"]
                person.problems += [f"{name}, {theme}, {width}: {words}" for words in audit["complaints"]]
                for table in person.page.evaluate(TABLES_TOO_WIDE):
                    person.problems.append(f"{name}, {theme}, {width}: a table is wider than the page: {table}")
                person.picture(f"{name}-{theme}-{width}")
    person.figures |= {"texts judged": texts, "lowest contrast": round(lowest, 2)}
    person.control("DELETE", "/faults")
    person.control("PATCH", f"/applications/{person.ready['application_id']}", {"callback_url": None})
    person.open()
