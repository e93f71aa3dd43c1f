// Uses the dashboard's client as its user does, one JSON question a line.
//
// {"ready": {...}} says where the dashboard is and what opens it. {"do": "Site.create", "args": [...], "as": "site"} calls
// a function of the client and keeps what comes of it; {"on": "site", "do": "update", "args": [...]} calls a method of
// something kept. An argument {"$": "site.id"} is a part of something kept, {"octets": "..."} a file.
// Answered is the value, or the error.
const path = require("path");
const readline = require("readline");
const numbers = require(path.join(process.cwd(), "node_modules", "@bandwidth/numbers"));

const MILLISECONDS = 10000; // the client waits for ever where an answer lacks what it looks for
const kept = {};
let client = null;

function resolve(argument) {
  if (Array.isArray(argument)) return argument.map(resolve);
  if (argument === null || typeof argument !== "object") return argument;
  if ("octets" in argument) return Buffer.from(argument.octets);
  if ("$" in argument) return argument.$.split(".").reduce((value, name) => value[name], kept);
  return Object.fromEntries(Object.entries(argument).map(([name, value]) => [name, resolve(value)]));
}

function shown(value) {
  return value === undefined ? null : JSON.parse(JSON.stringify(value, (name, item) => (name === "client" ? undefined : item)));
}

function call(question) {
  const args = (question.args || []).map(resolve);
  if ("on" in question) {
    const target = question.on.split(".").reduce((value, name) => value[name], kept);
    return target[`${question.do}Async`](...args);
  }
  const [type, name] = question.do.split(".");
  return numbers[type][`${name}Async`](client, ...args);
}

async function answer(question) {
  if ("ready" in question) {
    const ready = question.ready;
    client = new numbers.Client(ready.account_id, ready.user, ready.password, null, null, { apiEndPoint: ready.url });
    return {};
  }
  let timer;
  const hung = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("no end")), MILLISECONDS);
  });
  try {
    const value = await Promise.race([call(question), hung]);
    if (question.as) kept[question.as] = value;
    return { value: shown(value) };
  } catch (error) {
    return { error: String(error.message || error), status: error.status || error.httpStatus || null };
  } finally {
    clearTimeout(timer);
  }
}

(async () => {
  process.on("unhandledRejection", () => {}); // what the client loses, the time-out tells
  for await (const line of readline.createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await answer(JSON.parse(line))));
  }
  process.exit(0);
})();
