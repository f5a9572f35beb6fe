/** A picture in full, at an address of its own: `#<generation>`, or `#<generation>.<index>` if it is not the first. */

import { ask, gettext, toast } from "../frame.js";
import { beside, focus, tile, update } from "./changes.js";
import { generations, grid } from "./grid.js";
import { show, dialog } from "./picture.js";

const ADDRESS = /^#([\da-f-]{36})(?:\.(\d+))?$/;
const SWIPE = 60;
const doing = (name) => dialog.querySelector(`[data-do=${name}]`);
const code = dialog.querySelector(".code");
const turns = [...dialog.querySelectorAll("[data-turn]")];
let now = null;
let load = null;

/** Open, turn or close, as the address says. `more` loads the grid on; `entered` if one came from the grid. */
export async function follow(more, entered) {
  load = more;
  const [, id, index = 0] = ADDRESS.exec(location.hash) ?? [];
  if (!id) return dialog.close();
  const generation = generations.get(id) ?? (await found(id));
  if (!generation) return leave();
  if (!dialog.open) open(entered);
  turn({ generation, index: Number(index) });
}

function open(entered) {
  // Back leads to the grid; where one came by a link it leads elsewhere, and closing must not.
  if (entered) history.replaceState({ entered }, "");
  dialog.showModal();
  doing("close").focus();
}

async function found(id) {
  try {
    return await ask(`/generations/${id}?images=url`);
  } catch (problem) {
    toast(problem.status === 404 ? gettext("There is no such picture, or it was deleted.") : problem.detail);
    return null;
  }
}

function leave() {
  if (history.state?.entered) return history.back();
  history.replaceState(null, "", location.pathname + location.search);
  dialog.close();
}

function turn(to) {
  now = to;
  const address = `#${now.generation.id}${now.index ? `.${now.index}` : ""}`;
  history.replaceState(history.state, "", address);
  show(now, (index) => turn({ ...now, index }));
  showEnds();
  if (code.open) showCode();
}

async function showCode() {
  const { generation } = now;
  const { showCode: fill } = await import("./code.js");
  fill(code.lastElementChild, generation);
}

/** What comes so many pictures after this one: of the same generation, or of one beside it. */
function following(step) {
  const { generation, index } = now;
  if (generation.images[index + step]) return { generation, index: index + step };
  const item = tile(generation.id) && beside(tile(generation.id), step);
  const other = item && generations.get(item.dataset.id);
  return other && { generation: other, index: step > 0 ? 0 : Math.max(0, other.images.length - 1) };
}

async function go(step) {
  const from = now;
  if (step > 0 && !following(step)) await load();
  const to = now === from && following(step);
  if (to) turn(to);
}

function showEnds() {
  if (!now) return;
  for (const button of turns) {
    const end = !following(Number(button.dataset.turn)) && (button.dataset.turn < 0 || !more());
    if (end && button === document.activeElement) doing("close").focus();
    button.hidden = end;
  }
}

/** Whether the grid goes on after what is shown, where this picture is in it. */
function more() {
  return Boolean(tile(now.generation.id)) && !document.getElementById("more").hidden;
}

async function discard() {
  const { id } = now.generation;
  const { discard: ask } = await import("./removal.js");
  const was = now.generation;
  const heir = await ask([id], new Map([[id, was]]));
  if (heir === undefined) return;
  if (heir) return turn({ generation: generations.get(heir.dataset.id), index: 0 });
  leave();
}

async function cancel() {
  try {
    become(await ask(`/generations/${now.generation.id}/cancel`, { method: "POST" }));
  } catch (problem) {
    document.getElementById("turned").textContent = problem.detail;
  }
  doing("close").focus();
}

function become(generation) {
  update(generation);
  if (generation.id === now?.generation.id) turn({ ...now, generation });
}

/** The focus goes back to the picture that was seen last. */
function closed() {
  const item = now && tile(now.generation.id);
  now = null;
  if (ADDRESS.test(location.hash)) leave();
  focus(item);
}

function key(event) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey || event.target.closest("[role=tablist], pre")) return;
  event.preventDefault();
  go(step);
}

let start = null;
function swipe({ clientX, clientY, pointerType, type }) {
  if (type === "pointerdown") start = pointerType === "touch" ? [clientX, clientY] : null;
  if (type !== "pointerup" || !start) return;
  const [across, down] = [clientX - start[0], clientY - start[1]];
  start = null;
  if (Math.abs(across) > Math.max(SWIPE, 2 * Math.abs(down))) go(across < 0 ? 1 : -1);
}

for (const button of turns) button.addEventListener("click", () => go(Number(button.dataset.turn)));
for (const type of ["pointerdown", "pointerup"]) dialog.querySelector(".frame").addEventListener(type, swipe);
doing("close").addEventListener("click", () => dialog.close());
doing("delete").addEventListener("click", discard);
doing("cancel").addEventListener("click", cancel);
code.addEventListener("toggle", () => code.open && showCode());
dialog.addEventListener("close", closed);
dialog.addEventListener("keydown", key);
grid.addEventListener("added", showEnds);
document.addEventListener("generation", ({ detail }) => detail.id === now?.generation.id && detail.images && turn({ ...now, generation: detail }));
