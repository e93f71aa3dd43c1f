"""Messages, callbacks, conversations and queues, as somebody watches and uses them."""

import re
import subprocess
import sys
import urllib.error

from tests.peers.drivers.page.person import FAILING, PHONE, Person, expect

MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script><b>bold</b>"


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
