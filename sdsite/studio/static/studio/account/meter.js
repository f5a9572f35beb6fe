/** A meter: how much of something is used. */

/** Show `value` of `limit`; `text` says it in words for those who do not see it. */
export function fill(meter, value, limit, text) {
  const share = limit > 0 ? Math.min(1, value / limit) : 1;
  meter.ariaValueMax = limit;
  meter.ariaValueNow = Math.min(value, limit);
  meter.ariaValueText = text;
  meter.firstElementChild.style.width = `${100 * share}%`;
  meter.classList.toggle("full", share > 0.9);
}
