// What is set up: numbers, locations, applications, tokens, rates and port-ins, each under an address of its own.

import { accountNow } from "../shared/account_now.js";
import { el, put } from "../shared/dom.js";
import { linkTo } from "../shared/route.js";
import { applications } from "./account/applications.js";
import { locations } from "./account/locations.js";
import { numbers } from "./account/numbers.js";
import { ports } from "./account/ports.js";
import { rates } from "./account/rates.js";
import { tokens } from "./account/tokens.js";

const PARTS = [
  ["numbers", "Numbers", numbers],
  ["locations", "Locations", locations],
  ["applications", "Applications", applications],
  ["tokens", "Tokens", tokens],
  ["rates", "Rates", rates],
  ["ports", "Port-ins", ports],
];

export function open(box, route) {
  let item;
  let isClosed = false;
  const title = el("span", { class: "muted mono" });
  const tabs = new Map(PARTS.map(([name, label]) => [name, el("a", { href: linkTo("account", name) }, label)]));
  const place = el("div", { class: "part" });
  put(box, el("div", { class: "view" },
    el("div", { class: "view-head" }, el("h1", {}, "Account"), title),
    el("nav", { class: "tabs", "aria-label": "Parts of the account" }, el("ul", {}, [...tabs.values()].map((tab) => el("li", {}, tab)))),
    place));

  async function show() {
    const name = tabs.has(item) ? item : "numbers";
    for (const [each, tab] of tabs) {
      if (each === name) {
        tab.setAttribute("aria-current", "page");
        tab.scrollIntoView({ block: "nearest", inline: "nearest" });
      }
      else tab.removeAttribute("aria-current");
    }
    const account = await accountNow().catch((error) => put(place, el("p", { class: "problem" }, error.message)) && null);
    if (account === null || isClosed || (tabs.has(item) ? item : "numbers") !== name) return;
    put(title, account.id);
    await PARTS.find(([each]) => each === name)[2](place, account, show);
  }

  function change(next) {
    if (next.item === item && item !== undefined) return;
    item = next.item;
    put(place);
    show();
  }

  change(route);
  return {
    change,
    close() {
      isClosed = true;
    },
  };
}
