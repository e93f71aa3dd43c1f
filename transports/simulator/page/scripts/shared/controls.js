// Buttons, fields and chips, each with the name that a screen reader says.

import { el, freshId } from "./dom.js";
import { icon } from "./icons.js";
import { notice, problem } from "./notices.js";

export function button(label, onclick, { kind = "", drawing = null, ...attributes } = {}) {
  const made = el("button", { type: "button", class: `button ${kind}`.trim(), ...attributes }, drawing && icon(drawing), label);
  if (onclick) made.addEventListener("click", () => run(made, onclick));
  return made;
}

export function iconButton(label, drawing, onclick, attributes = {}) {
  const made = button("", onclick, { kind: "quiet square", drawing, "aria-label": label, title: label, ...attributes });
  return made;
}

// Does something once at a time, and says what goes wrong with it.
export async function run(control, action) {
  if (control.disabled) return;
  control.disabled = true;
  const had = document.activeElement === control;
  try {
    await action();
  } catch (error) {
    problem(error);
  } finally {
    control.disabled = false;
    if (had && control.isConnected && document.activeElement === document.body) control.focus();
  }
}

export function field(label, control, hint = null) {
  control.id ||= freshId("field");
  const described = hint === null ? null : el("p", { class: "hint", id: freshId("hint") }, hint);
  if (described) control.setAttribute("aria-describedby", described.id);
  return el("div", { class: "field" }, el("label", { for: control.id }, label), control, described);
}

export function input(attributes = {}) {
  return el("input", { class: "input", autocomplete: "off", spellcheck: "false", ...attributes });
}

export function select(options, attributes = {}) {
  const { value, ...rest } = attributes;
  const made = el("select", { class: "input", ...rest }, options.map(([key, label]) => el("option", { value: key }, label)));
  if (value !== undefined) made.value = value;
  return made;
}

export function check(label, attributes = {}) {
  const box = el("input", { type: "checkbox", ...attributes });
  return { box, row: el("label", { class: "check" }, box, label) };
}

// A form that asks with Enter or its button, and shows beside it why something was refused.
export function form(rows, submit, onsubmit, { kind = "primary", more = [], inline = false } = {}) {
  const reason = el("p", { class: "problem", role: "alert" });
  const send = el("button", { type: "submit", class: `button ${kind}` }, submit);
  const made = el("form", { class: inline ? "form inline" : "form", novalidate: true }, rows, reason, el("div", { class: "buttons" }, more, send));
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (send.disabled) return;
    send.disabled = true;
    reason.textContent = "";
    try {
      await onsubmit();
    } catch (error) {
      reason.textContent = error.message;
    } finally {
      send.disabled = false;
    }
  });
  return made;
}

export function codes(text, what) {
  const pre = el("pre", { tabindex: "0", "aria-label": what }, text);
  const copy = button("Copy", async () => {
    await navigator.clipboard.writeText(pre.textContent);
    notice(`${what} copied.`);
  }, { kind: "slim", drawing: "copy", "aria-label": `Copy ${what}` });
  return el("div", { class: "codes" }, pre, copy);
}

const TONES = {
  queued: "wait", sending: "way", sent: "way", delivered: "good", failed: "bad", received: "violet", accepted: "good",
  undelivered: "bad", dlr_expired: "bad", waiting: "wait", dropped: "bad", nowhere: "",
};

export function stateChip(state, code = 0) {
  const words = state.replace("dlr_expired", "no receipt");
  return el("span", { class: "chip", data: { tone: TONES[state] ?? "" } }, code ? `${words} ${code}` : words);
}

export function tone(state) {
  return TONES[state] ?? "";
}
