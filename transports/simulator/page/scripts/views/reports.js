// Reports: what was used, drawn by day, by status and by code, and detail records to download.

import { ask, controlPath } from "../shared/api.js";
import { barChart } from "../shared/bar_chart.js";
import { field, input, select } from "../shared/controls.js";
import { el, put, say } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { listen } from "../shared/live.js";
import { problem } from "../shared/notices.js";
import { providerTime } from "../shared/provider_time.js";
import { count, day, plural } from "../shared/times.js";

const BREATH_MILLISECONDS = 1500;
const WEEK = 6 * 86400;

export function open(box) {
  let usage = [];
  let timer = null;
  let isClosed = false;
  const today = day(providerTime.isKnown ? providerTime.read().now : Date.now() / 1000);
  const weekAgo = day((providerTime.isKnown ? providerTime.read().now : Date.now() / 1000) - WEEK);
  const start = input({ type: "date", value: weekAgo });
  const end = input({ type: "date", value: today });
  const columns = select([["all", "All columns"], ["confirmed-only", "Confirmed columns only"]]);
  const reason = el("p", { class: "problem", role: "alert" });
  const csv = el("a", { class: "button primary", download: "" }, icon("save"), "CSV");
  const zip = el("a", { class: "button", download: "" }, icon("save"), "ZIP");
  const total = el("p", { class: "muted numeric" });
  const byDay = el("div", {});
  const byStatus = el("div", {});
  const byCode = el("div", {});
  put(box, el("div", { class: "view" },
    el("div", { class: "view-head" }, el("h1", {}, "Reports"), el("p", {}, "One detail record for each segment of an SMS and for each recipient of an MMS. No text is ever in them.")),
    el("section", { class: "card" }, el("h2", {}, "Detail records (MDRs)"),
      el("div", { class: "form-row" }, field("From", start), field("To", end), field("Columns", columns)), reason,
      el("div", { class: "buttons" }, csv, zip, total)),
    el("section", { class: "card" }, el("h2", {}, "Records by day"), byDay),
    el("div", { class: "two" }, el("section", { class: "card" }, el("h2", {}, "By status"), byStatus), el("section", { class: "card" }, el("h2", {}, "Failures by delivery code"), byCode))));

  function links() {
    const isRange = start.value && end.value && start.value <= end.value;
    say(reason, isRange ? "" : "The first day has to come before the last.");
    for (const [link, path] of [[csv, "/mdrs.csv"], [zip, "/mdrs.zip"]]) {
      if (isRange) link.href = `${controlPath(path)}?${new URLSearchParams({ start: start.value, end: end.value, columns: columns.value })}`;
      else link.removeAttribute("href");
    }
    show();
  }

  function show() {
    const wanted = usage.filter((line) => line.day >= start.value && line.day <= end.value);
    const rows = sum(wanted, () => "all").get("all") ?? 0;
    say(total, rows ? `${plural(rows, "record")} in these days` : "No record in these days yet: a message counts once its end is known.");
    const days = [...sum(wanted, (line) => line.day).keys()].sort();
    const outcome = (line) => (line.status === "FAILED" || line.status === "UNDELIVERED" || line.status === "DLR_EXPIRED" ? "bad" : "good");
    put(byDay, days.length ? barChart({
      label: "Records by day",
      series: [["good", "delivered or received"], ["bad", "failed"]],
      bars: days.map((date) => ({ name: date, values: { good: 0, bad: 0, ...Object.fromEntries(sum(wanted.filter((line) => line.day === date), outcome)) } })),
    }) : nothing());
    put(byStatus, lines(sum(wanted, (line) => line.status)));
    put(byCode, lines(sum(wanted.filter((line) => line.code), (line) => String(line.code)), "No failure in these days."));
  }

  async function look() {
    timer = null;
    try {
      usage = await ask("GET", "/usage");
      if (!isClosed) show();
    } catch (error) {
      problem(error);
    }
  }

  for (const control of [start, end, columns]) control.addEventListener("change", links);
  links();
  look();
  const stop = listen("lines", () => {
    timer ??= setTimeout(look, BREATH_MILLISECONDS);
  });
  return {
    close() {
      isClosed = true;
      clearTimeout(timer);
      stop();
    },
  };
}

function sum(lines, key) {
  const sums = new Map();
  for (const line of lines) sums.set(key(line), (sums.get(key(line)) ?? 0) + line.segments);
  return sums;
}

function nothing(words = "Nothing in these days.") {
  return el("p", { class: "muted" }, words);
}

function lines(sums, words) {
  if (!sums.size) return nothing(words);
  const most = Math.max(...sums.values());
  const sorted = [...sums].sort((one, other) => other[1] - one[1]);
  return el("ul", { class: "share-list" }, sorted.map(([name, value]) => {
    const bar = el("span", { class: "share", "aria-hidden": "true" });
    bar.style.width = `${(100 * value) / most}%`;
    return el("li", {}, el("span", { class: "share-name" }, name.toLowerCase()), el("span", { class: "share-track" }, bar), el("span", { class: "numeric" }, count(value)));
  }));
}
