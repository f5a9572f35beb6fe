/** What becomes of generations: told by their streams of events, or looked up where there is no stream to be had. */

import { ask } from "../frame.js";

// A browser keeps six connections to a host open, of all of its tabs together.
const STREAMS = 2;
const LOOK_SECONDS = 2;
const STREAM_AGAIN_SECONDS = 15;
const NEWS = ["queued", "started", "progress"];
const ENDS = ["succeeded", "failed", "canceled"];

const followed = new Map();
let timer = 0;

/** Call `told(name, data)` with the events of the API, and with `lost` while the connection is. */
export function follow(id, told) {
  followed.set(id, { told, stream: null, refusedAt: -Infinity });
  arrange();
}

export function leave(id) {
  followed.get(id)?.stream?.close();
  followed.delete(id);
  arrange();
}

/** Streams for those that came first, since they are drawn first; looks for the others. */
function arrange() {
  let free = STREAMS - [...followed.values()].filter(({ stream }) => stream).length;
  for (const [id, one] of followed) {
    if (free > 0 && !one.stream && performance.now() - one.refusedAt > 1000 * STREAM_AGAIN_SECONDS) {
      listen(id, one);
      free -= 1;
    }
  }
  clearTimeout(timer);
  if (withoutStream().length) timer = setTimeout(look, 1000 * LOOK_SECONDS);
}

const withoutStream = () => [...followed].filter(([, { stream }]) => !stream);

function listen(id, one) {
  const stream = new EventSource(`/api/v1/generations/${id}/events`);
  const on = (names, heard) => names.forEach((name) => stream.addEventListener(name, ({ data }) => heard(name, JSON.parse(data))));
  one.stream = stream;
  on(NEWS, one.told);
  on(ENDS, (name, generation) => end(id, name, generation));
  stream.addEventListener("open", () => document.dispatchEvent(new CustomEvent("reached")));
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) refuse(one);
    else one.told("lost");
  });
}

/** The browser connects anew by itself, unless it is answered anything else than a stream. */
function refuse(one) {
  Object.assign(one, { stream: null, refusedAt: performance.now() });
  arrange();
}

function end(id, name, generation) {
  const one = followed.get(id);
  leave(id);
  one?.told(name, generation);
}

async function look() {
  for (const [id, one] of withoutStream()) await lookAt(id, one);
  arrange();
}

async function lookAt(id, one) {
  try {
    const generation = await ask(`/generations/${id}?images=url`);
    if (ENDS.includes(generation.status)) end(id, generation.status, generation);
    else if (generation.status === "queued") one.told("queued", generation);
    else one.told("progress", generation);
  } catch (problem) {
    if (problem.passing) one.told("lost");
    else end(id, "gone", problem);
  }
}

document.addEventListener("visibilitychange", () => {
  // A machine that slept may take a dead connection for a silent one.
  if (document.visibilityState === "visible") for (const [id, one] of followed) lookAt(id, one);
});
