/** What `<picture-source>` is made of. */

import { gettext } from "../frame.js";
import { made } from "../made.js";

const STRENGTH = { min: 0.05, max: 1, step: 0.05, value: 0.75 };

let count = 0;

/** Its parts by name; `whole` are those that stand in the element. */
export function view() {
  const id = `source-${++count}`;
  const parts = { ...shown(), ...buttons(id), ...strength(id) };
  parts.wrong = made("p", { class: "wrong", id: `${id}-wrong`, role: "alert" });
  parts.note = made("p", { class: "help" });
  parts.said = made("p", { class: "unseen", role: "status" });
  const row = made("div", { class: "buttons" }, parts.choose, parts.paint, parts.remove);
  parts.whole = [parts.well, row, parts.file, parts.wrong, parts.note, parts.amount, parts.said];
  return parts;
}

function shown() {
  const image = made("img", { alt: gettext("The picture to start from"), draggable: "false" });
  const painted = made("canvas", { role: "img", "aria-label": gettext("The part to be made anew") });
  const crop = made("span", { class: "crop" });
  const shot = made("div", { class: "shot" }, image, painted, crop);
  const help = made("span", { class: "help" });
  const empty = made("p", { class: "empty" }, gettext("Drop a picture here, or paste one."), help);
  return { image, painted, crop, shot, help, empty, well: made("div", { class: "well" }, empty, shot) };
}

function buttons(id) {
  const button = (name) => made("button", { type: "button", class: "quiet small" }, name);
  const choose = made("button", { type: "button", class: "quiet small", "aria-describedby": `${id}-wrong` });
  const file = made("input", { type: "file", accept: "image/png,image/jpeg,image/webp", hidden: "" });
  return { choose, file, paint: button(""), remove: button(gettext("Remove")) };
}

function strength(id) {
  const range = made("input", { type: "range", id: `${id}-strength`, ...STRENGTH, "aria-describedby": `${id}-ends ${id}-weak` });
  const number = made("output", { class: "number", for: range.id });
  const label = made("label", { for: range.id }, gettext("Strength"));
  const ends = made("p", { class: "ends help", id: `${id}-ends` }, ...[gettext("stay close"), gettext("make it new")].map(span));
  const weak = made("p", { class: "wrong", id: `${id}-weak`, role: "alert" });
  const head = made("div", { class: "amount-head" }, label, number);
  return { range, number, weak, amount: made("div", { class: "field" }, head, range, ends, weak) };
}

function span(text) {
  return made("span", {}, text);
}
