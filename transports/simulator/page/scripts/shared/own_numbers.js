// The numbers of the chosen account that can be written to: a name cannot.

import { accountNow } from "./account_now.js";

export async function ownNumbers() {
  const account = await accountNow();
  return account.numbers.filter((number) => number.number_class !== "alphanumeric").map((number) => number.number);
}
