// All messages, the newest first, as they move; beside them the one that is open.

import { ask } from "../shared/api.js";
import { el, freshId, put, say } from "../shared/dom.js";
import { follow, listen } from "../shared/live.js";
import { input } from "../shared/controls.js";
import { icon } from "../shared/icons.js";
import { MessageLines } from "../shared/message_lines.js";
import { goTo } from "../shared/route.js";
import { Rows } from "../shared/rows.js";
import { count, plural } from "../shared/times.js";
import { messageRow } from "./message_row.js";
import { openMessage } from "./message.js";
import { welcome } from "./welcome.js";

const PAGE = 500;
const TYPING_MILLISECONDS = 180;
const NARROW = matchMedia("(max-width: 1080px)");
const COMPACT = matchMedia("(max-width: 620px)");
const HINTS = ["status:failed", "to:+1919", "kind:group", "direction:in", "code:4720", "tag:"];

export function open(box, route) {
  return new Messages(box, route);
}

class Messages {
  constructor(box, route) {
    this._lines = new MessageLines();
    this._query = route.query.get("q") ?? "";
    this._next = null;
    this._loading = null;
    this._detail = null;
    this._item = null;
    this._total = 0;
    this._stops = [];
    this._build(box);
    this._stops.push(
      listen("lines", (data) => this._changed(data)),
      listen("reset", () => this._load()),
      listen("state", (state) => this._count(state.messages)),
    );
    COMPACT.addEventListener("change", this._fit);
    this._fit();
    this.change(route);
    this._load();
    follow(this._query);
  }

  close() {
    for (const stop of this._stops) stop();
    COMPACT.removeEventListener("change", this._fit);
    this._loading?.abort();
    this._rows.close();
    this._detail?.close();
  }

  // Another place in the same view: a message opened or closed, another search.
  change(route) {
    const query = route.query.get("q") ?? "";
    if (query !== this._query) {
      this._query = query;
      this._search.value = query;
      this._load();
      follow(query);
    }
    if (route.item === this._item) return;
    this._item = route.item;
    this._detail?.close();
    this._detail = null;
    this._box.dataset.open = String(this._item !== null);
    put(this._side);
    if (this._item !== null) {
      this._detail = openMessage(this._side, this._item, () => this._leave());
    }
    this._rows.show(this._lines.items);
  }

  _build(box) {
    this._search = input({ type: "search", placeholder: "Search: words, to:, from:, tag:, status:failed …", "aria-label": "Search messages", data: { search: "" }, value: this._query });
    this._search.setAttribute("aria-describedby", "search-problem");
    this._problem = el("p", { class: "problem", id: "search-problem", role: "alert" });
    this._counted = el("p", { class: "muted small numeric", role: "status" });
    let timer = null;
    this._search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => goTo("messages", this._item, { q: this._search.value.trim() }, { replace: true }), TYPING_MILLISECONDS);
    });
    this._search.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") {
        event.preventDefault();
        this._rows.element.focus();
      }
    });
    const hints = el("div", { class: "search-hints", role: "group", "aria-label": "Examples of searches" }, HINTS.map((hint) => this._hint(hint)));
    this._rows = new Rows({
      label: "Messages",
      rowHeight: 46,
      make: () => messageRow(() => this._item, freshId("row")),
      choose: (index) => this._open(this._lines.items[index]),
      nearEnd: () => this._more(),
    });
    this._empty = el("div", { class: "list-empty", hidden: true });
    const columns = ["Time", "Number", "", "Phone", "Text", "Kind", "State"].map((name, index) => el("span", { class: `cell cell-${index}` }, name));
    this._head = el("div", { class: "row row-head", "aria-hidden": "true" }, columns);
    this._list = el("section", { class: "list", "aria-label": "List of messages" },
      el("div", { class: "list-top" },
        el("h1", { class: "unseen" }, "Messages"),
        el("div", { class: "search" }, icon("search"), this._search),
        this._counted,
        hints, this._problem),
      this._head, this._rows.element, this._empty);
    this._side = el("aside", { class: "side-panel", "aria-label": "The open message" });
    this._box = el("div", { class: "messages", data: { open: "false" } }, this._list, this._side);
    this._box.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this._item !== null) this._leave();
    });
    put(box, this._box);
    box.classList.add("fill");
  }

  _hint(hint) {
    const made = el("button", { type: "button", class: "hint-button mono" }, hint);
    made.addEventListener("click", () => {
      this._search.value = hint;
      this._search.focus();
      goTo("messages", this._item, { q: hint.endsWith(":") ? "" : hint }, { replace: true });
    });
    return made;
  }

  _fit = () => {
    this._rows.height = COMPACT.matches ? 66 : 46;
    this._rows.show(this._lines.items);
  };

  _open(line) {
    if (line) goTo("messages", line.id, { q: this._query });
  }

  _leave() {
    goTo("messages", null, { q: this._query });
    if (NARROW.matches || document.activeElement === document.body) this._rows.element.focus();
  }

  async _load() {
    this._loading?.abort();
    const loading = (this._loading = new AbortController());
    try {
      const found = await ask("GET", `/messages/recent?${this._page()}`, undefined, { signal: loading.signal });
      this._lines.replace(found.lines);
      this._next = found.next;
      this._count(found.total);
      say(this._problem, "");
      this._search.removeAttribute("aria-invalid");
      this._show();
    } catch (error) {
      if (error.name === "AbortError") return;
      say(this._problem, error.message);
      if (error.status === 400) this._search.setAttribute("aria-invalid", "true");
    } finally {
      if (this._loading === loading) this._loading = null;
    }
    if (this._next !== null && this._lines.items.length < PAGE / 10) this._more(); // a filter that finds little
  }

  async _more() {
    if (this._loading !== null || this._next === null) return;
    const loading = (this._loading = new AbortController());
    try {
      const found = await ask("GET", `/messages/recent?${this._page(this._next)}`, undefined, { signal: loading.signal });
      this._lines.append(found.lines);
      this._next = found.next;
      this._show();
    } catch (error) {
      if (error.name !== "AbortError") this._next = null;
    } finally {
      if (this._loading === loading) this._loading = null;
    }
  }

  _page(before = null) {
    const pairs = new URLSearchParams({ limit: String(PAGE) });
    if (this._query) pairs.set("q", this._query);
    if (before !== null) pairs.set("before", before);
    return pairs;
  }

  _changed({ lines, others }) {
    const { above, last } = this._lines.change(lines, others, this._next !== null);
    if (last !== null) this._next = last;
    this._show(above);
    this._detail?.changed([...lines.map((line) => line.id), ...others]);
  }

  _count(total) {
    if (total !== undefined) this._total = total;
    const shown = this._lines.items.length;
    const more = this._next === null ? "" : "+";
    say(this._counted, this._query ? `${count(shown)}${more} of ${plural(this._total, "message")}` : plural(this._total, "message"));
  }

  _show(above = 0) {
    const items = this._lines.items;
    const isEmpty = items.length === 0;
    this._rows.element.hidden = isEmpty;
    this._head.hidden = isEmpty;
    if (!isEmpty) this._empty.hidden = true;
    else if (this._empty.hidden || this._empty.dataset.query !== this._query) {
      this._empty.hidden = false;
      this._empty.dataset.query = this._query;
      if (this._query) put(this._empty, el("div", { class: "nothing" }, el("h2", {}, "Nothing is found"), el("p", { class: "muted" }, "Texts and tags are found only for as long as they are remembered.")));
      else welcome(this._empty);
    }
    this._rows.show(items, above);
    this._count();
  }
}
