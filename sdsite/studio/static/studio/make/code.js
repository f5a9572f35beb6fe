/** The request that a picture came of, as programs. */

import { copyable, snippets } from "../snippets.js";

const dialog = document.getElementById("code");
// What went along is not here any more; the programs read it from a file.
const SENT_ALONG = { "/image-manipulator1": ["image"], "/image-manipulator2": ["image", "mask"] };

export function showSnippets({ path, body }) {
  const pictures = Object.fromEntries((SENT_ALONG[path] ?? []).map((name) => [name, name]));
  copyable(document.getElementById("code-place"), snippets({ path, body: { ...body, ...pictures } }));
  dialog.showModal();
}

dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
