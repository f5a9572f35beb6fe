/** What changes in the grid after it is laid out: generations that go on, those that are deleted, where the focus is. */

import { fill, generations, grid, pages, settle } from "./grid.js";
import { dressed, expired, progress, reason } from "./tile.js";

const ACROSS = { ArrowLeft: -1, ArrowRight: 1 };
const DOWN = { ArrowUp: -1, ArrowDown: 1 };

export function tile(id) {
  return document.getElementById(`tile-${id}`);
}

export function tiles() {
  return [...grid.querySelectorAll(".tile")];
}

/** The tile that comes so many after this one, if there is one. */
export function beside(item, step) {
  const all = tiles();
  return all[all.indexOf(item) + step];
}

/** Put what has become of a generation in the place of what was known of it. */
export function update(generation) {
  const before = generations.get(generation.id);
  if (!before) return;
  generations.set(generation.id, generation);
  const item = tile(generation.id);
  if (!item.childElementCount) return;
  if (generation.status !== before.status || expired(generation)) return dress(item, generation);
  if (generation.status === "succeeded") return;
  item.querySelector(".reason").textContent = reason(generation);
  progress(item, generation);
}

function dress(item, generation) {
  const focused = [".look", ".pick input", ".retry"].find((part) => item.querySelector(part) === document.activeElement);
  item.replaceChildren(dressed(generation, "picked" in item.dataset));
  if (focused) (item.querySelector(focused) ?? item.querySelector(".look")).focus();
}

/** Take generations away. Gives the tile where the first of them was, or else the last one that is left. */
export function remove(ids) {
  const gone = new Set(ids);
  const stays = (item) => !gone.has(item.dataset.id);
  const all = tiles();
  const first = all.findIndex((item) => !stays(item));
  const heir = all.slice(first).find(stays) ?? all.findLast(stays);
  for (const item of all.filter((item) => !stays(item))) take(item);
  for (const page of pages) page.items = page.items.filter(stays);
  pages.splice(0, pages.length, ...pages.filter(({ items }) => items.length));
  settle();
  grid.dispatchEvent(new CustomEvent("removed"));
  return heir;
}

function take(item) {
  const day = item.closest(".day");
  generations.delete(item.dataset.id);
  item.remove();
  if (!day.querySelector(".tile")) day.remove();
}

/** Put the focus on the picture of a tile, or where the page begins if there is none. */
export function focus(item) {
  if (!item) return document.getElementById("title").focus();
  fill(item);
  item.querySelector(".look").focus();
}

/** Arrow keys go from picture to picture, along the rows and across them. */
grid.addEventListener("keydown", (event) => {
  const item = event.target.matches(".look") && event.target.closest(".tile");
  if (!item || event.altKey || event.ctrlKey || event.metaKey) return;
  const to = event.key in ACROSS ? beside(item, ACROSS[event.key]) : event.key in DOWN && nearest(item, DOWN[event.key]);
  if (!to) return;
  event.preventDefault();
  focus(to);
});

/** The tile of the row above or below that is the closest. */
function nearest(item, direction) {
  const here = item.getBoundingClientRect();
  const all = tiles();
  let found;
  let row;
  for (let at = all.indexOf(item) + direction; all[at]; at += direction) {
    const there = all[at].getBoundingClientRect();
    if (there.top === here.top) continue;
    row ??= there.top;
    if (there.top !== row) break;
    if (!found || Math.abs(there.left - here.left) < Math.abs(found.getBoundingClientRect().left - here.left)) found = all[at];
  }
  return found;
}
