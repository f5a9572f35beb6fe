/** A button that copies what is shown beside it. */

import { gettext, toast } from "../frame.js";

/** Let `button` copy what stands in `place`. */
export function letCopy(button, place) {
  button.addEventListener("click", async () => {
    const { copy } = await import("../copyable.js");
    toast((await copy(place)) ? gettext("Copied") : gettext("Selected: copy it with your keyboard"));
  });
}
