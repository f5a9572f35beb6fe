/** From nothing to a picture by a program of one's own: a token, programs that have it in them, and what they come to. */

import { copyable } from "../copyable.js";
import { refreshCredits, showCredits } from "../frame.js";
import { snippets } from "../snippets.js";
import { again, verify, waiting, webhook } from "./examples.js";

const PATH = "/text-to-image-generator";
const EXAMPLES = { waiting, again, webhook, verify };
const step = (id) => document.getElementById(id);
const form = step("run");
let token = null;

function showPrograms() {
  const request = { path: PATH, body: { prompt: form.elements.prompt.value }, token };
  const { python, curl, javascript } = snippets(request);
  copyable(form.querySelector("[data-programs]"), { python, curl, javascript });
}

function showExamples() {
  for (const place of document.querySelectorAll("[data-example]")) {
    copyable(place, EXAMPLES[place.dataset.example](token));
  }
}

async function getToken() {
  const { makeToken } = await import("./token.js");
  token = await makeToken(step("token"));
  showPrograms();
  showExamples();
}

/** Send a request as the programs do, and show both sides of it in that step. */
async function send(id, body) {
  const { exchange } = await import("./exchange.js");
  const answer = await exchange(step(id).querySelector("[data-exchange]"), { path: PATH, body, token });
  if (answer.body.quota) showCredits(answer.body.quota);
}

async function watch() {
  const { watchOne } = await import("./watching.js");
  await watchOne(step("waiting"), { path: PATH, prompt: form.elements.prompt.value, token });
}

/** Let a button do what takes its time, one time at a time. */
async function once(button, act) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  await act().finally(() => button.removeAttribute("aria-disabled"));
}

function letDo(name, act) {
  document.querySelector(`[data-${name}]`).addEventListener("click", ({ currentTarget }) => once(currentTarget, act));
}

form.elements.prompt.addEventListener("input", showPrograms);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  once(form.querySelector("[type=submit]"), () => send("picture", { prompt: form.elements.prompt.value }));
});
letDo("make", getToken);
letDo("wrong", () => send("refusals", { prompt: "", width: 100, colour: "red" }));
letDo("watch", watch);
showPrograms();
showExamples();
refreshCredits().catch(() => {});
