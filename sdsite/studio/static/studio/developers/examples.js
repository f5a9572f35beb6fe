/** Requests that show one thing each. With a token they run as they stand, else with one in the environment. */

import { gettext } from "../frame.js";

const BASE = `${location.origin}/api/v1`;
const PATH = `${BASE}/text-to-image-generator`;

export function waiting(token) {
  return {
    curl: `${given(token)}# ${gettext("Answered at once; the id is in the answer, and the address in Location.")}
ID=$(curl -sS ${PATH} \\
  ${AS_JSON} \\
  -H "Prefer: respond-async" \\
  -d '{"prompt": "a boat at sea"}' \\
  | python3 -c 'import json, sys; print(json.load(sys.stdin)["id"])')

# ${gettext("What becomes of it, until it is over.")}
curl -sSN ${BASE}/generations/$ID/events -H "Authorization: Bearer $TOKEN"

# ${gettext("Or how it stands now; images=url leaves the bytes out.")}
curl -sS "${BASE}/generations/$ID?images=url" -H "Authorization: Bearer $TOKEN"
`,
  };
}

export function again(token) {
  return {
    curl: `${given(token)}curl -sS ${PATH} \\
  ${AS_JSON} \\
  -H "Idempotency-Key: order-1042-cover" \\
  -d '{"prompt": "a boat at sea"}' -o answer.json
`,
  };
}

export function webhook(token) {
  return {
    curl: `${given(token)}curl -sS ${PATH} \\
  ${AS_JSON} \\
  -H "Prefer: respond-async" \\
  -d '{"prompt": "a boat at sea", "webhook": {"url": "https://shop.example/hooks/pictures"}}'
`,
  };
}

export function verify() {
  return {
    python: `# ${gettext("With the package standardwebhooks; body and headers as they came.")}
from standardwebhooks import Webhook

event = Webhook("whsec_...").verify(body, headers)
print(event["type"], event["data"]["id"])
`,
  };
}

const AS_JSON = `-H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json"`;

function given(token) {
  return token ? `TOKEN=${token}\n\n` : `# ${gettext("Your token is read from the environment: export TOKEN=...")}\n`;
}
