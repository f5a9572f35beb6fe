/** The frame of every page: lost connections, ended sessions, short messages, the credits that are left. */

import { ask, signedIn } from "./api.js";
import { gettext, ngettext, number } from "./words.js";

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
