// Callbacks with all their attempts: when, what was answered, how long it took, and when the next one is.

import { ask } from "../shared/api.js";
import { button, codes, stateChip } from "../shared/controls.js";
import { el } from "../shared/dom.js";
import { notice } from "../shared/notices.js";
import { duration, plural, timeOfDay } from "../shared/times.js";
import { providerTime } from "../shared/provider_time.js";

export function callbackList(callbacks, { done = null } = {}) {
  return el("ul", { class: "callbacks" }, callbacks.map((callback) => item(callback, done)));
}

function item(callback, done) {
  const types = [...new Set(callback.events.map((event) => event.type))].join(", ");
  const redo = button("Redo", async () => {
    await ask("POST", `/callbacks/${callback.id}/redo`);
    notice("The callback is posted once more; its schedule stays as it is.");
    done?.();
  }, { kind: "slim", drawing: "again", "aria-label": `Redo callback ${callback.id}, ${types}`, data: { name: `redo-${callback.id}` } });
  const codesOf = callback.events.map((event) => event.errorCode).filter(Boolean);
  return el("li", { class: "callback" },
    el("div", { class: "callback-head" },
      el("strong", {}, types), codesOf.length > 0 && el("span", { class: "mono small" }, codesOf.join(", ")),
      stateChip(callback.state), el("span", { class: "callback-more" }, callback.state === "nowhere" ? null : redo)),
    attempts(callback),
    el("details", { data: { name: `body-${callback.id}` } }, el("summary", {}, "Its body"), codes(JSON.stringify(callback.events, null, 2), `The body of callback ${callback.id}`)));
}

function attempts(callback) {
  if (callback.state === "nowhere") return el("p", { class: "small muted" }, "Its application has no callback URL: it was told to nobody.");
  const rows = callback.attempts.map((attempt, index) => el("tr", {},
    el("td", { class: "numeric" }, attempt.by_hand ? "by hand" : String(index + 1)),
    el("td", { class: "numeric mono" }, timeOfDay(attempt.at, { milliseconds: true })),
    el("td", {}, answer(attempt)),
    el("td", { class: "number" }, `${attempt.milliseconds} ms`)));
  return [
    rows.length > 0 && el("table", { class: "table attempts" },
      el("thead", {}, el("tr", {}, ["Attempt", "Time", "Answer"].map((name) => el("th", { scope: "col" }, name)), el("th", { scope: "col", class: "number" }, "Took"))),
      el("tbody", {}, rows)),
    el("p", { class: "small muted" }, nextWords(callback)),
  ];
}

function answer(attempt) {
  const isGood = attempt.status !== null && attempt.status >= 200 && attempt.status < 300;
  return el("span", { class: "chip", data: { tone: isGood ? "good" : "bad" } }, attempt.status === null ? "no answer" : String(attempt.status));
}

function nextWords(callback) {
  if (callback.state === "delivered") return plural(callback.attempts.length, "attempt");
  if (callback.state === "dropped") return "Given up.";
  if (callback.next_try === null) return callback.attempts.length ? "Being tried …" : "Not tried yet.";
  const left = providerTime.isKnown ? callback.next_try - providerTime.read().now : 0;
  return `Next attempt at ${timeOfDay(callback.next_try)}${left > 0 ? `, in ${duration(left)}` : ""}.`;
}
