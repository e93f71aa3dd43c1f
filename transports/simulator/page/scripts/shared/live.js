// The stream of what happens. One for the whole page: a browser keeps few connections to a server, and each tab counts.
//
// While nobody looks the stream is closed; who comes back goes on where he was, or is told to ask for everything afresh.

import { controlPath } from "./api.js";

const listeners = { lines: new Set(), reset: new Set(), state: new Set(), connection: new Set() };

let source = null;
let path = null;
let query = "";
let position = "";
let state = null;
let connection = "off";

export function listen(kind, listener) {
  listeners[kind].add(listener);
  if (kind === "state" && state !== null) listener(state);
  if (kind === "connection") listener(connection);
  return () => listeners[kind].delete(listener);
}

export function lastState() {
  return state;
}

// Follow the chosen account; of its messages those that the filter finds.
export function follow(filter = "") {
  const wanted = controlPath("/events");
  if (wanted === path && filter === query && source !== null) return;
  if (wanted !== path) state = null;
  path = wanted;
  query = filter;
  position = "";
  open();
}

function open() {
  close();
  if (document.hidden || path === null) return;
  const pairs = new URLSearchParams();
  if (query) pairs.set("q", query);
  if (position) pairs.set("after", position);
  const opened = new EventSource(`${path}?${pairs}`);
  source = opened;
  opened.onopen = () => tell("on");
  opened.onerror = () => {
    tell("off");
    // A browser gives up for good on any status but 200: a server that is busy, or was restarted, is asked again.
    if (opened.readyState === EventSource.CLOSED && opened === source) setTimeout(() => opened === source && open(), 2000);
  };
  opened.addEventListener("reset", (event) => {
    position = event.lastEventId;
    for (const listener of listeners.reset) listener();
  });
  opened.addEventListener("messages", (event) => {
    position = event.lastEventId;
    const data = JSON.parse(event.data);
    for (const listener of listeners.lines) listener(data);
  });
  opened.addEventListener("state", (event) => {
    state = JSON.parse(event.data);
    for (const listener of listeners.state) listener(state);
  });
}

function close() {
  source?.close();
  source = null;
}

function tell(value) {
  if (value === connection) return;
  connection = value;
  for (const listener of listeners.connection) listener(value);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) close();
  else if (source === null && path !== null) open();
});
