"""Uses the simulator's page as a person does, in Chromium; one JSON question a line.

The first question says where the simulator is and where pictures are to be put. Every other one names a check, and is
answered with what was wrong (an empty list, if all went well) and with figures that were measured. A picture is taken
after each check, so that somebody can look at what the browser has shown.
"""

import base64
import http.client
import http.server
import importlib
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

playwright = importlib.import_module("playwright.sync_api")
expect = playwright.expect

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
AUDIT = (Path(__file__).parent / "page_audit.js").read_text(encoding="utf-8")
VIEWS = (
    "messages", "conversations", "conversations/new", "queue", "clock", "faults", "account/numbers",
    "account/locations", "account/applications", "account/tokens", "account/rates", "account/ports", "reports",
    "calculator?text=%E2%80%9CHi%E2%80%9D%20%F0%9F%8E%82",
)  # fmt: skip
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 800}
MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script><b>bold</b>"
PHONE, FAILING = "+19195550123", "+19195554720"
MANY = 10_000
MOST_FRAME_MILLISECONDS = 50  # a picture in 20 ms would be 50 a second; the machines are shared, so some slack


class Receiver:
    """Somebody's server that takes callbacks, or does not: ``status`` says which."""

    def __init__(self) -> None:
        self.status = 200
        self.count = 0
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                receiver.count += 1
                self.send_response(receiver.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                content = receiver.attack.encode()
                self.send_response(200)
                self.send_header("content-type", "text/html")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None: ...

        self.attack = ""
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()


class Person:
    """Somebody in front of a browser, and what he finds wrong."""

    def __init__(self, ready: dict[str, Any], folder: str) -> None:
        self.ready = ready
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.receiver = Receiver()
        self.problems: list[str] = []
        self.figures: dict[str, Any] = {}
        self._playwright = playwright.sync_playwright().start()
        self._browser = self._playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        self.open()

    def open(self, theme: str = "light", size: dict[str, int] = WIDE) -> None:
        context = self._browser.new_context(viewport=size, color_scheme=theme, accept_downloads=True)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.set_default_timeout(15_000)
        self.page = context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.problems.append(f"an error in the page: {error}"))
        self.page.on("dialog", self._asked)
        self.page.on("request", self._requested)

    def _heard(self, message: Any) -> None:
        # A refusal that was asked for is told by the browser as an error, too.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.problems.append(f"the console says: {message.text}")

    def _asked(self, dialog: Any) -> None:
        self.problems.append(f"a dialog came up: {dialog.message}")
        dialog.dismiss()

    def _requested(self, request: Any) -> None:
        if not request.url.startswith((self.ready["page_url"], self.receiver.origin, "data:", "blob:")):
            self.problems.append(f"the page asked {request.url}")

    def go(self, place: str) -> None:
        self.page.goto(f"{self.ready['page_url']}#/{place}")

    def picture(self, name: str) -> None:
        self.page.screenshot(path=str(self.folder / f"{name}.png"))

    def check(self, holds: object, words: str) -> None:
        if not holds:
            self.problems.append(words)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            self.ready["control_url"] + path,
            None if body is None else json.dumps(body).encode(),
            {"content-type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            content = response.read()
        return json.loads(content) if content else None

    def send(self, **fields: Any) -> str:
        return str(
            self.control("POST", "/messages", {"from": "+19195550100", "to": PHONE, "text": "hello", **fields})["id"]
        )

    def button(self, name: str | re.Pattern[str]) -> Any:
        return self.page.get_by_role("button", name=name)

    def notice(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.locator("#notices")).to_contain_text(text)


def empty_page_teaches(person: Person) -> None:
    """The lines that the page shows are run as they stand, and what they send appears."""
    page = person.page
    page.goto(person.ready["page_url"])
    expect(page.get_by_role("heading", name="No messages yet")).to_be_visible()
    person.picture("welcome-light")
    person.button("Make a user and password for these lines").click()
    person.notice("shown only now")
    curl = page.get_by_label("The curl line", exact=True).text_content()
    sdk = page.get_by_label("The SDK snippet", exact=True).text_content()
    for words in (person.ready["base_url"], person.ready["account_id"], person.ready["application_id"]):
        person.check(words in curl and words in sdk, f"the lines do not name {words}")
    person.button("Copy The curl line").click()
    person.check(page.evaluate("navigator.clipboard.readText()") == curl, "what is copied is not what is shown")
    done = subprocess.run(["bash", "-c", curl], capture_output=True, text=True, timeout=30)
    person.check('"id"' in done.stdout, f"the curl line fails: {done.stdout}{done.stderr}")
    expect(page.locator(".rows .row:visible")).to_have_count(1)
    done = subprocess.run([sys.executable, "-c", sdk], capture_output=True, text=True, timeout=60)
    person.check(done.returncode == 0, f"the SDK snippet fails: {done.stderr[-500:]}")
    expect(page.locator(".rows .row:visible")).to_have_count(2)


def messages_move(person: Person) -> None:
    """A message is seen queued, sent and delivered, without the page being loaded again."""
    person.control("PATCH", "/clock", {"paused": True})
    person.control("POST", "/reset")
    person.go("messages")
    person.send(text="the first takes its turn")
    person.send(text="Menü – 10 €", tag="move")
    chip = person.page.locator(".rows .row", has_text="Menü").locator(".chip")
    expect(chip).to_have_text("queued")
    person.page.locator(".rows .row", has_text="Menü").click()
    panel = person.page.get_by_label("The open message")
    expect(panel).to_contain_text("Waits for its turn")
    expect(panel).to_contain_text("UCS-2 because of")
    expect(panel.locator(".unit.outside")).to_have_text(["–2013"])
    person.control("POST", "/clock/advance", {"by": "2s"})
    expect(chip).to_have_text(re.compile("sent|delivered"))
    person.control("POST", "/clock/advance", {"by": "30s"})
    expect(chip).to_have_text("delivered")
    steps = panel.locator(".step strong")
    expect(steps).to_have_text(["Accepted", "Queued", "Sent to the carrier", "Delivered"])
    panel.get_by_text("Its octets in hex").click()
    expect(panel.locator(".octets")).to_have_text("00 4D 00 65 00 6E 00 FC 00 20 20 13 00 20 00 31 00 30 00 20 20 AC")
    person.button("Send again").click()
    person.notice("Sent again")
    expect(person.page.locator(".rows .row:visible")).to_have_count(3)
    person.control("PATCH", "/clock", {"paused": False})


def searches_find(person: Person) -> None:
    person.control("POST", "/reset")
    person.send(to=FAILING, text="parcel", tag="order 7")
    person.send(to=["+19195550124", "+19195550125"], text="group talk")
    person.send(text="plain words")
    person.control("POST", "/clock/advance", {"by": "10m"})
    person.go("messages")
    rows = person.page.locator(".rows .row:visible")
    expect(rows).to_have_count(3)
    search = person.page.get_by_label("Search messages")
    for query, count in (
        ("to:+19195554720", 1),
        ('tag:"order 7"', 1),
        ("status:failed", 1),
        ("kind:group", 1),
        ("words", 1),
        ("hello there", 0),
    ):
        search.fill(query)
        expect(rows).to_have_count(count)
    expect(person.page.get_by_text("Nothing is found")).to_be_visible()
    search.fill("status:gone")
    expect(person.page.locator("#search-problem")).to_contain_text("expected one of")
    search.fill("")
    expect(rows).to_have_count(3)
    # A search can be linked to.
    person.go("messages?q=status%3Afailed")
    expect(rows).to_have_count(1)


def markup_stays_text(person: Person) -> None:
    """Texts, tags, numbers' names and files that carry markup are shown letter by letter."""
    person.control("POST", "/reset")
    message_id = person.send(text=MARKUP, tag=MARKUP)
    picture = {
        "name": "<b>.svg",
        "content": "PHN2Zz48c2NyaXB0PmFsZXJ0KDEpPC9zY3JpcHQ+PC9zdmc+",
        "content_type": "image/svg+xml",
    }
    person.control("POST", "/inbound", {"from": PHONE, "to": "+19195550100", "text": MARKUP, "media": [picture]})
    person.control("PATCH", f"/applications/{person.ready['application_id']}", {"name": MARKUP})
    for place in (
        "messages",
        f"messages/{message_id}",
        f"conversations/%2B19195550100%2C{PHONE.replace('+', '%2B')}",
        "account/applications",
        "account/locations",
        "queue",
        f"messages?q={MARKUP.replace('<', '%3C')}",
    ):
        person.go(place)
        expect(person.page.locator("main")).to_contain_text(re.compile(".+"))
        person.page.wait_for_timeout(300)
        for selector in ("main b:not(.unit b)", "main script", "main img[src=x]"):
            person.check(not person.page.locator(selector).count(), f"{place}: a text has become {selector}")
    person.go(f"messages/{message_id}")
    expect(person.page.locator(".text-said")).to_have_text(MARKUP)
    person.control("PATCH", f"/applications/{person.ready['application_id']}", {"name": "sample application"})


def callbacks_fail_and_are_redone(person: Person) -> None:
    person.control("POST", "/reset")
    application = f"/applications/{person.ready['application_id']}"
    person.control("PATCH", application, {"callback_url": f"{person.receiver.origin}/callbacks"})
    person.receiver.status = 503
    person.go(f"messages/{person.send(text='told to nobody')}")
    person.control("POST", "/clock/advance", {"by": "1m"})
    panel = person.page.get_by_label("The open message")
    first = panel.locator(".callback").first
    expect(first).to_contain_text("503")
    expect(first).to_contain_text(re.compile("Next attempt at .* in "))
    expect(first.locator(".chip").first).to_have_text("waiting")
    before = person.receiver.count
    person.receiver.status = 204
    first.get_by_role("button", name="Redo").click()
    expect(first).to_contain_text("by hand")
    expect(first).to_contain_text("204")
    person.check(person.receiver.count > before, "nothing was posted by hand")
    expect(first.locator(".chip").first).to_have_text("waiting")  # its schedule has stayed
    person.go("queue")
    expect(person.page.locator(".callback")).to_have_count(2)
    person.go("clock")
    person.button("+ 15 min").click()
    person.notice("It is")
    person.page.go_back()
    expect(person.page.get_by_text("0 waiting")).to_be_visible()
    expect(person.page.locator(".callback")).to_have_count(0)
    person.control("PATCH", application, {"callback_url": None})


def phones_talk(person: Person) -> None:
    person.control("POST", "/reset")
    person.send(text="Lunch at noon?")
    person.control("POST", "/clock/advance", {"by": "1m"})
    person.go("conversations")
    page = person.page
    page.locator(".talk-link").click()
    expect(page.locator(".bubble.theirs")).to_have_text("Lunch at noon?")
    page.get_by_label(f"Write as {PHONE}").fill("Yes, please")
    page.keyboard.press("Enter")
    expect(page.locator(".bubble.mine")).to_have_text(["Yes, please"])
    page.locator(".writing input[type=file]").set_input_files(
        {"name": "lunch.png", "mimeType": "image/png", "buffer": (person.folder / "picture.png").read_bytes()}
    )
    person.button("Send").click()
    expect(page.locator(".bubble.mine img")).to_have_count(1)
    page.wait_for_function("document.querySelector('.bubble img').naturalWidth > 0")
    page.get_by_role("link", name="Write as a phone").click()
    page.get_by_label("From the phone").fill(PHONE)
    page.get_by_label("And to, for a group").fill("+19195550124")
    page.get_by_label("Text").fill("All of us")
    person.button("Let it come in").click()
    expect(page.locator(".bubble.mine")).to_have_text(["All of us"])
    page.get_by_label("Whose phone").select_option("+19195550124")
    expect(page.locator(".bubble.theirs")).to_have_text(["All of us"])
    found = person.control("GET", "/messages?messageDirection=INBOUND&limit=10")
    person.check([row["messageType"] for row in found].count("mms") == 2, f"what was written came in as {found}")


def queue_fills(person: Person) -> None:
    person.control("POST", "/reset")
    rate = person.control("PATCH", "/settings", {"rate": 1})["rate"]
    person.go("queue")
    for _ in range(12):
        person.send(text="x" * 1000)
    tile = person.page.locator(".tile").first
    expect(tile).to_contain_text(re.compile(r"[678]\d\s*of 900 segments"))
    expect(tile.get_by_role("meter")).to_have_attribute("aria-valuemax", "900")
    for _ in range(40):  # the queue grows while it is looked at
        person.send(text="x" * 1000)
        person.page.wait_for_timeout(60)
    expect(tile).to_contain_text(re.compile("429 in(less than a minute|[0-9]+ min)"))
    person.check(person.page.locator("polyline.curve").count() == 2, "no curve is drawn")
    person.picture("queue-filling")
    for _ in range(80):
        try:
            person.send(text="x" * 1000)
        except urllib.error.HTTPError as error:
            person.check(error.code == 429, f"a full queue answers {error.code}")
            break
    person.control("PATCH", "/settings", {"rate": 1000})
    person.check(rate == 1, "the rate did not change")
    person.control("POST", "/reset")


def clock_is_held_sped_and_pushed(person: Person) -> None:
    page = person.page
    person.go("clock")
    person.button("Hold time").click()
    expect(person.button("Let time go on")).to_be_visible()
    expect(page.locator(".top-clock")).to_contain_text("held")
    held = person.control("GET", "/clock")
    person.check(held["paused"], "the clock goes on")
    person.button("+ 2 h").click()
    person.notice("It is")
    person.check(abs(person.control("GET", "/clock")["now"] - held["now"] - 7200) < 1, "two hours are not two hours")
    page.get_by_label("By as much as").fill("soon")
    person.button("Advance").click()
    expect(page.get_by_role("alert").filter(has_text="duration")).to_be_visible()
    person.button("Let time go on").click()
    person.button("×60").click()
    expect(person.button("×60")).to_have_attribute("aria-pressed", "true")
    person.check(person.control("GET", "/clock")["speed"] == 60, "the clock does not go faster")
    person.button(
        "×1",
    ).first.click()
    expect(person.button(re.compile("^×1$"))).to_have_attribute("aria-pressed", "true")


def faults_are_switched(person: Person) -> None:
    page = person.page
    person.go("faults")
    person.button("503, three times").click()
    expect(page.locator("#banner")).to_contain_text("1 fault switched on, 3 requests to go")
    person.picture("faults-banner")
    person.check(_post(person) == 503, "the fault has no effect")
    expect(page.locator("#banner")).to_contain_text("2 requests to go")
    page.get_by_label("What happens").select_option("slow")
    page.get_by_label("Seconds").fill("0.2")
    page.get_by_label("For ever").check()
    person.button("Switch on").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Remove: Answer 503").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    person.button("Switch all off").click()
    expect(page.locator("#banner")).to_be_hidden()
    person.check(_post(person) == 202, "a fault is left")


def _post(person: Person, user: str | None = None, password: str | None = None, **fields: Any) -> int:
    pair = (user or person.ready["user"], password or person.ready["password"])
    body = {
        "from": "+19195550100",
        "to": PHONE,
        "text": "hello",
        "applicationId": person.ready["application_id"],
        **fields,
    }
    url = f"{person.ready['base_url']}/users/{person.ready['account_id']}/messages"
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    request.add_header("authorization", _basic(*pair))
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def numbers_are_bought_and_used(person: Person) -> None:
    page = person.page
    person.control("POST", "/reset")
    person.go("account/numbers")
    page.get_by_label("Area code").select_option("206")
    buy = page.get_by_role("button", name=re.compile(r"^Buy \+1206")).first
    number = (buy.get_attribute("aria-label") or "").removeprefix("Buy ")
    buy.click()
    person.notice(f"Bought: {number}")
    expect(page.get_by_role("cell", name=number, exact=True)).to_be_visible()
    person.check(_post(person, **{"from": number}) == 202, "the new number cannot send")
    person.go("account/locations")
    page.get_by_label("Id").fill("west")
    page.get_by_label("Name").fill("West")
    person.button("Make it").click()
    person.notice("The location is there")
    person.go("account/numbers")
    page.get_by_label(f"Location of {number}").select_option("west")
    person.notice(f"{number} was moved to West")
    moved = [
        one
        for one in person.control("GET", f"/accounts/{person.ready['account_id']}")["numbers"]
        if one["number"] == number
    ]
    person.check(moved and moved[0]["location_id"] == "west", f"the number is in {moved}")
    page.get_by_role("button", name=f"Disconnect {number}").click()
    page.get_by_role("dialog").get_by_role("button", name="Disconnect").click()
    person.notice(f"{number} was disconnected")
    expect(page.get_by_role("cell", name=number, exact=True)).to_have_count(0)
    gone = person.send(**{"from": number, "application_id": person.ready["application_id"]})
    person.control("POST", "/clock/advance", {"by": "1m"})
    code = person.control("GET", f"/messages/{gone}")["line"]["code"]
    person.check(code == 4403, f"a number that was disconnected fails with {code}")


def zones_and_prices_hold(person: Person) -> None:
    page = person.page
    person.go("account/rates")
    page.get_by_label("First digits and their zone").fill("1=1 44=2")
    page.locator("section", has=page.get_by_role("heading", name="Zones")).get_by_role("button", name="Save").click()
    person.notice("The zones hold")
    abroad = person.send(to="+447700900123")
    person.control("POST", "/clock/advance", {"by": "1m"})
    person.check(person.control("GET", f"/messages/{abroad}")["line"]["code"] == 4432, "zone 2 can be reached")
    person.go("account/locations")
    page.get_by_label("Zone 2").first.check()
    person.notice("Zone 2 is switched on")
    abroad = person.send(to="+447700900123")
    person.control("POST", "/clock/advance", {"by": "1m"})
    person.check(person.control("GET", f"/messages/{abroad}")["line"]["code"] == 0, "zone 2 cannot be reached")
    person.go("account/rates")
    page.get_by_label("Price of a segment").fill("0.0040")
    person.button("Add the price").click()
    person.notice("The price holds")
    expect(page.get_by_role("cell", name="0.0040 USD")).to_be_visible()


def tokens_are_made_and_revoked(person: Person) -> None:
    page = person.page
    person.go("account/tokens")
    page.get_by_label("User, or token").fill("visitor")
    person.button("Make it").click()
    shown = page.get_by_label("The new token", exact=True)
    user, _, password = (shown.text_content() or "").partition(":")
    person.check(_post(person, user, password) == 202, "the new token opens nothing")
    page.reload()
    expect(page.get_by_role("cell", name="visitor", exact=True)).to_be_visible()
    person.check(password not in page.content(), "the secret is shown again")
    page.get_by_role("button", name="Revoke visitor").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    person.notice("visitor was revoked")
    person.check(_post(person, user, password) == 401, "a token that was revoked still opens")


def records_are_downloaded(person: Person) -> None:
    person.control("POST", "/reset")
    person.send(text="x" * 200)
    person.send(to=FAILING)
    person.send(to=["+19195550124", "+19195550125"])
    person.control("POST", "/clock/advance", {"by": "10m"})
    person.go("reports")
    expect(person.page.get_by_text("5 records in these days")).to_be_visible()
    for kind in ("CSV", "ZIP"):
        with person.page.expect_download() as waiting:
            person.page.get_by_role("link", name=kind).click()
        path = person.folder / f"records.{kind.lower()}"
        waiting.value.save_as(path)
        person.figures[kind.lower()] = str(path)
    expect(person.page.locator("rect.bar")).to_have_count(2)


def texts_are_counted_while_one_types(person: Person) -> None:
    person.go("calculator")
    tiles = person.page.locator(".small-tiles .tile-value")
    counted = {}
    for text in ("hello", "x" * 161, "“hello”", "€" * 80, "🎂" * 36, "a\nb"):
        person.page.get_by_label("Text", exact=True).fill(text)
        expect(person.page.locator(".cells").last).to_have_attribute(
            "aria-label", re.compile(re.escape(text[-1]) + r"\s*$")
        )
        values = tiles.all_text_contents()
        counted[text] = [values[0], int(values[1]), int(values[2]), int(values[3])]
    person.figures["counted"] = counted
    person.page.get_by_label("Text", exact=True).fill("“" + "x" * 100)
    expect(person.page.locator(".saving")).to_contain_text("saves 1 segment of 2")
    person.button("Use it").click()
    expect(tiles.first).to_have_text("GSM-7")


def everything_goes_by_keyboard(person: Person) -> None:
    person.control("POST", "/reset")
    ids = [person.send(text=f"number {number}") for number in range(30)]
    page = person.page
    person.go("calculator")
    page.goto(f"{person.ready['page_url']}#/messages")
    expect(page.locator(".rows .row:visible").first).to_be_visible()
    page.locator("body").press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    seen = set()
    for _ in range(40):  # every stop of the tabulator shows where it is
        page.keyboard.press("Tab")
        stop = page.evaluate(
            "(() => { const e = document.activeElement, s = getComputedStyle(e);"
            " return [e.outerHTML.slice(0, 90), e === document.body, s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2]; })()"
        )
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


FRAMES = """async () => {
  const rows = document.querySelector('.rows');
  const frames = [];
  let last = performance.now();
  for (let step = 0; step < 240; step += 1) {
    rows.scrollTop += 480;
    await new Promise((go) => requestAnimationFrame(go));
    const now = performance.now();
    frames.push(now - last);
    last = now;
  }
  frames.sort((a, b) => a - b);
  return { median: frames[120], slow: frames[227], worst: frames[239], elements: document.querySelectorAll('.rows .row').length, top: rows.scrollTop };
}"""


def ten_thousand_stay_smooth(person: Person) -> None:
    """10,000 messages are scrolled through, while others come in."""
    person.control("POST", "/reset")
    person.control("PATCH", "/settings", {"rate": 100_000})
    page = person.page
    person.go("messages")
    connection = http.client.HTTPConnection(re.sub("^http://|/.*$", "", person.ready["page_url"]), timeout=60)
    started = time.monotonic()
    for number in range(MANY):
        body = json.dumps(
            {
                "from": "+19195550100",
                "to": f"+1919555{number:04d}" if number % 97 else FAILING,
                "text": f"number {number}",
            }
        )
        connection.request("POST", "/control/messages", body, {"content-type": "application/json"})
        connection.getresponse().read()
    person.figures["seconds to send"] = round(time.monotonic() - started, 1)
    expect(page.locator(".list-top")).to_contain_text("10,000 messages", timeout=30_000)
    page.get_by_role("grid").evaluate(
        "async (rows) => { for (let i = 0; i < 40; i += 1) { rows.scrollTop = rows.scrollHeight; await new Promise((go) => setTimeout(go, 60)); } rows.scrollTop = 0; }"
    )
    page.wait_for_function("document.querySelector('.rows').getAttribute('aria-rowcount') >= 10000")
    frames = page.evaluate(FRAMES)
    person.figures["scroll frames, ms"] = {name: round(frames[name], 1) for name in ("median", "slow", "worst")}
    person.figures["rows in the document"] = frames["elements"]
    person.check(frames["top"] > 100_000, f"it scrolled only to {frames['top']}")
    person.check(frames["elements"] < 100, f"{frames['elements']} rows are in the document")
    person.check(frames["slow"] < MOST_FRAME_MILLISECONDS, f"frames take {frames}")
    # What comes in above does not move what one looks at.
    looked_at = "(() => { const b = document.querySelector('.rows').getBoundingClientRect(); return document.elementFromPoint(b.x + 500, b.y + 200).closest('.row').textContent; })()"
    before = page.evaluate(looked_at)
    for number in range(20):
        person.send(text=f"late {number}")
    expect(page.locator(".list-top")).to_contain_text("10,020 messages")
    page.wait_for_timeout(400)
    person.check(page.evaluate(looked_at) == before, "what one looks at moves away")
    person.picture("ten-thousand")
    person.control("PATCH", "/settings", {"rate": 1000})
    person.control("POST", "/reset")
    expect(page.get_by_role("heading", name="No messages yet")).to_be_visible()


def other_pages_get_nowhere(person: Person) -> None:
    """A page of somebody else, open in the same browser, tries what it can."""
    person.control("POST", "/reset")
    person.receiver.attack = """<!doctype html><title>attack</title><body><script>
const base = BASE;
const post = (path, body, type) => fetch(base + path, {method: "POST", mode: "no-cors", headers: {"content-type": type}, body}).catch(() => {});
const read = (path) => fetch(base + path).then((r) => r.text()).catch(() => "refused");
(async () => {
  await post("/control/messages", JSON.stringify({from: "+19195550100", to: "+19195550123", text: "attack"}), "text/plain");
  await post("/control/reset", "", "text/plain");
  await post("/control/credentials", "{}", "text/plain");
  const said = await Promise.all(["/control/accounts", "/control/events", "/page/scripts/main.js", "/"].map(read));
  const script = document.createElement("script");
  script.src = base + "/page/scripts/main.js";
  const loaded = await new Promise((go) => { script.onload = () => go("ran"); script.onerror = () => go("refused"); document.body.append(script); });
  const frame = document.createElement("iframe");
  frame.src = base + "/";
  document.body.append(frame);
  setTimeout(() => { document.title = JSON.stringify([...said, loaded, frame.contentDocument ? "same" : "apart"]); }, 600);
})();
</script>""".replace("BASE", json.dumps(person.ready["page_url"].rstrip("/")))
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
    picture = {"name": "lunch.png", "content": _base64(person.folder / "picture.png"), "content_type": "image/png"}
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
        text="Dear customer, your appointment at the workshop is confirmed for Monday. [Bay 4] costs 120 € including parts and labour. Please bring both keys.",
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


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


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
                person.picture(f"{name}-{theme}-{width}")
    person.figures |= {"texts judged": texts, "lowest contrast": round(lowest, 2)}
    person.control("DELETE", "/faults")
    person.open()


CHECKS: dict[str, Callable[[Person], None]] = {
    check.__name__: check
    for check in (
        empty_page_teaches, messages_move, searches_find, markup_stays_text, callbacks_fail_and_are_redone, phones_talk,
        queue_fills, clock_is_held_sped_and_pushed, faults_are_switched, numbers_are_bought_and_used,
        zones_and_prices_hold, tokens_are_made_and_revoked, records_are_downloaded, texts_are_counted_while_one_types,
        everything_goes_by_keyboard, other_pages_get_nowhere, a_restarted_page_goes_on, nothing_is_left_behind,
        look_at_every_view, ten_thousand_stay_smooth,
    )
}  # fmt: skip


def answer(person: Person, name: str) -> dict[str, Any]:
    person.problems.clear()
    person.figures.clear()
    started = time.monotonic()
    try:
        CHECKS[name](person)
    except Exception as error:  # whatever it is, the other checks are made
        person.problems.append(f"{type(error).__name__}: {error}"[:1500])
        person.picture(f"failed-{name}")
    person.figures["seconds"] = round(time.monotonic() - started, 1)
    return {"problems": list(person.problems), "figures": dict(person.figures)}


person: Person | None = None
for line in sys.stdin:
    question = json.loads(line)
    if person is None:
        os.environ.pop("http_proxy", None)
        person = Person(question["ready"], question["folder"])
        print(json.dumps({"checks": list(CHECKS)}), flush=True)
    else:
        print(json.dumps(answer(person, question["check"])), flush=True)
os._exit(0)
