/** Lists that come in pages: what is there at first, and the button that brings what is older. */

import { ask, Problem, toast } from "../frame.js";
import { inWords } from "../forms.js";

/**
 * Ask for `path`, let `add(entry)` show each entry, and `button` bring the next page. Gives how many came at first.
 * The focus goes to what the button brought, since the button itself may be gone.
 */
export async function listed(path, button, add) {
  let next = path;

  async function more() {
    const { results, next: older } = await ask(next);
    next = older;
    const shown = results.map(add);
    button.hidden = !next;
    return shown;
  }

  button.onclick = async () => {
    button.disabled = true;
    try {
      const [first] = await more();
      first?.setAttribute("tabindex", "-1");
      first?.focus();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      toast(inWords(error));
    } finally {
      button.disabled = false;
    }
  };
  return (await more()).length;
}

/** A copy of what stands in a `<template>`. */
export function copyOf(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}
