// The provider's time: hold it, let it go faster, push it.

import { askServer } from "../shared/api.js";
import { button, field, form, input } from "../shared/controls.js";
import { el, put, say } from "../shared/dom.js";
import { notice } from "../shared/notices.js";
import { providerTime } from "../shared/provider_time.js";
import { day, timeOfDay } from "../shared/times.js";

const SPEEDS = [1, 10, 60, 600, 3600];
const JUMPS = [["1s", "1 s"], ["10s", "10 s"], ["1m", "1 min"], ["15m", "15 min"], ["2h", "2 h"], ["1d", "1 day"]];

export function open(box) {
  const time = el("p", { class: "big-time numeric", role: "timer", "aria-label": "The provider's time" });
  const date = el("p", { class: "muted" });
  const hold = button("", () => change({ paused: !providerTime.read().paused }), { kind: "primary" });
  const speeds = SPEEDS.map((speed) => button(`×${speed}`, () => change({ speed }), { "aria-pressed": "false" }));
  const jumps = JUMPS.map(([by, words]) => button(`+ ${words}`, () => push(by)));
  const ownSpeed = input({ inputmode: "decimal", placeholder: "25" });
  const ownJump = input({ placeholder: "26h" });
  put(box, el("div", { class: "view" },
    el("div", { class: "view-head" }, el("h1", {}, "Clock"), el("p", {}, "Every delay, receipt and retry goes by this time. It never goes back.")),
    el("section", { class: "card clock-card" }, el("div", {}, time, date), el("div", { class: "buttons" }, hold)),
    el("div", { class: "two" },
      el("section", { class: "card" }, el("h2", {}, "Speed"),
        el("p", { class: "muted small" }, "How many of its seconds pass in one of yours. Time-outs of HTTP stay real."),
        el("div", { class: "buttons", role: "group", "aria-label": "Speed" }, speeds),
        form([field("Another speed", ownSpeed)], "Set", async () => change({ speed: Number(ownSpeed.value) }), { kind: "", inline: true })),
      el("section", { class: "card" }, el("h2", {}, "Advance"),
        el("p", { class: "muted small" }, "It does not jump: what falls due on the way happens, callbacks and their retries included, one after another."),
        el("div", { class: "buttons", role: "group", "aria-label": "Advance" }, jumps),
        form([field("By as much as", ownJump, "A number with ms, s, m, h or d; at most 30d")], "Advance", async () => push(ownJump.value), { kind: "", inline: true })))));

  async function change(wanted) {
    providerTime.set(await askServer("PATCH", "/clock", wanted));
  }

  async function push(by) {
    const clock = await askServer("POST", "/clock/advance", { by });
    providerTime.set(clock);
    notice(`It is ${day(clock.now)} ${timeOfDay(clock.now)} now.`);
  }

  const stop = providerTime.watch(({ now, speed, paused }) => {
    say(time, timeOfDay(now));
    say(date, `${day(now)} UTC, ${paused ? "held" : speed === 1 ? "as fast as yours" : `${speed} times as fast as yours`}`);
    say(hold, paused ? "Let time go on" : "Hold time");
    SPEEDS.forEach((value, index) => speeds[index].setAttribute("aria-pressed", String(value === speed)));
  });
  return { close: stop };
}
