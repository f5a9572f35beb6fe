/** Coming back from the page where credits are paid for. */

import { ask, gettext, ngettext, Problem } from "../frame.js";

const SOON = 2000;
const LATER = 15000;
const SOON_TRIES = 30;

/** Say what became of the payment that the address tells of, and call `changed` where that has changed the account. */
export async function cameBack(notice, changed) {
  const query = new URLSearchParams(location.search);
  const [paid, canceled] = [query.get("paid"), query.get("canceled")];
  if (!paid && !canceled) return;
  history.replaceState(null, "", `${location.pathname}#credits`);
  if (paid) await follow(notice, paid, changed);
  else tellOfNone(notice, await requestOf(canceled));
}

async function requestOf(id) {
  const { results } = await ask("/increase-limit");
  return results.find((request) => request.id === id) ?? null;
}

function tellOfNone(notice, request) {
  if (request?.status === "paid") say(notice, "good", arrived(request));
  else if (request?.checkout_url) {
    say(notice, "warm", gettext("Nothing was paid. You can still pay for it below, or ask for something else."));
  } else say(notice, "warm", gettext("Nothing was paid."));
}

/** Only the service knows whether something is paid: ask until it says so. */
async function follow(notice, id, changed, tries = 0) {
  const request = await requestOf(id).catch(unlessPassing);
  if (request === null) return;
  if (request && request.status !== "pending_payment") {
    tellEnd(notice, request);
    await changed();
    return;
  }
  if (tries === 0) thank(notice);
  if (tries === SOON_TRIES) {
    say(notice, "", gettext("Thank you. It is not confirmed yet, and may take days: your credits come by themselves."));
  }
  setTimeout(() => follow(notice, id, changed, tries + 1), tries < SOON_TRIES ? SOON : LATER);
}

/** Who has paid is not asked to pay again. */
function thank(notice) {
  say(notice, "", gettext("Thank you. Your payment is being confirmed."));
  for (const link of notice.closest(".part").querySelectorAll("[data-pay]")) link.hidden = true;
}

/** Nothing is known where the service could not be asked just now. */
function unlessPassing(error) {
  if (!(error instanceof Problem && error.passing)) throw error;
}

function tellEnd(notice, request) {
  if (request.status === "paid") say(notice, "good", arrived(request));
  else say(notice, "bad", gettext("The payment did not go through. Nothing was charged; you can try it again."));
}

function arrived({ credits }) {
  return ngettext("Paid: {count} credit is on your balance.", "Paid: {count} credits are on your balance.", credits);
}

function say(notice, kind, text) {
  notice.hidden = false;
  notice.className = `notice ${kind}`;
  notice.textContent = text;
}
