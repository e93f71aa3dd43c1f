// The page begins: the frame around the views, and the view that the address names.

import { buildFrame } from "./frame.js";
import { el, put } from "./shared/dom.js";
import { follow } from "./shared/live.js";
import { problem } from "./shared/notices.js";
import { followRoutes } from "./shared/route.js";
import { VIEWS } from "./views.js";

const main = document.getElementById("main");
const frame = buildFrame(VIEWS);
let shown = null;

async function show(route) {
  const found = VIEWS.find((view) => view.name === route.view) ?? VIEWS[0];
  const place = `${found.name} ${route.query.get("account") ?? ""}`;
  frame.show(found, route);
  if (shown?.place === place && shown.view.change) {
    shown.view.change(route);
    return;
  }
  shown?.view.close?.();
  const opening = { place, view: {} };
  shown = opening;
  document.title = `${found.label} · msgcore simulator`;
  const module = await found.load();
  if (shown !== opening) return; // somebody has gone on meanwhile
  const box = el("div", { class: "view-box" });
  put(main, box);
  main.scrollTop = 0;
  if (found.name !== "messages") follow("");
  try {
    opening.view = module.open(box, route) ?? {};
  } catch (error) {
    problem(error);
    throw error;
  }
}

followRoutes(show);
