// Asking the control API. What it refuses comes back as a Problem that says why.

export class Problem extends Error {
  constructor(status, type, description) {
    super(description);
    this.status = status;
    this.type = type;
  }
}

let account = null;

// The account that all paths mean; without one it is the server's first.
export function chooseAccount(id) {
  account = id;
}

export function chosenAccount() {
  return account;
}

export function controlPath(path) {
  return account === null ? `/control${path}` : `/control/accounts/${encodeURIComponent(account)}${path}`;
}

// Of the chosen account.
export function ask(method, path, body, options = {}) {
  return request(method, controlPath(path), body, options);
}

// Of the whole server: clock and accounts.
export function askServer(method, path, body, options = {}) {
  return request(method, `/control${path}`, body, options);
}

async function request(method, path, body, { signal } = {}) {
  const init = { method, signal, credentials: "omit", cache: "no-store", headers: {} };
  if (body !== undefined) {
    init.headers["content-type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "no-answer", "The simulator does not answer. Is it still running?");
  }
  const text = await response.text();
  let content = null;
  try {
    content = text ? JSON.parse(text) : null;
  } catch {
    content = null;
  }
  if (!response.ok) {
    throw new Problem(response.status, content?.type ?? "refused", content?.description ?? `The simulator answers ${response.status}.`);
  }
  return content;
}
