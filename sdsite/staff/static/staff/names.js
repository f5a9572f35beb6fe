// Names, for who hears a page, of what Django and its widgets leave without one. Words are taken from what is seen.
"use strict";

/** What a field is called where it stands: "Expires at". */
function called(field) {
  const row = field.closest(".fieldBox, .form-row, td");
  const label = row?.querySelector("label");
  return (label?.textContent ?? row?.dataset.title ?? "").trim().replace(/:$/, "");
}

/** The sign in the search's label is a picture, which does not count as a label that is seen. */
function nameSearch() {
  const search = document.getElementById("searchbar");
  search?.setAttribute("aria-label", document.querySelector('label[for="searchbar"] img').alt);
}

/** Date and time are two fields, under one label that belongs to neither. */
function nameTimes() {
  for (const time of document.querySelectorAll(".datetime input")) {
    const part = time.previousSibling?.textContent.trim().replace(/:$/, "");
    time.setAttribute("aria-label", `${called(time)}: ${part}`);
  }
}

/** Select2 puts fields of its own before a select, and leaves the label with that. */
function nameChoices() {
  for (const choice of document.querySelectorAll(".select2-selection, .select2-selection__rendered")) {
    choice.setAttribute("aria-label", called(choice));
  }
}

/** What an open one lists stands at the end of the page, with a field to search it. */
function nameOpenChoice() {
  for (const choice of document.querySelectorAll(".select2-selection[aria-owns]")) {
    choice.setAttribute("aria-controls", choice.getAttribute("aria-owns"));
    document.querySelector(".select2-search__field")?.setAttribute("aria-label", called(choice));
    const list = document.querySelector("body > .select2-container");
    list?.setAttribute("role", "region");
    list?.setAttribute("aria-label", called(choice));
  }
}

/** A question mark that only a pointer can ask. */
function nameTips() {
  for (const tip of document.querySelectorAll("span.help-tooltip[aria-label]")) tip.setAttribute("role", "img");
}

/** A column that tells nothing has a heading that says nothing. */
function unnameColumns() {
  for (const heading of document.querySelectorAll(".inline-group thead th")) {
    if (!heading.textContent.trim()) heading.setAttribute("role", "cell");
  }
}

function nameAll() {
  nameSearch();
  nameTimes();
  nameChoices();
  nameTips();
  unnameColumns();
}

// Django's own scripts make these fields while the page is loaded, by jQuery somewhat later, and more where a row is added.
addEventListener("load", nameAll);
window.django?.jQuery?.(nameAll);
window.django?.jQuery?.(document).on("select2:open", nameOpenChoice);
document.addEventListener("formset:added", nameAll);
