/**
 * What every page needs, in one file, since each file is a request: words in the page's language, the one way from a
 * page to the service (its API, with the session of whoever is signed in), and what the frame shows.
 */

const catalog = JSON.parse(document.getElementById("words").textContent);

/** The language of the page, as in `en`. */
export const language = document.documentElement.lang;

/** The translation of `text`, with `{name}` replaced by the value of that name. */
export function gettext(text, values = {}) {
  const found = catalog[text];
  return filled(typeof found === "string" ? found : text, values);
}

/** The form for `count` things, with `{count}` and `{name}` replaced. */
export function ngettext(one, many, count, values = {}) {
  const forms = catalog[one];
  const form = Array.isArray(forms) ? forms[count === 1 ? 0 : 1] : count === 1 ? one : many;
  return filled(form, { count: number(count), ...values });
}

export function number(value, options = {}) {
  return new Intl.NumberFormat(language, options).format(value);
}

export function date(value, options = { dateStyle: "medium", timeStyle: "short" }) {
  return new Intl.DateTimeFormat(language, options).format(new Date(value));
}

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

const BASE = "/api/v1";
const TRY_AGAIN_SECONDS = 3;
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

/** As `ask`, again and again as long as the service is away, or its answer is not yet `enough`. */
export async function askPatiently(path, enough = () => true) {
  for (;;) {
    try {
      const answer = await ask(path);
      if (enough(answer)) return answer;
    } catch (problem) {
      if (!problem.passing) throw problem;
    }
    await new Promise((resolve) => setTimeout(resolve, 1000 * TRY_AGAIN_SECONDS));
  }
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
  if (method !== "GET" && (await isStale(answer)) && (await renewed())) answer = await reached(request);
  if (answer.ok) return answer;
  throw await refusal(answer, "Authorization" in headers);
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

async function refusal(answer, byToken) {
  const wait = Number(answer.headers.get("Retry-After")) || null;
  let body = null;
  try {
    body = await answer.json();
  } catch {
    body = { code: "internal_error", detail: gettext("The service answered with something that is no answer.") };
  }
  if (answer.status === 401 && signedIn && !byToken) tell("session-ended");
  return Object.assign(new Problem(body, answer.status, wait), { body, headers: answer.headers });
}

/** Whether it may be our secret that was refused. A wrong password is not to be sent twice: tries are counted. */
async function isStale(answer) {
  if (answer.status !== 403) return false;
  const body = await answer.clone().json().catch(() => ({}));
  return body.code === "permission_denied";
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

const TOAST_SECONDS = 6;
const banner = document.getElementById("connection");
const ended = document.getElementById("session-ended");

/** Say something in passing; it is read aloud too. */
export function toast(text) {
  const line = document.createElement("p");
  line.textContent = text;
  document.getElementById("toasts").append(line);
  setTimeout(() => line.remove(), 1000 * TOAST_SECONDS);
}

/** Show what is left of a quota, as the API tells it. */
export function showCredits(quota) {
  for (const place of document.querySelectorAll("[data-credits]")) {
    place.hidden = false;
    place.textContent = ngettext("{count} credit", "{count} credits", quota.remaining, { count: number(quota.remaining) });
  }
  document.dispatchEvent(new CustomEvent("credits", { detail: quota }));
}

export async function refreshCredits() {
  if (signedIn) showCredits((await ask("/account")).quota);
}

function showConnection(lost) {
  banner.hidden = !lost;
  banner.textContent = lost ? gettext("The connection is lost. Nothing is: it goes on by itself as soon as it is back.") : "";
}

/** Another language leads back to what is shown now: pages change their addresses without being asked for anew. */
function comeBackHere({ target }) {
  const address = new URL(target.action);
  address.searchParams.set("next", location.pathname + location.search);
  address.hash = location.hash;
  target.action = address;
}

document.querySelector(".languages").addEventListener("submit", comeBackHere);
document.addEventListener("unreachable", () => showConnection(true));
document.addEventListener("reached", () => showConnection(false));
window.addEventListener("offline", () => showConnection(true));
window.addEventListener("online", () => showConnection(false));
document.addEventListener("session-ended", () => ended.open || ended.showModal());
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
