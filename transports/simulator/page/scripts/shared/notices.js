// Short words about what was done, and what went wrong; they go by themselves, unless somebody is looking at them.

import { el } from "./dom.js";
import { icon } from "./icons.js";

const SECONDS = 7;

export function notice(text, kind = "done") {
  const close = el("button", { type: "button", class: "button quiet slim", "aria-label": "Dismiss" }, icon("close"));
  const made = el("div", { class: "notice", data: { kind } }, el("p", {}, text), close);
  let timer = null;
  const leave = () => {
    timer = setTimeout(() => made.remove(), SECONDS * 1000);
  };
  made.addEventListener("pointerenter", () => clearTimeout(timer));
  made.addEventListener("pointerleave", leave);
  made.addEventListener("focusin", () => clearTimeout(timer));
  close.addEventListener("click", () => made.remove());
  const all = document.getElementById("notices");
  while (all.childElementCount > 3) all.firstElementChild.remove();
  all.append(made);
  leave();
}

export function problem(error) {
  if (error.name === "AbortError") return;
  notice(error.message, "problem");
}
