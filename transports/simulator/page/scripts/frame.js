// What stands around every view: the list of views, the clock, whether the page is live, light or dark, the banner.

import { askServer, chosenAccount } from "./shared/api.js";
import { iconButton, select } from "./shared/controls.js";
import { el, put, say } from "./shared/dom.js";
import { icon } from "./shared/icons.js";
import { buildKeys } from "./shared/keys.js";
import { listen } from "./shared/live.js";
import { providerTime } from "./shared/provider_time.js";
import { goTo, linkTo } from "./shared/route.js";
import { day, plural, timeOfDay } from "./shared/times.js";

export function buildFrame(views) {
  const list = document.getElementById("views");
  const links = new Map();
  for (const view of views) {
    const count = el("span", { class: "count" });
    const link = el("a", { href: linkTo(view.name) }, icon(view.icon), el("span", {}, view.label), count);
    links.set(view.name, { link, count });
    list.append(el("li", {}, link));
  }
  const keys = buildKeys(views);
  const accounts = el("span", {});
  document.getElementById("tools").append(accounts, clock(), liveSign(), keys.button, themeButton());
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault(); // the hash says where one is
    document.getElementById("main").focus();
  });
  listen("state", (state) => {
    say(links.get("queue").count, state.sms.queued + state.mms.queued ? String(state.sms.queued + state.mms.queued) : "");
    showFaults(state.faults);
  });
  let knownAccount;
  return {
    show(view, route) {
      for (const [name, { link }] of links) {
        link.href = linkTo(name);
        if (name === view.name) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }
      links.get(view.name).link.scrollIntoView({ block: "nearest", inline: "nearest" });
      if (knownAccount !== chosenAccount()) {
        knownAccount = chosenAccount();
        showAccounts(accounts, route);
      }
    },
  };
}

async function showAccounts(place) {
  const found = await askServer("GET", "/accounts").catch(() => []);
  if (found.length < 2) {
    put(place);
    return;
  }
  const choice = select(found.map((account) => [account.id, `Account ${account.id}`]), {
    "aria-label": "Account",
    value: chosenAccount() ?? found[0].id,
  });
  choice.addEventListener("change", () => goTo("messages", null, { account: choice.value === found[0].id ? "" : choice.value }));
  put(place, choice);
}

function clock() {
  const time = el("span", { class: "numeric mono" }, "--:--:--");
  const pace = el("span", { class: "pace" });
  const link = el("a", { class: "top-clock", href: linkTo("clock"), "aria-label": "The provider's time: go to the clock" }, time, pace);
  providerTime.watch(({ now, speed, paused }) => {
    link.href = linkTo("clock");
    link.dataset.paused = String(paused);
    link.title = `The provider's time: ${day(now)} ${timeOfDay(now)} UTC`;
    say(time, timeOfDay(now));
    say(pace, paused ? "held" : speed === 1 ? "UTC" : `UTC ×${speed}`);
  });
  return link;
}

function liveSign() {
  const words = el("span", {}, "connecting");
  const sign = el("span", { class: "live", role: "status" }, words);
  listen("connection", (state) => {
    sign.dataset.state = state;
    sign.title = state === "on" ? "What happens is shown as it happens" : "The simulator does not answer";
    say(words, state === "on" ? "live" : "not connected");
  });
  return sign;
}

function themeButton() {
  const made = iconButton("", "moon", () => {
    document.dispatchEvent(new CustomEvent("choose-theme", { detail: isDark() ? "light" : "dark" }));
  });
  const isDark = () => document.documentElement.dataset.theme === "dark";
  const show = () => {
    const label = isDark() ? "Use light colours" : "Use dark colours";
    put(made, icon(isDark() ? "sun" : "moon"));
    made.setAttribute("aria-label", label);
    made.title = label;
  };
  document.addEventListener("theme", show);
  show();
  return made;
}

function showFaults(faults) {
  const banner = document.getElementById("banner");
  if (!faults.length) {
    banner.hidden = true;
    return;
  }
  const key = JSON.stringify(faults);
  if (!banner.hidden && banner.dataset.key === key) return;
  banner.dataset.key = key;
  banner.hidden = false;
  const left = faults.some((fault) => fault.count === null) ? "until switched off" : `${plural(faults.reduce((sum, fault) => sum + fault.count, 0), "request")} to go`;
  put(banner, icon("faults"), el("span", {}, `${plural(faults.length, "fault")} switched on, ${left}.`), el("a", { href: linkTo("faults") }, "Look at them"));
}
