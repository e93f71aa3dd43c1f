// A chart of amounts over time, drawn as SVG; moving over it, or its arrow keys, read a moment out.

import { el, put, say, svg } from "./dom.js";
import { count, timeOfDay } from "./times.js";

export const USUAL_WIDTH = 960;
const HEIGHT = 240;
const LEFT = 54;
const BOTTOM = 24;
const TOP = 10;
const RIGHT = 10;

export function areaChart({ label, series }) {
  const drawing = svg("svg", { class: "chart", role: "img", tabindex: "0", "aria-label": label });
  const read = el("p", { class: "chart-read small numeric", role: "status" });
  const legend = el("ul", { class: "legend" }, series.map((name, index) => el("li", { data: { series: index } }, name)));
  const element = el("figure", { class: "chart-box" }, el("div", { class: "chart-head" }, legend, read), drawing);
  let samples = [];
  let chosen = null;

  function draw() {
    const width = widthOf(drawing);
    const steps = width < 560 ? 2 : 4;
    drawing.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    const first = samples[0]?.[0] ?? 0;
    const last = samples.at(-1)?.[0] ?? 1;
    const top = niceTop(Math.max(5, ...samples.map((sample) => Math.max(...sample.slice(1)))));
    const x = (at) => LEFT + ((at - first) / (last - first || 1)) * (width - LEFT - RIGHT);
    const y = (value) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);
    const parts = [];
    for (let step = 0; step <= 4; step += 1) {
      const value = (top * step) / 4;
      parts.push(svg("line", { class: "grid-line", x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }),
        svg("text", { class: "axis", x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, count(value)));
    }
    if (samples.length > 1) {
      for (let step = 0; step <= steps; step += 1) {
        const at = first + ((last - first) * step) / steps;
        parts.push(svg("text", { class: "axis", x: x(at), y: HEIGHT - 6, "text-anchor": step === 0 ? "start" : step === steps ? "end" : "middle" }, timeOfDay(at)));
      }
      series.forEach((_, index) => {
        const points = samples.map((sample) => `${x(sample[0]).toFixed(1)},${y(sample[index + 1]).toFixed(1)}`);
        parts.push(svg("polygon", { class: "area", "data-series": index, points: `${LEFT},${y(0)} ${points.join(" ")} ${width - RIGHT},${y(0)}` }),
          svg("polyline", { class: "curve", "data-series": index, points: points.join(" ") }));
      });
    } else {
      parts.push(svg("text", { class: "axis", x: width / 2, y: HEIGHT / 2, "text-anchor": "middle" }, "Looking …"));
    }
    const sample = chosen === null ? samples.at(-1) : samples[Math.min(chosen, samples.length - 1)];
    if (chosen !== null && sample) parts.push(svg("line", { class: "cursor", x1: x(sample[0]), x2: x(sample[0]), y1: TOP, y2: HEIGHT - BOTTOM }));
    put(drawing, parts);
    if (sample) say(read, `${timeOfDay(sample[0])}  ${series.map((name, index) => `${name} ${count(sample[index + 1])}`).join("  ")}`);
  }

  drawing.addEventListener("pointermove", (event) => {
    if (samples.length < 2) return;
    const box = drawing.getBoundingClientRect();
    const share = (event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT);
    const at = samples[0][0] + share * (samples.at(-1)[0] - samples[0][0]);
    chosen = samples.reduce((best, sample, index) => (Math.abs(sample[0] - at) < Math.abs(samples[best][0] - at) ? index : best), 0);
    draw();
  });
  const leave = () => {
    chosen = null;
    draw();
  };
  drawing.addEventListener("pointerleave", leave);
  drawing.addEventListener("blur", leave);
  drawing.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    chosen = Math.max(0, Math.min(samples.length - 1, (chosen ?? samples.length - 1) + move));
    draw();
  });
  onResize(drawing, draw);
  return {
    element,
    show(found) {
      samples = found;
      draw();
    },
  };
}

// A unit of the drawing is a pixel of the screen, so that letters have the same size however wide it is.
export function widthOf(drawing) {
  return drawing.getBoundingClientRect().width || USUAL_WIDTH;
}

export function onResize(drawing, draw) {
  let width = 0;
  const watching = new ResizeObserver(() => {
    if (!drawing.isConnected) watching.disconnect();
    else if (widthOf(drawing) !== width) {
      width = widthOf(drawing);
      draw();
    }
  });
  watching.observe(drawing);
}

// The next of 4, 8, 20, 40, 80, 200 … so that a quarter of it is a short number.
export function niceTop(most) {
  let power = 1;
  for (;;) {
    for (const step of [4, 8, 20]) if (step * power >= most) return step * power;
    power *= 10;
  }
}
