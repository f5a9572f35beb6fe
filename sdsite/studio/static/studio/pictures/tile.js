/** What stands in a tile: a generation's pictures, or in words why there are none. */

import { date, gettext, ngettext, number } from "../frame.js";

export const UNFINISHED = ["queued", "running"];
/** How many pictures of a generation its tile shows. */
const MOSAIC = 4;
const filters = document.getElementById("filters");

/** Whether the files of its pictures are there no more. */
export function expired({ images, gone }) {
  return gone || images.some(({ expires_at: end }) => end && new Date(end) <= new Date());
}

/** What stands in a tile. */
export function dressed(generation, picked) {
  const inside = copyOf("tile");
  const look = inside.querySelector(".look");
  look.href = `#${generation.id}`;
  if (generation.status === "succeeded" && !expired(generation)) look.append(mosaic(generation), caption(generation));
  else look.append(told(generation));
  inside.querySelector(".pick .unseen").textContent = gettext("Choose: {prompt}", generation.parameters);
  inside.querySelector(".pick input").checked = picked;
  if (["failed", "canceled"].includes(generation.status)) inside.append(retry(generation));
  return inside;
}

function mosaic({ id, images, parameters }) {
  const shown = Object.assign(document.createElement("span"), { className: "mosaic" });
  shown.dataset.count = Math.min(images.length, MOSAIC);
  for (const { url, thumbnail = url, width, height, index } of images.slice(0, MOSAIC)) {
    const picture = Object.assign(new Image(width, height), { loading: "lazy", decoding: "async" });
    picture.alt = index ? "" : parameters.prompt;
    picture.dataset.of = id;
    picture.src = thumbnail;
    shown.append(picture);
  }
  return shown;
}

function caption({ images, parameters }) {
  const under = Object.assign(document.createElement("span"), { className: "caption", textContent: parameters.prompt });
  under.setAttribute("aria-hidden", "true");
  if (images.length === 1) return under;
  const badge = Object.assign(document.createElement("span"), { className: "badge number" });
  badge.textContent = ngettext("{count} picture", "{count} pictures", images.length);
  const both = document.createDocumentFragment();
  both.append(badge, under);
  return both;
}

/** In words, what there is no picture of. */
export function told(generation) {
  const inside = copyOf("told");
  const chip = inside.querySelector(".chip");
  chip.textContent = state(generation);
  chip.classList.toggle("bad", generation.status === "failed");
  inside.querySelector(".prompt").textContent = generation.parameters.prompt;
  inside.querySelector(".reason").textContent = reason(generation);
  progress(inside, generation);
  return inside;
}

function state(generation) {
  if (generation.status === "queued") return gettext("Waiting");
  if (generation.status === "running") return gettext("Drawing");
  return expired(generation) ? gettext("Removed") : word("status", generation.status);
}

/** Why there is no picture, or when there is one. */
export function reason(generation) {
  const { error, images, progress: share, queue_position: place, status } = generation;
  if (status === "failed") return error.detail;
  if (status === "running") return number(share, { style: "percent" });
  if (expired(generation) && images[0].expires_at) return gettext("Kept until {day}.", { day: date(images[0].expires_at, { dateStyle: "medium" }) });
  if (expired(generation)) return gettext("The file is gone.");
  return place ? ngettext("Next in line.", "Number {count} in line.", place) : "";
}

/** Show how far it is. */
export function progress(inside, { status, progress: share }) {
  const bar = inside.querySelector("progress");
  bar.hidden = status !== "running";
  bar.value = share;
  bar.setAttribute("aria-label", gettext("Progress"));
}

function retry({ id }) {
  const link = copyOf("retry");
  link.firstElementChild.href = `/?again=${id}`;
  return link;
}

/** A value in the words that the filters have for it. */
export function word(name, value) {
  return filters.elements[name].querySelector(`[value="${value}"]`).text;
}

function copyOf(id) {
  return document.getElementById(id).content.cloneNode(true);
}
