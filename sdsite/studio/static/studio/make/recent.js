/** The pictures that were made last, small. */

import { altOf, imageOf } from "./images.js";

const section = document.getElementById("recent");
const list = document.getElementById("thumbnails");

export function showRecent(generations) {
  const drawn = generations.filter(({ images }) => images.length);
  section.hidden = drawn.length === 0;
  list.replaceChildren(...drawn.map(thumbnail));
}

function thumbnail(generation) {
  const [item, button] = [document.createElement("li"), document.createElement("button")];
  Object.assign(button, { type: "button", className: "bare" });
  const image = imageOf({ ...generation.images[0], width: 160, height: 160 }, altOf(generation, 0));
  button.append(Object.assign(image, { loading: "lazy" }));
  button.addEventListener("click", () => import("./large.js").then(({ view }) => view(generation, 0, { card: item })));
  item.append(button);
  return item;
}

document.addEventListener("removed", () => {
  section.hidden = list.childElementCount === 0;
});
