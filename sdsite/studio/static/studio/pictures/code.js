/** A generation as programs that ask for the same again. */

import { copyable, snippets } from "../snippets.js";

const PATHS = {
  "text-to-image": "/text-to-image-generator",
  "image-to-image": "/image-manipulator1",
  inpainting: "/image-manipulator2",
};
/** What came along is not given back: the programs read it from files that have these names. */
const ALONG = { "image-to-image": ["image"], inpainting: ["image", "mask"] };

/** Show the programs in `container`. */
export function showCode(container, { parameters, request_type: kind }) {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== "");
  const along = (ALONG[kind] ?? []).map((name) => [name, name]);
  copyable(container, snippets({ path: PATHS[kind], body: Object.fromEntries([...given, ...along]) }));
}
