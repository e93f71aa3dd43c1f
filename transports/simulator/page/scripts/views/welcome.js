// Before the first message: what sends one, with the real addresses and ids, ready to be copied.

import { accountNow } from "../shared/account_now.js";
import { ask } from "../shared/api.js";
import { button, codes } from "../shared/controls.js";
import { el, put } from "../shared/dom.js";
import { notice, problem } from "../shared/notices.js";

const RECIPIENT = "+19195550123";
const PASSWORD = "PASSWORD";

export async function welcome(box) {
  const account = await accountNow().catch(problem);
  if (!account) return;
  const ids = {
    base: `${location.origin}/api/v2`,
    account: account.id,
    application: account.applications[0]?.id ?? "",
    sender: account.numbers[0]?.number ?? "",
  };
  show(box, ids, { user: account.users.at(-1) ?? "USER", password: PASSWORD });
}

function show(box, ids, pair) {
  const first = button("Send a first message", async () => {
    await ask("POST", "/messages", { from: ids.sender, to: RECIPIENT, text: "Hello! The first of many." });
    notice("Sent: here it comes.");
  }, { kind: "primary" });
  const make = button("Make a user and password for these lines", async () => {
    const made = await ask("POST", "/credentials", {});
    show(box, ids, made);
    notice("The password is in the lines below, and shown only now.");
  }, { kind: "slim" });
  const known = pair.password === PASSWORD
    ? el("p", { class: "muted" }, "The password was printed where the simulator was started: put it in place of ", el("code", {}, PASSWORD), ". Not at hand? ")
    : el("p", {}, "The lines are complete. The password is shown only now: a page that is loaded again does not know it.");
  put(box, el("div", { class: "welcome" },
    el("div", { class: "welcome-head" },
      el("h2", {}, "No messages yet"),
      el("p", { class: "muted" }, "Whatever is sent to this simulator appears here and moves: queued, sent, delivered or failed. Send something, in any of three ways."),
      el("div", { class: "buttons" }, first)),
    el("section", {}, el("h3", {}, "From a shell"), known, pair.password === PASSWORD && el("div", { class: "buttons" }, make), codes(curl(ids, pair), "The curl line")),
    el("section", {}, el("h3", {}, "With the provider's own SDK"), codes(sdk(ids, pair), "The SDK snippet")),
    el("section", {}, el("h3", {}, "Choose what becomes of it"),
      el("ul", { class: "bullets" },
        el("li", {}, el("code", {}, "+1 919 555 4720"), " fails with delivery code 4720; any published code in the last four digits does."),
        el("li", {}, "A tag such as ", el("code", {}, "sim:code=4720,delay=30s"), " does the same for any recipient."),
        el("li", {}, "Everything else is delivered. ")))));
}

function curl(ids, pair) {
  const text = (value) => JSON.stringify(value);
  const body = `{"from": ${text(ids.sender)}, "to": [${text(RECIPIENT)}], "text": "hello",
    "applicationId": ${text(ids.application)}}`;
  return `curl ${ids.base}/users/${ids.account}/messages \\
  -u ${quote(`${pair.user}:${pair.password}`)} \\
  -H 'Content-Type: application/json' \\
  -d ${quote(body)}`;
}

function quote(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function sdk(ids, pair) {
  const text = (value) => JSON.stringify(value);
  return `import bandwidth  # pip install bandwidth-sdk

configuration = bandwidth.Configuration(
    username=${text(pair.user)},
    password=${text(pair.password)},
    host=${text(ids.base)},
    ignore_operation_servers=True,
)
with bandwidth.ApiClient(configuration) as client:
    message = {
        "applicationId": ${text(ids.application)},
        "from": ${text(ids.sender)},
        "to": [${text(RECIPIENT)}],
        "text": "hello",
    }
    request = bandwidth.MessageRequest.from_dict(message)
    print(bandwidth.MessagesApi(client).create_message(${text(ids.account)}, request))`;
}
