/** A request as a program sends it, and all that comes back. */

import { askWhole, gettext, number, Problem } from "../frame.js";

const SHOWN_HEADERS = ["Location", "Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-Id"];
const LONGEST = 96;

/**
 * Send `body` to `path` and show both sides in `place`. Gives `{ status, headers, body }`, of a refusal too.
 * Without a token the session of whoever looks at the page opens the door, which is shown as well.
 */
export async function exchange(place, { path, body, token, headers = {} }) {
  const shown = begun(place, { path, body, token, headers });
  const started = performance.now();
  const answer = await sent({ path, body, headers: { ...authorization(token), ...headers } });
  showAnswer(shown, answer, (performance.now() - started) / 1000);
  if (answer.body.images?.length) showPicture(shown, answer.body);
  return answer;
}

/** Like `askWhole`, but a refusal is an answer as well. */
export async function sent({ path, body, headers }) {
  try {
    return await askWhole(path, { method: "POST", body, headers });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { status: error.status, headers: error.headers ?? new Headers(), body: error.body ?? { detail: error.detail } };
  }
}

export function authorization(token) {
  return token ? { Authorization: `Bearer ${token}` } : {};
}

function begun(place, { path, body, token, headers }) {
  const shown = document.getElementById("exchange").content.firstElementChild.cloneNode(true);
  const lines = {
    Authorization: token ? `Bearer ${token}` : gettext("(none: you are signed in here)"),
    "Content-Type": "application/json",
    ...headers,
  };
  place.replaceChildren(shown);
  write(shown, "request", `POST /api/v1${path}\n${headerLines(Object.entries(lines))}\n\n${pretty(body)}`);
  write(shown, "said", gettext("Sent. Waiting for the answer …"));
  return shown;
}

function showAnswer(shown, { status, headers, body }, seconds) {
  const found = SHOWN_HEADERS.filter((name) => headers.has(name)).map((name) => [name, headers.get(name)]);
  const chip = shown.querySelector("[data-status]");
  chip.textContent = status || gettext("none");
  chip.classList.add(status >= 200 && status < 300 ? "good" : "bad");
  write(shown, "answer", [headerLines(found), pretty(body)].filter(Boolean).join("\n\n"));
  const time = number(seconds, { maximumSignificantDigits: 2 });
  write(shown, "said", gettext("Answered with {status} after {time} seconds.", { status, time }));
}

function showPicture(shown, { images, parameters }) {
  const [{ url, width, height }] = images;
  const figure = shown.querySelector("[data-picture]");
  const [image, caption] = figure.children;
  Object.assign(image, { src: url, width, height, alt: parameters.prompt });
  caption.textContent = gettext("The picture, from images[0].image");
  figure.hidden = false;
}

function write(shown, name, text) {
  shown.querySelector(`[data-${name}]`).textContent = text;
}

function headerLines(entries) {
  return entries.map(([name, value]) => `${name}: ${value}`).join("\n");
}

/** JSON to read: what is as long as a picture is cut, and says how long it is. */
export function pretty(body, indent = 2) {
  return JSON.stringify(body, (_, value) => (typeof value === "string" ? shortened(value) : value), indent);
}

function shortened(text) {
  if (text.length <= LONGEST) return text;
  return gettext("{start}… ({count} characters)", { start: text.slice(0, LONGEST / 2), count: number(text.length) });
}
