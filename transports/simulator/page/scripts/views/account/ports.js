// Port-ins: numbers that are with another carrier, and how far the paperwork is.

import { ask } from "../../shared/api.js";
import { check, field, form, input, run, select } from "../../shared/controls.js";
import { el, put } from "../../shared/dom.js";
import { notice } from "../../shared/notices.js";
import { moment } from "../../shared/times.js";

const STATES = [["PENDING_DOCUMENTS", "waits for documents"], ["SUBMITTED", "submitted"], ["FOC", "date confirmed (FOC)"], ["COMPLETE", "complete"], ["EXCEPTION", "refused"], ["CANCELLED", "cancelled"]];
const TONES = { COMPLETE: "good", EXCEPTION: "bad", CANCELLED: "", FOC: "way", SUBMITTED: "wait", PENDING_DOCUMENTS: "wait" };

export async function ports(place, account, again) {
  const found = await ask("GET", "/ports");
  put(place,
    el("section", { class: "card" }, el("h2", {}, "Port-ins"), found.length ? el("ul", { class: "callbacks" }, found.toReversed().map((port) => item(port, again))) : el("p", { class: "muted" }, "None yet. A port-in goes from state to state by itself as time passes: advance the clock to see it.")),
    making(account, again));
}

function item(port, again) {
  const words = Object.fromEntries(STATES);
  const state = select(STATES, { value: port.state, "aria-label": `State of port-in ${port.id}`, class: "input cell-input" });
  state.addEventListener("change", () => run(state, async () => {
    try {
      await ask("PATCH", `/ports/${encodeURIComponent(port.id)}`, { state: state.value });
      notice(`The port-in is now: ${words[state.value]}.`);
    } finally {
      await again();
    }
  }));
  return el("li", { class: "callback" },
    el("div", { class: "callback-head" }, el("strong", { class: "mono break" }, port.numbers.join(", ")), el("span", { class: "chip", data: { tone: TONES[port.state] } }, words[port.state]), el("span", { class: "callback-more" }, state)),
    el("p", { class: "small muted" }, `Asked for at ${moment(port.created)}`, port.due !== null && `; goes on at ${moment(port.due)}`));
}

function making(account, again) {
  const numbers = input({ placeholder: "+19195551200, +19195551201" });
  const place = select(account.locations.map((location) => [location.id, location.name || location.id]));
  const { box, row } = check("With a letter of authority", { checked: true });
  return el("section", { class: "card" }, el("h2", {}, "Port numbers in"),
    form([el("div", { class: "form-row" }, field("Numbers", numbers, "With commas between"), field("For the location", place)), row], "Ask for them", async () => {
      await ask("POST", "/ports", { numbers: numbers.value.split(/[\s,]+/).filter(Boolean), location_id: place.value, has_documents: box.checked });
      notice("The port-in is under way.");
      await again();
    }, { kind: "" }));
}
