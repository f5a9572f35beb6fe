/** What can be done with a picture that was made. */

import { ask, gettext, toast } from "../frame.js";
import { fill, form, goTo, noteSeed, reset } from "./form.js";
import { local } from "./images.js";

const template = document.getElementById("acts");
const SURE_SECONDS = 4;

const PATHS = {
  "text-to-image": "/text-to-image-generator",
  "image-to-image": "/image-manipulator1",
  inpainting: "/image-manipulator2",
};

/** The buttons for a picture of a generation, or for all of them (`index` null); `card` is what goes away with it. */
export function acts(generation, index, { card = null, done = () => null }) {
  const element = template.content.cloneNode(true).firstElementChild;
  const image = generation.images[index] ?? null;
  const handlers = {
    input: () => use(generation, index),
    again: () => again(generation, image),
    vary: () => vary(generation),
    code: () => showCode(generation),
    remove: (button) => sure(button) && remove(generation, card),
  };
  Object.assign(element.querySelector("[data-download]"), file(generation, image));
  element.querySelector("[data-act=input]").hidden = image === null;
  element.addEventListener("click", ({ target }) => {
    const act = target.closest("[data-act]")?.dataset.act;
    if (!act) return;
    if (act !== "remove") done();
    handlers[act](target.closest("[data-act]"));
  });
  return element;
}

/** Where a picture can be downloaded; all of them come in an archive. */
function file({ id }, image) {
  if (image === null) return { href: `/api/v1/generations/archive?id=${id}`, download: `${id}.zip` };
  return { href: local(image.url), download: `${id}-${image.index}.${image.format}` };
}

/** Write what a generation was asked for into the form: all of it, with the seed of this picture. */
export function again(generation, image = null) {
  refill(generation, { seed: image?.seed ?? generation.parameters.seed, ...(image ? { num_images: 1 } : {}) });
  goTo();
}

/** The same, but for the seed. */
export function vary(generation) {
  refill(generation, { seed: "" });
  noteSeed(generation.parameters.seed);
  goTo();
}

function refill({ parameters }, other) {
  reset();
  fill({ ...parameters, quality: parameters.quality ?? "", ...other });
  toast(gettext("The form says now what this picture was made of."));
}

/** Start from this picture. */
export function use(generation, index) {
  form.dispatchEvent(new CustomEvent("use", { detail: local(generation.images[index].url) }));
}

async function showCode({ request_type, parameters }) {
  const { showSnippets } = await import("./code.js");
  const { strength, quality, ...body } = parameters;
  const more = { ...(quality === null ? {} : { quality }), ...(strength === null ? {} : { strength }) };
  showSnippets({ path: PATHS[request_type], body: { ...body, ...more } });
}

/** Whether it was pressed a second time; the first time it asks. */
function sure(button) {
  if (button.dataset.sure) return true;
  const words = button.textContent;
  Object.assign(button.dataset, { sure: "asked" });
  button.textContent = gettext("Delete for ever?");
  setTimeout(() => {
    delete button.dataset.sure;
    button.textContent = words;
  }, 1000 * SURE_SECONDS);
  return false;
}

async function remove({ id }, card) {
  try {
    await ask(`/generations/${id}`, { method: "DELETE" });
  } catch (problem) {
    if (problem.status !== 404) return toast(problem.message);
  }
  card?.remove();
  document.dispatchEvent(new CustomEvent("removed", { detail: id }));
  if (document.activeElement === document.body) document.getElementById("main").focus();
  toast(gettext("It is deleted."));
}
