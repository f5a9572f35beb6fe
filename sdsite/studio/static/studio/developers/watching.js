/** A picture that is not waited for: its events, as they come. */

import { gettext, refreshCredits } from "../frame.js";
import { authorization, pretty, sent } from "./exchange.js";

const EVENTS = ["queued", "started", "progress", "succeeded", "failed", "canceled"];
const STEPS = 20;

/** Ask for a picture without waiting, and show what is told of it until it is over. */
export async function watchOne(place, { path, prompt, token }) {
  const say = (text) => (place.querySelector("[data-watched]").textContent = text);
  const body = { prompt, num_inference_steps: STEPS };
  const answer = await sent({ path, body, headers: { ...authorization(token), Prefer: "respond-async" } });
  if (answer.status !== 202) return say(answer.body.detail);
  say(gettext("Answered with 202 at once: {address}", { address: answer.headers.get("Location") }));
  begin(place);
  const last = await told(place, answer.body.id);
  say(last ? gettext("It is over: {event}.", { event: last }) : gettext("It cannot be watched just now; it goes on all the same."));
  refreshCredits().catch(() => {});
}

function begin(place) {
  const shown = place.querySelector("[data-events]");
  shown.hidden = false;
  shown.querySelector("ol").replaceChildren();
  shown.querySelector("img").hidden = true;
}

/** Show every event; gives the name of the last, or null where the service has no room for one more who watches. */
function told(place, id) {
  const source = new EventSource(`/api/v1/generations/${id}/events`);
  return new Promise((done) => {
    source.onerror = () => source.readyState === EventSource.CLOSED && done(null);
    for (const name of EVENTS) {
      source.addEventListener(name, ({ data }) => {
        const about = JSON.parse(data);
        showEvent(place, name, about);
        if (!about.id) return;
        source.close();
        done(name);
      });
    }
  });
}

function showEvent(place, name, about) {
  const list = place.querySelector(".events");
  const line = document.createElement("li");
  const title = document.createElement("strong");
  title.textContent = name;
  line.append(title, ` ${pretty(about.id ? inShort(about) : about, 0)}`);
  list.append(line);
  list.scrollTop = list.scrollHeight;
  const picture = about.preview ?? about.images?.[0]?.url;
  if (picture) showPicture(place.querySelector(".preview"), picture);
}

/** The last event holds all that is known of the generation. */
function inShort({ id, status, images = [] }) {
  return { id, status, images: images.map(({ url }) => ({ url })) };
}

function showPicture(image, address) {
  image.src = address;
  image.alt = gettext("How far it has come");
  image.hidden = false;
}
