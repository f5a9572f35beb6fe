/** The cards of this visit: one for each request, from the moment it is sent. */

import { ask, askPatiently, gettext, toast } from "../frame.js";
import { Card } from "./card.js";
import { noteSeed } from "./form.js";
import { priceSoon } from "./price.js";
import { showRefusal } from "./refusals.js";
import { letter, send, unanswered } from "./sending.js";
import { follow, leave } from "./watch.js";

const list = document.getElementById("cards");
const UNFINISHED = ["running", "queued"];
const MOST = 100;

/** Make what is asked for: `{ path, body, before }`, where `before` is the address of the picture that it starts from. */
export async function make({ path, body, before }) {
  await deliver(letter({ path, body }), { before, here: true });
}

/** Go on with what was under way when the page was left. */
export async function resume() {
  for (const one of unanswered()) deliver(one, {});
  for (const status of UNFINISHED) {
    const { results } = await askPatiently(`/generations?status=${status}&page_size=${MOST}`);
    for (const generation of results.reverse()) take(generation);
  }
}

function take(generation) {
  if (!list.querySelector(`[data-id="${generation.id}"]`)) accept(place(new Card(generation.parameters, {})), generation);
}

function place(card) {
  document.getElementById("nothing").hidden = true;
  list.prepend(card.element);
  return card;
}

async function deliver(one, { before = null, here = false }) {
  const leaving = new AbortController();
  const card = place(new Card(one.body, { before, request: one }));
  if (here) card.element.scrollIntoView({ block: "nearest" });
  card.on("dismiss", () => {
    leaving.abort();
    card.leave();
  });
  try {
    accept(card, await send(one, (problem) => card.waits(problem), leaving.signal));
  } catch (problem) {
    if (problem.name === "AbortError") return;
    if (here) refuse(card, problem);
    else fail(card, problem);
  }
}

/** What was refused at once is put right in the form. */
function refuse(card, problem) {
  card.element.remove();
  if (problem.status === 401) return;
  if (problem.code === "quota_exhausted") priceSoon(0);
  showRefusal(problem);
}

function fail(card, problem) {
  card.told("failed", { error: { detail: problem.message } });
  onEnd(card);
}

function accept(card, generation) {
  if (list.querySelector(`[data-id="${generation.id}"]`)) return card.element.remove();
  card.accepted(generation);
  card.on("cancel", () => cancel(card));
  if (!UNFINISHED.includes(generation.status)) return finish(card, generation.status, generation);
  follow(generation.id, (name, data) => (data?.finished_at || name === "gone" ? finish(card, name, data) : card.told(name, data)));
  priceSoon();
}

function finish(card, name, generation) {
  card.told(name, generation);
  onEnd(card);
  if (generation.parameters) noteSeed(generation.parameters.seed);
  priceSoon();
}

function onEnd(card) {
  card.on("dismiss", () => card.leave());
  card.on("retry", () => {
    card.element.remove();
    make({ ...card.request, before: card.before });
  });
}

async function cancel(card) {
  try {
    const generation = await ask(`/generations/${card.id}/cancel`, { method: "POST" });
    leave(card.id);
    finish(card, "canceled", generation);
  } catch (problem) {
    // What was done a moment earlier is told by its own event.
    if (problem.status !== 409) toast(gettext("It could not be canceled: {reason}", { reason: problem.message }));
  }
}
