// One row of the list of messages; the same elements show one message after another.

import { stateChip, tone } from "../shared/controls.js";
import { el, put, say } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { providerTime } from "../shared/provider_time.js";
import { day, plural, timeOfDay } from "../shared/times.js";

export function messageRow(openId, id) {
  const cell = (number, ...children) => el("span", { class: `cell cell-${number}`, role: "gridcell" }, children);
  const time = cell(0);
  const number = cell(1);
  const direction = cell(2);
  const phone = cell(3);
  const text = cell(4);
  const kind = cell(5);
  const chip = el("span", { class: "chip" });
  const state = cell(6, chip);
  const element = el("div", { class: "row", role: "row", id }, time, number, direction, phone, text, kind, state);
  let wasInbound = null;
  return {
    element,
    show(line, index, isActive) {
      if (!line) return;
      const isOpen = line.id === openId();
      element.classList.toggle("active", isActive);
      element.classList.toggle("open", isOpen);
      element.setAttribute("aria-selected", String(isOpen));
      say(time, when(line.created));
      if (line.inbound !== wasInbound) {
        wasInbound = line.inbound;
        put(direction, icon(line.inbound ? "in" : "out"), el("span", { class: "unseen" }, line.inbound ? "in" : "out"));
      }
      const phones = line.inbound ? [line.from, ...line.to.slice(1)] : line.to;
      say(number, line.inbound ? line.to[0] : line.from);
      say(phone, phones.length > 1 ? `${phones[0]} +${phones.length - 1}` : phones[0]);
      text.classList.toggle("muted", line.text === null);
      say(text, line.text === null ? "text not kept" : line.text.replace(/\s+/g, " ") || (line.attachment_count ? plural(line.attachment_count, "file") : "no text"));
      say(kind, line.kind === "sms" ? plural(line.segment_count, "segment") : line.kind === "mms" ? "MMS" : `group of ${line.to.length}`);
      chip.dataset.tone = tone(line.state);
      say(chip, stateChip(line.state, line.code).textContent);
    },
  };
}

function when(seconds) {
  const today = providerTime.isKnown ? day(providerTime.read().now) : null;
  const date = day(seconds);
  return date === today ? timeOfDay(seconds) : `${date.slice(5)} ${timeOfDay(seconds).slice(0, 5)}`;
}
