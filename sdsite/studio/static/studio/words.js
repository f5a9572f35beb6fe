/** What the page says, in its language: see `frame.js`. */

export { date, gettext, language, ngettext, number } from "./frame.js";
