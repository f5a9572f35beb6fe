/** Code in several languages: a tab for each, and a button that copies. */

import { gettext } from "./frame.js";
import { made } from "./made.js";

const NAMES = { curl: "curl", python: "Python", javascript: "JavaScript" };
const SAID_SECONDS = 3;
/** The language that was chosen last on this page: the next codes begin with it. */
let preferred = null;
let count = 0;

/** Fill `container` with `codes`, an object of a program by its language. */
export function copyable(container, codes) {
  const id = `code-${++count}`;
  const panel = made("pre", { id, role: "tabpanel", tabindex: 0 });
  const tabs = Object.keys(codes).map((language) => tabFor(language, id));
  const list = made("div", { class: "tabs", role: "tablist", "aria-label": gettext("Language of the program") }, ...tabs);
  const choose = (tab) => tab && select(tabs, tab, panel, codes);
  list.addEventListener("click", (event) => choose(event.target.closest("[role=tab]")));
  list.addEventListener("keydown", (event) => choose(moved(event, tabs)));
  container.classList.add("copyable");
  container.replaceChildren(made("div", { class: "copyable-head" }, list, ...copier(panel)), panel);
  choose(tabs.find((tab) => tab.dataset.language === preferred) ?? tabs[0]);
}

function tabFor(language, panel) {
  const attributes = { type: "button", role: "tab", class: "bare", id: `${panel}-${language}` };
  return made("button", { ...attributes, "aria-controls": panel, "data-language": language }, NAMES[language] ?? language);
}

function select(tabs, chosen, panel, codes) {
  for (const tab of tabs) {
    tab.setAttribute("aria-selected", tab === chosen);
    tab.tabIndex = tab === chosen ? 0 : -1;
  }
  preferred = chosen.dataset.language;
  panel.setAttribute("aria-labelledby", chosen.id);
  panel.replaceChildren(made("code", {}, codes[preferred]));
}

/** The tab that an arrow key, Home or End leads to; it is focused. */
function moved(event, tabs) {
  const here = tabs.indexOf(event.target);
  const places = { ArrowRight: here + 1, ArrowLeft: here - 1 + tabs.length, Home: 0, End: tabs.length - 1 };
  if (here < 0 || !(event.key in places)) return null;
  event.preventDefault();
  const tab = tabs[places[event.key] % tabs.length];
  tab.focus();
  return tab;
}

function copier(panel) {
  const said = made("span", { class: "small faint", role: "status" });
  const button = made("button", { type: "button", class: "quiet small" }, gettext("Copy"));
  button.addEventListener("click", async () => {
    said.textContent = (await copy(panel)) ? gettext("Copied") : gettext("Selected: copy it with your keyboard");
    setTimeout(() => (said.textContent = ""), 1000 * SAID_SECONDS);
  });
  return [said, button];
}

/** Copy what stands in `place`; say whether it could be done, else it is only selected. */
export async function copy(place) {
  try {
    await navigator.clipboard.writeText(place.textContent);
    return true;
  } catch {
    // Browsers have a clipboard for pages that came encrypted alone; on others it is done as it was before.
    getSelection().selectAllChildren(place);
    return document.execCommand("copy");
  }
}
