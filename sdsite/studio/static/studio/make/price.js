/** The price of what the form says, before anything is pressed. */

import { ask, gettext, ngettext, number, showCredits } from "../frame.js";
import { form, isPriced, values } from "./form.js";

const PAUSE = 300;
const TRY_AGAIN_SECONDS = 5;

const line = document.getElementById("price");
const tooDear = document.getElementById("too-dear");
const submit = document.getElementById("submit");
const free = new Set(["prompt", "negative_prompt", "seed"]);

let timer = 0;
let asked = null;
let rework = () => ({});

/** What else counts: how the picture that one starts from is reworked (`request_type`, `strength`). */
export function priceWith(source) {
  rework = source;
  priceSoon();
}

/** Ask for the price as soon as nothing has been changed for a moment. */
export function priceSoon(pause = PAUSE) {
  clearTimeout(timer);
  timer = setTimeout(price, pause);
}

/** Whether what the form says now can be paid. */
export async function affordable() {
  clearTimeout(timer);
  await price();
  return submit.getAttribute("aria-disabled") !== "true";
}

async function price() {
  asked?.abort();
  asked = new AbortController();
  try {
    const body = Object.fromEntries(Object.entries(values()).filter(([name]) => !free.has(name)));
    show(await ask("/quote", { method: "POST", body: { ...body, ...rework() }, signal: asked.signal }));
  } catch (problem) {
    if (problem.name !== "AbortError") await refuse(problem);
  }
}

function show(quote) {
  line.textContent = quote.affordable ? words(quote) : "\u00a0";
  tooDear.hidden = quote.affordable;
  submit.setAttribute("aria-disabled", String(!quote.affordable));
  if (!quote.affordable) tooDear.firstElementChild.textContent = shortOf(quote);
  showCredits({ remaining: quote.remaining });
}

function words({ cost, remaining, estimated_seconds, queue_position }) {
  const said = [
    ngettext("{cost} of your {count} credit", "{cost} of your {count} credits", remaining, { cost: number(cost) }),
    estimated_seconds === null ? "" : gettext("about {time}", { time: duration(estimated_seconds) }),
    queue_position > 1 ? gettext("place {place} in line", { place: number(queue_position) }) : "",
  ];
  return said.filter(Boolean).join(" · ");
}

function shortOf({ cost, remaining }) {
  const values = { cost: number(cost), remaining: number(remaining) };
  if (remaining === 0) return gettext("Your credits are used up.");
  return gettext("This costs {cost} credits, and you have {remaining} left.", values);
}

function duration(seconds) {
  const unit = seconds < 90 ? "second" : "minute";
  const count = Math.max(1, Math.round(unit === "second" ? seconds : seconds / 60));
  return number(count, { style: "unit", unit, unitDisplay: "short" });
}

/** What cannot be priced cannot be made: said at its field, or asked again where it passes. */
async function refuse(problem) {
  line.textContent = problem.errors.length ? "\u00a0" : problem.message;
  if (problem.passing) return priceSoon(1000 * (problem.wait ?? TRY_AGAIN_SECONDS));
  const { mark } = await import("./refusals.js");
  for (const { field, message } of problem.errors) mark(field, message);
}

form.addEventListener("input", ({ target }) => isPriced(target.name) && priceSoon());
form.addEventListener("filled", () => priceSoon());
window.addEventListener("online", () => priceSoon());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && priceSoon());
