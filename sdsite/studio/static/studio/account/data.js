/** Taking all along, and leaving. */

import { ask, gettext, number, Problem } from "../frame.js";
import { inWords, onSubmit, say } from "../forms.js";
import { account } from "./own.js";
import { copyOf } from "./pieces.js";

export async function open(part) {
  const link = part.querySelector("[data-export]");
  link.addEventListener("click", (event) => {
    event.preventDefault();
    download(part.querySelector("#export"), link.href);
  });
  onSubmit(part.querySelector("#delete-form"), leave);
  tellLoss(part, (await account()).quota);
  document.addEventListener("credits", ({ detail }) => tellLoss(part, detail));
}

/** A refusal would be downloaded as if it were the file: ask first whether the service is there and knows us. */
async function download(place, address) {
  say(place, "");
  try {
    await ask("/account");
    location.assign(address);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    say(place, inWords(error), "bad");
  }
}

function tellLoss(part, { balance }) {
  const place = part.querySelector("[data-lost-credits]");
  place.textContent = balance
    ? gettext("your credits, {count} of them bought or granted", { count: number(balance) })
    : gettext("your credits");
}

async function leave({ elements }) {
  await ask("/account", { method: "DELETE", body: { password: elements.password.value } });
  const gone = copyOf("gone");
  document.querySelector(".own").remove();
  document.getElementById("main").replaceChildren(gone);
  gone.querySelector("h1").focus();
}
