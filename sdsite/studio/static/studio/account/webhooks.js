/** The secret that webhooks are signed with. */

import { sure } from "../asking.js";
import { inWords, say } from "../forms.js";
import { ask, date, gettext, Problem } from "../frame.js";
import { letCopy } from "./copying.js";

const PATH = "/account/webhook-secret";

export function openSecret(place) {
  const button = (name) => place.querySelector(`[data-${name}]`);
  letCopy(button("copy"), place.querySelector("code"));
  button("show").addEventListener("click", () => attempt(place, () => toggle(place)));
  button("rotate").addEventListener("click", () => attempt(place, () => rotate(place)));
}

async function attempt(place, act) {
  say(place, "");
  try {
    await act();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    say(place, inWords(error), "bad");
  }
}

async function toggle(place) {
  if (place.querySelector("[data-shown]").hidden) show(place, await ask(PATH));
  else hide(place);
}

async function rotate(place) {
  const title = gettext("Make another secret?");
  const text = gettext("For 24 hours both sign what is sent, so that you have the time to change it on your server.");
  if (!(await sure({ title, text, button: gettext("Make another one") }))) return;
  show(place, await ask(PATH, { method: "POST" }));
  say(place, gettext("This is your new secret."));
}

function show(place, { secret, former_until: until }) {
  reveal(place, true);
  place.querySelector("code").textContent = secret;
  const former = place.querySelector("[data-former]");
  former.hidden = !until || new Date(until) <= new Date();
  if (!former.hidden) former.textContent = gettext("The one before signs too until {when}.", { when: date(until) });
}

function hide(place) {
  reveal(place, false);
  place.querySelector("code").textContent = "";
}

function reveal(place, shown) {
  for (const name of ["shown", "copy", "rotate"]) place.querySelector(`[data-${name}]`).hidden = !shown;
  place.querySelector("[data-show]").textContent = shown ? gettext("Hide the secret") : gettext("Show the secret");
}
