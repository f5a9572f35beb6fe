/** The one way from a page to the service: its API, with the session of whoever is signed in. */

import { gettext } from "./words.js";

const BASE = "/api/v1";
const page = JSON.parse(document.getElementById("page").textContent);

/** Whether somebody is signed in on this page. */
export const signedIn = page.user !== null;
/** The id of whoever is signed in, to keep drafts of different people apart; null for a visitor. */
export const user = page.user;

/** A refusal: the problem details (RFC 9457) of the API, or `unreachable` where nothing answered. */
export class Problem extends Error {
  constructor({ code, detail, errors = [], ...extra }, status = 0, wait = null) {
    super(detail);
    Object.assign(this, { code, detail, errors, extra, status, wait });
  }

  /** What is wrong with each field, by its name. */
  get fields() {
    return Object.fromEntries(this.errors.map(({ field, message }) => [field, message]));
  }

  /** Whether the same may go well a little later. */
  get passing() {
    return this.code === "unreachable" || [502, 503, 504].includes(this.status);
  }
}

/**
 * What the API answers, parsed; null where it says nothing. Throws a `Problem`.
 * A path begins after /api/v1; an address of the API's own (as `next`, `url`) may be given whole.
 */
export async function ask(path, options = {}) {
  const answer = await send(path, options);
  return answer.status === 204 ? null : answer.json();
}

/** As `ask`, with status and headers: `{ status, headers, body }`. */
export async function askWhole(path, options = {}) {
  const answer = await send(path, options);
  return { status: answer.status, headers: answer.headers, body: answer.status === 204 ? null : await answer.json() };
}

async function send(path, { method = "GET", body, headers = {}, signal } = {}) {
  const request = () =>
    fetch(address(path), {
      method,
      signal,
      headers: {
        Accept: "application/json",
        "Accept-Language": document.documentElement.lang,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(method === "GET" ? {} : { "X-CSRFToken": page.csrf }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  let answer = await reached(request);
  if (answer.status === 403 && method !== "GET" && (await renewed())) answer = await reached(request);
  if (answer.ok) return answer;
  throw await refusal(answer);
}

async function reached(request) {
  try {
    const answer = await request();
    tell("reached");
    return answer;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    tell("unreachable");
    throw new Problem({ code: "unreachable", detail: gettext("The service cannot be reached right now.") });
  }
}

async function refusal(answer) {
  const wait = Number(answer.headers.get("Retry-After")) || null;
  let body = null;
  try {
    body = await answer.json();
  } catch {
    body = { code: "internal_error", detail: gettext("The service answered with something that is no answer.") };
  }
  if (answer.status === 401 && signedIn) tell("session-ended");
  return new Problem(body, answer.status, wait);
}

/** Whoever signed in anew in another tab has another secret: look for it, and say whether there is one. */
async function renewed() {
  const document = await (await fetch(location.href, { headers: { Accept: "text/html" } })).text();
  const found = new DOMParser().parseFromString(document, "text/html").getElementById("page");
  const fresh = found && JSON.parse(found.textContent);
  if (!fresh || fresh.user !== page.user || fresh.csrf === page.csrf) return false;
  page.csrf = fresh.csrf;
  return true;
}

function address(path) {
  return path.startsWith("/api/") || path.startsWith("http") ? path : `${BASE}${path}`;
}

/** `reached`, `unreachable` and `session-ended` are events of the document, which the shell shows. */
function tell(name) {
  document.dispatchEvent(new CustomEvent(name));
}
