// Stacked bars as SVG, with the same figures as a table for those who do not see them.

import { niceTop, onResize, widthOf } from "./area_chart.js";
import { el, put, svg } from "./dom.js";
import { count } from "./times.js";

const HEIGHT = 240;
const LEFT = 54;
const BOTTOM = 26;
const TOP = 10;
const WIDEST = 64;
const LABEL_WIDTH = 90;

export function barChart({ label, series, bars }) {
  const top = niceTop(Math.max(4, ...bars.map((bar) => series.reduce((sum, [key]) => sum + bar.values[key], 0))));
  const drawing = svg("svg", { class: "chart", role: "img", "aria-label": label });
  const y = (value) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);

  function draw() {
    const whole = widthOf(drawing);
    const room = (whole - LEFT) / bars.length;
    const width = Math.min(WIDEST, room * 0.7);
    const parts = [];
    drawing.setAttribute("viewBox", `0 0 ${whole} ${HEIGHT}`);
    for (let step = 0; step <= 4; step += 1) {
      const value = (top * step) / 4;
      parts.push(svg("line", { class: "grid-line", x1: LEFT, x2: whole, y1: y(value), y2: y(value) }), svg("text", { class: "axis", x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, count(value)));
    }
    const every = Math.ceil((bars.length * LABEL_WIDTH) / (whole - LEFT));
    bars.forEach((bar, index) => {
      const middle = LEFT + room * (index + 0.5);
      let below = 0;
      for (const [key, name] of series) {
        const value = bar.values[key];
        if (!value) continue;
        parts.push(svg("rect", { class: "bar", "data-series": key, x: middle - width / 2, width, y: y(below + value), height: y(below) - y(below + value), rx: 2 }, svg("title", {}, `${bar.name}: ${count(value)} ${name}`)));
        below += value;
      }
      if (index % every === 0) parts.push(svg("text", { class: "axis", x: middle, y: HEIGHT - 7, "text-anchor": "middle" }, bar.name));
    });
    put(drawing, parts);
  }

  onResize(drawing, draw);
  const table = el("table", { class: "unseen" }, el("caption", {}, label),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Day"), series.map(([, name]) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, bars.map((bar) => el("tr", {}, el("th", { scope: "row" }, bar.name), series.map(([key]) => el("td", {}, count(bar.values[key])))))));
  const legend = el("ul", { class: "legend" }, series.map(([key, name]) => el("li", { data: { series: key } }, name)));
  return el("figure", { class: "chart-box" }, el("div", { class: "chart-head" }, legend), drawing, table);
}
