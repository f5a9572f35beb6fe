/** Forms: what the service says to what was typed comes back to the field that it is about. */

import { gettext, ngettext, Problem } from "./frame.js";

/**
 * Let `act(form)` do what a form is for, once it is complete and one time at a time.
 * The sentence that it returns is said in the form, and a `Problem` that it throws at the fields, or there too.
 */
export function onSubmit(form, act) {
  form.noValidate = true;
  form.addEventListener("input", ({ target }) => unmark(target));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.matches("[aria-busy=true]")) return;
    say(form, "");
    if (isComplete(form)) await whileBusy(form, () => attempt(form, act));
  });
}

/** Say something in the place that `form` has for it: `kind` is good, bad or warm. */
export function say(form, text, kind = "good") {
  const place = form.querySelector("[data-said]");
  place.hidden = !text;
  place.className = `notice ${kind}`;
  place.textContent = text;
}

/** A problem in words, with when to try again, where the service says so. */
export function inWords({ detail, wait }) {
  if (!wait) return detail;
  const again =
    wait < 90
      ? ngettext("Try again in {count} second.", "Try again in {count} seconds.", wait)
      : ngettext("Try again in {count} minute.", "Try again in {count} minutes.", Math.ceil(wait / 60));
  return `${detail} ${again}`;
}

/** The value of a number field; what is no number is left to the service to refuse. */
export function numberIn(field) {
  return field.value === "" ? null : Number(field.value);
}

async function attempt(form, act) {
  try {
    say(form, (await act(form)) ?? "");
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    refuse(form, error);
  }
}

async function whileBusy(form, work) {
  const button = form.querySelector("[type=submit]");
  form.setAttribute("aria-busy", "true");
  button?.setAttribute("aria-disabled", "true");
  await work();
  form.removeAttribute("aria-busy");
  button?.removeAttribute("aria-disabled");
}

function isComplete(form) {
  const empty = [...form.elements].filter((field) => field.required && !field.value.trim() && isShown(field));
  for (const field of empty) mark(field, gettext("Please fill this in."));
  empty[0]?.focus();
  return !empty.length;
}

function isShown(field) {
  return field.offsetParent !== null;
}

function refuse(form, problem) {
  const named = Object.entries(problem.fields).map(([name, message]) => [fieldOf(form, name), message]);
  const shown = named.filter(([field]) => field);
  for (const [field, message] of shown) mark(field, message);
  if (shown.length < Math.max(1, named.length)) say(form, inWords(problem), "bad");
  shown[0]?.[0].focus();
}

/** The field of that name; of several, the first. */
function fieldOf(form, name) {
  const found = form.elements[name.split(".")[0]];
  return found instanceof RadioNodeList ? found[0] : found;
}

function mark(field, message) {
  const place = field.closest(".field")?.querySelector(".wrong");
  field.setAttribute("aria-invalid", "true");
  if (!place) return;
  place.hidden = false;
  place.textContent = message;
}

function unmark(field) {
  const around = field.closest(".field");
  for (const one of around?.querySelectorAll("[aria-invalid]") ?? []) one.removeAttribute("aria-invalid");
  const place = around?.querySelector(".wrong");
  if (place) place.hidden = true;
}
