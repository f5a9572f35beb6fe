/** What is wrong with a request, said where it belongs: at its fields, or above the button. */

import { NAMES, form } from "./form.js";

const more = document.getElementById("more");
const refused = document.getElementById("refused");

export function showRefusal(problem) {
  clearRefusal();
  const strangers = problem.errors.filter(({ field, message }) => !mark(field, message) && !isOfSource(field));
  document.querySelector("picture-source")?.refuse(problem.fields);
  form.querySelector("[aria-invalid]")?.focus();
  if (problem.errors.length && !strangers.length) return;
  refused.textContent = strangers.length ? strangers.map(({ message }) => message).join(" ") : problem.message;
  refused.hidden = false;
}

export function clearRefusal() {
  refused.hidden = true;
  for (const field of form.querySelectorAll("[aria-invalid]")) unmark(field);
}

const isOfSource = (field) => ["image", "mask", "strength"].includes(field);

/** Say at the field of this name what is wrong with it; gives whether there is such a field. */
export function mark(name, message) {
  const field = NAMES.includes(name) && form.elements[name];
  if (!field) return false;
  unmark(field);
  const line = document.createElement("p");
  Object.assign(line, { className: "wrong", id: `${name}-wrong`, textContent: message });
  field.closest(".field").append(line);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", line.id);
  if (more.contains(field)) more.open = true;
  return true;
}

function unmark(field) {
  document.getElementById(`${field.name}-wrong`)?.remove();
  field.removeAttribute("aria-invalid");
  field.removeAttribute("aria-describedby");
}

form.addEventListener("input", ({ target }) => {
  if (target.hasAttribute("aria-invalid")) unmark(target);
});
