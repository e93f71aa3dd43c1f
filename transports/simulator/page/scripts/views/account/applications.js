// Applications: where callbacks go.

import { ask } from "../../shared/api.js";
import { button, field, form, input } from "../../shared/controls.js";
import { el, put } from "../../shared/dom.js";
import { notice } from "../../shared/notices.js";

export async function applications(place, account, again) {
  put(place, el("div", { class: "two" }, account.applications.map((application) => card(application, account, again)), making(again)));
}

function fields(application) {
  const text = (value, attributes) => input({ value: value ?? "", ...attributes });
  const controls = {
    name: text(application.name),
    callback_url: text(application.callback_url, { type: "url", placeholder: "http://127.0.0.1:9000/callbacks" }),
    inbound_url: text(application.inbound_url, { type: "url", placeholder: "as above" }),
    outbound_url: text(application.outbound_url, { type: "url", placeholder: "as above" }),
    user: text(application.callback_user),
    password: text("", { type: "password", autocomplete: "new-password", placeholder: application.callback_user ? "unchanged" : "" }),
    batch_limit: text(application.batch_limit ?? 1, { type: "number", min: "1" }),
  };
  const rows = [
    field("Name", controls.name),
    field("Callback URL", controls.callback_url, "Without one, events are told to nobody"),
    el("div", { class: "form-row" }, field("Of what comes in", controls.inbound_url), field("Of what goes out", controls.outbound_url)),
    el("div", { class: "form-row" }, field("User, if asked", controls.user), field("Password", controls.password), field("Events in a request", controls.batch_limit)),
  ];
  const read = () => {
    const wanted = {
      name: controls.name.value.trim(),
      callback_url: controls.callback_url.value.trim() || null,
      inbound_url: controls.inbound_url.value.trim() || null,
      outbound_url: controls.outbound_url.value.trim() || null,
      batch_limit: Number(controls.batch_limit.value),
    };
    if (controls.password.value) wanted.callback_credential = { user: controls.user.value, password: controls.password.value };
    else if (!controls.user.value) wanted.callback_credential = null;
    return wanted;
  };
  return { rows, read };
}

function card(application, account, again) {
  const { rows, read } = fields(application);
  const users = account.locations.filter((location) => location.application_id === application.id);
  const remove = button("Remove", async () => {
    await ask("DELETE", `/applications/${encodeURIComponent(application.id)}`);
    notice("The application is gone.");
    await again();
  }, { kind: "slim danger", disabled: users.length > 0, title: users.length ? "A location uses it" : null, "aria-label": `Remove the application ${application.name}` });
  const used = users.length ? `used by ${users.map((location) => location.name || location.id).join(", ")}` : "used by no location";
  return el("section", { class: "card" },
    el("div", { class: "card-head" }, el("div", {}, el("h2", {}, application.name || "Without a name"), el("p", { class: "small muted break" }, el("span", { class: "mono" }, application.id), el("br"), used)), remove),
    form(rows, "Save", async () => {
      await ask("PATCH", `/applications/${encodeURIComponent(application.id)}`, read());
      notice("Saved.");
      await again();
    }));
}

function making(again) {
  const { rows, read } = fields({ name: "", batch_limit: 1 });
  return el("section", { class: "card" }, el("h2", {}, "Another application"),
    form(rows, "Make it", async () => {
      await ask("POST", "/applications", read());
      notice("The application is there; now give it to a location.");
      await again();
    }, { kind: "" }));
}
