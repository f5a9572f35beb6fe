/** How a mask is painted: with a mouse, a pen or a finger, and with the keys alone. */

export const SIZES = { min: 1, max: 50, start: 10 };
const ERASER = 32;
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** With Shift the keys move that much further. */
const FAR = 4;

/**
 * Paints on a mask what happens on `stage`, an element that lies over the whole picture; `ring` shows the brush there.
 * Tells the stage by events: `stroke` (one is done), `travel` (the keys moved the brush), `resize` (its size changed).
 */
export class Brush {
  erases = false;
  #size = SIZES.start;
  #drawing = null;

  constructor(stage, ring, mask) {
    Object.assign(this, { stage, ring, mask, place: { x: mask.width / 2, y: mask.height / 2 } });
    stage.addEventListener("pointerdown", (event) => this.#down(event));
    stage.addEventListener("pointermove", (event) => this.#over(event));
    for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, (event) => this.#up(event.pointerId));
    stage.addEventListener("keydown", (event) => this.#key(event));
    stage.addEventListener("keyup", (event) => event.key === " " && this.#up("space"));
    stage.addEventListener("blur", () => this.#up(this.#drawing));
    this.#show();
  }

  /** In hundredths of the picture's longer side. */
  get size() {
    return this.#size;
  }
  set size(size) {
    this.#size = Math.min(SIZES.max, Math.max(SIZES.min, size));
    this.#show();
    this.stage.dispatchEvent(new CustomEvent("resize"));
  }

  get #pixels() {
    return (this.#size / 100) * Math.max(this.mask.width, this.mask.height);
  }

  #down(event) {
    if (this.#drawing !== null || ![0, 5].includes(event.button)) return;
    event.preventDefault();
    this.stage.focus({ preventScroll: true });
    this.stage.setPointerCapture(event.pointerId);
    this.#go(this.#at(event));
    this.#begin(event.pointerId, this.erases || Boolean(event.buttons & ERASER));
  }

  /** A browser may have gathered several moves; all of them make the line round. */
  #over(event) {
    if (this.#drawing !== null && this.#drawing !== event.pointerId) return;
    const moves = event.getCoalescedEvents?.() ?? [];
    if (this.#drawing !== null) for (const move of moves) this.mask.extend(this.#at(move));
    this.#go(this.#at(event));
  }

  #begin(drawing, erases = this.erases) {
    if (this.#drawing !== null) return;
    this.#drawing = drawing;
    this.mask.begin(this.place, this.#pixels, erases);
  }

  #up(drawing) {
    if (drawing === null || this.#drawing !== drawing) return;
    this.#drawing = null;
    this.stage.dispatchEvent(new CustomEvent("stroke"));
  }

  #key(event) {
    const acts = {
      " ": () => this.#begin("space"),
      Enter: () => (this.#drawing === "enter" ? this.#up("enter") : this.#begin("enter")),
      "[": () => (this.size -= 1),
      "]": () => (this.size += 1),
    };
    const act = DIRECTIONS[event.key] ? () => this.#travel(DIRECTIONS[event.key], event.shiftKey) : acts[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  }

  /** Half a brush at a time, so that dabs touch each other. */
  #travel([right, down], isFar) {
    const step = Math.max(1, this.#pixels / 2) * (isFar ? FAR : 1);
    this.#go({ x: this.place.x + right * step, y: this.place.y + down * step });
    this.stage.dispatchEvent(new CustomEvent("travel"));
  }

  #go({ x, y }) {
    this.place = { x: within(x, this.mask.width), y: within(y, this.mask.height) };
    if (this.#drawing !== null) this.mask.extend(this.place);
    this.#show();
  }

  #at({ clientX, clientY }) {
    const { left, top, width, height } = this.stage.getBoundingClientRect();
    return { x: ((clientX - left) / width) * this.mask.width, y: ((clientY - top) / height) * this.mask.height };
  }

  #show() {
    this.ring.style.left = `${(100 * this.place.x) / this.mask.width}%`;
    this.ring.style.top = `${(100 * this.place.y) / this.mask.height}%`;
    this.ring.style.width = `${(100 * this.#pixels) / this.mask.width}%`;
  }
}

/** A pixel of the picture, though the pointer be beside it. */
function within(value, size) {
  return Math.min(size - 1, Math.max(0, value));
}
