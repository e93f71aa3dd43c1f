// A text as it would travel and be billed, while one types. It is the simulator that answers, with the kernel that bills.

import { ask } from "../shared/api.js";
import { button, field, select } from "../shared/controls.js";
import { el, put, say } from "../shared/dom.js";
import { goTo } from "../shared/route.js";
import { count, plural } from "../shared/times.js";
import { drawSegments } from "./segments.js";

const TYPING_MILLISECONDS = 60;
const MOST = 2048;
const SENDERS = [["long code", "a long code"], ["toll-free", "a toll-free number"], ["short code", "a short code"], ["alphanumeric", "a name"]];
const ZONES = [["1", "1"], ["2", "2"], ["3", "3"], ["4", "4"], ["5", "5"], ["", "none"]];
const SAMPLES = [
  ["A plain text", "Your code is 481 516. It is valid for ten minutes."],
  ["Curly quotes", "Don’t miss it: “Summer sale” – 20 % off everything until Sunday… Show this message at the counter and bring a friend. See you soon!"],
  ["Emoji", "Happy birthday! 🎂👨‍👩‍👧‍👦"],
  ["Costly signs", "[Bay 4] {120 €}"],
];

export function open(box, route) {
  let asking = null;
  let timer = null;
  const text = el("textarea", { class: "input calculator-text", rows: "5", maxlength: String(MOST), placeholder: "Type or paste a text …", dir: "auto", value: route.query.get("text") ?? "" });
  const tiles = { alphabet: tile("Alphabet"), segments: tile("Segments"), units: tile("Units"), left: tile("Left in the last"), cost: tile("Cost of one") };
  const sender = select(SENDERS);
  const zone = select(ZONES, { value: "1" });
  const problem = el("p", { class: "problem", role: "alert" });
  const savings = el("div", { class: "savings" });
  const drawn = el("div", {});
  const samples = el("div", { class: "buttons", role: "group", "aria-label": "Examples" }, SAMPLES.map(([label, sample]) => button(label, () => set(sample), { kind: "slim" })));
  put(box, el("div", { class: "view" },
    el("div", { class: "view-head" }, el("h1", {}, "Calculator"), el("p", {}, "How a text is cut and billed: the fewest segments there can be, as the provider counts.")),
    el("section", { class: "card" }, field("Text", text), samples, el("div", { class: "form-row" }, field("Sent from", sender), field("To zone", zone)), problem),
    el("div", { class: "tiles small-tiles", "aria-live": "polite" }, Object.values(tiles).map((one) => one.element)),
    savings,
    el("section", { class: "card" }, el("h2", {}, "Drawn"), drawn)));

  function set(value) {
    text.value = value;
    changed();
    text.focus();
  }

  function changed() {
    clearTimeout(timer);
    timer = setTimeout(look, TYPING_MILLISECONDS);
  }

  async function look() {
    asking?.abort();
    asking = new AbortController();
    try {
      const wanted = { text: text.value, sender: sender.value, zone: zone.value === "" ? null : Number(zone.value) };
      const found = await ask("POST", "/texts", wanted, { signal: asking.signal });
      say(problem, "");
      show(found);
    } catch (error) {
      if (error.name !== "AbortError") say(problem, error.message);
    }
  }

  function show({ drawing, price, amount, currency, saving_amounts: amounts }) {
    const unit = drawing.alphabet === "GSM-7" ? "septet" : "code unit";
    tiles.alphabet.show(drawing.alphabet, drawing.alphabet === "GSM-7" ? "7 bits a unit" : "16 bits a unit", drawing.alphabet === "GSM-7" ? "good" : "wait");
    tiles.segments.show(count(drawing.segment_count), plural(drawing.characters, "character"));
    tiles.units.show(count(drawing.unit_count), `${unit}s`);
    tiles.left.show(count(drawing.units_left), `${unit}s`);
    if (price === null) tiles.cost.show("–", "no price in the rate card");
    else tiles.cost.show(amount, `${currency ?? ""} at ${price} a segment`);
    put(drawn, text.value ? drawSegments(drawing) : el("p", { class: "muted" }, "Every unit is drawn here as a cell, with its value in hex. What is outside GSM-7 is marked: one such character makes the whole text UCS-2."));
    put(savings, drawing.savings.map((saving, index) => savingCard(saving, drawing, amounts[index], currency)));
  }

  function savingCard(saving, drawing, amount, currency) {
    const fewer = drawing.segment_count - saving.segment_count;
    const gain = fewer > 0 ? `saves ${plural(fewer, "segment")} of ${drawing.segment_count}` : "saves no segment yet, and leaves more room";
    return el("section", { class: "card saving" },
      el("div", { class: "card-head" },
        el("div", {}, el("h2", {}, saving.unaccented ? "Without accents, too" : "With look-alikes"), el("p", { class: "small" }, `${plural(saving.changes, "replacement")} ${saving.changes === 1 ? "brings" : "bring"} it into ${saving.alphabet}: `, el("strong", {}, gain), amount !== null && `, ${amount} ${currency ?? ""} instead`, saving.unaccented && ". Another spelling: the author’s to choose")),
        button("Use it", () => set(saving.text), { kind: "slim" })),
      el("p", { class: "text-said", dir: "auto" }, saving.text));
  }

  text.addEventListener("input", changed);
  for (const choice of [sender, zone]) choice.addEventListener("change", changed);
  text.addEventListener("change", () => {
    if (location.hash.startsWith("#/calculator")) goTo("calculator", null, { text: text.value }, { replace: true });
  });
  look();
  text.focus({ preventScroll: true });
  return {
    change(next) {
      const wanted = next.query.get("text") ?? "";
      if (wanted !== text.value) set(wanted);
    },
    close() {
      clearTimeout(timer);
      asking?.abort();
    },
  };
}

function tile(name) {
  const value = el("p", { class: "tile-value numeric" }, "–");
  const words = el("p", { class: "small muted" });
  const element = el("section", { class: "card tile" }, el("h2", {}, name), value, words);
  return {
    element,
    show(text, more, tone = "") {
      say(value, text);
      say(words, more);
      element.dataset.tone = tone;
    },
  };
}
