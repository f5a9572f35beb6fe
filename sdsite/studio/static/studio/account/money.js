/** Amounts of money. */

import { number } from "../frame.js";

// Where the payment provider counts otherwise than browsers do.
const DECIMALS = { isk: 2, mga: 0, ugx: 2 };

/** An amount in the smallest unit of its currency, as people write it; `decimals` where the service tells them. */
export function money(amount, currency, decimals = usual(currency)) {
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return number(amount / 10 ** decimals, { style: "currency", currency, ...digits });
}

function usual(currency) {
  const { maximumFractionDigits } = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
  return DECIMALS[currency] ?? maximumFractionDigits;
}
