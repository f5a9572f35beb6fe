/** The pictures of a card: empty frames of their shape, what is seen of the first on its way, and the pictures. */

import { gettext } from "../frame.js";
import { acts } from "./acts.js";
import { altOf, imageOf } from "./images.js";

export function frames(card, { width, height, num_images: count = 1 }) {
  const place = card.querySelector(".frames");
  place.dataset.count = count;
  place.replaceChildren(...Array.from({ length: count }, () => frame(width, height)));
}

function frame(width = 1, height = 1) {
  const element = document.createElement("div");
  element.className = "frame";
  element.style.aspectRatio = `${width} / ${height}`;
  return element;
}

/** A small picture of how the first stands. */
export function preview(card, source) {
  const place = card.querySelector(".frame");
  const image = place.querySelector("img") ?? place.appendChild(new Image());
  Object.assign(image, { src: source, alt: "", className: "preview" });
}

/** All that came of it, with what can be done with it. */
export async function show(card, generation) {
  const places = card.element.querySelectorAll(".frame");
  generation.images.forEach((image, index) => put(places[index], generation, image, card));
  const index = generation.images.length > 1 ? null : 0;
  card.part(".told > .buttons").replaceWith(acts(generation, index, { card: card.element }));
}

async function put(place, generation, image, { before, element: card }) {
  const picture = imageOf(image, altOf(generation, image.index));
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "bare" });
  button.append(picture, hint());
  button.addEventListener("click", () => import("./large.js").then(({ view }) => view(generation, image.index, { before, card })));
  // What is seen of it already stays until there is more.
  await picture.decode().catch(() => null);
  place.replaceChildren(button);
}

function hint() {
  const words = document.createElement("span");
  Object.assign(words, { className: "unseen", textContent: gettext("Show it large") });
  return words;
}
