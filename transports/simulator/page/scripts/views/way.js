// The way of a message: accepted, queued, sent, and each receipt, with the time it took from one to the next.

import { el } from "../shared/dom.js";
import { duration, timeOfDay } from "../shared/times.js";

const WORDS = {
  accepted: "Accepted", queued: "Queued", sent: "Sent to the carrier", delivered: "Delivered", failed: "Failed",
  received: "Came in", undelivered: "Could not be handed over",
};
const TONES = { accepted: "done", queued: "done", sent: "done", received: "done", delivered: "good", failed: "bad", undelivered: "bad" };

export function way({ course, line }) {
  const steps = course.map((step, index) => {
    const before = index ? course[index - 1].at : step.at;
    const passed = step.at - before;
    return el("li", { class: "step", data: { tone: TONES[step.step] ?? "done" } },
      el("span", { class: "step-what" },
        el("strong", {}, line.inbound && step.step === "accepted" ? "Handed over" : WORDS[step.step] ?? step.step),
        step.code ? ` ${step.code}` : "",
        step.to && el("span", { class: "mono small" }, ` ${step.to}`),
        step.description && el("span", { class: "small muted" }, ` ${step.description}`)),
      el("span", { class: "step-when numeric" },
        el("time", {}, timeOfDay(step.at, { milliseconds: true })),
        passed > 0.0005 && el("span", { class: "muted" }, ` +${duration(passed)}`)));
  });
  const isOpen = ["queued", "sending", "sent"].includes(line.state);
  if (isOpen) {
    const waits = { queued: "Waits for its turn", sending: "Goes out", sent: "Waits for its receipt" }[line.state];
    steps.push(el("li", { class: "step", data: { tone: "open" } }, el("span", { class: "step-what" }, el("span", { class: "muted" }, `${waits} …`))));
  }
  return el("ol", { class: "way" }, steps);
}
