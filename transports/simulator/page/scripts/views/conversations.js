// Conversations as phones see them, and writing what phones write.

import { ask } from "../shared/api.js";
import { field, form, input, select } from "../shared/controls.js";
import { el, freshId, put } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { listen } from "../shared/live.js";
import { notice } from "../shared/notices.js";
import { goTo, linkTo } from "../shared/route.js";
import { plural, timeOfDay } from "../shared/times.js";
import { ownNumbers } from "../shared/own_numbers.js";
import { readFiles } from "../shared/files.js";
import { bubbles } from "./bubbles.js";

const BREATH_MILLISECONDS = 300;
const NEW = "new";

export function open(box, route) {
  return new Conversations(box, route);
}

class Conversations {
  constructor(box, route) {
    this._talks = [];
    this._item = undefined;
    this._phone = null;
    this._timer = null;
    this._isClosed = false;
    this._drawn = "";
    this._list = el("ul", { class: "talks" });
    this._place = el("section", { class: "talk", "aria-label": "Conversation" });
    const start = el("a", { class: "button slim", href: linkTo("conversations", NEW) }, icon("plus"), "Write as a phone");
    this._box = el("div", { class: "conversations" },
      el("section", { class: "talk-list", "aria-label": "List of conversations" }, el("div", { class: "talk-list-head" }, el("h1", {}, "Conversations"), start), this._list),
      this._place);
    put(box, this._box);
    box.classList.add("fill");
    this._stops = [listen("lines", () => this._soon()), listen("reset", () => this._soon())];
    this.change(route);
    this._load();
  }

  close() {
    this._isClosed = true;
    clearTimeout(this._timer);
    for (const stop of this._stops) stop();
  }

  change(route) {
    if (route.item === this._item) return;
    this._item = route.item;
    this._phone = null;
    this._drawn = "";
    this._box.dataset.open = String(this._item !== null);
    this._showList();
    this._showTalk();
  }

  _soon() {
    this._timer ??= setTimeout(() => this._load(), BREATH_MILLISECONDS);
  }

  async _load() {
    this._timer = null;
    const talks = await ask("GET", "/conversations").catch(() => null);
    if (this._isClosed || talks === null) return;
    this._talks = talks;
    this._isLoaded = true;
    this._showList();
    this._showTalk();
  }

  _showList() {
    const entries = this._talks.map((talk) => {
      const last = talk.messages.at(-1);
      const link = el("a", { href: linkTo("conversations", talk.id), class: "talk-link" },
        el("span", { class: "talk-who" }, talk.others.join(", ")),
        el("time", { class: "small muted numeric" }, timeOfDay(last.created).slice(0, 5)),
        el("span", { class: "talk-last muted" }, last.text || plural(last.files.length, "file")),
        talk.others.length > 1 && el("span", { class: "chip" }, "group"));
      if (talk.id === this._item) link.setAttribute("aria-current", "true");
      return el("li", {}, link);
    });
    put(this._list, entries.length ? entries : this._isLoaded && el("li", { class: "talk-none muted" }, "Nobody has said anything that is remembered. Texts of the last messages are kept in memory, and none with --no-inspect."));
  }

  _showTalk() {
    if (this._item === NEW) {
      if (this._drawn !== NEW) this._showNew();
      this._drawn = NEW;
      return;
    }
    const talk = this._talks.find((one) => one.id === this._item);
    const key = JSON.stringify([this._item, talk, this._phone]);
    if (key === this._drawn) return;
    this._drawn = key;
    if (!talk) {
      const words = this._item === null ? "Choose a conversation, or write as a phone." : "This conversation is not remembered (any more).";
      put(this._place, el("div", { class: "nothing" }, el("p", { class: "muted" }, this._isLoaded || this._item === null ? words : "")));
      return;
    }
    const phone = talk.others.includes(this._phone) ? this._phone : talk.others[0];
    const isSame = this._shownTalk === talk.id + phone && this._place.contains(this._writing);
    if (!isSame) this._buildTalk(talk, phone);
    bubbles(this._thread, talk, phone);
    this._thread.scrollTop = this._thread.scrollHeight;
  }

  _buildTalk(talk, phone) {
    this._shownTalk = talk.id + phone;
    this._thread = el("div", { class: "thread", role: "log", tabindex: "0", "aria-label": `What the phone ${phone} shows` });
    const who = talk.others.length > 1
      ? select(talk.others.map((one) => [one, one]), { "aria-label": "Whose phone", value: phone, class: "input slim-select mono" })
      : el("strong", { class: "mono" }, phone);
    who.addEventListener("change", () => {
      this._phone = who.value;
      this._showTalk();
    });
    this._writing = writing(phone, talk);
    put(this._place,
      el("div", { class: "talk-head" },
        el("a", { class: "button quiet square only-narrow", href: linkTo("conversations"), "aria-label": "Back to the list" }, icon("back")),
        el("div", {}, el("p", { class: "small muted" }, "The phone of"), who),
        el("p", { class: "small muted talk-with" }, talk.others.length > 1 ? "a group with " : "talks with ", el("span", { class: "mono" }, talk.own))),
      this._thread, this._writing);
  }

  async _showNew() {
    const numbers = await ownNumbers();
    const from = input({ value: "+19195550123", inputmode: "tel" });
    const to = select(numbers.map((number) => [number, number]));
    const others = input({ placeholder: "+19195550124, +19195550125" });
    const text = el("textarea", { class: "input", rows: "4" });
    const files = el("input", { type: "file", multiple: true, class: "input" });
    const made = form([
      el("div", { class: "form-row" }, field("From the phone", from), field("To the number", to)),
      field("And to, for a group", others, "Phones that get it too, with commas between"),
      field("Text", text),
      field("Pictures and files, for an MMS", files),
    ], "Let it come in", async () => {
      const members = others.value.split(/[\s,]+/).filter(Boolean);
      await ask("POST", "/inbound", { from: from.value.trim(), to: [to.value, ...members], text: text.value, media: await readFiles(files.files) });
      notice("It came in.");
      goTo("conversations", [to.value, ...[from.value.trim(), ...members].sort()].join(","));
    });
    put(this._place, el("div", { class: "view narrow-view" },
      el("a", { class: "button quiet slim only-narrow", href: linkTo("conversations") }, icon("back"), "All conversations"),
      el("h2", {}, "Write as a phone"), el("p", { class: "muted" }, "What somebody outside sends to a number of the account: it is told to the application in a callback."), made));
    from.focus();
  }
}

// The line at the bottom of a phone.
function writing(phone, talk) {
  const text = el("textarea", { class: "input", rows: "1", placeholder: `Write as ${phone}`, "aria-label": `Write as ${phone}` });
  const id = freshId("files");
  const files = el("input", { type: "file", multiple: true, id, class: "unseen" });
  const chosen = el("span", { class: "small muted" });
  files.addEventListener("change", () => put(chosen, files.files.length ? plural(files.files.length, "file") : ""));
  const others = talk.others.filter((one) => one !== phone);
  const made = form([el("div", { class: "writing-row" }, files, el("label", { for: id, class: "button quiet square attach", title: "Attach files" }, icon("clip"), el("span", { class: "unseen" }, "Attach files")), text)],
    "Send", async () => {
      if (!text.value && !files.files.length) throw new Error("Write something, or attach a file.");
      await ask("POST", "/inbound", { from: phone, to: [talk.own, ...others], text: text.value, media: await readFiles(files.files) });
      text.value = "";
      files.value = "";
      put(chosen);
      text.focus();
    }, { more: chosen });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      made.requestSubmit();
    }
  });
  made.classList.add("writing");
  return made;
}
