/** A button that copies what is shown beside it. */

import { copy } from "../copyable.js";
import { gettext, toast } from "../frame.js";

/** Let `button` copy what stands in `place`. */
export function letCopy(button, place) {
  button.addEventListener("click", async () => {
    toast((await copy(place)) ? gettext("Copied") : gettext("Selected: copy it with your keyboard"));
  });
}
