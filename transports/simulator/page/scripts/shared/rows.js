// A list of any length of which only what can be seen is in the document.
//
// All rows are equally high, so where a row stands follows from its number. Elements are used again: while one scrolls,
// texts change and nothing is made. Rows that come in above keep what one is looking at where it is.

import { el } from "./dom.js";

const SPARE = 8;

export class Rows {
  // make() -> {element, show(item, index, isActive)}; choose(index) when a row is opened.
  constructor({ label, rowHeight, make, choose, nearEnd }) {
    this.rowHeight = rowHeight;
    this._make = make;
    this._choose = choose;
    this._nearEnd = nearEnd;
    this._items = [];
    this._rows = new Map();
    this._free = [];
    this._active = -1;
    this._frame = 0;
    this._space = el("div", { class: "rows-space", role: "rowgroup" });
    this.element = el("div", { class: "rows", role: "grid", tabindex: "0", "aria-label": label, "aria-readonly": "true" }, this._space);
    this.element.addEventListener("scroll", () => this._soon(), { passive: true });
    this.element.addEventListener("keydown", (event) => this._key(event));
    this.element.addEventListener("focus", () => this._active < 0 && this.activate(this._firstSeen()));
    this._resize = new ResizeObserver(() => this._soon());
    this._resize.observe(this.element);
  }

  close() {
    this._resize.disconnect();
    cancelAnimationFrame(this._frame);
  }

  set height(height) {
    if (height === this.rowHeight) return;
    this.rowHeight = height;
    for (const row of this._rows.values()) row.element.remove();
    this._rows.clear();
    this._free.length = 0;
    this._soon();
  }

  // ``above`` is how many items have come in before what was first.
  show(items, above = 0) {
    this._items = items;
    if (above && this._active >= 0) this._active += above;
    this._active = Math.min(this._active, items.length - 1);
    this._space.style.height = `${items.length * this.rowHeight}px`;
    this.element.setAttribute("aria-rowcount", String(items.length));
    if (above && this.element.scrollTop > 0) this.element.scrollTop += above * this.rowHeight;
    this._soon();
  }

  activate(index) {
    if (!this._items.length) return;
    this._active = Math.max(0, Math.min(index, this._items.length - 1));
    const top = this._active * this.rowHeight;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + this.rowHeight > scrollTop + clientHeight) this.element.scrollTop = top + this.rowHeight - clientHeight;
    this._draw();
  }

  get active() {
    return this._active;
  }

  _firstSeen() {
    return Math.ceil(this.element.scrollTop / this.rowHeight);
  }

  _key(event) {
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.rowHeight) - 1);
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in moves) this.activate(this._active + moves[event.key]);
    else if ((event.key === "Enter" || event.key === " ") && this._active >= 0) this._choose(this._active);
    else return;
    event.preventDefault();
  }

  _soon() {
    this._frame ||= requestAnimationFrame(() => {
      this._frame = 0;
      this._draw();
    });
  }

  _draw() {
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / this.rowHeight) - SPARE);
    const end = Math.min(this._items.length, Math.ceil((scrollTop + clientHeight) / this.rowHeight) + SPARE);
    for (const [index, row] of this._rows) {
      if (index < first || index >= end) {
        this._rows.delete(index);
        this._free.push(row);
      }
    }
    for (let index = first; index < end; index += 1) {
      let row = this._rows.get(index);
      if (row === undefined) {
        row = this._free.pop() ?? this._add();
        this._rows.set(index, row);
        row.element.hidden = false;
        row.element.style.transform = `translateY(${index * this.rowHeight}px)`;
        row.element.setAttribute("aria-rowindex", String(index + 1));
        row.index = index;
      }
      row.show(this._items[index], index, index === this._active);
    }
    for (const row of this._free) row.element.hidden = true;
    const active = this._rows.get(this._active);
    if (active) this.element.setAttribute("aria-activedescendant", active.element.id);
    else this.element.removeAttribute("aria-activedescendant");
    if (end >= this._items.length - 3 * SPARE) this._nearEnd();
  }

  _add() {
    const row = this._make();
    row.element.addEventListener("click", (event) => {
      if (event.target.closest("a")) return;
      this._active = row.index;
      this._choose(row.index);
      this._draw();
    });
    this._space.append(row.element);
    return row;
  }
}
