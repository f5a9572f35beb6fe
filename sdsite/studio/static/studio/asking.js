/** Asking once more before what cannot be taken back. */

/** Whether they are sure; `button` names what is then done. */
export function sure({ title, text, button }) {
  const dialog = document.getElementById("sure");
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector("p").textContent = text;
  dialog.querySelector("[value=yes]").textContent = button;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
  });
}
