/** What the full view shows of a picture: itself, those that were made with it, what it was made from, and what to do with it. */

import { date, gettext, ngettext, number } from "../frame.js";
import { UNFINISHED, expired, told, word } from "./tile.js";

export const dialog = document.getElementById("viewer");
const COPIED_MS = 2000;
/** Small pictures are enlarged so many times at most. */
const ENLARGED = 4;

/** Show picture `index` of a generation; `turn` is called with the index of another one of it. */
export function show({ generation, index }, turn) {
  const { images, status } = generation;
  const there = status === "succeeded" && !expired(generation);
  dialog.querySelector(".frame").replaceChildren(there ? whole(generation, images[index]) : told(generation));
  showStrip(there ? images : [], index, turn);
  showFacts(facts(generation, images[index]));
  showLinks(generation, images[index]);
  const when = there ? "pictures" : UNFINISHED.includes(status) ? "unfinished" : "ended";
  for (const part of dialog.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== when;
  document.getElementById("turned").textContent = generation.parameters.prompt;
}

function whole({ parameters }, { url, width, height }) {
  const picture = Object.assign(new Image(width, height), { src: url, alt: parameters.prompt, decoding: "async" });
  picture.style.maxWidth = `min(100%, ${ENLARGED * width}px)`;
  picture.style.maxHeight = `min(100%, ${ENLARGED * height}px)`;
  picture.draggable = false;
  return picture;
}

function showStrip(images, now, turn) {
  const strip = dialog.querySelector(".strip");
  strip.hidden = images.length < 2;
  if (strip.hidden) return strip.replaceChildren();
  const inside = strip.contains(document.activeElement);
  strip.replaceChildren(...images.map(({ index, url, thumbnail = url }) => {
    const button = Object.assign(document.createElement("button"), { className: "bare", type: "button" });
    button.append(Object.assign(new Image(48, 48), { src: thumbnail, alt: gettext("Picture {number}", { number: number(index + 1) }) }));
    button.ariaCurrent = String(index === now);
    button.addEventListener("click", () => turn(index));
    return button;
  }));
  if (inside) strip.children[now].focus();
}

/** How it was made, in words; what it has not is empty. */
function facts({ cost, created_at: made, id, model, parameters: given, request_type: kind, timings }, image) {
  return {
    prompt: given.prompt,
    negative_prompt: given.negative_prompt,
    seed: String(image?.seed ?? given.seed),
    size: gettext("{width} × {height}", given),
    steps: number(given.num_inference_steps),
    guidance: number(given.guidance_scale),
    scheduler: given.scheduler,
    strength: given.strength === null ? "" : number(given.strength),
    kind: word("kind", kind),
    model,
    file: image ? file(image, given.quality) : "",
    made: date(made),
    kept: image?.expires_at ? date(image.expires_at) : "",
    waited: seconds(timings.queued_ms),
    drawn: seconds(timings.running_ms),
    cost: ngettext("{count} credit", "{count} credits", cost),
    id,
  };
}

function file({ bytes, format }, quality) {
  const size = number(bytes / 1000, { style: "unit", unit: "kilobyte", maximumFractionDigits: 0 });
  const name = format.toUpperCase();
  if (quality === null) return gettext("{name}, {size}", { name, size });
  return gettext("{name} of quality {quality}, {size}", { name, quality, size });
}

function seconds(milliseconds) {
  const digits = { style: "unit", unit: "second", maximumSignificantDigits: 3 };
  return milliseconds === null ? "" : number(milliseconds / 1000, digits);
}

function showFacts(all) {
  for (const place of dialog.querySelectorAll("[data-fact]")) {
    place.textContent = all[place.dataset.fact];
    const row = place.closest(".facts > div");
    if (row) row.hidden = !all[place.dataset.fact];
  }
}

function showLinks({ id }, image) {
  const link = (name, address) => dialog.querySelectorAll(`[data-link=${name}]`).forEach((one) => (one.href = address));
  link("vary", `/?vary=${id}`);
  link("again", `/?again=${id}`);
  if (!image) return;
  link("from", `/?from=${id}.${image.index}`);
  link("file", image.url);
}

/** Copy what stands in a fact; where the browser forbids that, mark it for the keyboard. */
async function copy(button) {
  const place = dialog.querySelector(`[data-fact=${button.dataset.copy}]`);
  const said = document.getElementById("turned");
  try {
    await navigator.clipboard.writeText(place.textContent);
    said.textContent = gettext("Copied.");
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), COPIED_MS);
  } catch {
    getSelection().selectAllChildren(place);
    said.textContent = gettext("It is marked: copy it with Ctrl+C.");
  }
}

for (const button of dialog.querySelectorAll("[data-copy]")) button.addEventListener("click", () => copy(button));
