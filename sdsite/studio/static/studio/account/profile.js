/** Name, address, password, what pictures tell, and the limits that hold. */

import { ask, gettext } from "../frame.js";
import { onSubmit } from "../forms.js";
import { showLimits } from "./limits.js";
import { account, change } from "./own.js";

export async function open(part) {
  const form = (id) => part.querySelector(`#${id}`);
  const own = await account();
  form("name-form").elements.display_name.value = own.display_name;
  part.querySelector("[data-email]").textContent = own.email;
  onSubmit(form("name-form"), rename);
  onSubmit(form("email-form"), move);
  onSubmit(form("password-form"), changePassword);
  letChoose(form("pictures-form"), own);
  showLimits(part.querySelector("#limits"), own);
}

async function rename({ elements }) {
  await change({ display_name: elements.display_name.value });
  return gettext("Your name is saved.");
}

async function move(form) {
  const { email, password } = form.elements;
  const changed = await change({ email: email.value, password: password.value });
  const wanted = email.value;
  form.reset();
  if (!changed) return gettext("Nearly done: open the link in our letter to {email}. Until then your old address stays.", { email: wanted });
  form.querySelector("[data-email]").textContent = changed.email;
  return gettext("Your address is changed.");
}

async function changePassword(form) {
  const { current_password: present, new_password: next } = form.elements;
  const body = { current_password: present.value, new_password: next.value };
  await ask("/account/password", { method: "POST", body });
  form.reset();
  return gettext("Your password is changed. All tokens are revoked.");
}

/** The choice is kept as soon as it is made. */
function letChoose(form, { prompts_in_pictures: chosen }) {
  const box = form.elements.prompts_in_pictures;
  box.checked = chosen;
  box.addEventListener("change", () => form.requestSubmit());
  onSubmit(form, async () => {
    try {
      await change({ prompts_in_pictures: box.checked });
    } catch (error) {
      box.checked = !box.checked;
      throw error;
    }
    if (box.checked) return gettext("Kept: new pictures carry their prompts.");
    return gettext("Kept: new pictures keep their prompts to themselves.");
  });
}
