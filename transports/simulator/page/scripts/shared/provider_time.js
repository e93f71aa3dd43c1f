// The provider's time between two looks at it: it goes on as fast as it was told to.

import { askServer } from "./api.js";
import { listen } from "./live.js";

const TICK_MILLISECONDS = 250;

class ProviderTime {
  constructor() {
    this._watchers = new Set();
    this._known = null;
  }

  // Calls with {now, speed, paused}, again and again; returns what ends that.
  watch(watcher) {
    if (!this._watchers.size) this._start();
    this._watchers.add(watcher);
    if (this._known) watcher(this.read());
    return () => this._watchers.delete(watcher);
  }

  read() {
    const { now, speed, paused, at } = this._known;
    const passed = (performance.now() - at) / 1000;
    return { now: paused ? now : now + passed * speed, speed, paused };
  }

  get isKnown() {
    return this._known !== null;
  }

  set(clock) {
    this._known = { ...clock, at: performance.now() };
    for (const watcher of this._watchers) watcher(this.read());
  }

  _start() {
    listen("state", (state) => this.set(state.clock));
    setInterval(() => {
      if (this._known && !document.hidden) for (const watcher of this._watchers) watcher(this.read());
    }, TICK_MILLISECONDS);
    askServer("GET", "/clock").then((clock) => this._known ?? this.set(clock)).catch(() => {});
  }
}

export const providerTime = new ProviderTime();
