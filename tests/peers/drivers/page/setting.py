"""Clock, faults, account, reports and calculator, as somebody uses them."""

import re

from tests.peers.drivers.page.person import FAILING, Person, expect, post


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
    person.page.get_by_role("button", name="×60", exact=True).click()
    expect(person.page.get_by_role("button", name="×60", exact=True)).to_have_attribute("aria-pressed", "true")
    person.check(person.control("GET", "/clock")["speed"] == 60, "the clock does not go faster")
    page.get_by_role("button", name="×1", exact=True).click()
    expect(person.button(re.compile("^×1$"))).to_have_attribute("aria-pressed", "true")


def faults_are_switched(person: Person) -> None:
    page = person.page
    person.go("faults")
    person.button("503, three times").click()
    expect(page.locator("#banner")).to_contain_text("1 fault switched on, 3 requests to go")
    person.picture("faults-banner")
    person.check(post(person) == 503, "the fault has no effect")
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
    person.check(post(person) == 202, "a fault is left")


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
    person.check(post(person, **{"from": number}) == 202, "the new number cannot send")
    person.go("account/locations")
    page.get_by_label("Id", exact=True).fill("west")
    page.get_by_label("Name", exact=True).fill("West")
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
    person.check(post(person, user, password) == 202, "the new token opens nothing")
    page.reload()
    expect(page.get_by_role("cell", name="visitor", exact=True)).to_be_visible()
    person.check(password not in page.content(), "the secret is shown again")
    page.get_by_role("button", name="Revoke visitor").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    person.notice("visitor was revoked")
    person.check(post(person, user, password) == 401, "a token that was revoked still opens")


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
