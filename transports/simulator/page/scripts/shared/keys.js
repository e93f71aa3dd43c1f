// Keys: / to search, ? for help, g and a letter to go somewhere. They can be switched off, and never act while one types.

import { iconButton, check } from "./controls.js";
import { dialog } from "./dialog.js";
import { el } from "./dom.js";
import { goTo } from "./route.js";

const WAIT_MILLISECONDS = 1500;

export function buildKeys(views) {
  let isGoing = 0;
  document.addEventListener("keydown", (event) => {
    if (!areOn() || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const view = views.find((item) => item.key === event.key);
    if (isGoing > performance.now() && view) goTo(view.name);
    else if (event.key === "/") document.querySelector("[data-search]")?.focus();
    else if (event.key === "?") help(views);
    else if (event.key === "g") {
      isGoing = performance.now() + WAIT_MILLISECONDS;
      return;
    } else return;
    isGoing = 0;
    event.preventDefault();
  });
  return { button: iconButton("Keys", "keys", () => help(views)) };
}

function isTyping(target) {
  return target.closest?.("input, textarea, select, [contenteditable]");
}

function areOn() {
  try {
    return localStorage.getItem("keys") !== "off";
  } catch {
    return true;
  }
}

function help(views) {
  const { box, row } = check("Use these keys", {});
  box.checked = areOn();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem("keys", box.checked ? "on" : "off");
    } catch {
      box.checked = true; // nothing can be remembered here
    }
  });
  const lines = [["/", "search"], ["?", "this list"], ["↑ ↓", "from row to row of a list"], ["Enter", "open a row"], ["Esc", "close what is open"]];
  for (const view of views) lines.push([`g ${view.key}`, view.label]);
  dialog("Keys", [
    el("table", { class: "table" }, el("tbody", {}, lines.map(([key, what]) => el("tr", {}, el("td", {}, el("kbd", {}, key)), el("td", {}, what))))),
    row,
  ]);
}
