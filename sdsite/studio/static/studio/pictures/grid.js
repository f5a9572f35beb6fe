/**
 * The grid: a heading a day, a tile a generation. Tiles stay in their places, but those far from what is seen are
 * hollow, so that a page with ten thousand is as light as one with a hundred.
 */

import { date, gettext, language } from "../frame.js";
import { dressed } from "./tile.js";

export const grid = document.getElementById("grid");
/** What is shown, by id. */
export const generations = new Map();
/** The tiles as they came: `{ items, full }`. */
export const pages = [];

/** How many screens above and below what is seen are filled. */
const NEAR = 1.5;

/** Add a page of generations, older than all that are there; gives the tiles. */
export function add(page) {
  const items = page.filter(({ id }) => !generations.has(id)).map((generation) => {
    generations.set(generation.id, generation);
    const item = Object.assign(document.createElement("li"), { className: "tile", id: `tile-${generation.id}` });
    item.dataset.id = generation.id;
    listOf(generation).append(item);
    return item;
  });
  if (items.length) pages.push({ items, full: false });
  settle();
  grid.dispatchEvent(new CustomEvent("added"));
  return items;
}

export function clear() {
  generations.clear();
  pages.length = 0;
  grid.replaceChildren();
}

/** The list of the day of a generation, made if it is the first of its day. */
function listOf({ created_at: moment }) {
  const day = new Date(moment);
  const last = grid.lastElementChild;
  if (last?.dataset.day === day.toDateString()) return last.lastElementChild;
  const section = Object.assign(document.createElement("div"), { className: "day" });
  section.dataset.day = day.toDateString();
  const list = document.createElement("ul");
  // Without its bullets it is no list to some screen readers, unless it says so.
  list.setAttribute("role", "list");
  section.append(Object.assign(document.createElement("h2"), { textContent: dayName(day) }), list);
  grid.append(section);
  return list;
}

function dayName(day) {
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (day.toDateString() === today.toDateString()) return gettext("Today");
  if (day.toDateString() === yesterday.toDateString()) return gettext("Yesterday");
  const year = day.getFullYear() === today.getFullYear() ? {} : { year: "numeric" };
  const name = date(day, { weekday: "long", day: "numeric", month: "long", ...year });
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}

/** Fill the tiles that are near, and empty those that are far. */
export function settle() {
  const first = Math.max(0, firstBelow(-NEAR * innerHeight) - 1);
  const end = firstBelow((1 + NEAR) * innerHeight);
  pages.forEach((page, at) => {
    const near = at >= first && at < end;
    if (near) page.items.forEach(fill);
    else if (page.full) page.items.forEach(hollow);
    page.full = near;
  });
}

/** The first page that begins below this height, by halving: asking each for its place would be slow. */
function firstBelow(height) {
  let [low, high] = [0, pages.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pages[middle].items[0].getBoundingClientRect().top > height) high = middle;
    else low = middle + 1;
  }
  return low;
}

export function fill(item) {
  if (!item.childElementCount) item.append(dressed(generations.get(item.dataset.id), "picked" in item.dataset));
}

function hollow(item) {
  if (!item.contains(document.activeElement)) item.replaceChildren();
}

let waiting = 0;
function settleSoon() {
  waiting ||= requestAnimationFrame(() => {
    waiting = 0;
    settle();
  });
}
addEventListener("scroll", settleSoon, { passive: true });
addEventListener("resize", settleSoon);
