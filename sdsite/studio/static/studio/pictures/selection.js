/** Several generations at once: chosen one by one or in a row, then downloaded or deleted together. */

import { gettext, ngettext, number } from "../frame.js";
import { focus, tile, tiles } from "./changes.js";
import { generations, grid } from "./grid.js";
import { expired } from "./tile.js";

/** As many as the API puts into one archive. */
const ARCHIVE_MAX = 100;
const bar = document.getElementById("bar");
const doing = (name) => bar.querySelector(`[data-do=${name}]`);
let last = null;

export function picked() {
  return [...grid.querySelectorAll("[data-picked]")];
}

/** Whoever has set or taken away a checkmark; `range` is for all since the one before. */
export function pick(checkbox, range) {
  choose(checkbox.closest(".tile"), checkbox.checked, range);
}

function choose(item, on, range) {
  const all = tiles();
  const ends = range && last?.isConnected ? [all.indexOf(last), all.indexOf(item)] : [all.indexOf(item)];
  for (const one of all.slice(Math.min(...ends), Math.max(...ends) + 1)) mark(one, on);
  last = item;
  show();
}

function mark(item, on) {
  item.toggleAttribute("data-picked", on);
  const checkbox = item.querySelector(".pick input");
  if (checkbox) checkbox.checked = on;
}

function show() {
  const ids = picked().map(({ dataset }) => dataset.id);
  const count = ids.length;
  document.body.classList.toggle("choosing", count > 0);
  bar.hidden = !count;
  bar.querySelector(".count").textContent = count ? ngettext("{count} chosen", "{count} chosen", count) : "";
  const tooMany = document.getElementById("too-many");
  tooMany.hidden = count <= ARCHIVE_MAX;
  tooMany.textContent = gettext("A zip holds at most {most}: choose fewer to download them.", { most: number(ARCHIVE_MAX) });
  offer(doing("zip"), ids.filter((id) => hasPictures(generations.get(id))), count);
}

function hasPictures(generation) {
  return generation.status === "succeeded" && !expired(generation);
}

/** A link without an address is none; it says why beside it. */
function offer(link, ids, count) {
  if (!ids.length || count > ARCHIVE_MAX) link.removeAttribute("href");
  else link.href = `/api/v1/generations/archive?${new URLSearchParams(ids.map((id) => ["id", id]))}`;
  link.ariaDisabled = String(!link.hasAttribute("href"));
}

function clear() {
  const first = picked()[0];
  const inside = bar.contains(document.activeElement);
  picked().forEach((item) => mark(item, false));
  last = null;
  show();
  if (inside) focus(first);
}

async function discard() {
  const { discard: ask } = await import("./removal.js");
  const heir = await ask(picked().map(({ dataset }) => dataset.id));
  if (heir !== undefined) focus(heir);
}

/** While some are chosen, a click on a picture chooses too; the keyboard opens it as ever. */
function click(event) {
  const look = event.target.closest(".look");
  const typed = event.detail === 0;
  if (!look || typed || event.ctrlKey || event.metaKey || !picked().length) return;
  event.preventDefault();
  const item = look.closest(".tile");
  choose(item, !("picked" in item.dataset) || event.shiftKey, event.shiftKey);
}

grid.addEventListener("click", click);
grid.addEventListener("removed", show);
doing("all").addEventListener("click", () => {
  tiles().forEach((item) => mark(item, true));
  show();
});
doing("none").addEventListener("click", clear);
doing("delete").addEventListener("click", discard);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open], details.menu[open]")) clear();
});
