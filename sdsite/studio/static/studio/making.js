/** How one of our pictures was made, as its file tells it: in an XMP packet, whatever the format of the file. */

const BEGIN = "<x:xmpmeta";
const END = "</x:xmpmeta>";
const RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const NAMESPACE = "urn:stable-diffusion-service:making:1.0";
/** A packet stands at the front of a PNG or JPEG, and at the end of a WebP. */
const REACH = 2 ** 20;

const TYPES = {
  generation: "string",
  index: "number",
  request_type: "string",
  prompt: "string",
  negative_prompt: "string",
  seed: "number",
  num_inference_steps: "number",
  guidance_scale: "number",
  scheduler: "string",
  strength: "number",
  width: "number",
  height: "number",
  model: "string",
};

/** What `sd:making` says, with the names of the API; null for any file that says nothing. A stranger may have written it. */
export async function readMaking(file) {
  for (const text of await ends(file)) {
    for (const packet of packets(text)) {
      const found = facts(packet);
      if (found) return found;
    }
  }
  return null;
}

/** The front and the end of a file as text; what is no text in it does no harm. */
async function ends(file) {
  const parts = file.size > 2 * REACH ? [file.slice(0, REACH), file.slice(-REACH)] : [file];
  try {
    return await Promise.all(parts.map((part) => part.text()));
  } catch {
    return [];
  }
}

function* packets(text) {
  let begin = text.indexOf(BEGIN);
  while (begin >= 0) {
    const end = text.indexOf(END, begin);
    if (end < 0) return;
    yield text.slice(begin, end + END.length);
    begin = text.indexOf(BEGIN, end);
  }
}

function facts(packet) {
  const said = making(new DOMParser().parseFromString(packet, "application/xml"));
  try {
    const given = JSON.parse(said) ?? {};
    const known = Object.entries(TYPES).filter(([name, type]) => typeof given[name] === type);
    return known.length ? Object.fromEntries(known.map(([name]) => [name, given[name]])) : null;
  } catch {
    return null;
  }
}

/** An attribute; programs that change a file's XMP make it an element. */
function making(packet) {
  for (const description of packet.getElementsByTagNameNS(RDF, "Description")) {
    const element = description.getElementsByTagNameNS(NAMESPACE, "making")[0];
    const said = description.getAttributeNS(NAMESPACE, "making") ?? element?.textContent;
    if (said) return said;
  }
  return null;
}
