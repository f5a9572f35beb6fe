/** What the page says, in its language. The names are those that `makemessages` looks for. */

const { catalog = {} } = JSON.parse(document.getElementById("words").textContent) || {};

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
