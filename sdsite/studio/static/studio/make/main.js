/** The page where pictures are made: how it begins, and what becomes of what is written. */

import { ask, askPatiently, gettext, signedIn, toast, user } from "../frame.js";
import { chosen, fill, form, furnish, goTo, prompt, values } from "./form.js";

const DOUBLE_CLICK = 500;
const RECENT = 12;
const SHOWN_WITH = "?images=url";

// A visitor's draft is this tab's, and goes with them when they sign in; a user's is this browser's.
const VISITORS = "draft";
const [place, name] = signedIn ? [localStorage, `draft:${user}`] : [sessionStorage, VISITORS];

const submit = document.getElementById("submit");
const tooDear = document.querySelector("#too-dear a");

let pressed = { at: -DOUBLE_CLICK, what: "" };

const known = askPatiently("/capabilities", hasModel);
const rework = () => import("./rework.js");
const affordable = async () => (await import("./price.js")).affordable();

begin();

async function begin() {
  const brought = signedIn && take(sessionStorage, VISITORS);
  const written = brought || JSON.parse(place.getItem(name) ?? "{}");
  fill({ prompt: written.prompt ?? "", negative_prompt: written.negative_prompt ?? "" });
  const history = signedIn && showHistory();
  const capabilities = await known;
  furnish(capabilities);
  fill(written);
  form.addEventListener("input", keepDraft);
  form.addEventListener("filled", keepDraft);
  offerIdeas(capabilities.models[0].name);
  offerRework(capabilities);
  if (brought) welcome();
  if (signedIn) {
    import("./price.js").then(({ priceSoon }) => priceSoon(0));
    await followLink();
    await history;
  }
}

/** Before there is a model, nothing can be said of what it can do. */
function hasModel({ models }) {
  const line = document.getElementById("price");
  if (line && !models.length) line.textContent = gettext("The model is being loaded.");
  return models.length > 0;
}

function keepDraft() {
  place.setItem(name, JSON.stringify(chosen()));
}

function take(storage, key) {
  const found = JSON.parse(storage.getItem(key) ?? "null");
  storage.removeItem(key);
  return found;
}

function welcome() {
  keepDraft();
  submit.focus();
  toast(gettext("What you wrote is still here. One press, and it is made."));
}

function offerIdeas(model) {
  const lists = [...document.querySelectorAll(".ideas")];
  const fitting = lists.find((list) => list.dataset.model === model) ?? lists.at(-1);
  if (fitting) fitting.hidden = false;
}

/** A picture to start from is taken once it is asked for, or brought. */
function offerRework(capabilities) {
  const section = document.getElementById("source");
  if (!section) return;
  section.hidden = !capabilities.request_types.includes("image-to-image");
  section.addEventListener("toggle", async () => section.open && (await rework()).source(capabilities));
  form.addEventListener("use", async ({ detail }) => (await rework()).use(capabilities, detail));
  document.addEventListener("dragenter", async ({ dataTransfer }) => {
    if (dataTransfer.types.includes("Files")) (await rework()).source(capabilities);
  });
  document.addEventListener("paste", async ({ clipboardData: { files } }) => {
    if (!section.open && files.length) (await rework()).give(capabilities, files[0]);
  });
}

/** What was made before, and what is still on its way. */
async function showHistory() {
  const { results } = await askPatiently(`/generations?page_size=${RECENT}`);
  document.getElementById("nothing").hidden = results.length > 0 || hasCards();
  const unfinished = results.filter(({ finished_at }) => finished_at === null);
  if (unfinished.length || localStorage.getItem(`sending:${user}`)) (await import("./cards.js")).resume();
  if (results.length) (await import("./recent.js")).showRecent(results);
}

const hasCards = () => document.getElementById("cards").childElementCount > 0;

/** `?again=`, `?vary=` and `?from=`: what another page wants to be done with one of the pictures. */
async function followLink() {
  const link = new URLSearchParams(location.search);
  const [id, index] = (link.get("again") ?? link.get("vary") ?? link.get("from") ?? "").split(".");
  if (!id) return;
  history.replaceState(null, "", location.pathname);
  try {
    const generation = await ask(`/generations/${encodeURIComponent(id)}${SHOWN_WITH}`);
    const { again, vary, use } = await import("./acts.js");
    if (link.has("again")) again(generation);
    else if (link.has("vary")) vary(generation);
    else use(generation, Number(index ?? 0));
  } catch (problem) {
    toast(problem.status === 404 ? gettext("That picture is gone, or not yours.") : problem.message);
  }
}

async function press(event) {
  event.preventDefault();
  if (isDoubleClick(event)) return;
  const refusals = await import("./refusals.js");
  refusals.clearRefusal();
  if (!prompt.value.trim()) return missPrompt(refusals);
  if (!signedIn) return register();
  if (submit.getAttribute("aria-disabled") === "true" && !(await affordable())) return tooDear.focus();
  const [{ make }, { requestOf }] = await Promise.all([import("./cards.js"), rework()]);
  await make(await requestOf(values()));
}

/** Whoever presses twice at once for the very same wants it once. */
function isDoubleClick({ timeStamp: at }) {
  const last = pressed;
  pressed = { at, what: JSON.stringify(values()) };
  return at - last.at < DOUBLE_CLICK && last.what === pressed.what;
}

function missPrompt({ mark }) {
  mark("prompt", gettext("Say first what you want to see."));
  prompt.focus();
}

function register() {
  keepDraft();
  location.assign(`/session/?step=register&next=${encodeURIComponent(location.pathname)}`);
}

form.addEventListener("submit", press);
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  if (event.ctrlKey || event.metaKey) form.requestSubmit();
  // Enter in a number is no wish to pay for a picture.
  else if (event.target.matches("input")) event.preventDefault();
});
document.addEventListener("click", ({ target }) => {
  const idea = target.closest("[data-idea]");
  if (!idea) return;
  fill({ prompt: idea.textContent.trim() });
  goTo();
});
