/** Making a token. */

import { ask } from "../frame.js";
import { numberIn, onSubmit } from "../forms.js";

const DAY = 24 * 60 * 60 * 1000;

/** Let the form make tokens; `made(token)` is told of each, with its secret. */
export function letMake(part, made) {
  const form = part.querySelector("#token-form");
  const day = form.querySelector("[data-day]");
  form.elements.until.addEventListener("change", ({ target }) => {
    day.hidden = target.value !== "day";
    form.elements.expires_at.required = !day.hidden;
  });
  onSubmit(form, async () => {
    const token = await ask("/tokens", { method: "POST", body: wanted(form) });
    form.reset();
    day.hidden = true;
    part.querySelector("#make-token").open = false;
    await made(token);
  });
}

function wanted({ elements }) {
  return {
    name: elements.name.value,
    scopes: [...elements.scopes].filter(({ checked }) => checked).map(({ value }) => value),
    expires_at: expiry(elements.until.value, elements.expires_at.value),
    credit_cap: numberIn(elements.credit_cap),
  };
}

/** When it expires: after so many days, or at the end of a day, here where the clock hangs. */
function expiry(until, day) {
  if (!until) return null;
  if (until !== "day") return new Date(Date.now() + Number(until) * DAY).toISOString();
  return new Date(`${day}T23:59:59`).toISOString();
}
