/** What several parts of the account show alike: lists that come in pages, and meters. */

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

/** Show `value` of `limit`; `text` says it in words for those who do not see it. */
export function fill(meter, value, limit, text) {
  const share = limit > 0 ? Math.min(1, value / limit) : 1;
  meter.ariaValueMax = limit;
  meter.ariaValueNow = Math.min(value, limit);
  meter.ariaValueText = text;
  meter.firstElementChild.style.width = `${100 * share}%`;
  meter.classList.toggle("full", share > 0.9);
}
