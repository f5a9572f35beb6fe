/** Generations that were unfinished when they were shown: how far they are, until they are done. */

import { ask, gettext } from "../frame.js";
import { focus, remove, tile, update } from "./changes.js";
import { generations } from "./grid.js";
import { UNFINISHED } from "./tile.js";

const MS = 2000;
const wanted = document.querySelector("#filters [name=status]");
let timer = 0;

/** Look now and then, as long as there is something to look at. */
export function watch() {
  timer ||= setTimeout(look, MS);
}

async function look() {
  const waiting = [...generations.values()].filter(({ status }) => UNFINISHED.includes(status));
  if (!waiting.length) {
    timer = 0;
    return;
  }
  let pause = MS;
  try {
    if (!document.hidden) (await news(waiting)).forEach(take);
  } catch (problem) {
    pause = 1000 * (problem.wait ?? 5);
  }
  timer = setTimeout(look, pause);
}

/** What has become of them: those that are unfinished still are in one list, the others are asked for. */
async function news(waiting) {
  const { results } = await ask(`/generations?${UNFINISHED.map((status) => `status=${status}`).join("&")}&page_size=100`);
  const going = new Map(results.map((generation) => [generation.id, generation]));
  return Promise.all(waiting.map(({ id }) => going.get(id) ?? ended(id)));
}

async function ended(id) {
  try {
    return await ask(`/generations/${id}?images=url`);
  } catch (problem) {
    if (problem.status === 404) return { id, status: "deleted" };
    throw problem;
  }
}

function take(generation) {
  if (!generations.has(generation.id)) return;
  const gone = generation.status === "deleted" || !isWanted(generation);
  say(generation);
  if (gone) leave(generation.id);
  else update(generation);
  document.dispatchEvent(new CustomEvent("generation", { detail: generation }));
}

function isWanted({ status }) {
  return !wanted.value || wanted.value === (UNFINISHED.includes(status) ? "unfinished" : status);
}

function leave(id) {
  const focused = tile(id).contains(document.activeElement);
  const heir = remove([id]);
  if (focused) focus(heir);
}

function say({ status, parameters }) {
  const said = document.getElementById("said");
  if (status === "succeeded") said.textContent = gettext("Done: {prompt}", parameters);
  if (status === "failed") said.textContent = gettext("Failed: {prompt}", parameters);
}
