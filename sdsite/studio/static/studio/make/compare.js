/** `<before-after>`: two pictures over each other, and an edge between them that can be moved. */

import { gettext, number } from "../frame.js";
import { made } from "../made.js";
import { dress } from "./dress.js";

/**
 * Properties `before` and `after` (addresses), `beforeAlt` and `afterAlt`. Attributes `width` and `height` are those of
 * the picture after; without them its place has its proportions once it is loaded. The picture before is cropped as the
 * service crops it.
 */
class BeforeAfter extends HTMLElement {
  static observedAttributes = ["width", "height"];
  #before = made("img", { alt: "", draggable: "false" });
  #after = made("img", { alt: "", draggable: "false" });
  #slider = made("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": gettext("Before and after") });

  get before() {
    return this.#before.src;
  }
  set before(address) {
    this.#before.src = address;
  }
  get after() {
    return this.#after.src;
  }
  set after(address) {
    this.#after.src = address;
  }
  set beforeAlt(text) {
    this.#before.alt = text;
  }
  set afterAlt(text) {
    this.#after.alt = text;
  }

  constructor() {
    super();
    this.#slider.addEventListener("input", () => this.#show());
    this.#after.addEventListener("load", () => this.#fit(this.#after.naturalWidth, this.#after.naturalHeight));
    this.addEventListener("pointerdown", (event) => this.#grasp(event));
    this.addEventListener("pointermove", (event) => this.hasPointerCapture(event.pointerId) && this.#moveTo(event.clientX));
  }

  connectedCallback() {
    if (this.firstChild) return;
    this.append(
      made("div", { class: "layer" }, this.#before, made("span", { class: "chip" }, gettext("Before"))),
      made("div", { class: "layer after" }, this.#after, made("span", { class: "chip" }, gettext("After"))),
      this.#slider,
      made("span", { class: "edge", "aria-hidden": "true" }),
    );
    this.#show();
    dress(this, "compare");
  }

  attributeChangedCallback() {
    this.#fit(Number(this.getAttribute("width")), Number(this.getAttribute("height")));
  }

  #fit(width, height) {
    if (width && height) this.style.aspectRatio = `${width} / ${height}`;
  }

  #show() {
    const share = number(this.#slider.value / 100, { style: "percent" });
    this.style.setProperty("--edge", `${this.#slider.value}%`);
    this.#slider.setAttribute("aria-valuetext", gettext("{share} of the picture is as it was before", { share }));
  }

  #grasp(event) {
    if (event.button) return;
    event.preventDefault();
    this.setPointerCapture(event.pointerId);
    this.#slider.focus({ preventScroll: true });
    this.#moveTo(event.clientX);
  }

  #moveTo(x) {
    const { left, width } = this.getBoundingClientRect();
    this.#slider.value = Math.round((100 * (x - left)) / width);
    this.#show();
  }
}

customElements.define("before-after", BeforeAfter);
