/** A card: one request, how far it is, and what came of it. */

import { gettext, number } from "../frame.js";
import { frames, preview, show } from "./frames.js";

const template = document.getElementById("card");
const said = document.getElementById("said");

export class Card {
  /** `parameters` as far as they are known; `before` is the address of the picture that it starts from. */
  constructor(parameters, { before = null, request = null }) {
    this.element = template.content.cloneNode(true).firstElementChild;
    this.before = before;
    this.request = request;
    this.describe(parameters);
    this.becomes("sending", gettext("Being sent"));
    this.element.addEventListener("click", ({ target }) => this.pressed(target.closest("[data-act]")?.dataset.act));
    this.handlers = {};
  }

  /** What to do when one of its buttons is pressed: `cancel`, `retry` or `dismiss`. */
  on(act, handler) {
    this.handlers[act] = handler;
  }

  pressed(act) {
    this.handlers[act]?.();
  }

  accepted(generation) {
    this.id = this.element.dataset.id = generation.id;
    this.request ??= requestOf(generation);
    this.describe(generation.parameters);
    this.offers("cancel");
    this.queued(generation);
    this.say(gettext("Accepted: {prompt}", this));
  }

  /** Not answered yet, or told to come again. */
  waits(problem) {
    const lost = problem.code === "unreachable";
    this.becomes("waiting", lost ? gettext("No connection yet. It is sent again by itself.") : gettext("It is sent again by itself."));
    this.wrong(lost ? "" : problem.message);
    // What was never answered may have been accepted; what was refused was not.
    this.offers(...(lost ? [] : ["dismiss"]));
  }

  told(name, data) {
    this[name]?.(data);
  }

  queued({ queue_position: position }) {
    const words = position > 1 ? gettext("Place {place} in line", { place: number(position) }) : gettext("Next in line");
    this.becomes("queued", words);
  }

  started() {
    this.becomes("running", gettext("Beginning"));
    this.say(gettext("Begun: {prompt}", this));
  }

  progress({ step, steps, progress, preview: picture }) {
    const words = step ? gettext("Step {step} of {steps}", { step: number(step), steps: number(steps) }) : gettext("Being drawn");
    this.becomes("running", words);
    this.bar.value = progress;
    if (picture) preview(this.element, picture);
  }

  lost() {
    this.becomes(this.element.dataset.state, gettext("The connection is lost. It is made all the same, and comes back by itself."));
  }

  succeeded(generation) {
    this.becomes("succeeded", "");
    this.offers();
    show(this, generation);
    this.say(gettext("Done: {prompt}", this));
  }

  failed({ error }) {
    this.becomes("failed", "");
    this.wrong(error.detail);
    this.offers("retry", "dismiss");
    this.say(gettext("Failed: {prompt}", this));
  }

  canceled() {
    this.becomes("canceled", gettext("Canceled. Nothing was charged."));
    this.offers("retry", "dismiss");
    this.say(gettext("Canceled: {prompt}", this));
  }

  gone() {
    this.becomes("canceled", gettext("It was deleted."));
    this.offers("retry", "dismiss");
  }

  becomes(state, words) {
    this.element.dataset.state = state;
    this.part(".state").textContent = words;
    this.wrong("");
  }

  wrong(words) {
    Object.assign(this.part(".wrong"), { textContent: words, hidden: !words });
  }

  offers(...acts) {
    const hadFocus = this.element.contains(document.activeElement);
    for (const button of this.element.querySelectorAll("[data-act]")) {
      const { act } = button.dataset;
      button.hidden = !acts.includes(act) || (act === "retry" && !this.request);
    }
    if (hadFocus) this.element.querySelector("[data-act]:not([hidden])")?.focus();
  }

  describe(parameters) {
    this.prompt = parameters.prompt;
    this.part(".prompt").textContent = parameters.prompt;
    this.part(".how").textContent = summary(parameters);
    frames(this.element, parameters);
  }

  /** Read aloud, for whoever does not see it. */
  say(text) {
    said.textContent = text;
  }

  /** Gone, and whoever was on it is on the next. */
  leave() {
    const next = this.element.nextElementSibling ?? this.element.previousElementSibling;
    this.element.remove();
    (next?.querySelector("button:not([hidden]), a") ?? document.getElementById("prompt")).focus();
  }

  part(selector) {
    return this.element.querySelector(selector);
  }

  get bar() {
    return this.part("progress");
  }
}

const ROUTES = { "text-to-image": "/text-to-image-generator" };

/** The request that a generation came of; null where a picture belonged to it, which is not here any more. */
function requestOf({ request_type, parameters }) {
  const { quality, strength, ...body } = parameters;
  return ROUTES[request_type] ? { path: ROUTES[request_type], body: quality === null ? body : { ...body, quality } } : null;
}

function summary({ width, height, num_inference_steps: steps, scheduler, seed }) {
  const size = width && height ? gettext("{width} × {height}", { width, height }) : "";
  const parts = [size, steps && gettext("{steps} steps", { steps }), scheduler, seed !== undefined && gettext("seed {seed}", { seed })];
  return parts.filter(Boolean).join(" · ");
}
