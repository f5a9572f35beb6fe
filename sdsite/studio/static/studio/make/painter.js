/** The dialog in which the part of a picture that is to be made anew is painted. */

import { gettext, number } from "../frame.js";
import { made } from "../made.js";
import { Brush, SIZES } from "./brush.js";
import { cropOf, cuts, lay } from "./crop.js";

/** Keys are told while they move something, but not each of them. */
const PAUSE = 500;

/** Paints on `mask`, over the `picture` (as `takenIn` gives it). `target` is the size of the picture that is asked for. */
export class Painter {
  #later = null;

  constructor(picture, mask, target) {
    this.mask = mask;
    this.stage = stage(picture, mask);
    this.said = made("p", { class: "painter-said small faint number", role: "status" });
    this.brush = new Brush(this.stage, this.stage.querySelector(".ring"), mask);
    this.dialog = made("dialog", { class: "painter", "aria-labelledby": "painter-title" }, ...this.#parts(target));
    lay(this.stage.querySelector(".crop"), cropOf(picture, target));
    this.#listen();
  }

  open() {
    this.#changed();
    this.dialog.showModal();
    this.stage.focus();
    return new Promise((closed) => this.dialog.addEventListener("close", closed, { once: true }));
  }

  #parts(target) {
    const done = made("button", { type: "button" }, gettext("Done"));
    done.addEventListener("click", () => this.dialog.close());
    const title = made("h2", { id: "painter-title" }, gettext("Paint the part to be made anew"));
    const cut = gettext("What lies outside the frame is cut off.");
    const frame = cuts(cropOf(this.mask, target)) ? [made("p", { class: "help" }, cut)] : [];
    return [
      made("div", { class: "painter-head" }, title, done),
      made("div", { class: "painter-tools" }, ...this.#tools()),
      made("div", { class: "painter-room" }, this.stage),
      made("div", { class: "painter-foot" }, this.said, ...frame, keys()),
    ];
  }

  #tools() {
    this.paints = tool(gettext("Brush"), () => this.#take(false));
    this.erases = tool(gettext("Eraser"), () => this.#take(true));
    this.undo = tool(gettext("Undo"), () => this.#act(() => this.mask.undo()));
    this.redo = tool(gettext("Redo"), () => this.#act(() => this.mask.redo()));
    const clear = tool(gettext("Clear"), () => this.#act(() => this.mask.clear()));
    const invert = tool(gettext("Invert"), () => this.#act(() => this.mask.invert()));
    this.size = made("input", { type: "range", id: "painter-size", min: SIZES.min, max: SIZES.max });
    this.size.addEventListener("input", () => (this.brush.size = Number(this.size.value)));
    const size = made("div", { class: "painter-size" }, made("label", { for: "painter-size" }, gettext("Size")), this.size);
    const hand = made("div", { class: "buttons", role: "group", "aria-label": gettext("Tool") }, this.paints, this.erases);
    return [hand, size, made("div", { class: "buttons" }, this.undo, this.redo, clear, invert)];
  }

  #listen() {
    this.stage.addEventListener("stroke", () => this.#changed());
    this.stage.addEventListener("travel", () => this.#sayLater(() => this.#place()));
    this.stage.addEventListener("resize", () => (this.size.value = this.brush.size));
    this.dialog.addEventListener("keydown", (event) => this.#key(event));
    this.size.value = this.brush.size;
    this.#take(false);
  }

  #take(erases) {
    this.brush.erases = erases;
    this.paints.setAttribute("aria-pressed", !erases);
    this.erases.setAttribute("aria-pressed", erases);
  }

  #act(deed) {
    deed();
    this.#changed();
  }

  #changed() {
    // Disabled buttons would lose the focus.
    this.undo.setAttribute("aria-disabled", !this.mask.canUndo);
    this.redo.setAttribute("aria-disabled", !this.mask.canRedo);
    this.#sayLater(() => painted(this.mask.share()), 0);
  }

  #key(event) {
    const command = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    if (key === "e" && !command) return this.#take(true);
    if (key === "b" && !command) return this.#take(false);
    if (!command || !["z", "y"].includes(key)) return;
    event.preventDefault();
    (key === "y" || event.shiftKey ? this.redo : this.undo).click();
  }

  #place() {
    const { x, y } = this.brush.place;
    const where = { x: percent(x / this.mask.width), y: percent(y / this.mask.height) };
    if (this.mask.isPainted(this.brush.place)) return gettext("{x} from the left, {y} from the top: painted", where);
    return gettext("{x} from the left, {y} from the top: not painted", where);
  }

  #sayLater(words, pause = PAUSE) {
    clearTimeout(this.#later);
    this.#later = setTimeout(() => (this.said.textContent = words()), pause);
  }
}

/** Named and described, since what is on a canvas is seen only. */
function stage(picture, mask) {
  const image = made("img", { src: picture.address, alt: "", width: picture.width, height: picture.height, draggable: "false" });
  const attributes = { role: "application", tabindex: 0, "aria-label": gettext("Painting area"), "aria-describedby": "painter-keys" };
  const parts = [image, mask.canvas, made("span", { class: "crop" }), made("span", { class: "ring" })];
  const element = made("div", { class: "painter-stage", ...attributes }, ...parts);
  element.style.setProperty("--ratio", picture.width / picture.height);
  element.style.aspectRatio = `${picture.width} / ${picture.height}`;
  return element;
}

function keys() {
  const moves = gettext("The arrow keys move the brush, with Shift further. Space paints; Enter keeps painting until Enter.");
  const tools = gettext("[ and ] change the size, B takes the brush, E the eraser, Ctrl+Z undoes.");
  const words = made("p", { class: "help", id: "painter-keys" }, moves, " ", tools);
  return made("details", { class: "small" }, made("summary", {}, gettext("Painting with the keyboard")), words);
}

function tool(name, act) {
  const button = made("button", { type: "button", class: "quiet small" }, name);
  button.addEventListener("click", () => button.getAttribute("aria-disabled") !== "true" && act());
  return button;
}

/** What is said of a share that is painted. */
export function painted(share) {
  if (share === 0) return gettext("Nothing is painted yet.");
  return gettext("{share} of the picture is painted.", { share: percent(share) });
}

/** A little is not nothing. */
function percent(share) {
  return number(share > 0 && share < 0.01 ? 0.01 : share, { style: "percent" });
}
