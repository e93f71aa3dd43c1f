// A dialog of the browser's own: focus stays inside, Esc closes it, and the focus goes back to where it was.

import { button } from "./controls.js";
import { el, freshId } from "./dom.js";

export function dialog(title, content, { close = "Close" } = {}) {
  const id = freshId("dialog");
  const made = el("dialog", { "aria-labelledby": id });
  const leave = button(close, () => made.close());
  made.append(el("div", { class: "dialog-box" }, el("h2", { id }, title), content, el("div", { class: "buttons" }, leave)));
  made.addEventListener("close", () => made.remove());
  document.body.append(made);
  made.showModal();
  return made;
}

// Resolves to whether somebody said yes.
export function confirm(title, text, yes) {
  return new Promise((resolve) => {
    const id = freshId("dialog");
    const made = el("dialog", { "aria-labelledby": id });
    let answer = false;
    const decide = button(yes, () => {
      answer = true;
      made.close();
    }, { kind: "danger" });
    made.append(el("div", { class: "dialog-box" }, el("h2", { id }, title), el("p", {}, text), el("div", { class: "buttons" }, button("Cancel", () => made.close()), decide)));
    made.addEventListener("close", () => {
      made.remove();
      resolve(answer);
    });
    document.body.append(made);
    made.showModal();
  });
}
