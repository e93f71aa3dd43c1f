// Where one is, in the part of the address behind the hash: #/view/item?name=value. Every place can be linked to.

import { chooseAccount } from "./api.js";

export function readRoute(hash = location.hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [view, ...rest] = path.split("/").map(decode);
  return { view: view || "messages", item: rest.length ? rest.join("/") : null, query: new URLSearchParams(query) };
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // somebody has typed a lone percent sign
  }
}

export function linkTo(view, item = null, query = {}) {
  const pairs = new URLSearchParams();
  const account = readRoute().query.get("account");
  if (account) pairs.set("account", account);
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") pairs.set(name, value);
    else pairs.delete(name);
  }
  const text = pairs.toString();
  return `#/${view}${item === null ? "" : `/${encodeURIComponent(item)}`}${text ? `?${text}` : ""}`;
}

export function goTo(view, item = null, query = {}, { replace = false } = {}) {
  const link = linkTo(view, item, query);
  if (replace) {
    history.replaceState(null, "", link);
    dispatchEvent(new HashChangeEvent("hashchange"));
  } else {
    location.hash = link;
  }
}

export function followRoutes(show) {
  const changed = () => {
    const route = readRoute();
    chooseAccount(route.query.get("account"));
    show(route);
  };
  addEventListener("hashchange", changed);
  changed();
}
