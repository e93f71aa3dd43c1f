// Numbers: buy them by area code, move them to another location, give them back.

import { ask } from "../../shared/api.js";
import { button, field, form, input, run, select } from "../../shared/controls.js";
import { confirm } from "../../shared/dialog.js";
import { el, put } from "../../shared/dom.js";
import { notice } from "../../shared/notices.js";
import { plural } from "../../shared/times.js";

const CLASSES = {
  "p2p-long-code": "Long code, P2P", "a2p-long-code": "Long code, A2P", "toll-free": "Toll-free", "short-code": "Short code", alphanumeric: "Name",
};

export async function numbers(place, account, again) {
  const offers = await ask("GET", "/numbers-for-sale");
  const places = account.locations.map((location) => [location.id, location.name || location.id]);
  put(place,
    el("section", { class: "card" }, el("h2", {}, "In service"), table(account, places, again)),
    buying(offers, places, again));
}

function table(account, places, again) {
  if (!account.numbers.length) return el("p", { class: "muted" }, "None yet: buy one below, or port one in.");
  return el("div", { class: "table-box" }, el("table", { class: "table" },
    el("thead", {}, el("tr", {}, ["Number", "Class", "Own rate", "Location"].map((name) => el("th", { scope: "col" }, name)), el("th", { scope: "col" }, el("span", { class: "unseen" }, "Actions")))),
    el("tbody", {}, account.numbers.map((number) => row(number, places, again)))));
}

function row(number, places, again) {
  const place = select(places, { value: number.location_id, "aria-label": `Location of ${number.number}`, class: "input cell-input" });
  place.addEventListener("change", () => run(place, async () => {
    try {
      await ask("PATCH", `/numbers/${encodeURIComponent(number.number)}`, { location_id: place.value });
      notice(`${number.number} was moved to ${place.selectedOptions[0].textContent}.`);
    } finally {
      await again();
    }
  }));
  const leave = button("Disconnect", async () => {
    if (!(await confirm(`Disconnect ${number.number}?`, "Messages from it fail from now on, and it is for sale again.", "Disconnect"))) return;
    await (isPhoneNumber(number.number) ? ask("POST", "/disconnects", { numbers: [number.number] }) : ask("DELETE", `/numbers/${encodeURIComponent(number.number)}`));
    notice(`${number.number} was disconnected.`);
    await again();
  }, { kind: "slim danger", "aria-label": `Disconnect ${number.number}` });
  return el("tr", {},
    el("td", { class: "mono nowrap" }, number.number),
    el("td", { class: "nowrap" }, CLASSES[number.number_class] ?? number.number_class, !number.enabled && el("span", { class: "chip", data: { tone: "bad" } }, "off")),
    el("td", { class: "numeric", data: { label: "Own rate" } }, number.rate === null ? (number.number_class === "p2p-long-code" ? "1 a second" : "none") : `${number.rate} a second`),
    el("td", {}, place),
    el("td", { class: "end" }, leave));
}

function isPhoneNumber(number) {
  return number.startsWith("+1") && number.length === 12;
}

function buying(offers, places, again) {
  const codes = [...new Set(offers.map((offer) => offer.number.slice(2, 5)))].sort();
  const area = select([["", "Any"], ...codes.map((code) => [code, `${code}, ${where(offers, code)}`])]);
  const quantity = input({ type: "number", min: "1", max: "100", value: "1" });
  const target = select(places);
  const list = el("ul", { class: "offers" });
  const shown = () => {
    const found = offers.filter((offer) => !area.value || offer.number.startsWith(`+1${area.value}`));
    put(list, found.length ? found.map(offerRow) : el("li", { class: "muted" }, "Nothing is for sale there."));
  };
  const offerRow = (offer) => el("li", {}, el("span", { class: "mono" }, offer.number), el("span", { class: "small muted" }, [offer.city, offer.state].filter(Boolean).join(", ") || "toll-free"),
    button("Buy", () => order({ numbers: [offer.number] }), { kind: "slim", "aria-label": `Buy ${offer.number}` }));
  async function order(wanted) {
    const done = await ask("POST", "/orders", { ...wanted, location_id: target.value ?? "" });
    notice(`Bought: ${done.numbers.join(", ")}.`);
    await again();
  }
  area.addEventListener("change", shown);
  shown();
  return el("section", { class: "card" },
    el("div", { class: "card-head" }, el("h2", {}, "Buy"), el("span", { class: "muted small" }, `${plural(offers.length, "number")} for sale`)),
    form([el("div", { class: "form-row" }, field("Area code", area), field("How many", quantity), field("For the location", target))], "Buy so many",
      () => order({ ...(area.value ? { area_code: area.value } : { numbers: offers.slice(0, Number(quantity.value)).map((offer) => offer.number) }), quantity: Number(quantity.value) }), { kind: "" }),
    list);
}

function where(offers, code) {
  const offer = offers.find((one) => one.number.slice(2, 5) === code);
  return offer.city ? `${offer.city} ${offer.state}` : "toll-free";
}
