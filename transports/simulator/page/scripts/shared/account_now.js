// The chosen account as it stands; without a choice, the server's first.

import { Problem, askServer, chosenAccount } from "./api.js";

export async function accountNow() {
  const chosen = chosenAccount();
  if (chosen !== null) return askServer("GET", `/accounts/${encodeURIComponent(chosen)}`);
  const [first] = await askServer("GET", "/accounts");
  if (!first) throw new Problem(404, "not-found", "The simulator has no account.");
  return first;
}
