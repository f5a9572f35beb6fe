/** The picture that one may start from: its place in the form, and what it makes of a request. */

import { gettext, toast } from "../frame.js";
import { readMaking } from "../making.js";
import { fill, form, goTo } from "./form.js";
import { priceWith } from "./price.js";

const section = document.getElementById("source");
const { width, height } = form.elements;

let element = null;

/** The element that takes a picture, with the limits that the capabilities name. */
export function source({ limits }) {
  section.open = true;
  return (element ??= create(limits));
}

/** Take a file that a person gave, and what it says of how it was made. */
export async function give(capabilities, file) {
  if (!(await (await source(capabilities)).use(file))) return;
  const making = await readMaking(file);
  if (making) take(making);
}

/** Start from the picture at this address. */
export async function use(capabilities, address) {
  if (await (await source(capabilities)).use(address)) goTo();
}

/** The request of the form's body, `{ path, body, before }`; `before` is the picture that it starts from, if any. */
export async function requestOf(body) {
  const fields = await (await element)?.fields();
  if (!fields) return { path: "/text-to-image-generator", body };
  return { path: fields.path, body: { ...body, ...fields.body }, before: fields.body.image };
}

async function create({ max_image_bytes: maxBytes, max_image_pixels: maxPixels }) {
  await import("./source.js");
  const made = document.createElement("picture-source");
  const measure = () => Object.assign(made.dataset, { width: width.value, height: height.value });
  Object.assign(made.dataset, { maxBytes, maxPixels });
  measure();
  form.addEventListener("input", measure);
  form.addEventListener("filled", measure);
  made.addEventListener("change", () => priceWith(() => priced(made)));
  made.addEventListener("making", ({ detail }) => take(detail));
  document.getElementById("source-place").replaceChildren(made);
  return made;
}

/** A mask has no influence on the price. */
function priced({ preview, strength }) {
  return preview ? { request_type: "image-to-image", strength } : {};
}

function take({ generation, index, ...making }) {
  fill({ ...making, num_images: 1 });
  toast(gettext("The form says now what this picture was made of."));
}
