/** The account, one part at a time: the address says which, and what a part needs is loaded when it is shown. */

import { Problem } from "../frame.js";
import { inWords } from "../forms.js";
import { account } from "./own.js";

const LOADERS = {
  credits: () => import("./credits.js"),
  ledger: () => import("./ledger.js"),
  tokens: () => import("./tokens.js"),
  profile: () => import("./profile.js"),
  data: () => import("./data.js"),
};
const opened = new Set();

/** Show the part that the address names, or that holds what it names. */
function show() {
  const target = document.getElementById(location.hash.slice(1));
  const part = target?.closest(".part") ?? document.getElementById("credits");
  for (const other of document.querySelectorAll(".part")) other.hidden = other !== part;
  for (const link of document.querySelectorAll(".contents a")) {
    if (link.hash === `#${part.id}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  open(part);
  return { part, target };
}

async function open(part) {
  if (opened.has(part.id)) return;
  opened.add(part.id);
  hold(part, true);
  try {
    await (await LOADERS[part.id]()).open(part);
  } catch (error) {
    opened.delete(part.id);
    if (!(error instanceof Problem)) throw error;
    offerAgain(part, error);
  } finally {
    hold(part, false);
  }
}

/** What is pressed before its script is there would be lost, or leave the page. */
function hold(part, busy) {
  part.ariaBusy = busy;
  for (const element of part.children) element.inert = busy && element.tagName !== "H2";
}

function offerAgain(part, problem) {
  const notice = document.getElementById("failed").content.cloneNode(true).firstElementChild;
  notice.querySelector("p").textContent = inWords(problem);
  notice.querySelector("button").addEventListener("click", () => {
    notice.remove();
    open(part);
  });
  part.querySelector("h2").after(notice);
}

/** Show it from where the address says: a part from its top, or what is in it. */
function goThere() {
  const { part, target } = show();
  if (target && target !== part) target.scrollIntoView();
  else window.scrollTo(0, 0);
  return part;
}

// Whoever follows a link goes on reading, and tabbing, at what it leads to.
window.addEventListener("hashchange", () => goThere().querySelector("h2").focus({ preventScroll: true }));
goThere();
// For the credits at the top; a part that needs the account tells of its own failure.
account().catch(() => {});
