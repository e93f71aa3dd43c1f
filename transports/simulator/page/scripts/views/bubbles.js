// What a phone shows: what it has written on the right, everything else on the left; what never reached it is only hinted.

import { stateChip } from "../shared/controls.js";
import { el, put } from "../shared/dom.js";
import { linkTo } from "../shared/route.js";
import { day, octets, timeOfDay } from "../shared/times.js";
import { fileUrl } from "./message.js";

const ARRIVED = new Set(["delivered", "received", "accepted", "undelivered"]);

export function bubbles(thread, talk, phone) {
  let date = null;
  const shown = [];
  for (const said of talk.messages) {
    if (day(said.created) !== date) {
      date = day(said.created);
      shown.push(el("p", { class: "thread-day small muted" }, date));
    }
    shown.push(bubble(said, talk, phone));
  }
  put(thread, shown);
}

function bubble(said, talk, phone) {
  const isMine = said.from === phone;
  const isHere = ARRIVED.has(said.state);
  const classes = `bubble ${isMine ? "mine" : "theirs"}${isHere ? "" : " not-here"}`;
  return el("div", { class: `said ${isMine ? "mine" : "theirs"}` },
    talk.others.length > 1 && !isMine && el("p", { class: "small muted mono said-by" }, said.from),
    el("div", { class: classes },
      said.files.map(attachment),
      said.text && el("p", { class: "said-text", dir: "auto" }, said.text)),
    el("p", { class: "small muted said-foot" },
      el("a", { href: linkTo("messages", said.id), "aria-label": `${timeOfDay(said.created)}: open the message` }, timeOfDay(said.created)),
      !isHere && stateChip(said.state, said.code)));
}

function attachment(file) {
  const source = file.name === null ? null : fileUrl(file.name);
  if (file.is_picture) return el("img", { src: source, alt: file.label, loading: "lazy" });
  if (source) return el("p", {}, el("a", { href: source, download: file.label }, file.label), ` ${octets(file.octet_count)}`);
  return el("p", { class: "elsewhere" }, `Attached: ${file.label}`);
}
