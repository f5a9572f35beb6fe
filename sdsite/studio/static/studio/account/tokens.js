/** Tokens for one's programs. */

import { sure } from "../asking.js";
import { inWords } from "../forms.js";
import { ask, date, gettext, ngettext, number, Problem, toast } from "../frame.js";
import { letCopy } from "./copying.js";
import { copyOf, fill, listed } from "./pieces.js";
import { letMake } from "./token-form.js";
import { openSecret } from "./webhooks.js";

const GOOD_FOR = {
  generate: gettext("making pictures"),
  read: gettext("seeing them"),
  account: gettext("changing the account"),
};

export async function open(part) {
  const fresh = part.querySelector("#new-token");
  letCopy(fresh.querySelector("[data-copy]"), fresh.querySelector("code"));
  fresh.querySelector("[data-done]").addEventListener("click", () => putAway(part, fresh));
  letMake(part, async (token) => {
    await showTokens(part);
    showFresh(fresh, token);
  });
  openSecret(part.querySelector("#webhooks"));
  await showTokens(part);
}

async function showTokens(part) {
  const list = part.querySelector("[data-tokens]");
  let count = 0;
  const add = (token) => {
    if (!count++) list.replaceChildren();
    const line = lineOf(part, token);
    list.append(line);
    return line;
  };
  const found = await listed("/tokens?page_size=20", part.querySelector("#tokens-more"), add);
  list.hidden = !found;
  part.querySelector("[data-empty]").hidden = found > 0;
}

function lineOf(part, token) {
  const line = copyOf("token");
  const write = (name, text) => (line.querySelector(`[data-${name}]`).textContent = text);
  write("name", token.name);
  write("start", `${token.start}…`);
  const scopes = token.scopes.map((scope) => GOOD_FOR[scope]);
  write("scopes", gettext("Good for {what}", { what: listOf(scopes) }));
  write("until", until(token.expires_at));
  write("last-used", lastUsed(token.last_used_at));
  line.querySelector("[data-over]").hidden = !isOver(token);
  if (token.credit_cap !== null) showCap(line.querySelector("[data-cap]"), token);
  const button = line.querySelector("[data-revoke]");
  button.setAttribute("aria-label", gettext("Revoke {name}", { name: token.name }));
  button.addEventListener("click", () => revoke(part, token));
  return line;
}

function listOf(words) {
  return new Intl.ListFormat(document.documentElement.lang).format(words);
}

function isOver({ expires_at: moment }) {
  return moment !== null && new Date(moment) <= new Date();
}

function until(moment) {
  return moment ? gettext("Expires {when}", { when: date(moment) }) : gettext("Never expires");
}

function lastUsed(moment) {
  return moment ? gettext("last used {when}", { when: date(moment) }) : gettext("never used");
}

function showCap(place, { name, spent, credit_cap: cap }) {
  const text = ngettext("{spent} of {count} credit spent", "{spent} of {count} credits spent", cap, { spent: number(spent) });
  place.hidden = false;
  place.querySelector("[data-spent]").textContent = text;
  const meter = place.querySelector(".meter");
  meter.ariaLabel = gettext("Credits spent with {name}", { name });
  fill(meter, spent, cap, text);
}

function showFresh(fresh, { name, token }) {
  const title = fresh.querySelector("h3");
  fresh.hidden = false;
  title.textContent = gettext("Your new token: {name}", { name });
  fresh.querySelector("code").textContent = token;
  title.focus();
}

function putAway(part, fresh) {
  fresh.hidden = true;
  fresh.querySelector("code").textContent = "";
  part.querySelector("h2").focus();
}

async function revoke(part, { id, name }) {
  const title = gettext("Revoke {name}?", { name });
  const text = gettext("Programs that use it are refused from then on. It cannot be taken back.");
  if (!(await sure({ title, text, button: gettext("Revoke it") }))) return;
  try {
    await ask(`/tokens/${id}`, { method: "DELETE" });
    toast(gettext("{name} is revoked.", { name }));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    toast(inWords(error));
  }
  await showTokens(part);
  part.querySelector("h2").focus();
}
