// Faults on order: what the next requests of the API meet with.

import { ask } from "../shared/api.js";
import { button, check, field, form, input, select } from "../shared/controls.js";
import { el, put } from "../shared/dom.js";
import { listen } from "../shared/live.js";
import { notice } from "../shared/notices.js";
import { plural } from "../shared/times.js";

const KINDS = [
  ["answer", "Answer with a status", "Nothing is done, and a status is answered."],
  ["slow", "Be slow", "All goes well, some seconds late."],
  ["drop-before", "Drop before reading", "The connection breaks before the request is read: nothing is done."],
  ["drop-after", "Drop after reading", "The request is read and thrown away: nothing is done, and the client cannot know."],
  ["lose-answer", "Lose the answer", "The request is done, and its answer is lost: the hardest of all."],
  ["refuse-access", "Refuse access", "Good credentials are refused with 401."],
];
const READY = [
  ["503, three times", { what: "answer", status: 503, count: 3 }],
  ["429, five times", { what: "answer", status: 429, count: 5 }],
  ["500, once", { what: "answer", status: 500, count: 1 }],
  ["Five seconds late, ten times", { what: "slow", seconds: 5, count: 10 }],
  ["Lose the next answer", { what: "lose-answer", count: 1 }],
  ["One in twenty fails, for ever", { what: "answer", status: 503, share: 0.05, count: null }],
];

export function open(box) {
  let rules = [];
  let shown = null;
  const list = el("div", {});
  const off = button("Switch all off", async () => {
    await ask("DELETE", "/faults");
    show([]);
  }, { kind: "danger" });
  const what = select(KINDS.map(([name, label]) => [name, label]));
  const means = el("p", { class: "hint" });
  const status = input({ type: "number", min: "200", max: "599", value: "503" });
  const seconds = input({ type: "number", min: "0", step: "0.1", value: "5" });
  const counted = input({ type: "number", min: "1", value: "1" });
  const forever = check("For ever");
  const share = input({ type: "number", min: "0.01", max: "1", step: "0.01", value: "1" });
  const method = select([["", "any"], ["POST", "POST"], ["GET", "GET"], ["PUT", "PUT"], ["DELETE", "DELETE"]]);
  const path = select([["", "everything"], ["messages", "messages"], ["media", "media"]]);
  const statusField = field("Status", status);
  const secondsField = field("Seconds", seconds);

  const fit = () => {
    statusField.hidden = what.value !== "answer";
    secondsField.hidden = what.value !== "slow";
    counted.disabled = forever.box.checked;
    means.textContent = KINDS.find(([name]) => name === what.value)[2];
  };
  what.addEventListener("change", fit);
  forever.box.addEventListener("change", fit);
  fit();

  async function add(fault) {
    show(await ask("POST", "/faults", fault));
    notice("Switched on.");
  }

  const own = form([
    el("div", { class: "field" }, field("What happens", what), means),
    el("div", { class: "form-row" }, statusField, secondsField, el("div", { class: "field" }, field("How often", counted), forever.row), field("Chance", share), field("Method", method), field("Path", path)),
  ], "Switch on", () => add({
    what: what.value,
    count: forever.box.checked ? null : Number(counted.value),
    share: Number(share.value),
    method: method.value || null,
    path: path.value,
    ...(what.value === "answer" ? { status: Number(status.value) } : {}),
    ...(what.value === "slow" ? { seconds: Number(seconds.value) } : {}),
  }));

  put(box, el("div", { class: "view" },
    el("div", { class: "view-head" }, el("h1", {}, "Faults"), el("p", {}, "What the next requests to the V2 API meet with. The first rule that fits a request is used, and counted down.")),
    el("section", { class: "card" }, el("div", { class: "card-head" }, el("h2", {}, "Switched on"), off), list),
    el("div", { class: "two" },
      el("section", { class: "card" }, el("h2", {}, "Ready-made"), el("div", { class: "buttons" }, READY.map(([label, fault]) => button(label, () => add(fault))))),
      el("section", { class: "card" }, el("h2", {}, "Of your own"), own))));

  function show(found) {
    const key = JSON.stringify(found);
    if (key === shown) return;
    shown = key;
    rules = found;
    off.hidden = !rules.length;
    put(list, rules.length
      ? el("div", { class: "table-box" }, el("table", { class: "table" },
        el("thead", {}, el("tr", {}, ["What", "To whom", "How often", ""].map((name) => el("th", { scope: "col" }, name || el("span", { class: "unseen" }, "Remove"))))),
        el("tbody", {}, rules.map((rule, index) => el("tr", {},
          el("td", {}, words(rule)),
          el("td", {}, `${rule.method ?? "any request"}${rule.path ? ` to ${rule.path}` : ""}`),
          el("td", {}, el("span", { class: "chip numeric", data: { tone: "bad" } }, rule.count === null ? "for ever" : `${plural(rule.count, "time")} more`), rule.share < 1 && ` chance ${rule.share}`),
          el("td", { class: "end" }, button("Remove", async () => show(await ask("PUT", "/faults", rules.filter((_, other) => other !== index))), { kind: "slim", "aria-label": `Remove: ${words(rule)}` })))))))
      : el("p", { class: "muted" }, "None: everything goes well."));
  }

  const stop = listen("state", (state) => show(state.faults));
  ask("GET", "/faults").then(show).catch(() => show([]));
  return { close: stop };
}

function words(rule) {
  const label = KINDS.find(([name]) => name === rule.what)?.[1] ?? rule.what;
  if (rule.what === "answer") return `Answer ${rule.status}`;
  return rule.seconds ? `${label}: ${rule.seconds} s` : label;
}
