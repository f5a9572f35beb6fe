/** One's own pictures: the filters, which the address keeps, and the pages of what is found, as one goes down. */

import { ask, gettext, ngettext, refreshCredits, showCredits, toast } from "../frame.js";
import { add, clear, generations, grid } from "./grid.js";
import { UNFINISHED } from "./tile.js";

const PAGE_SIZE = 30;
const TYPING_MS = 350;
const part = (id) => document.getElementById(id);
const form = part("filters");
const more = part("more");
const { q, status, kind, period, from, to } = form.elements;

let shown = null;
let next = null;
let coming = null;
let typing = 0;
let reached = 0;

/** Show what the address asks for, unless that is what is shown. */
function follow() {
  if (location.search === shown) return;
  const given = new URLSearchParams(location.search);
  for (const field of [q, status, kind, period, from, to]) {
    field.value = given.get(field.name) ?? "";
    if (field.selectedIndex === -1) field.selectedIndex = 0;
  }
  begin();
}

/** The filters that are set, as they stand in the address. */
function chosen() {
  const given = [q, status, kind, period].map(({ name, value }) => [name, value.trim()]);
  const days = period.value === "days" ? [from, to].map(({ name, value }) => [name, value]) : [];
  return new URLSearchParams([...given, ...days].filter(([, value]) => value));
}

/** The filters as the API takes them. */
function query() {
  const given = {
    page_size: PAGE_SIZE,
    q: q.value.trim(),
    request_type: kind.value,
    created_after: period.value === "days" ? midnight(from.value) : period.value && daysAgo(period.value - 1),
    created_before: period.value === "days" ? midnight(to.value, 1) : "",
  };
  const states = status.value === "unfinished" ? UNFINISHED : [status.value];
  const all = [...Object.entries(given), ...states.map((state) => ["status", state])];
  return new URLSearchParams(all.filter(([, value]) => value));
}

function midnight(day, later = 0) {
  if (!day) return "";
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

function daysAgo(days) {
  const today = new Date();
  return new Date(today.getFullYear(), today.getMonth(), today.getDate() - days).toISOString();
}

function filter(event) {
  const search = chosen().toString();
  if ((search && `?${search}`) === location.search) return reveal();
  history[event.target === q ? "replaceState" : "pushState"](null, "", search ? `?${search}` : location.pathname);
  begin();
}

function reveal() {
  part("days").hidden = period.value !== "days";
}

/** From the newest on. What was asked before is of no interest any more. */
function begin() {
  reveal();
  coming?.controller.abort();
  coming = null;
  shown = location.search;
  next = `/generations?${query()}`;
  clear();
  for (const id of ["none", "nothing", "end"]) part(id).hidden = true;
  return load();
}

/** The next page, if there is one, or the one that is on its way. */
async function load() {
  if (!coming && next) coming = start(new AbortController());
  return coming?.ending;
}

function start(controller) {
  const mine = { controller };
  grid.ariaBusy = "true";
  part("failed").hidden = true;
  mine.ending = ask(next, { signal: controller.signal }).then(show, fail).finally(() => {
    if (coming !== mine) return;
    coming = null;
    grid.ariaBusy = "false";
  });
  return mine;
}

function show(page) {
  const after = page.next && new URL(page.next);
  next = after && after.pathname + after.search;
  const items = add(page.results);
  more.hidden = !next;
  part("end").hidden = Boolean(next) || !generations.size;
  if (page.results.length) showCredits(page.results[0].quota);
  else refreshCredits().catch(() => {});
  if (page.results.some((generation) => UNFINISHED.includes(generation.status))) watch();
  sayEmpty();
  if (!generations.size) part("said").textContent = gettext("Nothing was found.");
  else if (generations.size > items.length) part("said").textContent = ngettext("{count} more is shown.", "{count} more are shown.", items.length);
  lookOut();
}

function sayEmpty() {
  const empty = !generations.size && !next;
  part("nothing").hidden = !(empty && chosen().size);
  part("none").hidden = !(empty && !chosen().size);
}

function fail(problem) {
  if (problem.name === "AbortError") return;
  more.hidden = true;
  part("failed").hidden = false;
  part("failed").querySelector("p").textContent = problem.detail;
}

/** Whoever asks for more stands at the first that is new then, even if it came as soon as the button was in view. */
async function goOn() {
  if (generations.size === reached) await load();
  const item = grid.querySelectorAll(".tile")[reached];
  if (item) (await bring(() => import("./changes.js"))).focus?.(item);
}

/** Bring in what is needed now and then only. */
async function bring(module) {
  try {
    return await module();
  } catch {
    toast(gettext("The service cannot be reached right now."));
    return {};
  }
}

async function watch() {
  (await bring(() => import("./live.js"))).watch?.();
}

async function open(event) {
  const named = /^#[\da-f-]{36}/.test(location.hash);
  if (named || part("viewer").open) (await bring(() => import("./viewer.js"))).follow?.(load, Boolean(event));
}

async function pick({ target, shiftKey }) {
  if (target.matches(".pick input")) (await bring(() => import("./selection.js"))).pick?.(target, shiftKey);
}

/** A file that is not there is told from one that cannot be reached. */
async function miss({ target }) {
  const answer = await fetch(target.src, { method: "HEAD" }).catch(() => null);
  const generation = answer?.status === 404 && generations.get(target.dataset.of);
  if (generation) (await bring(() => import("./changes.js"))).update?.({ ...generation, gone: true });
}

let nearing = null;
/** Load on when the end comes near: before it is seen, but not as long as one has not begun to go down. */
function lookOut() {
  nearing?.disconnect();
  nearing = new IntersectionObserver((seen) => seen.at(-1).isIntersecting && load(), { rootMargin: scrollY ? "150%" : "0%" });
  nearing.observe(more);
}


form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  filter({ target: q });
});
form.addEventListener("change", (event) => event.target === q || filter(event));
q.addEventListener("input", (event) => {
  clearTimeout(typing);
  typing = setTimeout(filter, TYPING_MS, event);
});
part("all").addEventListener("click", () => {
  form.reset();
  filter({});
  part("title").focus();
});
for (const kind of ["focus", "pointerdown"]) more.addEventListener(kind, () => (reached = generations.size));
more.addEventListener("click", goOn);
part("failed").querySelector("button").addEventListener("click", load);
grid.addEventListener("click", pick);
grid.addEventListener("error", miss, { capture: true });
grid.addEventListener("focusin", () => bring(() => import("./changes.js")), { once: true });
grid.addEventListener("removed", () => (generations.size ? sayEmpty() : load().then(sayEmpty)));
addEventListener("scroll", lookOut, { once: true, passive: true });
addEventListener("online", () => part("failed").hidden || load());
addEventListener("popstate", follow);
addEventListener("hashchange", open);

follow();
open();
