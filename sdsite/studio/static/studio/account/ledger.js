/** Every change of one's credits. */

import { date, gettext, number } from "../frame.js";
import { copyOf, listed } from "./pieces.js";

const KINDS = {
  grant: gettext("Granted to you"),
  reserve: gettext("Reserved for a picture"),
  settle: gettext("Picture made"),
  refund: gettext("Given back"),
  purchase: gettext("Bought"),
  correction: gettext("Corrected"),
};

export async function open(part) {
  const body = part.querySelector("tbody");
  const add = (entry) => {
    const row = rowOf(entry);
    body.append(row);
    return row;
  };
  const count = await listed("/account/ledger?page_size=30", part.querySelector("[data-more]"), add);
  part.querySelector("[data-empty]").hidden = count > 0;
  part.querySelector("[data-lines]").hidden = count === 0;
}

function rowOf({ created_at: moment, kind, credits, allowance, balance, generation, reason }) {
  const row = copyOf("line");
  const place = (name) => row.querySelector(`[data-${name}]`);
  for (const time of row.querySelectorAll("time")) {
    time.dateTime = moment;
    time.textContent = date(moment);
  }
  place("kind").textContent = KINDS[kind];
  place("picture").hidden = !generation;
  place("picture").href = `/pictures/#${generation}`;
  // Of a purchase it is only the number that the books have for it.
  place("reason").hidden = !reason || kind === "purchase";
  place("reason").textContent = reason;
  place("sum").textContent = signed(credits);
  place("sum").className = credits > 0 ? "gain" : credits < 0 ? "loss" : "faint";
  place("pockets").textContent = pockets(allowance, balance);
  return row;
}

/** Where it came from, or went to. */
function pockets(allowance, balance) {
  if (allowance && balance) {
    return gettext("allowance {allowance}, balance {balance}", { allowance: signed(allowance), balance: signed(balance) });
  }
  return allowance ? gettext("allowance") : balance ? gettext("balance") : "";
}

function signed(value) {
  return number(value, { signDisplay: "exceptZero" });
}
