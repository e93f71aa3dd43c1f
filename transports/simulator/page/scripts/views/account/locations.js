// Locations: numbers that share an application, services and zones.

import { ask } from "../../shared/api.js";
import { button, check, field, form, input, run, select } from "../../shared/controls.js";
import { el, put } from "../../shared/dom.js";
import { notice } from "../../shared/notices.js";
import { plural } from "../../shared/times.js";

const ZONES = [1, 2, 3, 4, 5];
const SERVICES = [["sms", "SMS"], ["mms", "MMS"], ["toll_free", "Toll-free senders"], ["short_code", "Short codes"]];

export async function locations(place, account, again) {
  const applications = [["", "none"], ...account.applications.map((one) => [one.id, one.name || one.id])];
  put(place, el("div", { class: "two" }, account.locations.map((location) => card(location, account, applications, again)), making(applications, again)));
}

function card(location, account, applications, again) {
  const used = account.numbers.filter((number) => number.location_id === location.id).length;
  const change = (control, fields, words) => run(control, async () => {
    try {
      await ask("PATCH", `/locations/${encodeURIComponent(location.id)}`, fields);
      notice(words);
    } finally {
      await again();
    }
  });
  const application = select(applications, { value: location.application_id ?? "" });
  application.addEventListener("change", () => change(application, { application_id: application.value || null }, "The location has another application."));
  const zones = ZONES.map((zone) => {
    const { box, row } = check(`Zone ${zone}`, { checked: location.zones.includes(zone), disabled: zone === 1 });
    box.addEventListener("change", () => change(box, { zones: ZONES.filter((one) => (one === zone ? box.checked : location.zones.includes(one))) }, `Zone ${zone} is switched ${box.checked ? "on" : "off"}.`));
    return row;
  });
  const services = SERVICES.map(([name, label]) => {
    const { box, row } = check(label, { checked: location[name] });
    box.addEventListener("change", () => change(box, { [name]: box.checked }, `${label}: switched ${box.checked ? "on" : "off"}.`));
    return row;
  });
  const remove = button("Remove", async () => {
    await ask("DELETE", `/locations/${encodeURIComponent(location.id)}`);
    notice("The location is gone.");
    await again();
  }, { kind: "slim danger", disabled: used > 0, title: used ? "It still has numbers" : null, "aria-label": `Remove the location ${location.name || location.id}` });
  return el("section", { class: "card" },
    el("div", { class: "card-head" }, el("div", {}, el("h2", {}, location.name || location.id), el("p", { class: "small muted" }, el("span", { class: "mono" }, location.id), `, ${plural(used, "number")}`)), remove),
    field("Application", application),
    el("div", { class: "field" }, el("p", { class: "legend-words", id: `zones-${location.id}` }, "Zones it may reach"), el("div", { class: "checks", role: "group", "aria-labelledby": `zones-${location.id}` }, zones), el("p", { class: "hint" }, "Zone 1 is always on. A message to another zone fails with 4432.")),
    el("div", { class: "field" }, el("p", { class: "legend-words", id: `services-${location.id}` }, "Services"), el("div", { class: "checks", role: "group", "aria-labelledby": `services-${location.id}` }, services)));
}

function making(applications, again) {
  const id = input({ placeholder: "500002" });
  const name = input({ placeholder: "west" });
  const application = select(applications);
  return el("section", { class: "card" }, el("h2", {}, "Another location"),
    form([field("Id", id), field("Name", name), field("Application", application)], "Make it", async () => {
      await ask("PUT", `/locations/${encodeURIComponent(id.value.trim())}`, { name: name.value.trim(), application_id: application.value || null });
      notice("The location is there.");
      await again();
    }, { kind: "" }));
}
