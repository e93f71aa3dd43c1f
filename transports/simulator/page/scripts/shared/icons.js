// Drawings of a few lines each, on a field of 24 by 24.

import { svg } from "./dom.js";

const PATHS = {
  messages: ["M4 5h16v11H9l-5 4z", "M8 9.5h8", "M8 12.5h5"],
  conversations: ["M3 5h11v8H8l-3 3v-3H3z", "M17 9h4v8h-2v3l-3-3h-5v-1"],
  queue: ["M4 6h16", "M4 12h11", "M4 18h6"],
  clock: ["M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z", "M12 7.5V12l3 2"],
  faults: ["M13 3 5 14h6l-1 7 8-11h-6z"],
  account: ["M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8z", "M4.5 20c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5"],
  reports: ["M5 20V10", "M12 20V4", "M19 20v-7"],
  calculator: ["M6 3.5h12v17H6z", "M9 7.5h6", "M9 12h.01", "M12 12h.01", "M15 12h.01", "M9 16h.01", "M12 16h.01", "M15 16h.01"],
  out: ["M7 17 17 7", "M9 7h8v8"],
  in: ["M17 7 7 17", "M15 17H7V9"],
  close: ["M6 6l12 12", "M18 6 6 18"],
  back: ["M15 5l-7 7 7 7"],
  sun: ["M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z", "M12 2.5v2", "M12 19.5v2", "M2.5 12h2", "M19.5 12h2", "M5.3 5.3l1.4 1.4", "M17.3 17.3l1.4 1.4", "M5.3 18.7l1.4-1.4", "M17.3 6.7l1.4-1.4"],
  moon: ["M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z"],
  keys: ["M3 6.5h18v11H3z", "M7 10h.01", "M11 10h.01", "M15 10h.01", "M8 14h8"],
  pause: ["M8 5v14", "M16 5v14"],
  play: ["M7 5l12 7-12 7z"],
  copy: ["M9 9h11v11H9z", "M5 15H4V4h11v1"],
  again: ["M20 12a8 8 0 1 1-2.5-5.8", "M20 3v4.5h-4.5"],
  search: ["M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z", "M15.5 15.5 21 21"],
  plus: ["M12 5v14", "M5 12h14"],
  bin: ["M5 7h14", "M9 7V4h6v3", "M7 7l1 13h8l1-13"],
  clip: ["M8 12.5l6-6a3 3 0 0 1 4.3 4.3l-7.5 7.5a5 5 0 0 1-7-7L11 4"],
  save: ["M12 4v11", "M7 11l5 5 5-5", "M5 20h14"],
};

export function icon(name) {
  return svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, PATHS[name].map((d) => svg("path", { d })));
}
