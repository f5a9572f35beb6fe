/** A token, made by one button, and shown once. */

import { copy } from "../copyable.js";
import { inWords } from "../forms.js";
import { ask, date, gettext, Problem, toast } from "../frame.js";

/** Make a token and show it in `place`; gives its secret, or null where none was made, which is said there. */
export async function makeToken(place) {
  try {
    const token = await ask("/tokens", { method: "POST", body: { name: nameOfToday() } });
    show(place, token);
    return token.token;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    refuse(place, error);
    return null;
  }
}

function nameOfToday() {
  return gettext("API, {day}", { day: date(new Date(), { dateStyle: "long" }) });
}

function show(place, { name, token }) {
  const find = (part) => place.querySelector(`[data-${part}]`);
  find("none").hidden = true;
  find("fresh").hidden = false;
  find("secret").textContent = token;
  find("copy").addEventListener("click", async () => {
    toast((await copy(find("secret"))) ? gettext("Copied") : gettext("Selected: copy it with your keyboard"));
  });
  find("name").textContent = gettext("Your token: {name}", { name });
  find("name").focus();
}

function refuse(place, problem) {
  const notice = place.querySelector("[data-refused]");
  notice.hidden = false;
  notice.textContent = inWords(problem);
}
