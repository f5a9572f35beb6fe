/** The one way from a page to the service: see `frame.js`. */

export { Problem, ask, askWhole, signedIn, user } from "./frame.js";
