/** Pictures of generations as elements of a page. */

import { gettext, number } from "../frame.js";

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
  return Object.assign(image, { alt, src: local(whole ? url : (thumbnail ?? url)) });
}
