/** `<picture-source>`: the picture that is reworked, the part of it that is made anew, and how much of it changes. */

import { gettext, number } from "../frame.js";
import { readMaking } from "../making.js";
import { cropOf, cuts, lay } from "./crop.js";
import { dress } from "./dress.js";
import { Refusal, accepted, dataUri, fetched, takenIn } from "./intake.js";
import { Mask } from "./mask.js";
import { view } from "./view.js";

/**
 * Attributes: `data-max-bytes`, `data-max-pixels`: what the service takes; `data-width`, `data-height`: the size that is
 * asked for, to whose proportions the picture is cropped.
 * Events: `change` (anything is another), `making` (how a file that a person gave was made, in `detail`).
 * A picture that is dropped anywhere on the page is taken as well, and one that is pasted while the element is seen.
 */
class PictureSource extends HTMLElement {
  static observedAttributes = ["data-max-bytes", "data-max-pixels", "data-width", "data-height"];
  #parts = view();
  #picture = null;
  #mask = null;
  #turn = 0;
  #page = null;

  constructor() {
    super();
    // Those of its fields are no concern of the page.
    this.addEventListener("change", (event) => event.target !== this && event.stopImmediatePropagation());
    this.#listen();
  }

  connectedCallback() {
    if (!this.firstChild) this.append(...this.#parts.whole);
    this.#page = new AbortController();
    this.#watch({ signal: this.#page.signal });
    this.#show();
    dress(this, "source");
  }

  disconnectedCallback() {
    this.#page.abort();
  }

  attributeChangedCallback() {
    this.#show();
  }

  /** The address of the picture, for as long as the page is open; null without one. */
  get preview() {
    return this.#picture?.address ?? null;
  }

  get strength() {
    return Number(this.#parts.range.value);
  }
  set strength(strength) {
    this.#parts.range.value = strength;
    this.#tell();
  }

  /** Set the picture, from a file or an address; says whether it was taken. What is wrong with it is shown. */
  async use(source) {
    return this.#take(source);
  }

  clear() {
    this.#turn++;
    this.#set(null, gettext("The picture is removed."));
  }

  /** `{ path, request_type, body }` of the request that reworks the picture, but for its prompt; null without one. */
  async fields() {
    if (!this.#picture) return null;
    const body = { image: await dataUri(this.#picture.blob), strength: this.strength };
    if (!this.#mask?.share()) return { path: "/image-manipulator1", request_type: "image-to-image", body };
    body.mask = await dataUri(await this.#mask.png());
    return { path: "/image-manipulator2", request_type: "inpainting", body };
  }

  /** Show what the service says of these fields, as in `Problem.fields`; nothing where it says nothing. */
  refuse({ image, mask, strength }) {
    this.#parts.wrong.textContent = image ?? mask ?? "";
    this.#parts.weak.textContent = strength ?? "";
    if (strength) this.#parts.range.setAttribute("aria-invalid", "true");
    else this.#parts.range.removeAttribute("aria-invalid");
  }

  #listen() {
    const parts = this.#parts;
    parts.choose.addEventListener("click", () => parts.file.click());
    parts.empty.addEventListener("click", () => parts.file.click());
    parts.file.addEventListener("change", () => this.#given(parts.file.files));
    parts.paint.addEventListener("click", () => this.#paint());
    parts.remove.addEventListener("click", () => this.clear());
    parts.range.addEventListener("input", () => this.#show());
    parts.range.addEventListener("change", () => this.#tell());
    // Else Enter on it would send the form that all of this stands in.
    parts.range.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  }

  #watch(until) {
    const carries = (event) => event.dataTransfer?.types.includes("Files");
    const over = (event, isOver) => {
      if (!carries(event)) return;
      event.preventDefault();
      this.classList.toggle("over", isOver);
    };
    document.addEventListener("dragover", (event) => over(event, true), until);
    document.addEventListener("dragleave", (event) => event.relatedTarget || over(event, false), until);
    document.addEventListener("drop", (event) => (over(event, false), this.#given(event.dataTransfer.files)), until);
    const pastes = (event) => this.checkVisibility() && !isText(event);
    document.addEventListener("paste", (event) => pastes(event) && this.#given(event.clipboardData.files), until);
  }

  /** What a person gives; not while a dialog lies over the page. */
  async #given([file]) {
    if (!file || document.querySelector("dialog[open]")) return;
    this.#parts.file.value = "";
    if (!(await this.#take(file))) return;
    const detail = await readMaking(file);
    if (detail) this.dispatchEvent(new CustomEvent("making", { detail }));
  }

  async #take(source) {
    const turn = ++this.#turn;
    try {
      const picture = await takenIn(source instanceof Blob ? source : await fetched(source), this.#limits);
      if (turn !== this.#turn) return false;
      this.#set(picture, gettext("The picture is chosen: {width} by {height} pixels.", picture));
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (turn === this.#turn) this.refuse({ image: error.message });
      return false;
    }
  }

  get #limits() {
    return { bytes: Number(this.dataset.maxBytes) || Infinity, pixels: Number(this.dataset.maxPixels) || Infinity };
  }

  #set(picture, said) {
    const hadFocus = this.contains(document.activeElement);
    this.#picture = picture;
    this.#mask = null;
    this.refuse({});
    this.#parts.said.textContent = said;
    this.#tell();
    if (hadFocus && document.activeElement === document.body) this.#parts.choose.focus();
  }

  async #paint() {
    const { Painter } = await import("./painter.js");
    if (!this.#picture || this.querySelector("dialog")) return;
    this.#mask ??= new Mask(this.#picture.width, this.#picture.height);
    const painter = new Painter(this.#picture, this.#mask, this.#target);
    this.append(painter.dialog);
    await painter.open();
    painter.dialog.remove();
    this.#tell();
  }

  #tell() {
    this.#show();
    this.dispatchEvent(new Event("change"));
  }

  get #target() {
    return { width: Number(this.dataset.width), height: Number(this.dataset.height) };
  }

  #show() {
    const { range, number: said, help, choose, paint } = this.#parts;
    const isChosen = Boolean(this.#picture);
    const share = this.#mask?.share() ?? 0;
    said.textContent = number(range.value, { minimumFractionDigits: 2 });
    help.textContent = accepted(this.#limits);
    choose.textContent = isChosen ? gettext("Another picture") : gettext("Choose a picture");
    paint.textContent = share ? gettext("Change the painting") : gettext("Paint a part");
    this.#reveal({ empty: !isChosen, shot: isChosen, paint: isChosen, remove: isChosen, amount: isChosen, painted: share > 0 });
    this.#showPicture();
  }

  #reveal(parts) {
    for (const [name, isShown] of Object.entries(parts)) this.#parts[name].hidden = !isShown;
  }

  #showPicture() {
    const { image, painted, crop, note } = this.#parts;
    note.textContent = "";
    if (!this.#picture) return image.removeAttribute("src");
    const { address, width, height } = this.#picture;
    const box = cropOf(this.#picture, this.#target);
    Object.assign(image, { width, height });
    if (image.src !== address) image.src = address;
    lay(crop, box);
    note.textContent = this.#noted(box);
    if (!painted.hidden) copy(this.#mask.canvas, painted);
  }

  /** The one thing to know about the picture. */
  #noted(box) {
    const share = this.#mask?.share() ?? 0;
    if (share && !this.#mask.share(box)) return gettext("All that is painted lies outside the frame: nothing would change.");
    if (share) return gettext("{share} is painted. Only that is made anew.", { share: number(share, { style: "percent" }) });
    if (cuts(box)) return gettext("What lies outside the frame is cut off, so that it has the proportions of the new picture.");
    return gettext("All of it is reworked, unless you paint a part.");
  }
}

/** Somebody who pastes words that have a picture beside them means the words. */
function isText({ target, clipboardData }) {
  return clipboardData.types.includes("text/plain") && target.matches?.("input, textarea");
}

function copy(from, to) {
  const scale = Math.min(1, 512 / Math.max(from.width, from.height));
  Object.assign(to, { width: Math.ceil(from.width * scale), height: Math.ceil(from.height * scale) });
  to.getContext("2d").drawImage(from, 0, 0, to.width, to.height);
}

customElements.define("picture-source", PictureSource);
