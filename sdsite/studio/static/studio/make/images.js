/** Pictures of generations as elements of a page. */

import { gettext, number } from "../frame.js";

const FIRST_PAUSE = 1;
const LAST_PAUSE = 64;

/** An address on this site, under whichever name the site is reached. */
export function local(url) {
  const { pathname, search } = new URL(url, location.href);
  return pathname + search;
}

/** What a picture shows, as far as anybody knows: what was asked for. */
export function altOf({ parameters, images }, index) {
  if (images.length === 1) return parameters.prompt;
  const place = { prompt: parameters.prompt, place: number(index + 1), count: number(images.length) };
  return gettext("{prompt} ({place} of {count})", place);
}

/** The picture made small, or whole. */
export function imageOf({ url, thumbnail, width, height }, alt, { whole = false } = {}) {
  const image = new Image(width, height);
  persist(image, FIRST_PAUSE);
  return Object.assign(image, { alt, src: local(whole ? url : (thumbnail ?? url)) });
}

/** Ask for it again where the connection was lost, ever more rarely. */
function persist(image, seconds) {
  const again = () => {
    persist(image, 2 * seconds);
    image.src = image.getAttribute("src");
  };
  if (seconds <= LAST_PAUSE) image.addEventListener("error", () => setTimeout(again, 1000 * seconds), { once: true });
}
