/** A picture seen large, with all that it was made of. */

import { date, gettext, number } from "../frame.js";
import { acts } from "./acts.js";
import { altOf, imageOf, local } from "./images.js";

const dialog = document.getElementById("view");

/** `before` is the address of the picture that it started from, where that is still known. */
export async function view(generation, index, { before = null, card = null } = {}) {
  const image = generation.images[index];
  const close = () => dialog.close();
  dialog.querySelector(".large").replaceChildren(await large(generation, image, before));
  dialog.querySelector(".prompt").textContent = generation.parameters.prompt;
  dialog.querySelector("dl").replaceChildren(...facts(generation, image).flatMap(line));
  dialog.querySelector(".doing").replaceChildren(acts(generation, index, { card, done: close }));
  dialog.showModal();
}

async function large(generation, image, before) {
  const alt = altOf(generation, image.index);
  if (!before) return fitting(imageOf(image, alt, { whole: true }));
  await import("./compare.js");
  const slider = document.createElement("before-after");
  slider.setAttribute("width", image.width);
  slider.setAttribute("height", image.height);
  return Object.assign(slider, { before, after: local(image.url), beforeAlt: gettext("What it started from"), afterAlt: alt });
}

/** As large as there is room for, and never higher than the window. */
function fitting(image) {
  image.style.maxWidth = `calc(72vh * ${image.width / image.height})`;
  return image;
}

function facts({ parameters, created_at, timings, model }, image) {
  const seconds = timings.running_ms === null ? null : timings.running_ms / 1000;
  return [
    [gettext("Not in it"), parameters.negative_prompt],
    [gettext("Size"), gettext("{width} × {height}", { width: image.width, height: image.height })],
    [gettext("Seed"), image.seed],
    [gettext("Steps"), number(parameters.num_inference_steps)],
    [gettext("Guidance"), number(parameters.guidance_scale)],
    [gettext("Scheduler"), parameters.scheduler],
    [gettext("Strength"), parameters.strength],
    [gettext("Model"), model],
    [gettext("File"), gettext("{format}, {size} kB", { format: image.format.toUpperCase(), size: number(Math.ceil(image.bytes / 1000)) })],
    [gettext("Made"), date(created_at)],
    [gettext("Took"), seconds && number(seconds, { style: "unit", unit: "second", maximumFractionDigits: 1 })],
  ].filter(([, value]) => value !== null && value !== "");
}

function line([name, value]) {
  const [term, fact] = [document.createElement("dt"), document.createElement("dd")];
  term.textContent = name;
  fact.textContent = value;
  return [term, fact];
}

document.addEventListener("removed", () => dialog.open && dialog.close());
dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
