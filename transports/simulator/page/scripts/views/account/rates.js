// Rates: how fast the account may send, which country lies in which zone, and what a segment costs.

import { ask } from "../../shared/api.js";
import { button, field, form, input, select } from "../../shared/controls.js";
import { el, put } from "../../shared/dom.js";
import { notice } from "../../shared/notices.js";
import { count, plural } from "../../shared/times.js";

const KINDS = [["sms", "SMS"], ["mms", "MMS"]];
const SENDERS = [["long code", "Long code"], ["toll-free", "Toll-free"], ["short code", "Short code"], ["alphanumeric", "Name"]];
const ZONES = [["1", "1"], ["2", "2"], ["3", "3"], ["4", "4"], ["5", "5"], ["", "unassigned"]];

export async function rates(place, account, again) {
  const [card, cost] = await Promise.all([ask("GET", "/rate-card"), ask("GET", "/cost")]);
  put(place, el("div", { class: "two" }, speed(account.settings, again), spent(cost)), prices(card, again), zones(account.settings, again));
}

function speed(settings, again) {
  const rate = input({ type: "number", min: "0.01", step: "any", value: String(settings.rate) });
  const depth = input({ type: "number", min: "1", max: "14400", value: String(settings.queue_seconds) });
  return el("section", { class: "card" }, el("h2", {}, "Rate and queue"),
    form([el("div", { class: "form-row" }, field("Segments a second", rate), field("Queue, seconds", depth))], "Save", async () => {
      await ask("PATCH", "/settings", { rate: Number(rate.value), queue_seconds: Number(depth.value) });
      notice("It holds from now on.");
      await again();
    }),
    el("p", { class: "hint" }, `So ${count(Math.floor(settings.rate * settings.queue_seconds))} segments can wait, of each kind.`));
}

function spent(cost) {
  return el("section", { class: "card tile" }, el("h2", {}, "Cost so far"),
    el("p", { class: "tile-value numeric" }, `${cost.amount} ${cost.currency ?? ""}`),
    el("dl", { class: "pairs" },
      el("dt", {}, "Billed"), el("dd", { class: "numeric" }, plural(cost.billed_segments, "segment")),
      el("dt", {}, "Not billed"), el("dd", { class: "numeric" }, plural(cost.free_segments, "segment")),
      el("dt", {}, "Without a price"), el("dd", { class: "numeric" }, plural(cost.unpriced_segments, "segment"))));
}

function prices(card, again) {
  const kind = select(KINDS);
  const sender = select(SENDERS);
  const zone = select(ZONES);
  const price = input({ inputmode: "decimal", placeholder: "0.0075" });
  const currency = input({ value: card.currency ?? "USD", maxlength: "3" });
  const save = async (list) => {
    await ask("PUT", "/rate-card", { currency: currency.value.trim() || null, prices: list });
    await again();
  };
  const rows = card.prices.map((one, index) => el("tr", {},
    el("td", {}, one.kind), el("td", {}, one.sender), el("td", {}, one.zone === null ? "unassigned" : `zone ${one.zone}`),
    el("td", { class: "number" }, `${one.price} ${card.currency ?? ""}`),
    el("td", { class: "end" }, button("Remove", () => save(card.prices.filter((_, other) => other !== index)), { kind: "slim", "aria-label": `Remove the price of ${one.kind} from ${one.sender}` }))));
  return el("section", { class: "card" }, el("h2", {}, "Rate card"),
    rows.length
      ? el("div", { class: "table-box" }, el("table", { class: "table" }, el("thead", {}, el("tr", {}, ["Kind", "Sender", "To"].map((name) => el("th", { scope: "col" }, name)), el("th", { scope: "col", class: "number" }, "A segment"), el("th", { scope: "col" }, el("span", { class: "unseen" }, "Actions")))), el("tbody", {}, rows)))
      : el("p", { class: "muted" }, "No prices yet: what is used is counted, and costs nothing."),
    form([el("div", { class: "form-row" }, field("Kind", kind), field("Sender", sender), field("Zone", zone), field("Price of a segment", price), field("Currency", currency))], "Add the price", async () => {
      const added = { kind: kind.value, sender: sender.value, zone: zone.value === "" ? null : Number(zone.value), price: price.value.trim() };
      const others = card.prices.filter((one) => one.kind !== added.kind || one.sender !== added.sender || one.zone !== added.zone);
      await save([...others, added]);
      notice("The price holds, for all that was ever used.");
    }, { kind: "" }));
}

function zones(settings, again) {
  const map = Object.entries(settings.zone_map ?? {});
  const text = el("textarea", { class: "input mono", rows: "4", value: map.filter(([, zone]) => zone).map(([digits, zone]) => `${digits}=${zone}`).join(" ") });
  return el("section", { class: "card" }, el("h2", {}, "Zones"),
    el("p", { class: "muted" }, "The provider has five zones, and does not publish which country lies in which. A number is looked up by its first digits, the longest beginning counts, and what is not named is unassigned: 4432."),
    form([field("First digits and their zone", text, "Such as 1=1 44=2 5255=3. Area codes of the Caribbean stay unassigned.")], "Save", async () => {
      const wanted = Object.fromEntries(map.filter(([, zone]) => !zone));
      for (const pair of text.value.split(/[\s,]+/).filter(Boolean)) {
        const [digits, zone] = pair.split("=");
        if (!/^[0-9]+$/.test(digits) || !/^[1-5]$/.test(zone ?? "")) throw new Error(`Expected digits=zone with a zone from 1 to 5, got ${pair}.`);
        wanted[digits] = Number(zone);
      }
      await ask("PATCH", "/settings", { zone_map: wanted });
      notice("The zones hold from now on.");
      await again();
    }, { kind: "" }));
}
