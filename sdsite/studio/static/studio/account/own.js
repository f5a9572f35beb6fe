/** The account as the service knows it, asked for once for all parts. */

import { ask, showCredits } from "../frame.js";

let known = null;

export function account() {
  known ??= fetched();
  return known;
}

/** What it is now, after something has changed it. */
export function accountNow() {
  known = fetched();
  return known;
}

/** Change it; the answer is null where a letter has to be opened first. */
export async function change(body) {
  const answer = await ask("/account", { method: "PATCH", body });
  if (!answer.quota) return null;
  known = Promise.resolve(answer);
  return answer;
}

async function fetched() {
  try {
    const found = await ask("/account");
    showCredits(found.quota);
    return found;
  } catch (error) {
    known = null;
    throw error;
  }
}
