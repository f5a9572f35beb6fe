/** Deleting: asked once in words that say what is lost, then done a few at a time, and what could not be is named. */

import { ask, gettext, ngettext, number } from "../frame.js";
import { remove } from "./changes.js";
import { generations } from "./grid.js";
import { UNFINISHED, expired } from "./tile.js";

const AT_ONCE = 4;
const dialog = document.getElementById("removal");
const part = (name) => dialog.querySelector(`[data-part=${name}]`);
const button = (name) => dialog.querySelector(`[data-do=${name}]`);
let stopped = false;

/**
 * Ask, and delete these. Gives the tile that is to have the focus (null if none is left);
 * undefined if nothing was deleted.
 */
export async function discard(ids, known = generations) {
  describe(ids.map((id) => known.get(id)));
  if (!(await confirmed())) return undefined;
  const { deleted, failures } = await deleteAll(ids, known);
  const heir = deleted.length ? (remove(deleted) ?? null) : undefined;
  if (failures.length) await tellOf(failures);
  dialog.close();
  return heir;
}

function describe(chosen) {
  const pictures = chosen.reduce((sum, one) => sum + (expired(one) ? 0 : one.images.length), 0);
  dialog.querySelector("h2").textContent = ngettext("Delete this?", "Delete these {count}?", chosen.length);
  part("lost").textContent = pictures
    ? ngettext(
        "{count} picture is lost for ever, and how it was made with it. The credits do not come back.",
        "{count} pictures are lost for ever, and how they were made with them. The credits do not come back.",
        pictures,
      )
    : gettext("No picture is lost, but what was asked for is.");
  part("canceled").hidden = !chosen.some(({ status }) => UNFINISHED.includes(status));
  for (const name of ["progress", "failures"]) part(name).hidden = true;
  for (const name of ["delete", "keep"]) button(name).hidden = false;
  button("close").hidden = true;
}

/** Whether the answer is yes. Escape means no. */
function confirmed() {
  dialog.showModal();
  button("keep").focus();
  return new Promise((resolve) => {
    button("delete").onclick = () => resolve(true);
    button("keep").onclick = () => dialog.close();
    dialog.onclose = () => resolve(false);
  });
}

async function deleteAll(ids, known) {
  const waiting = [...ids];
  const [deleted, failures] = [[], []];
  const one = async () => {
    for (let id = waiting.shift(); id && !stopped; id = waiting.shift()) {
      const problem = await refusalOf(id);
      if (problem) failures.push([known.get(id), problem]);
      else deleted.push(id);
      showProgress(deleted.length + failures.length, ids.length);
    }
  };
  stopped = false;
  dialog.onclose = () => (stopped = true);
  showProgress(0, ids.length);
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return { deleted, failures };
}

/** Why it could not be deleted; null if it is gone. */
async function refusalOf(id) {
  try {
    await ask(`/generations/${id}`, { method: "DELETE" });
    return null;
  } catch (problem) {
    return problem.status === 404 ? null : problem;
  }
}

function showProgress(done, all) {
  for (const name of ["delete", "keep"]) button(name).hidden = true;
  part("progress").hidden = false;
  const bar = dialog.querySelector("progress");
  [bar.max, bar.value] = [all, done];
  part("progress").querySelector("p").textContent = gettext("{done} of {all}", { done: number(done), all: number(all) });
}

function tellOf(failures) {
  part("progress").hidden = true;
  part("failures").hidden = false;
  part("failures").querySelector("p").textContent = ngettext("This one is still there:", "These {count} are still there:", failures.length);
  const lines = failures.map(([{ parameters }, { detail }]) =>
    Object.assign(document.createElement("li"), { textContent: gettext("{prompt} ({reason})", { prompt: parameters.prompt, reason: detail }) }),
  );
  part("failures").querySelector("ul").replaceChildren(...lines);
  button("close").hidden = false;
  if (!dialog.open) dialog.showModal();
  button("close").focus();
  return new Promise((resolve) => {
    button("close").onclick = () => dialog.close();
    dialog.onclose = resolve;
  });
}
