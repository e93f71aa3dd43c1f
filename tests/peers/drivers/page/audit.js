// What a person who sees little, or uses no mouse, would trip over: names, roles, references, contrast. Returns a list
// of complaints about what is shown right now. Every contrast is computed from what the browser has computed.

() => {
  const complaints = [];
  const say = (element, words) => complaints.push(`${describe(element)}: ${words}`);
  const describe = (element) => {
    const text = (element.textContent || "").trim().replace(/\s+/g, " ").slice(0, 40);
    return `<${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ""}${element.className && element.className.baseVal === undefined ? `.${element.className}` : ""}> ${JSON.stringify(text)}`;
  };
  const style = (element) => getComputedStyle(element);

  function isShown(element) {
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1;
  }

  // --- colours -------------------------------------------------------------------------------------------------------

  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map();

  function colour(text) {
    if (!known.has(text)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = "#000";
      canvas.fillStyle = text;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      known.set(text, [r, g, b, a / 255]);
    }
    return known.get(text);
  }

  const over = (top, below) => top.slice(0, 3).map((value, index) => value * top[3] + below[index] * (1 - top[3]));

  function ground(element) {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const layer = colour(style(at).backgroundColor);
      if (layer[3] > 0) layers.push(layer);
      if (layer[3] === 1) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  }

  function luminance(rgb) {
    const [r, g, b] = rgb.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function ratio(one, other) {
    const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  }

  let textCount = 0;
  let lowest = 21;

  function judgeText(element, paint, words) {
    const computed = style(element);
    const size = parseFloat(computed.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(computed.fontWeight) >= 700);
    const below = ground(element);
    let opacity = 1;
    for (let at = element; at; at = at.parentElement) opacity *= Number(style(at).opacity);
    const [r, g, b, a] = colour(paint);
    const found = ratio(over([r, g, b, a * opacity], below), below);
    textCount += 1;
    if (!isLarge) lowest = Math.min(lowest, found);
    if (found < (isLarge ? 3 : 4.5)) say(element, `contrast ${found.toFixed(2)} of ${JSON.stringify(words.trim().slice(0, 30))}`);
  }

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !isShown(element) || element.closest("option, noscript, .unseen, .brand-mark")) continue;
    if (element.closest(":disabled, label:has(:disabled)")) continue; // WCAG 1.4.3: what cannot be used has none to keep
    judgeText(element, element instanceof SVGElement ? style(element).fill : style(element).color, node.data);
  }
  for (const field of document.querySelectorAll("input, textarea, select")) {
    if (!isShown(field) || field.disabled || ["checkbox", "file"].includes(field.type)) continue;
    if (field.value) judgeText(field, style(field).color, field.value);
    else if (field.placeholder) judgeText(field, getComputedStyle(field, "::placeholder").color, field.placeholder);
  }

  // --- names, roles, references --------------------------------------------------------------------------------------

  const byIds = (text) => text.split(/\s+/).map((id) => document.getElementById(id));

  function nameOf(element) {
    const labelled = element.getAttribute("aria-labelledby");
    if (labelled) return byIds(labelled).map((one) => one?.textContent ?? "").join(" ").trim();
    const label = element.getAttribute("aria-label");
    if (label?.trim()) return label.trim();
    if (element.labels?.length) return [...element.labels].map((one) => one.textContent).join(" ").trim();
    if (element.alt !== undefined && element.tagName === "IMG") return element.alt;
    return (element.textContent || element.title || "").trim();
  }

  const ROLES = new Set(["alert", "dialog", "grid", "gridcell", "group", "img", "log", "meter", "row", "rowgroup", "status", "timer"]);
  const USED = "a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex='-1'])";
  for (const element of document.querySelectorAll(USED)) {
    if (!isShown(element) && !(element.type === "file" && element.labels?.length)) continue;
    if (!nameOf(element)) say(element, "nothing says what it is called");
    const box = element.getBoundingClientRect();
    const isInline = element.tagName === "A" && style(element).display === "inline";
    if (isShown(element) && !isInline && !["checkbox"].includes(element.type) && element.tagName !== "SUMMARY" && box.height < 24) say(element, `only ${box.height.toFixed(0)} pixels high to be hit`);
  }
  for (const element of document.querySelectorAll("[role]")) {
    if (!ROLES.has(element.getAttribute("role"))) say(element, `role ${element.getAttribute("role")} is none that is used here`);
    if (["grid", "img", "meter", "log", "group", "dialog"].includes(element.getAttribute("role")) && isShown(element) && !(element.getAttribute("aria-label") || element.getAttribute("aria-labelledby"))) say(element, "its role wants a name");
  }
  for (const image of document.querySelectorAll("img")) if (!image.hasAttribute("alt")) say(image, "an image without alt");
  for (const drawing of document.querySelectorAll("svg")) {
    if (drawing.getAttribute("aria-hidden") !== "true" && !drawing.getAttribute("aria-label") && drawing.getAttribute("role") !== "img") say(drawing, "a drawing that is neither hidden nor named");
  }
  for (const attribute of ["aria-labelledby", "aria-describedby", "aria-activedescendant", "for"]) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) {
      if (byIds(element.getAttribute(attribute)).includes(null)) say(element, `${attribute} names nothing`);
    }
  }
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) complaints.push(`id ${id} stands twice`);
  for (const row of document.querySelectorAll("[role='row']")) if (!row.closest("[role='grid']")) say(row, "a row outside of a grid");
  for (const cell of document.querySelectorAll("[role='gridcell']")) if (!cell.parentElement.matches("[role='row']")) say(cell, "a cell outside of a row");

  // --- the document --------------------------------------------------------------------------------------------------

  if (!document.documentElement.lang) complaints.push("the document does not say its language");
  if (!document.title.trim()) complaints.push("the document has no title");
  for (const [selector, what] of [["main", "main"], ["h1", "heading of the first order"]]) {
    const count = document.querySelectorAll(selector).length;
    if (count !== 1) complaints.push(`${count} times a ${what}`);
  }
  let before = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
    const order = Number(heading.tagName[1]);
    if (order > before + 1) say(heading, `a heading of order ${order} below one of order ${before}`);
    before = order;
  }
  for (const nav of document.querySelectorAll("nav")) if (!nav.getAttribute("aria-label")) say(nav, "one of several navigations without a name");
  if (document.documentElement.scrollWidth > innerWidth + 1) complaints.push(`the page is ${document.documentElement.scrollWidth} pixels wide in a window of ${innerWidth}`);
  return { complaints, texts: textCount, lowest };
}
