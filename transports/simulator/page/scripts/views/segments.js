// Segments drawn: a cell for each character, as wide as the units it takes; what is outside GSM-7 is marked.

import { el } from "../shared/dom.js";
import { count, plural } from "../shared/times.js";

const SEEN = { " ": "␣", "\n": "↵", "\r": "␍", "\f": "␌", "\t": "⇥" };

export function drawSegments(drawing) {
  const unit = drawing.alphabet === "GSM-7" ? "septet" : "code unit";
  return el("div", { class: "segments" },
    el("p", { class: "small" },
      el("strong", {}, drawing.alphabet), `, ${plural(drawing.unit_count, unit)} in ${plural(drawing.segment_count, "segment")}, ${drawing.units_left} left in the last`),
    drawing.outside.length > 0 && outside(drawing.outside),
    drawing.segments.map((segment) => drawSegment(segment, unit)));
}

function outside(found) {
  const shown = found.slice(0, 12);
  return el("p", { class: "small forces" }, "UCS-2 because of ",
    shown.map((item, index) => [index > 0 && ", ", el("span", { class: "cell-sample", dir: "auto" }, visible(item.character)), el("span", { class: "mono" }, ` ${item.code_points}`), item.count > 1 && ` ×${count(item.count)}`]),
    found.length > shown.length && `, and ${count(found.length - shown.length)} more`);
}

function drawSegment(segment, unit) {
  const header = segment.header ? segment.header.split(" ") : [];
  const name = `Segment ${segment.number} of ${segment.total}`;
  const text = segment.cells.map(([character]) => character).join("");
  return el("figure", { class: "segment" },
    el("figcaption", {}, el("strong", {}, name), el("span", { class: "muted numeric" }, ` ${count(segment.unit_count)} of ${count(segment.capacity)} ${unit}s`)),
    el("div", { class: "cells", role: "img", data: { alphabet: unit === "septet" ? "gsm7" : "ucs2" }, "aria-label": `${name}: ${plural(segment.unit_count, unit)}. ${text}` },
      header.map((octet) => el("span", { class: "unit head-unit", title: "user data header" }, el("b", {}, "H"), el("i", {}, octet))),
      segment.cells.map(([character, units, isOutside]) => el("span", {
        class: `unit${isOutside ? " outside" : ""}${units.length > 1 ? " wide" : ""}`,
        title: `${visible(character)} ${codePoint(character)}: ${plural(units.length, unit)}${isOutside ? ", not in GSM-7" : ""}`,
      }, el("b", {}, visible(character)), el("i", {}, units.join(" "))))),
    el("details", { data: { name: `octets-${segment.number}` } }, el("summary", {}, `Its octets in hex (TP-UDL ${segment.user_data_length})`),
      el("pre", { class: "octets", tabindex: "0", "aria-label": `Octets of segment ${segment.number}` },
        segment.header && el("mark", {}, segment.header), segment.user_data.slice(segment.header.length))));
}

export function visible(character) {
  return SEEN[character] ?? (/^[\p{M}\p{Cf}\p{Cc}\p{Zs}]/u.test(character) ? "◌" : character);
}

function codePoint(character) {
  return [...character].map((one) => `U+${one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`).join(" ");
}
