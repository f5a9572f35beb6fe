/** A request on its way: asked again under the same key until it is answered, so that it is made and charged once. */

import { askWhole, user } from "../frame.js";

const NAME = `sending:${user}`;
// Whoever comes back later than this has forgotten what was asked for.
const KEPT_SECONDS = 60 * 60;
const TRY_AGAIN_SECONDS = 2;
const PASSING = ["in_progress", "rate_limited", "too_many_unfinished"];

/** A request with a key of its own. */
export function letter(request) {
  return { ...request, key: uuid(), at: Date.now() };
}

/** What was sent and never answered, by this page before it was loaded anew. */
export function unanswered() {
  return kept().filter(({ at }) => Date.now() - at < 1000 * KEPT_SECONDS);
}

/**
 * The generation that the service makes of a letter. `waits(problem)` is told whenever it has to be asked again.
 * Throws the `Problem` of what is refused for good, or an AbortError.
 */
export async function send(letter, waits, signal) {
  keep(letter);
  try {
    for (;;) {
      const answer = await tried(letter, signal);
      if (answer.body) return answer.body;
      waits(answer);
      await pause(answer.wait ?? TRY_AGAIN_SECONDS, signal);
    }
  } finally {
    drop(letter);
  }
}

async function tried({ key, path, body }, signal) {
  const headers = { "Idempotency-Key": key, Prefer: "respond-async" };
  try {
    return await askWhole(`${path}?images=url`, { method: "POST", body, headers, signal });
  } catch (problem) {
    if (problem.passing || PASSING.includes(problem.code)) return problem;
    throw problem;
  }
}

const kept = () => JSON.parse(localStorage.getItem(NAME) ?? "[]");

function keep(letter) {
  try {
    store([...kept().filter(({ key }) => key !== letter.key), letter]);
  } catch (error) {
    // A large picture: there is no room for it. It is asked again as long as the page is open.
    if (error.name !== "QuotaExceededError") throw error;
  }
}

function drop({ key }) {
  store(kept().filter((one) => one.key !== key));
}

function store(letters) {
  if (letters.length) localStorage.setItem(NAME, JSON.stringify(letters));
  else localStorage.removeItem(NAME);
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    setTimeout(resolve, 1000 * seconds);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** As `crypto.randomUUID`, which browsers have on secure sites alone. */
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
