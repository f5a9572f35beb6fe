/** What is left of one's credits. */

import { date, gettext, ngettext, number } from "../frame.js";
import { account } from "./own.js";
import { fill } from "./pieces.js";

export async function open(part) {
  document.addEventListener("credits", ({ detail }) => show(part, detail));
  show(part, (await account()).quota);
  const { openRequests } = await import("./requests.js");
  await openRequests(part);
}

function show(part, quota) {
  const write = (name, text) => (part.querySelector(`[data-${name}]`).textContent = text);
  const used = gettext("{used} of {limit} used", { used: number(quota.used), limit: number(quota.limit) });
  write("left", ngettext("{count} credit left", "{count} credits left", quota.remaining));
  write("used", used);
  write("turns", turn(quota));
  write("balance", ngettext("{count} credit", "{count} credits", quota.balance));
  fill(part.querySelector("[data-meter]"), quota.used, quota.limit, used);
}

function turn({ resets_at: moment }) {
  if (!moment) return gettext("It does not start anew.");
  return gettext("It starts anew on {day}.", { day: date(moment, { dateStyle: "long", timeZone: "UTC" }) });
}
