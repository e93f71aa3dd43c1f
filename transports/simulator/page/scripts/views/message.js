// One message: what it says, its segments drawn, its way, and the callbacks that told of it.

import { ask, controlPath } from "../shared/api.js";
import { button, iconButton, stateChip } from "../shared/controls.js";
import { el, put } from "../shared/dom.js";
import { notice } from "../shared/notices.js";
import { goTo } from "../shared/route.js";
import { count, moment, octets, plural } from "../shared/times.js";
import { callbackList } from "./callbacks.js";
import { drawSegments } from "./segments.js";
import { way } from "./way.js";

const BREATH_MILLISECONDS = 150;

export function openMessage(box, id, leave) {
  let isClosed = false;
  let timer = null;
  let shown = "";
  let asked = 0;
  let answered = 0;

  async function load() {
    timer = null;
    const turn = ++asked;
    let message;
    try {
      message = await ask("GET", `/messages/${encodeURIComponent(id)}`);
    } catch (error) {
      if (!isClosed) put(box, head("Message", leave), el("p", { class: "panel-part muted" }, error.message));
      return;
    }
    if (isClosed || turn < answered) return; // a later question was answered first, and knows more
    answered = turn;
    const key = JSON.stringify(message);
    if (key === shown) return;
    shown = key;
    keepPlace(box, () => show(box, message, leave));
  }

  load();
  return {
    changed(ids) {
      if (ids.includes(id)) timer ??= setTimeout(load, BREATH_MILLISECONDS);
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

// What is shown changes under somebody's eyes: the place, what is unfolded and the focus stay.
function keepPlace(box, draw) {
  const top = box.scrollTop;
  const unfolded = new Set([...box.querySelectorAll("details[open]")].map((item) => item.dataset.name));
  const focused = box.contains(document.activeElement) ? document.activeElement.dataset.name : null;
  draw();
  for (const item of box.querySelectorAll("details")) if (unfolded.has(item.dataset.name)) item.open = true;
  box.scrollTop = top;
  if (focused) box.querySelector(`[data-name="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function head(title, leave, ...more) {
  return el("div", { class: "panel-head" }, iconButton("Close the message", "close", leave, { data: { name: "close" } }), el("h2", {}, title), more);
}

function show(box, message, leave) {
  const { line } = message;
  const actions = line.inbound || message.text === null ? null : button("Send again", async () => {
    const sent = await ask("POST", `/messages/${encodeURIComponent(line.id)}/again`);
    notice("Sent again, as another message.");
    goTo("messages", sent.id);
  }, { kind: "slim", drawing: "again", data: { name: "again" } });
  put(box,
    head(line.inbound ? "Message that came in" : "Message", leave, stateChip(line.state, line.code), actions),
    el("div", { class: "panel-body" }, facts(message), content(message), section("Its way", way(message)), segments(message), callbacks(message)));
}

function facts({ line, application_id: application, location, legs }) {
  const rows = [
    ["From", el("span", { class: "mono" }, line.from)],
    ["To", el("span", { class: "mono break" }, line.to.join(", "))],
    ["Accepted", el("span", { class: "numeric" }, `${moment(line.created, { milliseconds: true })} UTC`)],
    ["Id", el("span", { class: "mono break" }, line.id)],
    ["Kind", kindWords(line)],
    line.tag !== null && ["Tag", el("span", { class: "mono break" }, line.tag)],
    ["Location", location ?? "none"],
    ["Application", el("span", { class: "mono break" }, application || "none")],
  ];
  const failed = legs.filter((leg) => leg.code);
  return [
    el("dl", { class: "facts" }, rows.filter(Boolean).map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
    failed.length > 0 && el("div", { class: "why" }, failed.map((leg) => el("p", {}, el("strong", {}, String(leg.code)), legs.length > 1 ? ` ${leg.to}: ` : " ", leg.meaning))),
  ];
}

function kindWords(line) {
  const words = { sms: "SMS", mms: "MMS", group: "Group MMS" }[line.kind];
  return [words, `, ${plural(line.segment_count, "segment")}`, line.high && " · high priority"];
}

function content(message) {
  if (message.text === null) {
    const reason = message.texts_kept
      ? `Its text is not kept any more: the simulator remembers the last ${count(message.texts_kept)} messages, and in memory alone.`
      : "No text is kept: the simulator was started with --no-inspect.";
    return section("Text", el("p", { class: "muted" }, reason));
  }
  const files = message.files.map((file) => {
    const source = file.name === null ? null : fileUrl(file.name);
    if (file.is_picture) return el("figure", { class: "picture" }, el("img", { src: source, alt: file.label, loading: "lazy" }), el("figcaption", { class: "small muted break" }, file.label));
    if (source) return el("p", {}, el("a", { href: source, download: file.label }, file.label), ` ${octets(file.octet_count)}`);
    return el("p", { class: "small muted break" }, `${file.label} (elsewhere, and never fetched)`);
  });
  const text = message.text ? el("p", { class: "text-said", dir: "auto" }, message.text) : el("p", { class: "muted" }, "No text.");
  return section("Text", text, files);
}

export function fileUrl(name) {
  return controlPath(`/files?name=${encodeURIComponent(name)}`);
}

function segments({ drawing, line }) {
  if (!drawing) return line.kind === "sms" ? null : section("Segments", el("p", { class: "muted" }, "An MMS is not cut: it travels whole, and counts as one segment for each recipient."));
  const differs = drawing.segment_count !== line.segment_count;
  return section("Segments", drawSegments(drawing), differs && el("p", { class: "hint" }, `Its tag has asked for ${plural(line.segment_count, "segment")}; drawn is what the text alone would take.`));
}

function callbacks({ callbacks: found }) {
  const empty = el("p", { class: "muted" }, "None yet. Events are told when the message leaves, and when its end is known; they are kept for a while.");
  return section("Callbacks", found.length ? callbackList(found) : empty);
}

function section(title, ...children) {
  return el("section", { class: "panel-part" }, el("h3", {}, title), children);
}
