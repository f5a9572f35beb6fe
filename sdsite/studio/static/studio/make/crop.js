/** What the service uses of a picture whose proportions are others: as much as fits, of its middle. */

/** The part as shares of the picture, `{ left, top, width, height }`; all of it where no size is asked for. */
export function cropOf(picture, { width, height }) {
  if (!width || !height) return { left: 0, top: 0, width: 1, height: 1 };
  const scale = Math.max(width / picture.width, height / picture.height);
  const [across, down] = [width / scale / picture.width, height / scale / picture.height];
  return { left: (1 - across) / 2, top: (1 - down) / 2, width: across, height: down };
}

/** Whether anything worth a word is cut off. */
export function cuts({ width, height }) {
  return Math.min(width, height) < 0.995;
}

/** Lay `element` over that part. */
export function lay(element, box) {
  for (const [side, share] of Object.entries(box)) element.style[side] = `${100 * share}%`;
  element.hidden = !cuts(box);
}
