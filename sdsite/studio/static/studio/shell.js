/** The frame of every page: see `frame.js`. */

export { refreshCredits, showCredits, toast } from "./frame.js";
