// What waits: segments in the queues, live, and callbacks in the order of their turns.

import { ask } from "../shared/api.js";
import { areaChart } from "../shared/area_chart.js";
import { el, put, say } from "../shared/dom.js";
import { listen } from "../shared/live.js";
import { count, duration, plural } from "../shared/times.js";
import { callbackList } from "./callbacks.js";

const SAMPLES = 900;
const SLOPE_SAMPLES = 15;
const CALLBACK_MILLISECONDS = 2000;
const KINDS = ["sms", "mms"];

export function open(box) {
  const samples = [];
  let isClosed = false;
  let wereWaiting = null;
  let lookedAt = 0;
  const chart = areaChart({ label: "Segments waiting over time", series: ["SMS", "MMS"] });
  const tiles = Object.fromEntries(KINDS.map((kind) => [kind, queueTile(kind.toUpperCase())]));
  const waiting = el("div", {});
  const told = el("p", { class: "muted numeric" });
  put(box, el("div", { class: "view" },
    el("div", { class: "view-head" }, el("h1", {}, "Queue"),
      el("p", {}, "What was accepted and has not gone out yet, in segments. A message that does not fit is refused with 429.")),
    el("div", { class: "tiles" }, KINDS.map((kind) => tiles[kind].element)),
    el("section", { class: "card" }, el("h2", {}, "Segments waiting"), chart.element),
    el("section", { class: "card" }, el("h2", {}, "Callbacks waiting"), told, waiting)));

  async function look() {
    lookedAt = performance.now();
    const found = await ask("GET", "/queue").catch(() => null);
    if (isClosed || found === null) return;
    if (!samples.length) samples.push(...found.samples);
    showCallbacks(found);
    show(found.state);
  }

  function showCallbacks({ callbacks, state }) {
    const unfolded = new Set([...waiting.querySelectorAll("details[open]")].map((item) => item.dataset.name));
    const more = state.callbacks.waiting - callbacks.length;
    put(waiting, callbacks.length
      ? [callbackList(callbacks, { done: look }), more > 0 && el("p", { class: "muted small" }, `and ${count(more)} more`)]
      : el("p", { class: "muted" }, "None. What a server does not take with a 2xx in 10 seconds waits here, and comes again until a day has passed."));
    for (const item of waiting.querySelectorAll("details")) item.open = unfolded.has(item.dataset.name);
  }

  function show(state) {
    const { waiting: all, never_tried: fresh, under_way: way, delivered, dropped } = state.callbacks;
    say(told, `${count(all)} waiting, of which ${count(fresh)} were never tried and go first; ${count(way)} on their way; ${count(delivered)} delivered; ${count(dropped)} given up.`);
    for (const kind of KINDS) tiles[kind].show(state[kind], growth(kind));
    chart.show(samples);
    const key = JSON.stringify(state.callbacks);
    if (key !== wereWaiting && performance.now() - lookedAt > CALLBACK_MILLISECONDS) {
      wereWaiting = key;
      look();
    }
  }

  // Segments a second by which a queue gets longer, as it was of late.
  function growth(kind) {
    const index = 1 + KINDS.indexOf(kind);
    const last = samples.at(-1);
    const first = samples[Math.max(0, samples.length - SLOPE_SAMPLES)];
    return last && last[0] > first[0] ? (last[index] - first[index]) / (last[0] - first[0]) : 0;
  }

  const stop = listen("state", (state) => {
    const { now } = state.clock;
    if (samples.length && samples.at(-1)[0] >= now) samples.pop();
    samples.push([now, state.sms.queued, state.mms.queued]);
    if (samples.length > SAMPLES) samples.shift();
    show(state);
  });
  const stopReset = listen("reset", () => samples.splice(0));
  look();
  return {
    close() {
      isClosed = true;
      stop();
      stopReset();
    },
  };
}

function queueTile(name) {
  const queued = el("span", { class: "tile-value numeric" }, "0");
  const capacity = el("span", { class: "muted" });
  const meter = el("div", { class: "meter", role: "meter", "aria-label": `${name} segments waiting`, "aria-valuemin": "0" }, el("span", {}));
  const rate = el("dd", { class: "numeric" });
  const empty = el("dd", { class: "numeric" });
  const full = el("dd", { class: "numeric" });
  const element = el("section", { class: "card tile" },
    el("h2", {}, name),
    el("p", {}, queued, " ", capacity),
    meter,
    el("dl", { class: "pairs" }, el("dt", {}, "Rate"), rate, el("dt", {}, "Empty in"), empty, el("dt", {}, "429 in"), full));
  return {
    element,
    show(queue, growth) {
      say(queued, count(queue.queued));
      say(capacity, `of ${count(queue.capacity)} segments`);
      meter.setAttribute("aria-valuemax", String(queue.capacity));
      meter.setAttribute("aria-valuenow", String(queue.queued));
      meter.firstChild.style.width = `${Math.min(100, (100 * queue.queued) / queue.capacity)}%`;
      meter.dataset.full = String(queue.queued > 0.9 * queue.capacity);
      say(rate, `${count(queue.rate)} ${queue.rate === 1 ? "segment" : "segments"} a second`);
      say(empty, queue.queued ? duration(queue.queued / queue.rate) : "it is empty");
      const room = queue.capacity - queue.queued;
      if (room <= 0) say(full, "now: it is full");
      else if (growth > 0.05) say(full, `${minutes(room / growth)}, growing by ${growth.toFixed(1)} a second`);
      else say(full, `never at this pace: room for ${plural(room, "segment")}`);
    },
  };
}

function minutes(seconds) {
  return seconds < 60 ? "less than a minute" : `${count(Math.round(seconds / 60))} min`;
}
