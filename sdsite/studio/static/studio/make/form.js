/** The form: its fields with the limits and defaults that hold for this user, and what is asked for. */

import { gettext, number } from "../frame.js";

export const form = document.getElementById("make");
export const prompt = form.elements.prompt;

const fields = form.elements;
const lock = document.getElementById("lock");
const shapes = [...form.querySelectorAll("[data-ratio]")];

const WORDS = ["prompt", "negative_prompt"];
const NUMBERS = ["width", "height", "num_inference_steps", "guidance_scale", "seed", "num_images", "quality"];
export const NAMES = [...WORDS, ...NUMBERS, "scheduler", "output_format"];

let defaults = {};
let lastSeed = null;

/** Whether the value of this field is of influence on the price. */
export function isPriced(name) {
  return NAMES.includes(name) && !WORDS.includes(name) && name !== "seed";
}

/** The body of a request: what is written, without what is left to the service. */
export function values() {
  const body = {};
  for (const name of NAMES) {
    const field = fields[name];
    if (field.disabled || isUnset(field)) continue;
    body[name] = NUMBERS.includes(name) ? Number(field.value) : field.value;
  }
  return body;
}

/** What of it was chosen, and is not as the model has it anyway. */
export function chosen() {
  return Object.fromEntries(Object.entries(values()).filter(([name, value]) => defaults[name] !== value));
}

/** Write what is given into the form, and leave the rest as it is. */
export function fill(wanted) {
  for (const name of NAMES.filter((name) => name in wanted)) set(fields[name], wanted[name]);
  settle();
  form.dispatchEvent(new Event("filled"));
}

/** What the model likes best, and a new seed each time. */
export function reset() {
  fill({ ...defaults, seed: "", quality: "" });
}

/** Bring the form into view, with the cursor where one goes on. */
export function goTo(place = prompt) {
  form.scrollIntoView({ block: "nearest" });
  place.focus();
  if (place === prompt) prompt.setSelectionRange(prompt.value.length, prompt.value.length);
}

/** Remember the seed that was used last, which the lock keeps. */
export function noteSeed(seed) {
  lastSeed = seed;
}

/** Take limits, choices and defaults from the capabilities; what was chosen before stays. */
export function furnish({ models: [model], limits, ranges, output_formats, schedulers }) {
  for (const name of NUMBERS) {
    const { minimum: min, maximum: max, step } = ranges[name];
    Object.assign(fields[name], { min, max, step });
  }
  choices(fields.output_format, output_formats);
  choices(fields.scheduler, model.schedulers, Object.fromEntries(schedulers.map(({ name, title }) => [name, title])));
  const most = { pixels: number(limits.max_pixels), multiple: limits.side_multiple };
  document.getElementById("size-help").textContent = gettext("Multiples of {multiple}; at most {pixels} pixels.", most);
  for (const button of shapes) offer(button, model, limits);
  const own = { width: model.native_width, height: model.native_height, num_images: 1, output_format: output_formats[0] };
  defaults = { ...own, ...model.defaults };
  fill(Object.fromEntries(Object.entries(defaults).filter(([name]) => isUnset(fields[name]))));
}

function isUnset(field) {
  return field.value === "" || field.hasAttribute("data-unset");
}

function set(field, value) {
  if (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === value)) return;
  field.value = value ?? "";
  field.removeAttribute("data-unset");
}

function choices(select, names, titles = {}) {
  const chosen = select.value;
  select.replaceChildren(...names.map((name) => new Option(titles[name] ?? name, name)));
  select.value = names.includes(chosen) ? chosen : "";
}

/** A shape is as large as the model's own, as far as sides of these multiples allow. */
function offer(button, model, limits) {
  const [across, down] = button.dataset.ratio.split(":").map(Number);
  const area = Math.min(model.native_width * model.native_height, limits.max_pixels);
  const side = (length) => limits.side_multiple * Math.round(length / limits.side_multiple);
  const [width, height] = [side(Math.sqrt((area * across) / down)), side(Math.sqrt((area * down) / across))];
  const inside = Math.min(width, height) >= limits.min_side && Math.max(width, height) <= limits.max_side;
  button.hidden = !inside || width * height > limits.max_pixels;
  Object.assign(button.dataset, { width, height });
}

/** What depends on the values: how they are shown, and which fields have a say. */
function settle() {
  for (const output of form.querySelectorAll("output")) {
    output.value = number(Number(fields[output.htmlFor.value].value));
  }
  const png = fields.output_format.value === "png";
  Object.assign(fields.quality, { disabled: png, placeholder: png ? "" : gettext("usual") });
  lock.setAttribute("aria-pressed", String(fields.seed.value !== ""));
  const [width, height] = [fields.width.value, fields.height.value];
  for (const shape of shapes) {
    shape.setAttribute("aria-pressed", String(shape.dataset.width === width && shape.dataset.height === height));
  }
  if (!defaults.width) return;
  const shown = { width, height, steps: fields.num_inference_steps.value };
  document.getElementById("summary").textContent = gettext("{width} × {height}, {steps} steps", shown);
}

function change(wanted) {
  fill(wanted);
  fields[Object.keys(wanted)[0]].dispatchEvent(new Event("input", { bubbles: true }));
}

const anySeed = () => Math.floor(Math.random() * (Number(fields.seed.max) + 1));

form.addEventListener("input", ({ target }) => {
  target.removeAttribute("data-unset");
  settle();
});
form.addEventListener("click", ({ target }) => {
  const shape = target.closest("[data-ratio]");
  if (shape) change({ width: shape.dataset.width, height: shape.dataset.height });
});
lock.addEventListener("click", () => change({ seed: fields.seed.value === "" ? (lastSeed ?? anySeed()) : "" }));
document.getElementById("dice").addEventListener("click", () => change({ seed: anySeed() }));
document.getElementById("reset").addEventListener("click", () => {
  reset();
  fields.width.dispatchEvent(new Event("input", { bubbles: true }));
});
