/** Asking for more credits, and what became of it. */

import { ask, date, gettext, ngettext } from "../frame.js";
import { numberIn, onSubmit } from "../forms.js";
import { money } from "./money.js";
import { accountNow } from "./own.js";
import { copyOf, listed } from "./pieces.js";

const PATH = "/increase-limit";
const STATES = {
  pending_review: gettext("Waits for an answer"),
  approved: gettext("Approved"),
  declined: gettext("Declined"),
  pending_payment: gettext("Waits for payment"),
  paid: gettext("Paid"),
  payment_failed: gettext("The payment failed"),
  expired: gettext("Not paid"),
  refunded: gettext("Paid back"),
};
const LOOKS = { approved: "good", paid: "good", declined: "bad", payment_failed: "bad" };

export async function openRequests(part) {
  const [{ pricing }] = await Promise.all([ask("/capabilities"), showRequests(part)]);
  offer(part, pricing);
  if (!location.search) return;
  const { cameBack } = await import("./payment.js");
  await cameBack(part.querySelector("[data-payment]"), () => Promise.all([showRequests(part), accountNow()]));
}

async function showRequests(part) {
  const place = part.querySelector("[data-requests]");
  const list = place.querySelector("ul");
  const found = [];
  const add = (entry) => {
    if (!found.length) list.replaceChildren();
    found.push(entry);
    const line = lineOf(entry);
    list.append(line);
    return line;
  };
  place.hidden = !(await listed(`${PATH}?page_size=5`, place.querySelector("[data-more]"), add));
  showWaiting(part, found.find(({ status }) => status === "pending_review"));
}

function lineOf({ credits, status, reason, note, price, currency, checkout_url: address, created_at: asked }) {
  const line = copyOf("request");
  const place = (name) => line.querySelector(`[data-${name}]`);
  place("number").textContent = price === null ? inCredits(credits) : sold(credits, money(price, currency));
  place("state").textContent = STATES[status];
  if (LOOKS[status]) place("state").classList.add(LOOKS[status]);
  place("when").textContent = date(asked);
  place("reason").textContent = reason;
  place("note").hidden = !note;
  place("note").textContent = note;
  place("pay").hidden = !address;
  if (address) place("pay").href = address;
  return line;
}

function inCredits(count) {
  return ngettext("{count} credit", "{count} credits", count);
}

function sold(count, price) {
  return ngettext("{count} credit for {price}", "{count} credits for {price}", count, { price });
}

/** Staff decide on one request at a time. */
function showWaiting(part, waiting) {
  const notice = part.querySelector("[data-waiting]");
  notice.hidden = !waiting;
  part.querySelector("#ask-for-credits").hidden = Boolean(waiting);
  if (waiting) {
    notice.textContent = ngettext(
      "You have asked for {count} credit. You can ask again when that is answered.",
      "You have asked for {count} credits. You can ask again when that is answered.",
      waiting.credits,
    );
  }
}

function offer(part, { credit_price: price, currency, currency_decimals: decimals, max_credits: most }) {
  const form = part.querySelector("#ask-for-credits");
  if (most) form.elements.credits.max = most;
  for (const text of part.querySelectorAll("[data-sold]")) text.hidden = !price;
  for (const text of part.querySelectorAll("[data-asked-for]")) text.hidden = Boolean(price);
  if (price) showPrice(form, (count) => money(Math.max(1, Math.round(price * count)), currency, decimals));
  onSubmit(form, () => send(part, form));
}

function showPrice(form, priceOf) {
  const place = form.querySelector("[data-price]");
  const show = () => {
    const count = numberIn(form.elements.credits);
    place.hidden = !(count >= 1);
    place.textContent = gettext("That is {price}.", { price: priceOf(count) });
  };
  form.elements.credits.addEventListener("input", show);
  show();
}

async function send(part, form) {
  const { credits, reason } = form.elements;
  const body = { credits: numberIn(credits), reason: reason.value };
  const { checkout_url: address } = await ask(PATH, { method: "POST", body });
  if (address) {
    location.assign(address);
    return gettext("The page to pay at is opening.");
  }
  reason.value = "";
  await showRequests(part);
  const notice = part.querySelector("[data-waiting]");
  notice.tabIndex = -1;
  notice.focus();
  return "";
}
