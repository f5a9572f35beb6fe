"use strict";

// Its headings are written by their look, the fifth rank below the second.
new MutationObserver(() => {
  for (const heading of document.querySelectorAll("h5:not([aria-level])")) heading.setAttribute("aria-level", "3");
}).observe(document, { childList: true, subtree: true });

// ReDoc shows a logo that lies on another server, and does without it when it cannot be read.
function near(address) {
  const url = new URL(address, location);
  return url.protocol.startsWith("http") && url.host !== location.host ? "data:," : address;
}

const picture = HTMLImageElement.prototype;
const { get, set } = Object.getOwnPropertyDescriptor(picture, "src");
Object.defineProperty(picture, "src", {
  get,
  set(address) {
    set.call(this, near(address));
  },
});
picture.setAttribute = function (name, value) {
  Element.prototype.setAttribute.call(this, name, name === "src" ? near(value) : value);
};
