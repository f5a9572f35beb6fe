/** What holds for this account, in words. */

import { gettext, ngettext, number } from "../frame.js";

export function showLimits(place, { plan, limits }) {
  place.querySelector("[data-plan]").textContent = plan
    ? gettext("Your plan is {plan}.", { plan })
    : gettext("What this service gives to everybody holds for you.");
  for (const [name, value] of rows(limits)) {
    const [term, fact] = [document.createElement("dt"), document.createElement("dd")];
    [term.textContent, fact.textContent] = [name, value];
    place.querySelector("dl").append(term, fact);
  }
}

function rows(limits) {
  const side = Math.floor(Math.sqrt(limits.max_pixels));
  return [
    [gettext("Largest picture"), gettext("{count} pixels, as in {side} × {side}", { count: number(limits.max_pixels), side: number(side) })],
    [gettext("Most steps"), number(limits.max_steps)],
    [gettext("Most pictures at once"), number(limits.max_images)],
    [gettext("Waiting and running"), ngettext("{count} request at a time", "{count} requests at a time", limits.max_unfinished)],
    [gettext("Pace"), ngettext("{count} request a minute", "{count} requests a minute", limits.rate_limit)],
    [gettext("Pictures are kept"), kept(limits.retention_days)],
  ];
}

function kept(days) {
  return days ? ngettext("for {count} day", "for {count} days", days) : gettext("until you delete them");
}
