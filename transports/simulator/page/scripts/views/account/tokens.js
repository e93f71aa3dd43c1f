// Tokens: pairs that open the API. A secret is shown once, when it is made; only a hash of it is kept.

import { ask } from "../../shared/api.js";
import { button, codes, field, form, input } from "../../shared/controls.js";
import { confirm } from "../../shared/dialog.js";
import { el, put } from "../../shared/dom.js";
import { notice } from "../../shared/notices.js";
import { moment } from "../../shared/times.js";

export async function tokens(place, account, again) {
  const pairs = await ask("GET", "/credentials");
  const user = input({ placeholder: "made up, if it is left empty" });
  put(place,
    el("section", { class: "card" }, el("h2", {}, "Who may use the API"), table(pairs, again)),
    el("section", { class: "card" }, el("h2", {}, "Another token"),
      form([field("User, or token", user)], "Make it", async () => {
        const made = await ask("POST", "/credentials", user.value.trim() ? { user: user.value.trim() } : {});
        await again();
        showSecret(place, made);
      }, { kind: "" })));
}

// The list is drawn anew around it, so the secret stands above all until somebody leaves.
function showSecret(place, made) {
  const box = el("section", { class: "card secret", tabindex: "-1" },
    el("h2", {}, "Its secret is shown only now"),
    el("p", { class: "muted" }, "Only a hash of it is kept. Copy it before you leave this place."),
    codes(`${made.user}:${made.password}`, "The new token"));
  place.prepend(box);
  box.focus();
}

function table(pairs, again) {
  if (!pairs.length) return el("p", { class: "muted" }, "Nobody: every request is answered with 401.");
  return el("div", { class: "table-box" }, el("table", { class: "table" },
    el("thead", {}, el("tr", {}, ["User, or token", "Secret", "Made"].map((name) => el("th", { scope: "col" }, name)), el("th", { scope: "col" }, el("span", { class: "unseen" }, "Actions")))),
    el("tbody", {}, pairs.map((pair) => el("tr", {},
      el("td", { class: "mono break" }, pair.user),
      el("td", { class: "muted", data: { label: "Secret" } }, "not kept"),
      el("td", { class: "numeric nowrap" }, pair.created === null ? "at the start" : moment(pair.created)),
      el("td", { class: "end" }, button("Revoke", async () => {
        if (!(await confirm(`Revoke ${pair.user}?`, "Whoever uses it gets 401 from now on.", "Revoke"))) return;
        await ask("DELETE", `/credentials/${encodeURIComponent(pair.user)}`);
        notice(`${pair.user} was revoked.`);
        await again();
      }, { kind: "slim danger", "aria-label": `Revoke ${pair.user}` })))))));
}
